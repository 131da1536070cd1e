"""What a browser calls itself, said as people say it."""

from __future__ import annotations

import pytest

from registry_core.accounts.browsers import name_browser

CHROME = "AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0"


@pytest.mark.parametrize(
    ("said", "name"),
    [
        (f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {CHROME} Safari/537.36", "Chrome 126 · Windows"),
        (f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {CHROME} Safari/537.36 Edg/126.0.2592.87", "Edge 126 · Windows"),
        (f"Mozilla/5.0 (X11; Linux x86_64) {CHROME} Safari/537.36", "Chrome 126 · Linux"),
        (f"Mozilla/5.0 (Linux; Android 14) {CHROME} Mobile Safari/537.36 MicroMessenger/8.0.49", "WeChat 8 · Android"),
        (f"Mozilla/5.0 (Windows NT 10.0) {CHROME} Safari/537.36 QIHU 360SE", "360 · Windows"),
        ("Mozilla/5.0 (Windows NT 6.1; Trident/7.0; rv:11.0) like Gecko", "Internet Explorer 11 · Windows"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0", "Firefox 128 · Linux"),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 Version/17.5 Safari/604.1",
            "Safari 17 · iOS",
        ),
        (
            f"Mozilla/5.0 (Windows NT 10.0) {CHROME.replace('126.0.0.0', '126.0.3605.1')} Safari/537.36",
            "Chrome 126 · Windows",
        ),
    ],
)
def test_a_known_browser_is_named_with_its_version_and_system(said: str, name: str) -> None:
    assert name_browser(said) == name


def test_what_is_not_known_is_repeated_as_it_came() -> None:
    assert name_browser("curl/8.5") == "curl/8.5"
    assert not name_browser("")
