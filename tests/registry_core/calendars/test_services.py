"""The table that the ministry keeps: loaded once, published whole, corrected by day, by nobody else."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from registry_core import events
from registry_core.calendars import queries, services
from registry_core.calendars.day_file import ListedDay, read_days
from registry_core.calendars.errors import DayNotListed, ExchangeOnWeekday, LastDayOfYear, PublishYearFirst
from registry_core.calendars.events import CalendarChanged
from registry_core.calendars.models import CalendarDay, DayKind
from registry_core.calendars.services import Publication
from registry_core.errors import Forbidden
from tests.conftest import Cast

NEW_YEAR = ListedDay(date(2027, 1, 1), DayKind.OFF, "元旦")
SPRING = ListedDay(date(2027, 2, 6), DayKind.OFF, "春节")


def note(session: Session, event: CalendarChanged) -> None:
    """A reaction that only has to be there."""


@pytest.fixture
def told(session: Session, monkeypatch: pytest.MonkeyPatch) -> Callable[[], list[int]]:
    """Of which years those have been told whose deadlines hang on the calendar."""
    monkeypatch.setitem(events._reactions, "CalendarChanged", (note,))
    jobs = text(
        "SELECT (args->'payload'->>'year')::int FROM procrastinate_jobs WHERE args->>'event' = 'CalendarChanged'"
    )
    return lambda: sorted(session.scalars(jobs))


def test_the_shipped_years_are_loaded_once(session: Session) -> None:
    assert services.load_own_days(session) == (2024, 2025, 2026)
    assert services.load_own_days(session) == ()
    assert len(session.scalars(select(CalendarDay)).all()) == 108
    days = queries.load_working_days(session)
    assert days.published_years == {2024, 2025, 2026}
    assert days.add(date(2026, 9, 30), 3).due == date(2026, 10, 10)


def test_loading_again_leaves_what_people_have_changed(session: Session, cast: Cast) -> None:
    services.load_own_days(session)
    services.remove_day(session, cast.actor("bu_guanli"), date(2026, 1, 1))
    assert services.load_own_days(session) == ()
    assert queries.find_day(session, date(2026, 1, 1)) is None


def test_a_deadline_that_was_provisional_has_a_day_once_the_year_is_published(session: Session, cast: Cast) -> None:
    services.load_own_days(session)
    assert queries.load_working_days(session).add(date(2026, 12, 30), 2).is_provisional
    done = services.publish_year(session, cast.actor("bu_guanli"), 2027, days=[NEW_YEAR])
    assert done == Publication(added=1, changed=0, removed=0)
    assert queries.load_working_days(session).add(date(2026, 12, 30), 2).due == date(2027, 1, 4)


def test_publishing_again_replaces_the_year_and_says_what_changed(session: Session, cast: Cast) -> None:
    actor = cast.actor("bu_guanli")
    services.publish_year(session, actor, 2027, days=[NEW_YEAR, SPRING])
    later = [ListedDay(NEW_YEAR.day, DayKind.OFF, "元旦节"), ListedDay(date(2027, 2, 7), DayKind.OFF, "春节")]
    assert services.publish_year(session, actor, 2027, days=later) == Publication(added=1, changed=1, removed=1)
    assert [(row.day, row.name) for row in queries.list_days(session, 2027)] == [
        (date(2027, 1, 1), "元旦节"),
        (date(2027, 2, 7), "春节"),
    ]


def test_those_whose_deadlines_hang_on_it_hear_of_a_change_and_of_nothing_else(
    session: Session, cast: Cast, told: Callable[[], list[int]]
) -> None:
    actor = cast.actor("bu_guanli")
    for _again in range(2):
        services.publish_year(session, actor, 2027, days=[NEW_YEAR, SPRING])
        assert told() == [2027]
    for _again in range(2):
        services.set_day(session, actor, NEW_YEAR.day, kind=DayKind.OFF, name="新年")
        assert told() == [2027] * 2
    services.remove_day(session, actor, NEW_YEAR.day)
    assert told() == [2027] * 3


def test_a_day_can_be_listed_corrected_and_taken_out(session: Session, cast: Cast) -> None:
    actor = cast.actor("bu_guanli")
    services.publish_year(session, actor, 2027, days=[NEW_YEAR])
    services.set_day(session, actor, date(2027, 1, 9), kind=DayKind.WORK, name="元旦")
    assert queries.load_working_days(session).is_working_day(date(2027, 1, 9))
    services.set_day(session, actor, date(2027, 1, 9), kind=DayKind.OFF, name="校庆")
    assert not queries.load_working_days(session).is_working_day(date(2027, 1, 9))
    services.remove_day(session, actor, date(2027, 1, 9))
    assert queries.count_days(session, 2027) == 1


def test_what_cannot_be_is_refused(session: Session, cast: Cast) -> None:
    actor = cast.actor("bu_guanli")
    with pytest.raises(PublishYearFirst):
        services.set_day(session, actor, date(2027, 1, 1), kind=DayKind.OFF, name="元旦")
    services.publish_year(session, actor, 2027, days=[NEW_YEAR])
    with pytest.raises(ExchangeOnWeekday):
        services.set_day(session, actor, date(2027, 1, 8), kind=DayKind.WORK, name="元旦")
    with pytest.raises(DayNotListed):
        services.remove_day(session, actor, date(2027, 1, 8))
    with pytest.raises(LastDayOfYear):
        services.remove_day(session, actor, date(2027, 1, 1))


@pytest.mark.parametrize("person", ["sheng_guanli", "bu_xueji", "xian_zhuguan", "xuesheng"])
def test_only_the_super_administrator_of_the_ministry_changes_the_calendar(
    session: Session, cast: Cast, person: str
) -> None:
    actor = cast.actor(person)
    with pytest.raises(Forbidden):
        services.publish_year(session, actor, 2027, days=[NEW_YEAR])
    with pytest.raises(Forbidden):
        services.set_day(session, actor, date(2027, 1, 1), kind=DayKind.OFF, name="元旦")
    with pytest.raises(Forbidden):
        services.remove_day(session, actor, date(2027, 1, 1))


def test_the_database_keeps_what_can_be_no_calendar_out(session: Session) -> None:
    for day, name in (
        (CalendarDay(day=date(2027, 1, 8), kind=DayKind.WORK, name="元旦"), "exchange_at_weekend"),
        (CalendarDay(day=date(2027, 1, 1), kind=DayKind.OFF, name=" "), "name_not_blank"),
    ):
        session.add(day)
        with pytest.raises(IntegrityError, match=name):
            session.flush()
        session.rollback()


def test_the_table_that_the_page_shows_can_be_sent_back(session: Session) -> None:
    services.load_own_days(session)
    listed = queries.list_days(session, 2026)
    table = "\n".join(f"{row.day},{row.kind.value},{row.name}" for row in listed)
    assert [(day.day, day.kind, day.name) for day in read_days(table, year=2026)] == [
        (row.day, row.kind, row.name) for row in listed
    ]
