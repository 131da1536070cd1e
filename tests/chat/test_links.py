"""Links in messages: addresses of pages and nothing else, and the text stays what it was."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat.presenters.links import split_links


def links(body: str) -> list[str]:
    return [part.address for part in split_links(body) if part.address]


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ("请看 https://www.moe.gov.cn/a/b.html?x=1#y。", ["https://www.moe.gov.cn/a/b.html?x=1#y"]),
        ("（见http://10.1.2.3:8080/办法）", ["http://10.1.2.3:8080/办法"]),
        ("See https://example.org/a, and HTTPS://EXAMPLE.ORG.", ["https://example.org/a", "HTTPS://EXAMPLE.ORG"]),
        ("两行\nhttps://example.org\n完", ["https://example.org"]),
        ("没有链接 www.example.org", []),
        ("javascript:alert(1) data:text/html,x file:///etc/passwd", []),
        ("https://", []),
        ("https://www.moe.gov.cn@evil.example/", []),
        ("https://www.moe.gov.cn\\@evil.example/", []),
        ('<a href="https://example.org">x</a>', ["https://example.org"]),
        ("https://[::1", []),
    ],
)
def test_addresses_of_pages_become_links_and_nothing_else_does(body: str, found: list[str]) -> None:
    assert links(body) == found


@given(
    st.lists(st.sampled_from(["https://", "http://a.cn/", "@", "。", " ", "\n", "<b>", "\\", "x", ":99999", "[", "&"]))
)
def test_put_together_again_it_is_the_text(pieces: list[str]) -> None:
    body = "".join(pieces)
    parts = split_links(body)
    assert "".join(part.words for part in parts) == body
    assert all(part.address.lower().startswith(("http://", "https://")) for part in parts if part.address)
