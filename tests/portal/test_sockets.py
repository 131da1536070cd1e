"""The entry point of the sockets: who connects, what is refused and how, what is told."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask import Flask
from flask_socketio.test_client import SocketIOTestClient
from sqlalchemy import update
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from chat.presence import Presence
from portal.app import SOCKET_GATE
from portal.permissions import SOCKET_COMMANDS
from portal.sockets import SocketGate
from registry_core import clock, sockets
from registry_core.access.models import RoleAssignment
from registry_core.accounts.models import Account, BrowserSession
from registry_core.errors import NotFound
from tests.conftest import Cast
from tests.portal_house import Browser

SignedIn = Callable[[str], Browser]
NOBODY = UUID(int=0)


class Page:
    """A page with an open socket."""

    def __init__(self, app: Flask, browser: Browser) -> None:
        self.client: SocketIOTestClient = app.extensions["socketio"].test_client(app, flask_test_client=browser.client)

    def call(self, name: str, *sent: Any) -> dict[str, Any]:
        """Send a command and return its acknowledgement."""
        answer = self.client.emit(name, *sent, callback=True)
        assert isinstance(answer, dict)
        return answer

    def code(self, name: str, *sent: Any) -> str:
        """Send a command that is refused and return the code."""
        answer = self.call(name, *sent)
        assert answer["ok"] is False, answer
        assert answer["error"]["message"]
        return str(answer["error"]["code"])

    def heard(self) -> list[str]:
        """The names of what was pushed since the last look."""
        return [packet["name"] for packet in self.client.get_received()] if self.is_open else []

    @property
    def is_open(self) -> bool:
        """Whether the socket is connected."""
        return bool(self.client.is_connected())


@pytest.fixture
def gate(app: Flask, monkeypatch: pytest.MonkeyPatch) -> SocketGate:
    """The socket gate, whose tasks run at once: the test's transaction has one thread."""
    gate: SocketGate = app.extensions[SOCKET_GATE]
    monkeypatch.setattr(gate.server, "start_background_task", lambda act, *sent: act(*sent))
    return gate


@pytest.fixture
def page_of(app: Flask, gate: SocketGate, signed_in: SignedIn) -> Callable[[str], Page]:
    """Open a page with a socket for somebody."""
    del gate
    return lambda user_name: Page(app, signed_in(user_name))


@pytest.fixture
def handle(gate: SocketGate, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[Callable[..., Any]], None]]:
    """Replace what answers `message:send`, so that the entry point alone is tested."""
    original = gate.server.handlers["/"]["message:send"]

    def replace(answer: Callable[..., Any]) -> None:
        monkeypatch.setitem(SOCKET_COMMANDS, "message:send", SOCKET_COMMANDS["message:mark"])
        gate.server.on("message:send", gate.handler_of(sockets.Command("message:send", sockets.Nothing, answer)))

    yield replace
    gate.server.on("message:send", original)


def test_a_signed_in_page_connects(page_of: Callable[[str], Page]) -> None:
    assert page_of("xuexiao_xueji").is_open


def test_a_page_without_a_session_is_refused(app: Flask, gate: SocketGate, browser: Browser) -> None:
    del gate
    assert not Page(app, browser).is_open


def test_a_command_that_nobody_declared_is_answered(page_of: Callable[[str], Page]) -> None:
    assert page_of("xuexiao_xueji").code("no:such", {}) == "unknown_command"


@pytest.mark.parametrize(
    "sent",
    [
        ({"conversation_id": str(NOBODY), "client_id": "1", "body": 5},),
        ({"conversation_id": str(NOBODY), "client_id": "1", "body": b"\x00\xff"},),
        ({"conversation_id": str(NOBODY), "client_id": "1", "body": "a\0b"},),
        ({"conversation_id": "not an id", "client_id": "1", "body": "x"},),
        ({"conversation_id": str(NOBODY), "client_id": "1"},),
        ({"conversation_id": str(NOBODY), "client_id": "1", "body": "x", "sender_id": str(NOBODY)},),
        ("text",),
        ([],),
        (None,),
        (),
        ({}, {}),
    ],
)
def test_another_shape_is_refused_in_words(page_of: Callable[[str], Page], sent: tuple[Any, ...]) -> None:
    assert page_of("xuexiao_xueji").code("message:send", *sent) == "invalid_input"


def test_an_unknown_conversation_does_not_exist(page_of: Callable[[str], Page]) -> None:
    sent = {"conversation_id": str(uuid4()), "client_id": "1", "body": "x"}
    assert page_of("xuexiao_xueji").code("message:send", sent) == "conversation_not_found"


def test_somebody_without_a_role_connects_and_may_nothing(page_of: Callable[[str], Page]) -> None:
    sent = {"conversation_id": str(uuid4()), "after": 0}
    assert page_of("xuesheng").code("conversation:join", sent) == "forbidden"


def test_a_right_that_ended_after_connecting_counts_at_once(
    page_of: Callable[[str], Page], session: Session, cast: Cast
) -> None:
    page = page_of("xuexiao_xueji")
    session.execute(
        update(RoleAssignment)
        .where(RoleAssignment.account_id == cast.id("xuexiao_xueji"))
        .values(valid_from=clock.now().replace(year=2020), valid_until=clock.now())
    )
    assert page.code("conversation:join", {"conversation_id": str(uuid4())}) == "forbidden"


@pytest.mark.parametrize("how", ["session ended", "session expired", "account closed"])
def test_a_session_that_ended_after_connecting_is_refused_told_and_cut(
    page_of: Callable[[str], Page], session: Session, how: str
) -> None:
    page = page_of("xuexiao_xueji")
    session.execute(
        {
            "session ended": update(BrowserSession).values(ended_at=BrowserSession.created_at),
            "session expired": update(BrowserSession).values(expires_at=BrowserSession.created_at),
            "account closed": update(Account).values(closed_at=clock.now()),
        }[how]
    )
    assert page.code("presence:beat", {}) == "sign_in_needed"
    assert not page.is_open


def test_a_sign_of_life_asks_for_the_right_and_brings_back_who_had_been_gone(
    page_of: Callable[[str], Page], session: Session, cast: Cast, presence: Presence
) -> None:
    page = page_of("xian_jishu")
    assert page.call("presence:beat", {}) == {"ok": True}
    presence.leave(cast.id("xian_jishu"))
    assert page.call("presence:beat", {}) == {"ok": True}
    assert presence.connected([cast.id("xian_jishu")], clock.now())
    session.execute(
        update(RoleAssignment)
        .where(RoleAssignment.account_id == cast.id("xian_jishu"))
        .values(valid_from=clock.now().replace(year=2020), valid_until=clock.now())
    )
    assert page.code("presence:beat", {}) == "forbidden"


def test_changing_the_password_elsewhere_cuts_the_socket(
    app: Flask, page_of: Callable[[str], Page], signed_in: SignedIn
) -> None:
    page, here = page_of("xian_jishu"), signed_in("xian_jishu")
    own = Page(app, here)
    fields = {"current": "xueji-yanshi-2026", "new": "春天的纸飞机-2041", "repeat": "春天的纸飞机-2041"}
    here.post("/account/password", fields, page="/account/password")
    assert not page.is_open
    assert own.is_open


def test_a_session_that_ended_elsewhere_is_found_by_the_sweep(
    page_of: Callable[[str], Page], session: Session, gate: SocketGate, cast: Cast
) -> None:
    ended, living = page_of("xian_jishu"), page_of("xian_jishu2")
    query = update(BrowserSession).where(BrowserSession.account_id == cast.id("xian_jishu"))
    session.execute(query.values(ended_at=BrowserSession.created_at))
    gate.dismiss_ended()
    assert not ended.is_open
    assert living.is_open


def test_a_refusal_undoes_what_was_begun(
    page_of: Callable[[str], Page], handle: Callable[[Callable[..., Any]], None], session: Session
) -> None:
    def rename_and_refuse(call: sockets.Call, _sent: sockets.Nothing) -> dict[str, Any]:
        call.session.execute(update(Account).values(name="renamed"))
        raise NotFound

    page = page_of("xuexiao_xueji")
    handle(rename_and_refuse)
    assert page.code("message:send", {}) == "not_found"
    assert session.query(Account).filter_by(name="renamed").count() == 0


def test_a_fault_of_ours_is_acknowledged_and_logged(
    page_of: Callable[[str], Page],
    handle: Callable[[Callable[..., Any]], None],
    caplog: pytest.LogCaptureFixture,
) -> None:
    page = page_of("xuexiao_xueji")
    handle(lambda _call, _sent: 1 / 0)
    assert page.code("message:send", {}) == "failed"
    assert "socket command failed" in caplog.text


def test_while_the_database_is_away_the_page_is_asked_to_try_again(
    page_of: Callable[[str], Page], handle: Callable[[Callable[..., Any]], None]
) -> None:
    def lose(_call: sockets.Call, _sent: sockets.Nothing) -> dict[str, Any]:
        raise OperationalError("select", {}, Exception("gone"))

    page = page_of("xuexiao_xueji")
    handle(lose)
    assert page.code("message:send", {}) == "try_again"
    assert page.is_open


def test_refusals_speak_the_language_of_the_account(page_of: Callable[[str], Page], session: Session) -> None:
    session.execute(update(Account).values(locale="en"))
    answer = page_of("xuesheng").call("conversation:join", {"conversation_id": str(uuid4())})
    assert answer["error"]["message"].isascii()
