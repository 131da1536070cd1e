"""Servers by which browsers find each other: none needed, and credentials as coturn checks them."""

from __future__ import annotations

import hashlib
import hmac
from base64 import b64encode
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from chat.ice import IceServer, IceServers, ice_servers, install_ice, turn_password

NOON = datetime(2026, 6, 3, 12, 0, tzinfo=UTC)
LIHUA = UUID("01a2045b-e3b1-724d-a440-ec94c8166f03")


@pytest.fixture(autouse=True)
def _nothing_set() -> Iterator[None]:
    install_ice(IceServers())
    yield
    install_ice(IceServers())


def test_a_house_without_servers_names_none() -> None:
    assert ice_servers(LIHUA, NOON) == []


def test_stun_needs_no_credential_and_turn_gets_one_that_runs_out() -> None:
    install_ice(IceServers(("stun:a:3478",), ("turn:a:3478",), "secret", timedelta(minutes=10)))
    stun, turn = ice_servers(LIHUA, NOON)
    assert stun == IceServer(("stun:a:3478",))
    assert turn.username == f"{int(NOON.timestamp()) + 600}:{LIHUA}"
    expected = hmac.new(b"secret", turn.username.encode(), hashlib.sha1).digest()
    assert turn.credential == b64encode(expected).decode()


def test_the_password_is_what_openssl_makes() -> None:
    # printf %s 1:desk | openssl dgst -sha1 -hmac north -binary | base64
    assert turn_password("north", "1:desk") == "3cwzPV2V/8+SonAvElM8g4qQUFM="


def test_neither_secret_nor_password_is_shown_in_a_log() -> None:
    assert "north" not in repr(IceServers(secret="north"))
    assert "south" not in repr(IceServer((), "name", "south"))
