"""A step of an approval that is overdue reaches the desk of its unit, else the next one above with somebody at it."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from helpdesk.models import Desk, DeskMember
from helpdesk.reactions import tell_desk_of_overdue
from registry_core.access.actors import Actor
from registry_core.approvals import services
from registry_core.approvals.events import StepOverdue
from registry_core.approvals.models import Application
from registry_core.notifications.models import Notice
from registry_core.notifications.presenters import present
from registry_core.orgs.models import OrgUnit
from registry_core.rules.queries import Rule
from tests.conftest import Cast
from tests.registry_core.approvals.conftest import head, house, now, officer, rule, school
from tests.registry_core.approvals.worlds import APPROVE, open_step, submit

__all__ = ["head", "house", "now", "officer", "rule", "school"]


@pytest.fixture
def application(session: Session, school: OrgUnit, officer: Actor, rule: Rule) -> Application:
    """An application that waits for the head of the school."""
    return submit(session, officer, school, rule)


def overdue(session: Session, application: Application) -> None:
    """Let the day of the open step be over, and the worker react twice."""
    step = open_step(session, application)
    for _again in range(2):
        tell_desk_of_overdue(session, StepOverdue(application.id, step.id, step.unit_id, date(2026, 10, 8)))


def told(session: Session) -> list[Notice]:
    query = select(Notice).where(Notice.kind == "step_overdue_nearby").order_by(Notice.account_id)
    return list(session.scalars(query))


def test_everybody_at_the_nearest_desk_hears_of_it_once_and_not_what_it_is_about(
    session: Session, house: Cast, head: Actor, application: Application
) -> None:
    del head
    overdue(session, application)
    notices = told(session)
    assert {one.account_id for one in notices} >= {house.id("xian_jishu"), house.id("xian_jishu2")}
    assert house.id("shi_jishu") not in {one.account_id for one in notices}
    assert {one.url for one in notices} == {"/console"}
    text = present(notices[0]).text
    assert "关键信息变更" in text
    assert "一份学籍" not in text


@pytest.mark.parametrize("why", ["nobody", "off"])
def test_where_nobody_is_at_the_desk_the_next_one_above_hears_of_it(
    session: Session, house: Cast, head: Actor, application: Application, why: str
) -> None:
    del head
    desk_id = session.scalars(select(Desk.id).where(Desk.unit_id == house.unit("雁塔区").id)).one()
    if why == "nobody":
        session.execute(delete(DeskMember).where(DeskMember.desk_id == desk_id))
    else:
        session.execute(update(Desk).where(Desk.id == desk_id).values(switched_on=False))
    overdue(session, application)
    assert [one.account_id for one in told(session)] == [house.id("shi_jishu")]


def test_a_step_that_is_decided_by_then_is_no_news(
    session: Session, house: Cast, head: Actor, application: Application
) -> None:
    del house
    step = open_step(session, application)
    services.decide(session, head, step.id, verdict=APPROVE)
    tell_desk_of_overdue(session, StepOverdue(application.id, step.id, step.unit_id, date(2026, 10, 8)))
    assert told(session) == []
