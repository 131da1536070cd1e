"""Codes of an app are those of the standard."""

from __future__ import annotations

import base64
from datetime import UTC, datetime
from urllib.parse import parse_qs, unquote, urlsplit

import pytest

from registry_core.accounts import totp

# RFC 6238, appendix B, SHA-1; six digits are the last six of its eight.
SECRET = base64.b32encode(b"12345678901234567890").decode()


@pytest.mark.parametrize(
    ("seconds", "code"),
    [
        (59, "287082"),
        (1111111109, "081804"),
        (1111111111, "050471"),
        (1234567890, "005924"),
        (2000000000, "279037"),
        (20000000000, "353130"),
    ],
)
def test_the_codes_of_the_standard(seconds: int, code: str) -> None:
    assert totp.code_at(SECRET, datetime.fromtimestamp(seconds, UTC)) == code


def test_secrets_are_as_long_as_the_standard_asks_and_never_the_same() -> None:
    drawn = {totp.make_secret() for _secret in range(20)}
    assert len(drawn) == 20
    assert {len(base64.b32decode(secret)) for secret in drawn} == {20}


def test_the_square_tells_the_app_whose_it_is() -> None:
    address = urlsplit(totp.provisioning_uri(SECRET, account="li lei&x", issuer="学籍服务台"))
    assert (address.scheme, address.netloc) == ("otpauth", "totp")
    assert unquote(address.path) == "/学籍服务台:li lei&x"
    assert parse_qs(address.query) == {
        "secret": [SECRET],
        "issuer": ["学籍服务台"],
        "digits": ["6"],
        "period": ["30"],
    }
