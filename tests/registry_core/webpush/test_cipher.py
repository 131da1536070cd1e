"""What is sealed is what the papers say, and only the browser opens it."""

from __future__ import annotations

import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given, settings
from hypothesis import strategies as st

from registry_core.webpush.cipher import LONGEST_PAYLOAD, BrowserKeys, seal
from registry_core.webpush.texts64 import to_bytes, to_text
from tests.registry_core.webpush.push_service import BrowserEnd

# RFC 8291, section 5 and appendix A.
SENDER = "yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw"
RECEIVER = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"
SECRET = "BTBZMqHH6r4Tts7J_aSIgg"
SALT = "DGv6ra1nlYgDCS1FRnbzlw"
SAID = b"When I grow up, I want to be a watermelon"
SEALED = (
    "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_"
    "yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
)


def test_the_example_of_the_paper_comes_out_byte_by_byte() -> None:
    ours = ec.derive_private_key(int.from_bytes(to_bytes(SENDER), "big"), ec.SECP256R1())
    sealed = seal(SAID, BrowserKeys.read(RECEIVER, SECRET), ours=ours, salt=to_bytes(SALT))
    assert to_text(sealed) == SEALED


@settings(max_examples=30, deadline=None)
@given(st.binary(max_size=LONGEST_PAYLOAD).filter(lambda said: not said.endswith(b"\0")))
def test_the_browser_reads_what_was_sealed_for_it(said: bytes) -> None:
    browser = BrowserEnd()
    sealed = seal(said, BrowserKeys.read(browser.p256dh, browser.auth))
    assert browser.open(sealed) == said
    assert len(sealed) <= 4096


def test_another_browser_reads_nothing() -> None:
    browser, other = BrowserEnd(), BrowserEnd()
    with pytest.raises(InvalidTag):
        other.open(seal(SAID, BrowserKeys.read(browser.p256dh, browser.auth)))


def test_the_same_words_are_sealed_differently_each_time() -> None:
    keys = BrowserKeys.read(RECEIVER, SECRET)
    assert seal(SAID, keys) != seal(SAID, keys)


def test_what_does_not_fit_is_refused() -> None:
    with pytest.raises(ValueError, match="do not fit"):
        seal(b"x" * (LONGEST_PAYLOAD + 1), BrowserKeys.read(RECEIVER, SECRET))


@pytest.mark.parametrize(
    ("p256dh", "auth"),
    [
        ("", SECRET),
        (RECEIVER, ""),
        (RECEIVER, RECEIVER),
        (to_text(b"\x04" + b"\x01" * 64), SECRET),
        (to_text(b"\x02" + to_bytes(RECEIVER)[1:]), SECRET),
        ("%%%", "%%%"),
    ],
)
def test_what_are_no_keys_is_refused(p256dh: str, auth: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - the words are the library's
        BrowserKeys.read(p256dh, auth)
