"""Short messages against a real HTTP server: taken, refused for good, refused for now, silent."""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest

from registry_core.db import new_id
from registry_core.deliveries import DeliveryDelayed, DeliveryFailed, Undeliverable
from registry_core.sms import ConsoleSms, HttpSms, masked

MOBILE = "13812345678"
KEY = new_id()


@dataclass
class Gateway:
    """A gateway that notes what comes in and answers as it is told."""

    url: str = ""
    status: int = 200
    silent_seconds: float = 0.0
    taken: list[tuple[str | None, dict[str, Any]]] = field(default_factory=list)


@pytest.fixture
def gateway() -> Iterator[Gateway]:
    """A real HTTP server on a port of its own."""
    told = Gateway()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            told.taken.append((self.headers["Authorization"], json.loads(body)))
            time.sleep(told.silent_seconds)
            self.send_response(told.status)
            self.send_header("Location", "http://127.0.0.1:1/")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            return

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        told.url = f"http://127.0.0.1:{server.server_port}/send"
        thread = Thread(target=server.serve_forever, args=[0.02])
        thread.start()
        yield told
        server.shutdown()
        thread.join()


def send(url: str, *, wait_seconds: float = 5.0) -> DeliveryFailed | None:
    """Send one message and say what became of it."""

    async def run() -> None:
        provider = HttpSms(url, "secret", wait_seconds=wait_seconds)
        try:
            await provider.send(MOBILE, "您的问题有答复了", key=KEY)
        finally:
            await provider.close()

    try:
        asyncio.run(run())
    except DeliveryFailed as failure:
        return failure
    return None


def test_a_message_is_posted_with_token_and_key(gateway: Gateway) -> None:
    assert send(gateway.url) is None
    assert gateway.taken == [
        ("Bearer secret", {"mobile": MOBILE, "text": "您的问题有答复了", "key": str(KEY)}),
    ]


@pytest.mark.parametrize("status", [400, 404, 422])
def test_a_message_refused_for_good_is_never_tried_again(gateway: Gateway, status: int) -> None:
    gateway.status = status
    failure = send(gateway.url)
    assert isinstance(failure, Undeliverable)
    assert failure.reason == f"HTTP {status}"


@pytest.mark.parametrize("status", [302, 401, 403, 408, 429, 500, 503])
def test_what_is_our_fault_or_may_pass_is_tried_again(gateway: Gateway, status: int) -> None:
    gateway.status = status
    assert isinstance(send(gateway.url), DeliveryDelayed)
    assert len(gateway.taken) == 1


def test_a_silent_gateway_is_tried_again(gateway: Gateway) -> None:
    gateway.silent_seconds = 1.0
    assert isinstance(send(gateway.url, wait_seconds=0.2), DeliveryDelayed)


def test_a_gateway_that_is_not_there_is_tried_again() -> None:
    failure = send("http://127.0.0.1:1/send")
    assert isinstance(failure, DeliveryDelayed)
    assert MOBILE not in repr(failure)


def test_the_console_tells_that_a_message_would_go_out_but_neither_number_nor_words(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO)
    asyncio.run(ConsoleSms().send(MOBILE, "您的问题有答复了", key=KEY))
    assert "138****5678" in caplog.text
    assert MOBILE not in caplog.text
    assert "答复" not in caplog.text


@pytest.mark.parametrize(("mobile", "shown"), [("+8613812345678", "+86****5678"), ("12345", "****"), ("", "****")])
def test_a_number_is_never_shown_whole(mobile: str, shown: str) -> None:
    assert masked(mobile) == shown
