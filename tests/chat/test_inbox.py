"""One cursor for all of a person's conversations: nothing is left out, whatever the order of commits."""

from __future__ import annotations

from uuid import UUID

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from chat import services
from chat.queries import inbox
from chat.queries.inbox import Inbox, read_inbox
from chat.queries.messenger import list_threads
from chat.services import directs, groups, members
from registry_core import clock
from registry_core.access.queries import load_actor
from registry_core.db import new_id
from tests.conftest import Cast

SCHOOL, COUNTY, TECHNICIAN = "xuexiao_xueji", "xian_xueji", "xian_jishu"


class House:
    """People with transactions of their own."""

    def __init__(self, engine: Engine, cast: Cast) -> None:
        self.engine = engine
        self.cast = cast
        self.ids = {name: cast.id(name) for name in (SCHOOL, COUNTY, TECHNICIAN)}
        with Session(engine) as session, session.begin():
            county = load_actor(session, self.ids[COUNTY], at=clock.now())
            self.direct = directs.open_direct(session, county, self.ids[SCHOOL])
            self.group = groups.make_group(session, county, name="群")
            members.add_member(session, county, self.group, self.ids[SCHOOL])

    def say(self, session: Session, name: str, conversation_id: UUID) -> None:
        actor = load_actor(session, self.ids[name], at=clock.now())
        services.post_message(session, actor, conversation_id, client_id=str(new_id()), body="您好")

    def says(self, name: str, conversation_id: UUID) -> None:
        with Session(self.engine) as session, session.begin():
            self.say(session, name, conversation_id)

    def looks(self, name: str, cursor: str = "") -> Inbox:
        with Session(self.engine) as session:
            actor = load_actor(session, self.ids[name], at=clock.now())
            return read_inbox(session, actor, cursor, list_threads(session, actor))


@pytest.fixture
def house(engine: Engine, committed: Cast) -> House:
    return House(engine, committed)


def told(found: Inbox) -> set[UUID]:
    return {news.conversation_id for news in found.news}


def test_without_a_cursor_all_conversations_are_told(house: House) -> None:
    assert told(house.looks(SCHOOL)) == {house.direct, house.group}


def test_only_what_has_news_since_is_told(house: House) -> None:
    cursor = house.looks(SCHOOL).cursor
    assert told(house.looks(SCHOOL, cursor)) == set()
    house.says(COUNTY, house.direct)
    [news] = house.looks(SCHOOL, cursor).news
    assert (news.conversation_id, news.kind, news.unread, news.last_number) == (house.direct, "direct", 1, 1)
    assert house.looks(SCHOOL, cursor).with_unread == 1


def test_what_begins_earlier_and_commits_later_is_told(house: House) -> None:
    """A counter that is handed out would have passed the one that was still under way."""
    slow = Session(house.engine)
    house.say(slow, COUNTY, house.direct)
    house.says(COUNTY, house.group)
    between = house.looks(SCHOOL)
    slow.commit()
    slow.close()
    assert house.direct in told(house.looks(SCHOOL, between.cursor))


def test_reading_on_one_device_is_news_for_the_other(house: House) -> None:
    house.says(COUNTY, house.direct)
    cursor = house.looks(SCHOOL).cursor
    with Session(house.engine) as session, session.begin():
        actor = load_actor(session, house.ids[SCHOOL], at=clock.now())
        services.mark(session, actor, house.direct, delivered=1, read=1)
    [news] = house.looks(SCHOOL, cursor).news
    assert (news.unread, news.read_up_to) == (0, 1)


def test_who_was_removed_is_told_that_it_is_gone(house: House) -> None:
    cursor = house.looks(SCHOOL).cursor
    with Session(house.engine) as session, session.begin():
        county = load_actor(session, house.ids[COUNTY], at=clock.now())
        members.remove_member(session, county, house.group, house.ids[SCHOOL])
    [news] = house.looks(SCHOOL, cursor).news
    assert (news.conversation_id, news.is_gone, news.last_number) == (house.group, True, 0)


@pytest.mark.parametrize("cursor", ["1.5", "x", "99999999999999999999.1", "0" * 21])
def test_a_cursor_of_another_database_means_reload(house: House, cursor: str) -> None:
    found = house.looks(SCHOOL, cursor)
    assert (found.must_reload, found.news) == (True, ())


def test_a_cursor_of_the_future_means_reload(house: House) -> None:
    database = house.looks(SCHOOL).cursor.split(".")[0]
    assert house.looks(SCHOOL, f"{database}.{10**18}").must_reload


def test_too_much_news_means_reload_and_never_a_part(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inbox, "MOST_NEWS", 1)
    found = house.looks(SCHOOL)
    assert (found.must_reload, found.news) == (True, ())
    assert found.cursor
