"""What is sealed with the house's secret opens for its own purpose and with the same secret alone."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from registry_core.accounts import codes, keys

SECRET = "a secret for tests that nobody else knows"


@pytest.fixture(autouse=True)
def _secret_comes_back() -> Iterator[None]:
    yield
    keys.install_secret(SECRET)


def test_what_was_sealed_comes_back() -> None:
    assert keys.unseal("drawer", keys.seal("drawer", "一句话")) == "一句话"


def test_the_same_text_is_sealed_differently_each_time() -> None:
    assert keys.seal("drawer", "text") != keys.seal("drawer", "text")


def test_the_key_of_one_purpose_opens_no_other() -> None:
    with pytest.raises(keys.SealBroken):
        keys.unseal("another", keys.seal("drawer", "text"))


def test_another_secret_of_the_house_opens_nothing() -> None:
    sealed, hashed = keys.seal("drawer", "text"), keys.keyed_hash("drawer", "text")
    keys.install_secret("another secret, as long as the first one")
    with pytest.raises(keys.SealBroken):
        keys.unseal("drawer", sealed)
    assert keys.keyed_hash("drawer", "text") != hashed


def test_what_was_tampered_with_does_not_open() -> None:
    sealed = keys.seal("drawer", "text")
    with pytest.raises(keys.SealBroken):
        keys.unseal("drawer", sealed[:40] + ("A" if sealed[40] != "A" else "B") + sealed[41:])


def test_a_code_is_taken_as_it_was_meant() -> None:
    drawn = codes.draw_groups(3)
    assert len(drawn) == 14
    spoken = drawn.lower().replace("-", " ").replace("0", "o").replace("1", "i")
    assert codes.hash_code("drawer", spoken) == codes.hash_code("drawer", drawn)


def test_codes_have_no_signs_that_are_taken_for_one_another() -> None:
    assert not set("ILOU") & set(codes.ALPHABET)
    assert len(codes.ALPHABET) == 32
