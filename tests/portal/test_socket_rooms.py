"""Nobody goes on hearing a room that they entered with a role which has ended since."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from flask_socketio.test_client import SocketIOTestClient
from sqlalchemy import delete
from sqlalchemy.orm import Session

from chat.presence import Presence
from helpdesk.models import Ticket
from helpdesk.services import answering, asking
from helpdesk.services.asking import Question
from portal.app import SOCKET_GATE
from portal.sockets import SocketGate
from registry_core.access.models import Role, RoleAssignment
from registry_core.access.services import grant_role
from registry_core.store import Redis
from tests.conftest import Cast
from tests.portal_house import Browser

Page = SocketIOTestClient


@pytest.fixture
def gate(app: Flask, monkeypatch: pytest.MonkeyPatch) -> SocketGate:
    """The socket gate, whose tasks run at once: the test's transaction has one thread."""
    found: SocketGate = app.extensions[SOCKET_GATE]
    monkeypatch.setattr(found.server, "start_background_task", lambda act, *sent: act(*sent))
    return found


@pytest.fixture
def page_of(app: Flask, gate: SocketGate, signed_in: Callable[[str], Browser]) -> Callable[[str], Page]:
    """Open a page with a socket for somebody."""
    del gate
    return lambda name: app.extensions["socketio"].test_client(app, flask_test_client=signed_in(name).client)


@pytest.fixture
def ticket(session: Session, cast: Cast, store: Redis) -> Ticket:
    """A question that the county's technician answers."""
    question = Question("学籍号重复了怎么办？", "1")
    asked = asking.ask_question(session, Presence(store), cast.actor("xuexiao_xueji"), question)
    return answering.take_ticket(session, cast.actor("xian_jishu"), asked.id)


def call(page: Page, name: str, payload: dict[str, str]) -> None:
    answer = page.emit(name, payload, callback=True)
    assert isinstance(answer, dict)
    assert answer["ok"] is True


def write(page: Page, ticket: Ticket) -> None:
    payload = {"conversation_id": str(ticket.conversation_id), "client_id": "2", "body": "许小满的身份证件号是……"}
    call(page, "message:send", payload)


def join(page: Page, ticket: Ticket) -> None:
    payload = {"conversation_id": str(ticket.conversation_id)}
    call(page, "conversation:join", payload)


def hears(page: Page, name: str) -> bool:
    return page.is_connected() and name in [packet["name"] for packet in page.get_received()]


def test_whose_role_has_ended_hears_no_more_of_a_conversation(
    page_of: Callable[[str], Page], gate: SocketGate, session: Session, cast: Cast, ticket: Ticket
) -> None:
    asker, colleague = page_of("xuexiao_xueji"), page_of("xian_jishu2")
    join(colleague, ticket)
    session.execute(delete(RoleAssignment).where(RoleAssignment.account_id == cast.id("xian_jishu2")))
    gate.dismiss_ended()
    write(asker, ticket)
    assert not hears(colleague, "message:new")


def test_who_keeps_the_role_goes_on_hearing(page_of: Callable[[str], Page], gate: SocketGate, ticket: Ticket) -> None:
    asker, colleague = page_of("xuexiao_xueji"), page_of("xian_jishu2")
    join(colleague, ticket)
    gate.dismiss_ended()
    write(asker, ticket)
    assert hears(colleague, "message:new")


def test_who_gets_a_role_connects_anew_and_is_not_signed_out(
    page_of: Callable[[str], Page], gate: SocketGate, session: Session, cast: Cast
) -> None:
    page = page_of("shi_jishu")
    county = cast.unit("雁塔区")
    grant_role(session, account_id=cast.id("shi_jishu"), unit_id=county.id, role=Role.TECHNICIAN)
    page.get_received()
    gate.dismiss_ended()
    assert not page.is_connected()
    assert page_of("shi_jishu").is_connected()
