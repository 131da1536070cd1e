"""Word to those who are to act, and to those who wait; a reaction that runs twice tells once."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from registry_core import clock
from registry_core.access.actors import Actor
from registry_core.access.models import Role, RoleAssignment
from registry_core.approvals import reactions, services
from registry_core.approvals.events import ApplicationDecided, ApplicationReturned, StepOpened, StepOverdue
from registry_core.approvals.models import Application
from registry_core.clock import FrozenClock
from registry_core.notifications.models import Notice
from registry_core.notifications.presenters import present
from registry_core.orgs.models import OrgUnit
from registry_core.rules.queries import Rule
from tests.conftest import Cast
from tests.registry_core.approvals.worlds import APPROVE, REJECT, RETURN, make_person, open_step, submit


def told(session: Session, kind: str) -> dict[UUID, str]:
    """Who was told of something, and where it leads."""
    rows = session.execute(select(Notice.account_id, Notice.url).where(Notice.kind == kind)).all()
    assert len(rows) == len({row.account_id for row in rows})
    return {row.account_id: row.url for row in rows}


def decided(application: Application) -> ApplicationDecided:
    """The event of an application that is over."""
    return ApplicationDecided(
        application.id,
        application.procedure_code,
        application.subject_kind,
        application.subject_id,
        application.state.value,
    )


def test_everybody_who_may_decide_hears_of_a_step_but_not_its_applicant(
    session: Session, school: OrgUnit, head: Actor, rule: Rule
) -> None:
    other_id = make_person(session, school, Role.REGISTRY_LEADER)
    application = submit(session, head, school, rule)
    for _again in range(2):
        reactions.tell_deciders(session, StepOpened(application.id, open_step(session, application).id))
    assert told(session, "step_waiting") == {other_id: f"/approvals/{application.id}"}


def test_nobody_hears_of_a_step_that_is_decided_by_then(
    session: Session, school: OrgUnit, officer: Actor, head: Actor, rule: Rule
) -> None:
    application = submit(session, officer, school, rule)
    step = open_step(session, application)
    services.decide(session, head, step.id, verdict=APPROVE)
    reactions.tell_deciders(session, StepOpened(application.id, step.id))
    reactions.tell_leader_of_overdue(session, StepOverdue(application.id, step.id, step.unit_id, date(2026, 10, 8)))
    assert told(session, "step_waiting") == {}
    assert told(session, "step_overdue") == {}


def test_the_applicant_hears_of_a_return_and_of_the_end(
    session: Session, house: Cast, school: OrgUnit, officer: Actor, head: Actor, rule: Rule
) -> None:
    returned, rejected, approved = (submit(session, officer, school, rule) for _ in range(3))
    step_id = open_step(session, returned).id
    services.decide(session, head, step_id, verdict=RETURN)
    services.decide(session, head, open_step(session, rejected).id, verdict=REJECT)
    services.decide(session, head, open_step(session, approved).id, verdict=APPROVE)
    services.decide(session, house.actor("xian_xueji"), open_step(session, approved).id, verdict=APPROVE)
    for _again in range(2):
        reactions.tell_applicant_of_return(session, ApplicationReturned(returned.id, step_id))
        for application in (rejected, approved):
            reactions.tell_applicant_of_decision(session, decided(application))
    for kind, application in (
        ("application_returned", returned),
        ("application_rejected", rejected),
        ("application_approved", approved),
    ):
        assert told(session, kind) == {officer.account_id: f"/approvals/{application.id}"}


def test_who_withdrew_is_not_told_so(
    session: Session, school: OrgUnit, officer: Actor, head: Actor, rule: Rule
) -> None:
    del head
    application = submit(session, officer, school, rule)
    services.withdraw(session, officer, application.id)
    reactions.tell_applicant_of_decision(session, decided(application))
    assert session.scalars(select(Notice)).all() == []


def test_of_an_overdue_step_the_leader_of_the_unit_hears_or_the_nearest_one_above(
    *, session: Session, house: Cast, school: OrgUnit, officer: Actor, head: Actor, rule: Rule, now: FrozenClock
) -> None:
    city_leader = make_person(session, house.unit("西安市"), Role.REGISTRY_LEADER)
    make_person(session, house.unit("陕西省"), Role.REGISTRY_LEADER)
    application = submit(session, officer, school, rule)
    services.decide(session, head, open_step(session, application).id, verdict=APPROVE)
    step = open_step(session, application)
    event = StepOverdue(application.id, step.id, step.unit_id, date(2026, 10, 13))
    for _again in range(2):
        reactions.tell_leader_of_overdue(session, event)
    county_leader = house.id("xian_lingdao")
    assert told(session, "step_overdue") == {county_leader: f"/approvals/{application.id}"}
    for held in session.scalars(select(RoleAssignment).where(RoleAssignment.account_id == county_leader)):
        held.end(clock.now() + timedelta(seconds=1))
    now.move(timedelta(minutes=1))
    reactions.tell_leader_of_overdue(session, event)
    assert set(told(session, "step_overdue")) == {county_leader, city_leader}


def test_every_notice_has_its_words(
    app: Flask, session: Session, school: OrgUnit, officer: Actor, head: Actor, rule: Rule
) -> None:
    application = submit(session, officer, school, rule)
    step_id = open_step(session, application).id
    reactions.tell_deciders(session, StepOpened(application.id, step_id))
    services.decide(session, head, step_id, verdict=RETURN)
    reactions.tell_applicant_of_return(session, ApplicationReturned(application.id, step_id))
    with app.test_request_context():
        said = sorted(present(notice).text for notice in session.scalars(select(Notice)))
    assert said == [
        "您的申请被退回，请补正后再提交：关键信息变更（一份学籍）",
        "有一份申请等您办理：关键信息变更（一份学籍）",
    ]
