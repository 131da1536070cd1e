"""Whoever waits for an answer gets it, also when its push was lost between two web processes."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from uuid import UUID

import pytest
from flask import Flask
from flask_socketio.test_client import SocketIOTestClient
from sqlalchemy.orm import Session

from chat.presence import Presence
from chat.services import post_message
from chat.services.acts import edit_message
from chat.services.directs import open_direct
from helpdesk.models import Ticket
from helpdesk.services import answering, asking
from helpdesk.services.asking import Question
from portal.app import SOCKET_GATE
from portal.missed import SLICES, Missed, MissedNews
from portal.reached import Reached
from registry_core import web
from registry_core.store import Redis
from tests.conftest import Cast
from tests.portal.protocol_house import ASKER, COLLEAGUE, TECHNICIAN, House, send
from tests.portal.test_web_process import Process, kill_valkey
from tests.portal_house import Browser
from tests.protocol_client import Line, Talk

# Looked at every 5 s and told at the second look; a busy machine takes its time.
PATIENCE_SECONDS = 30.0

Page = SocketIOTestClient


# ── what is looked at ─────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def reached(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Reached:
    """What has reached the pages, as `LiveQueue` counts it; this application runs alone, without Redis."""
    counted = Reached()
    monkeypatch.setattr(app.extensions[SOCKET_GATE].server.manager, "reached", counted, raising=False)
    return counted


@pytest.fixture
def missed(app: Flask, reached: Reached) -> Missed:
    del reached
    return Missed(app.extensions[SOCKET_GATE].server, app.extensions[web.RUNTIME].sessions)


@pytest.fixture
def ticket(session: Session, cast: Cast, store: Redis) -> Ticket:
    """A question that the county's technician answers."""
    question = Question("学籍号重复了怎么办？", "1")
    asked = asking.ask_question(session, Presence(store), cast.actor(ASKER), question)
    return answering.take_ticket(session, cast.actor(TECHNICIAN), asked.id)


@pytest.fixture
def page(app: Flask, reached: Reached, signed_in: Callable[[str], Browser], ticket: Ticket) -> Page:
    """The asker's page, with the question open."""
    del reached
    page: Page = app.extensions["socketio"].test_client(app, flask_test_client=signed_in(ASKER).client)
    answer = page.emit("conversation:join", {"conversation_id": str(ticket.conversation_id)}, callback=True)
    assert isinstance(answer, dict)
    assert answer["ok"]
    return page


def store_unpushed(session: Session, cast: Cast, ticket: Ticket, body: str) -> int:
    """Store a message as a process does that is killed before it could push; return its number."""
    technician = cast.actor(TECHNICIAN)
    message, _is_new = post_message(session, technician, ticket.conversation_id, client_id=body, body=body)
    return message.number


def is_told(page: Page) -> bool:
    return "conversations:changed" in [packet["name"] for packet in page.get_received()]


def test_a_page_is_told_once_of_what_was_stored_and_not_pushed(
    missed: Missed, page: Page, session: Session, cast: Cast, ticket: Ticket
) -> None:
    missed.look()
    store_unpushed(session, cast, ticket, "请看第三步")
    page.get_received()
    missed.look()
    assert not is_told(page)  # its push may be on its way
    missed.look()
    assert is_told(page)
    missed.look()
    assert not is_told(page)
    store_unpushed(session, cast, ticket, "还有第四步")
    page.get_received()
    missed.look()
    missed.look()
    assert is_told(page)


def test_what_was_pushed_is_not_told_again(
    missed: Missed, page: Page, session: Session, cast: Cast, ticket: Ticket, reached: Reached
) -> None:
    missed.look()
    key = str(ticket.conversation_id)
    number = store_unpushed(session, cast, ticket, "请看第三步")
    reached.note("message:new", {"conversation_id": key, "number": number}, f"conversation:{key}", is_here=True)
    page.get_received()
    for _look in range(3):
        missed.look()
    assert not is_told(page)


def test_what_was_stored_between_joining_and_the_first_look_is_told(
    missed: Missed, page: Page, session: Session, cast: Cast, ticket: Ticket
) -> None:
    store_unpushed(session, cast, ticket, "请看第三步")
    page.get_received()
    missed.look()
    missed.look()
    assert is_told(page)


def test_a_change_that_was_not_pushed_is_told_once(
    missed: Missed, page: Page, session: Session, cast: Cast, ticket: Ticket, reached: Reached
) -> None:
    key, number = str(ticket.conversation_id), store_unpushed(session, cast, ticket, "请看第三步")
    reached.note("message:new", {"conversation_id": key, "number": number}, f"conversation:{key}", is_here=True)
    missed.look()
    missed.look()
    page.get_received()
    edit_message(session, cast.actor(TECHNICIAN), ticket.conversation_id, number, body="请看第四步")
    missed.look()
    assert not is_told(page)
    missed.look()
    assert is_told(page)
    missed.look()
    assert not is_told(page)
    edit_message(session, cast.actor(TECHNICIAN), ticket.conversation_id, number, body="请看第五步")
    reached.note("message:changed", {"conversation_id": key, "change": 2}, f"conversation:{key}", is_here=True)
    page.get_received()
    for _look in range(3):
        missed.look()
    assert not is_told(page)


def test_what_was_there_before_somebody_opened_it_is_not_told(missed: Missed, page: Page) -> None:
    page.get_received()
    for _look in range(3):
        missed.look()
    assert not is_told(page)


# ── the lists of people ───────────────────────────────────────────────────────────────────────────────────────────────


class Lists:
    """Looks at the lists of everybody, as four looks of a process do."""

    def __init__(self, app: Flask) -> None:
        self.missed = MissedNews(app.extensions[SOCKET_GATE].server, app.extensions[web.RUNTIME].sessions)

    def look(self) -> None:
        for _slice in range(SLICES):
            self.missed.look()


@pytest.fixture
def lists(app: Flask, reached: Reached) -> Lists:
    del reached
    return Lists(app)


@pytest.fixture
def talk(session: Session, cast: Cast) -> UUID:
    """A direct conversation of two technicians, that nobody has open."""
    return open_direct(session, cast.actor(TECHNICIAN), cast.id(COLLEAGUE))


@pytest.fixture
def idle(app: Flask, reached: Reached, signed_in: Callable[[str], Browser], talk: UUID) -> Page:
    """A page of one of them, with something else open."""
    del reached, talk
    page: Page = app.extensions["socketio"].test_client(app, flask_test_client=signed_in(COLLEAGUE).client)
    return page


def say(session: Session, cast: Cast, talk: UUID, body: str) -> int:
    message, _is_new = post_message(session, cast.actor(TECHNICIAN), talk, client_id=body, body=body)
    return message.number


def hint(reached: Reached, cast: Cast, talk: UUID, number: int | None) -> None:
    """Note that a hint has passed here."""
    room = f"account:{cast.id(COLLEAGUE)}"
    reached.note("conversations:changed", {"conversation_id": str(talk), "number": number}, room, is_here=True)


def test_a_list_hears_of_what_moved_without_a_hint(
    lists: Lists, idle: Page, session: Session, cast: Cast, talk: UUID
) -> None:
    lists.look()
    say(session, cast, talk, "在吗？")
    idle.get_received()
    lists.look()
    assert is_told(idle)


def test_a_list_that_was_told_is_not_told_again(
    lists: Lists, idle: Page, session: Session, cast: Cast, talk: UUID, reached: Reached
) -> None:
    lists.look()
    hint(reached, cast, talk, say(session, cast, talk, "在吗？"))
    idle.get_received()
    lists.look()
    assert not is_told(idle)


def test_of_two_messages_the_lost_hint_of_the_last_is_noticed(
    lists: Lists, idle: Page, session: Session, cast: Cast, talk: UUID, reached: Reached
) -> None:
    lists.look()
    hint(reached, cast, talk, say(session, cast, talk, "在吗？"))
    say(session, cast, talk, "请回个话")
    idle.get_received()
    lists.look()
    assert is_told(idle)


def test_a_hint_without_a_number_is_as_good(
    lists: Lists, idle: Page, session: Session, cast: Cast, talk: UUID, reached: Reached
) -> None:
    lists.look()
    say(session, cast, talk, "在吗？")
    hint(reached, cast, talk, None)
    idle.get_received()
    lists.look()
    assert not is_told(idle)


def test_a_hint_of_before_says_nothing_of_what_moved_later(
    lists: Lists, idle: Page, session: Session, cast: Cast, talk: UUID, reached: Reached
) -> None:
    say(session, cast, talk, "在吗？")
    hint(reached, cast, talk, None)
    earlier = dict(reached.hints)
    lists.look()
    say(session, cast, talk, "请回个话")
    idle.get_received()
    for _slice in range(SLICES):
        reached.hints = dict(earlier)  # people of another slice still ask for it
        lists.missed.look()
    assert is_told(idle)


def test_a_hint_for_somebody_elses_room_is_none(
    lists: Lists, idle: Page, session: Session, cast: Cast, talk: UUID, reached: Reached
) -> None:
    lists.look()
    number = say(session, cast, talk, "在吗？")
    told = {"conversation_id": str(talk), "number": number}
    reached.note("conversations:changed", told, f"account:{cast.id(TECHNICIAN)}", is_here=True)
    reached.note("conversations:changed", told, f"account:{cast.id(COLLEAGUE)}", is_here=False)
    idle.get_received()
    lists.look()
    assert is_told(idle)


def test_hints_are_forgotten_once_nobody_asks_for_them(lists: Lists, cast: Cast, talk: UUID, reached: Reached) -> None:
    hint(reached, cast, talk, 1)
    lists.look()
    assert reached.hints == {}


# ── two processes ─────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def other_process(process: Process) -> Iterator[Process]:
    """A second web process of the same house."""
    second = Process(process.environment, process.log)
    yield second
    second.close()


def comes_to(line: Line, talk: Talk, number: int) -> bool:
    """Do as docs/protocol.md says with what the house tells, and nothing of one's own accord."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while talk.whole_up_to < number and time.monotonic() < deadline:
        line.heard("", seconds=0.3)
        heard, line.events = line.events, []
        for name, payload in heard:
            if name == "message:new":
                talk.take(payload)
            elif name == "conversations:changed" and payload["what"] == "members":
                talk.catch_up(line)
    return talk.whole_up_to >= number


def test_the_last_message_reaches_a_page_at_another_process_without_redis(
    house: House, other_process: Process, conversation: str
) -> None:
    writer = house.line(ASKER)
    cookie = "; ".join(f"{name}={value}" for name, value in house.browser(TECHNICIAN).cookies.items())
    with Line(other_process.address, cookie) as reader:
        talk = Talk(conversation)
        talk.catch_up(reader)
        assert comes_to(reader, talk, send(writer, conversation, "在吗？")["number"])
        kill_valkey(house.process.environment["REDIS_URL"])
        assert comes_to(reader, talk, send(writer, conversation, "请回个话")["number"])
        assert talk.bodies[-2:] == ["在吗？", "请回个话"]
