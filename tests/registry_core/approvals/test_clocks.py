"""Clocks over holidays, unpublished years, and what happens when a day is over."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.orm import Session

from registry_core import events
from registry_core.access.actors import Actor
from registry_core.access.models import Role
from registry_core.approvals import jobs, services
from registry_core.approvals.models import Step
from registry_core.approvals.presenters.words import say_clock
from registry_core.approvals.reactions import count_days_anew
from registry_core.approvals.services.clocks import recompute_due_days
from registry_core.calendars.day_file import ListedDay
from registry_core.calendars.events import CalendarChanged
from registry_core.calendars.models import DayKind
from registry_core.calendars.queries import load_working_days
from registry_core.calendars.services import publish_year, set_day
from registry_core.clock import FrozenClock
from registry_core.orgs.models import OrgUnit
from tests.conftest import Cast
from tests.registry_core.approvals.worlds import APPROVE, make_rule, make_step, open_step, submit

Start = Callable[[int], Step]


@pytest.fixture
def start(session: Session, house: Cast, school: OrgUnit, officer: Actor) -> Start:
    """Make a step of the county that has so many working days."""

    def make(working_days: int) -> Step:
        steps = [make_step("county", Role.REGISTRY_ADMINISTRATOR, "county", working_days=working_days)]
        rule = make_rule(steps, owner_id=house.unit("陕西省").id)
        return open_step(session, submit(session, officer, school, rule))

    return make


@pytest.mark.parametrize(
    ("opened", "working_days", "due"),
    [
        ("2026-09-30", 3, "2026-10-10"),
        ("2026-09-28", 7, "2026-10-13"),
        ("2026-09-21", 20, "2026-10-26"),
        ("2026-02-12", 7, "2026-02-28"),
    ],
)
def test_a_step_is_due_as_the_calendar_of_the_country_says(
    now: FrozenClock, opened: str, working_days: int, due: str, start: Start
) -> None:
    now.instant = datetime.fromisoformat(f"{opened}T15:30:00+00:00")  # half past eleven at night in China
    step = start(working_days)
    assert (step.opened_on, step.due_on) == (date.fromisoformat(opened), date.fromisoformat(due))


def test_a_step_without_a_limit_is_never_due(start: Start) -> None:
    step = start(0)
    assert (step.due_on, step.is_due_provisional) == (None, False)


def overdue_jobs(session: Session) -> int:
    query = text(
        "SELECT count(*) FROM procrastinate_jobs"
        " WHERE args->>'event' = 'StepOverdue' AND strpos(args->>'reaction', 'leader') > 0"
    )
    return int(session.scalars(query).one())


def test_when_the_day_is_over_it_is_told_once_and_not_before(session: Session, now: FrozenClock, start: Start) -> None:
    step = start(3)
    assert step.due_on == date(2026, 10, 8)
    now.instant = datetime(2026, 10, 8, 15, 59, tzinfo=UTC)  # one minute to midnight in China
    jobs.escalate_overdue(session, None)
    assert (step.escalated_at, overdue_jobs(session)) == (None, 0)
    now.move(timedelta(minutes=1))
    for _again in range(2):
        jobs.escalate_overdue(session, None)
    assert (step.escalated_at, overdue_jobs(session)) == (now.instant, 1)


def test_what_is_decided_in_time_is_never_overdue(
    session: Session, house: Cast, now: FrozenClock, start: Start
) -> None:
    step = start(3)
    services.decide(session, house.actor("xian_xueji"), step.id, verdict=APPROVE)
    now.move(timedelta(days=30))
    jobs.escalate_overdue(session, None)
    assert overdue_jobs(session) == 0


def test_a_deadline_in_an_unpublished_year_is_provisional_until_the_year_is_published(
    session: Session, house: Cast, now: FrozenClock, start: Start
) -> None:
    now.instant = datetime(2026, 12, 30, 2, 0, tzinfo=UTC)
    step = start(3)
    assert (step.due_on, step.is_due_provisional) == (None, True)
    now.move(timedelta(days=60))
    jobs.escalate_overdue(session, None)
    assert overdue_jobs(session) == 0
    publish_year(session, house.actor("bu_guanli"), 2027, days=[ListedDay(date(2027, 1, 1), DayKind.OFF, "元旦")])
    payload = session.scalars(
        text("SELECT args->'payload' FROM procrastinate_jobs WHERE args->>'event' = 'CalendarChanged' ORDER BY id DESC")
    ).first()
    assert payload is not None
    changed: Any = events.from_payload("CalendarChanged", payload)
    count_days_anew(session, changed)
    assert (step.due_on, step.is_due_provisional) == (date(2027, 1, 5), False)
    jobs.escalate_overdue(session, None)
    assert overdue_jobs(session) == 1


def test_a_corrected_day_moves_the_open_deadlines_that_it_touches_and_no_decided_one(
    session: Session, house: Cast, start: Start
) -> None:
    decided, waiting = (start(3) for _ in range(2))
    services.decide(session, house.actor("xian_xueji"), decided.id, verdict=APPROVE)
    set_day(session, house.actor("bu_guanli"), date(2026, 10, 8), kind=DayKind.OFF, name="校庆")
    assert recompute_due_days(session, 2026) == 1
    assert (decided.due_on, waiting.due_on) == (date(2026, 10, 8), date(2026, 10, 9))
    assert recompute_due_days(session, 2026) == 0
    assert recompute_due_days(session, 2025) == 0


def test_a_change_of_the_calendar_may_be_told_twice(session: Session, start: Start) -> None:
    step = start(3)
    for _again in range(2):
        count_days_anew(session, CalendarChanged(2026))
    assert step.due_on == date(2026, 10, 8)


@pytest.mark.parametrize(
    ("today", "tone", "said"),
    [
        (date(2026, 9, 28), "talking", "还剩 3 个工作日"),
        (date(2026, 9, 30), "waiting", "还剩 1 个工作日"),
        (date(2026, 10, 7), "waiting", "还剩 1 个工作日"),
        (date(2026, 10, 8), "waiting", "今天到期"),
        (date(2026, 10, 9), "overdue", "超期 1 个工作日"),
        (date(2026, 10, 11), "overdue", "超期 2 个工作日"),
        (date(2027, 1, 4), "overdue", "已超期"),
    ],
)
def test_the_clock_counts_working_days(
    app: Flask, session: Session, today: date, tone: str, said: str, start: Start
) -> None:
    step = start(3)
    with app.test_request_context():
        shown = say_clock(step, load_working_days(session), today)
    assert (shown.tone, shown.text) == (tone, said)
