"""The web process as it really runs: gevent, pywsgi, WebSocket, signals, and a Redis that dies."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import httpx
import psutil
import pytest
import websocket
from sqlalchemy import Engine, text

from portal.demonstration import PASSWORD
from portal.servers.valkey import private_valkey
from registry_core.db import new_id
from tests.conftest import Cast
from tests.portal_house import CSRF
from tests.ports import HOST, free_port

ROOT = Path(__file__).parents[2]
PATIENCE_SECONDS = 60.0


class Process:
    """`python -m portal.web` on a free port."""

    def __init__(self, environment: dict[str, str], log: Path) -> None:
        self.port = free_port()
        self.log = log
        self.environment = environment
        self.address = f"http://{HOST}:{self.port}"
        with log.open("ab") as written:
            self.program = subprocess.Popen(
                [sys.executable, "-m", "portal.web"],
                cwd=ROOT,
                env={**os.environ, **environment, "DESK_PORT": str(self.port)},
                stdout=written,
                stderr=written,
            )
        self.opened: list[httpx.Client | websocket.WebSocket] = []
        try:
            self.wait_until_ready()
        except BaseException:
            self.close()
            raise

    def client(self) -> httpx.Client:
        """A browser for plain pages."""
        client = httpx.Client(base_url=self.address, timeout=PATIENCE_SECONDS)
        self.opened.append(client)
        return client

    def close(self) -> None:
        """Close every browser, and end the process if it still runs."""
        for opened in self.opened:
            opened.close()
        if self.program.poll() is None:
            self.program.kill()
            self.program.wait()

    def wait_until_ready(self) -> None:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < deadline:
            assert self.program.poll() is None, self.log.read_text()
            with suppress(httpx.TransportError):
                if httpx.get(f"{self.address}/healthz").status_code == 200:
                    return
            time.sleep(0.05)
        raise AssertionError(self.log.read_text())

    def sign_in(self, user_name: str) -> httpx.Client:
        client = self.client()
        token = CSRF.search(client.get("/sign-in").text)
        assert token
        fields = {"csrf_token": token[1], "user_name": user_name, "password": PASSWORD, "next": ""}
        assert client.post("/sign-in", data=fields).status_code == 303
        return client

    def stop(self) -> float:
        """Tell the process to stop and return how long it took."""
        began = time.monotonic()
        self.program.send_signal(signal.SIGTERM)
        self.program.wait(PATIENCE_SECONDS)
        return time.monotonic() - began


class Page:
    """A page on a WebSocket, spoken to in packets."""

    def __init__(self, process: Process, client: httpx.Client) -> None:
        cookie = "; ".join(f"{name}={value}" for name, value in client.cookies.items())
        address = f"ws://{HOST}:{process.port}/socket.io/?EIO=4&transport=websocket"
        self.line = websocket.create_connection(
            address, cookie=cookie, origin=process.address, timeout=PATIENCE_SECONDS
        )
        process.opened.append(self.line)
        self.line.recv()
        self.line.send("40")
        self.greeting = str(self.line.recv())
        self.sent = 0

    def send(self, name: str, payload: Any) -> int:
        self.sent += 1
        self.line.send(f"42{self.sent}" + json.dumps([name, payload], ensure_ascii=False))
        return self.sent

    def flood(self, size: int) -> None:
        """Send one endless message in pieces, listen until the line is closed, and fail as a line that is."""
        piece, kind = "x" * 1_000_000, websocket.ABNF.OPCODE_TEXT
        for _piece in range(size // len(piece)):
            self.line.send_frame(websocket.ABNF(0, 0, 0, 0, kind, 1, piece))
            kind = websocket.ABNF.OPCODE_CONT
        while self.line.recv():
            pass
        self.line.send("2")
        while True:
            self.line.recv()

    def answer(self, number: int) -> dict[str, Any]:
        while True:
            packet = str(self.line.recv())
            if packet.startswith(f"43{number}["):
                answer: dict[str, Any] = json.loads(packet[len(f"43{number}") :])[0]
                return answer

    def call(self, name: str, payload: Any) -> dict[str, Any]:
        return self.answer(self.send(name, payload))


on_both_transports = pytest.mark.parametrize("process", ["direct", "stock"], indirect=True)


@pytest.fixture
def own_redis(tmp_path: Path) -> Iterator[str]:
    with private_valkey(tmp_path / "valkey") as url:
        yield url


@pytest.fixture
def process(
    request: pytest.FixtureRequest, committed: Cast, database_url: str, own_redis: str, tmp_path: Path
) -> Iterator[Process]:
    """The process, with the transport that a test asks for."""
    del committed
    environment = {
        "DESK_TRANSPORT": getattr(request, "param", "direct"),
        "DATABASE_URL": database_url,
        "REDIS_URL": own_redis,
        "DESK_MODE": "demonstration",
        "DESK_SECRET_KEY": "k" * 32,
        "DESK_VAR": str(tmp_path),
        "DESK_LOG_LEVEL": "INFO",
        "DESK_SENDS_PER_SECOND": "0",
    }
    process = Process(environment, tmp_path / "web.log")
    yield process
    process.close()


def kill_valkey(url: str) -> None:
    """Kill the server behind a unix address as a crash would."""
    folder = Path(unquote(urlsplit(url).path)).parent
    for process in psutil.process_iter(["name", "cwd"]):
        if process.info["name"] == "valkey-server" and process.info["cwd"] == str(folder):
            process.kill()
            process.wait(PATIENCE_SECONDS)


def ask(client: httpx.Client, body: str) -> str:
    """Ask a question and return the conversation's id."""
    page = client.get("/ask").text
    token, client_id = CSRF.search(page), re.search(r'name="client_id"[^>]*value="([^"]+)"', page)
    assert token
    assert client_id
    fields = {"csrf_token": token[1], "client_id": client_id[1], "body": body, "page": "/"}
    sent = client.post("/ask", data=fields, follow_redirects=True)
    found = re.search(r'data-conversation-id="([^"]+)"', sent.text)
    assert found, sent.text[:500]
    return found[1]


@on_both_transports
def test_messages_keep_their_order_and_bad_ones_get_words(process: Process) -> None:
    client = process.sign_in("xuexiao_xueji")
    conversation = ask(client, "转学怎么办？")
    page = Page(process, client)
    joined = page.call("conversation:join", {"conversation_id": conversation, "after": 0})
    assert [message["body"] for message in joined["messages"]][:1] == ["转学怎么办？"]
    numbers = [
        page.send("message:send", {"conversation_id": conversation, "client_id": f"c{number}", "body": str(number)})
        for number in range(50)
    ]
    stored = [page.answer(number)["message"] for number in numbers]
    assert [message["body"] for message in stored] == [str(number) for number in range(50)]
    first = stored[0]["number"]
    assert [message["number"] for message in stored] == list(range(first, first + 50))

    far_too_long = {"conversation_id": conversation, "client_id": "long", "body": "中" * 100_000}
    assert page.call("message:send", far_too_long)["error"]["message"]
    half_an_emoji = '42999["message:send",' + json.dumps(
        {"conversation_id": conversation, "client_id": "half", "body": "\ud83d"}
    )
    page.line.send(half_an_emoji + "]")
    assert page.answer(999)["message"]["body"] == "?"
    assert page.call("message:send", {"conversation_id": conversation, "client_id": "end", "body": "还在"})["ok"]


@on_both_transports
def test_more_than_any_command_needs_cuts_the_line_before_it_fills_the_memory(process: Process) -> None:
    page = Page(process, process.sign_in("xuexiao_xueji"))
    before = psutil.Process(process.program.pid).memory_info().rss
    with pytest.raises((websocket.WebSocketException, OSError)):
        page.flood(50_000_000)
    assert psutil.Process(process.program.pid).memory_info().rss - before < 40_000_000
    assert Page(process, process.sign_in("xuexiao_xueji")).greeting.startswith("40")


@on_both_transports
def test_without_a_session_the_line_is_refused_with_a_code(process: Process) -> None:
    refused = Page(process, process.client()).greeting
    assert refused.startswith("44")
    assert json.loads(refused[2:])["data"]["code"] == "signed_out"


@on_both_transports
def test_another_site_cannot_open_a_line(process: Process) -> None:
    polling = {"EIO": "4", "transport": "polling"}
    answers = [
        process.client().get("/socket.io/", params=polling, headers={"Origin": origin}).status_code
        for origin in ("http://evil.example", process.address)
    ]
    assert answers == [400, 200]


def work_for_a_while(process: Process, client: httpx.Client, page: Page, conversation: str) -> float:
    """Open pages, send messages, sign somebody in; say how long it took."""
    began = time.monotonic()
    assert client.get("/").status_code == 200
    for _message in range(5):
        sent = {"conversation_id": conversation, "client_id": str(new_id()), "body": "在吗"}
        assert page.call("message:send", sent)["ok"]
    assert process.sign_in("xian_jishu").get("/console").status_code == 200
    return time.monotonic() - began


def test_a_dead_redis_slows_nothing_down(process: Process, own_redis: str) -> None:
    client = process.sign_in("xuexiao_xueji")
    conversation = ask(client, "转学怎么办？")
    page = Page(process, client)
    page.call("conversation:join", {"conversation_id": conversation, "after": 0})
    with_redis = work_for_a_while(process, client, page, conversation)
    kill_valkey(own_redis)
    without_redis = work_for_a_while(process, client, page, conversation)
    # Waiting for Redis would cost a second for each of a dozen steps; a busy machine costs something at any time.
    assert without_redis < 2 * with_redis + 4.0
    assert client.get("/readyz").json()["redis"] == "degraded"
    assert "Redis does not answer" in process.log.read_text()


def test_a_process_starts_and_serves_without_redis(process: Process, own_redis: str) -> None:
    kill_valkey(own_redis)
    process.stop()
    second = Process(process.environment, process.log)
    try:
        assert Page(second, second.sign_in("xian_jishu")).call("presence:beat", {}) == {"ok": True}
    finally:
        second.close()


@on_both_transports
def test_told_to_stop_it_goes_at_once_although_pages_are_connected(process: Process) -> None:
    page = Page(process, process.sign_in("xian_jishu"))
    assert page.greeting.startswith("40")
    assert process.stop() < 10.0  # it gives what is under way five seconds, and takes one by itself
    assert process.program.returncode == 0


def test_people_on_duty_are_asked_for_a_sign_of_life(process: Process) -> None:
    page = Page(process, process.sign_in("xian_jishu"))
    page.line.settimeout(15.0)
    assert any("presence:ping" in str(page.line.recv()) for _packet in range(3))


def test_a_fault_in_the_settings_is_named_and_nothing_starts() -> None:
    result = subprocess.run(
        [sys.executable, "-m", "portal.web"],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "DESK_PORT": "none"},
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE_SECONDS,
    )
    assert result.returncode == 1
    assert "DESK_PORT" in result.stderr
    assert "DATABASE_URL" in result.stderr
    assert "Traceback" not in result.stderr


def hears(page: Page, event: str, seconds: float) -> bool:
    """Whether an event arrives before the line is cut and before the time is up."""
    page.line.settimeout(seconds)
    deadline = time.monotonic() + seconds
    with suppress(websocket.WebSocketException, OSError):
        while time.monotonic() < deadline:
            if event in str(page.line.recv()):
                return True
    return False


@pytest.mark.parametrize(
    "loss",
    [
        "UPDATE qualification SET revoked_at = now(), revoke_reason = 'x' WHERE account_id = :id",
        "UPDATE role_assignment SET valid_until = now() WHERE account_id = :id",
    ],
)
def test_who_loses_a_right_anywhere_is_told_at_once_and_connects_anew(
    process: Process, committed: Cast, engine: Engine, loss: str
) -> None:
    page = Page(process, process.sign_in("xian_jishu"))
    other = Page(process, process.sign_in("xian_jishu2"))
    with engine.begin() as connection:
        connection.execute(text(loss), {"id": committed.id("xian_jishu")})
    assert hears(page, "rights:changed", 5.0)  # well before the sweep, which comes every ten seconds
    assert other.call("presence:beat", {}) == {"ok": True}


@pytest.mark.parametrize(
    "end",
    [
        "UPDATE qualification SET valid_until = clock_timestamp() + interval '4 s' WHERE account_id = :id",
        "UPDATE role_assignment SET valid_until = clock_timestamp() + interval '4 s' WHERE account_id = :id",
    ],
)
def test_a_right_that_ends_by_its_own_date_cuts_the_page_at_that_moment(
    process: Process, committed: Cast, engine: Engine, end: str
) -> None:
    client = process.sign_in("xian_jishu")
    with engine.begin() as connection:
        connection.execute(text(end), {"id": committed.id("xian_jishu")})
    moment = time.monotonic() + 4.0
    page = Page(process, client)
    assert hears(page, "rights:changed", 8.0)
    # The sweep comes every ten seconds, and nobody announces a date that comes.
    assert -0.1 < time.monotonic() - moment < 1.0
