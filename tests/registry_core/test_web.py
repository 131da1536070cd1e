"""What views use, where it must not err."""

from __future__ import annotations

from urllib.parse import urljoin, urlsplit

from hypothesis import example, given, settings
from hypothesis import strategies as st

from registry_core.web import own_path

HERE = "https://desk.example/sign-in"


def as_browsers_read(url: str) -> str:
    """Browsers read backslashes as slashes and drop control characters and the space around."""
    return "".join(sign for sign in url.replace("\\", "/") if sign.isprintable()).strip()


@settings(deadline=None)  # a busy machine is no fault
@given(st.text(alphabet="/\\:.@?#ab \t\n\0", max_size=12))
@example("//evil.example")
@example("/\\evil.example")
@example("/\t/evil.example")
@example("javascript:alert(1)")
def test_an_own_path_never_leaves_the_house(url: str) -> None:
    there = urlsplit(urljoin(HERE, as_browsers_read(own_path(url))))
    assert (there.scheme, there.netloc) == ("https", "desk.example")


def test_an_own_path_is_kept_with_its_query() -> None:
    assert own_path("/questions?filter=open#top") == "/questions?filter=open#top"
    assert own_path(None, "/console") == "/console"
