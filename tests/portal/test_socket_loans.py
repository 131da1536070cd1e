"""A socket of a browser that acts in a lent role: acts with it alone, for its lender, and is cut when it ends."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from portal.app import SOCKET_GATE
from portal.permissions import SOCKET_COMMANDS
from portal.sockets import SocketGate
from registry_core import clock, sockets
from registry_core.access.models import Delegation, RoleAssignment
from registry_core.accounts.models import BrowserSession
from registry_core.clock import FrozenClock
from tests.conftest import Cast
from tests.portal_house import Browser

LENDER, BORROWER = "xuexiao2_xueji", "xuexiao_putong"


@pytest.fixture
def time() -> Iterator[FrozenClock]:
    with clock.frozen(datetime.now(UTC)) as frozen:
        yield frozen


@pytest.fixture
def gate(app: Flask, monkeypatch: pytest.MonkeyPatch) -> SocketGate:
    """The socket gate, whose tasks run at once: the test's transaction has one thread."""
    gate: SocketGate = app.extensions[SOCKET_GATE]
    monkeypatch.setattr(gate.server, "start_background_task", lambda act, *sent: act(*sent))
    return gate


@pytest.fixture
def seen(gate: SocketGate, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The calls that `message:mark` got."""
    calls: list[sockets.Call] = []
    original = gate.server.handlers["/"]["message:send"]
    monkeypatch.setitem(SOCKET_COMMANDS, "message:send", SOCKET_COMMANDS["message:mark"])

    def answer(call: sockets.Call, _payload: sockets.Nothing) -> dict[str, Any]:
        calls.append(call)
        return {}

    gate.server.on("message:send", gate.handler_of(sockets.Command("message:send", sockets.Nothing, answer)))
    yield calls
    gate.server.on("message:send", original)


@pytest.fixture
def loan(session: Session, cast: Cast, time: FrozenClock) -> Delegation:
    """A role that its holder lends for an hour, with consent."""
    del time
    held = session.scalars(select(RoleAssignment).where(RoleAssignment.account_id == cast.id(LENDER))).first()
    assert held is not None
    now = clock.now()
    loan = Delegation(
        assignment_id=held.id,
        lender_id=held.account_id,
        borrower_id=cast.id(BORROWER),
        purpose="外出培训",
        valid_from=now,
        valid_until=now + timedelta(hours=1),
        asked_at=now,
        consented_by_id=cast.id("xuexiao_xitong"),
        consented_at=now,
    )
    session.add(loan)
    session.flush()
    return loan


def act_in(session: Session, loan: Delegation, browser: Browser) -> None:
    del browser
    session.execute(
        update(BrowserSession).where(BrowserSession.account_id == loan.borrower_id).values(acting_under_id=loan.id)
    )


def connect(app: Flask, browser: Browser) -> Any:
    return app.extensions["socketio"].test_client(app, flask_test_client=browser.client)


def names(page: Any) -> list[str]:
    return [packet["name"] for packet in page.get_received()]


@pytest.fixture
def borrower(app: Flask, session: Session, loan: Delegation, signed_in: Callable[[str], Browser], seen: Any) -> Any:
    """A page of the borrower, acting for the lender."""
    del seen
    browser = signed_in(BORROWER)
    act_in(session, loan, browser)
    return connect(app, browser)


def test_a_command_is_done_with_the_lent_role_alone_for_the_lender(
    borrower: Any, seen: list[sockets.Call], cast: Cast
) -> None:
    assert borrower.emit("message:send", {}, callback=True) == {"ok": True}
    actor = seen[0].actor
    assert (actor.account_id, actor.on_behalf_of) == (cast.id(BORROWER), cast.id(LENDER))
    assert {held.unit_id for held in actor.assignments} == {cast.unit("西安市雁塔区第二小学（演示）").id}
    assert seen[0].name.endswith("（代 周立群（演示））")


def test_a_look_at_those_who_stay_as_they_are_cuts_nobody(borrower: Any, gate: SocketGate) -> None:
    gate.dismiss_ended()
    assert borrower.is_connected()


def test_the_end_of_the_loan_by_its_date_cuts_the_socket_at_that_moment(
    borrower: Any, gate: SocketGate, time: FrozenClock
) -> None:
    gate.dismiss_ended(gate.endings.take_due())
    time.move(timedelta(hours=1, microseconds=-1))
    assert gate.endings.take_due() == frozenset()
    time.move(timedelta(microseconds=1))
    gate.dismiss_ended(gate.endings.take_due())
    assert not borrower.is_connected()


def test_a_lender_who_loses_the_role_cuts_the_borrower(
    borrower: Any, gate: SocketGate, session: Session, loan: Delegation
) -> None:
    session.execute(
        update(RoleAssignment).where(RoleAssignment.id == loan.assignment_id).values(valid_until=clock.now())
    )
    gate.dismiss_ended({loan.lender_id})
    assert not borrower.is_connected()


def test_who_stops_acting_is_cut_and_connects_as_oneself(
    borrower: Any, gate: SocketGate, session: Session, cast: Cast
) -> None:
    session.execute(update(BrowserSession).values(acting_under_id=None))
    gate.dismiss_ended({cast.id(BORROWER)})
    assert not borrower.is_connected()


def test_a_socket_opened_before_acting_is_cut_when_it_begins(
    app: Flask, gate: SocketGate, session: Session, loan: Delegation, signed_in: Callable[[str], Browser], cast: Cast
) -> None:
    browser = signed_in(BORROWER)
    page = connect(app, browser)
    act_in(session, loan, browser)
    gate.dismiss_ended({cast.id(BORROWER)})
    assert not page.is_connected()
