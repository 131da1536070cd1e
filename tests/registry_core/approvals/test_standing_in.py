"""A school with one officer for all posts: somebody else decides, by rule."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from registry_core import clock
from registry_core.access.actors import Actor
from registry_core.access.models import Role, RoleAssignment
from registry_core.approvals import services
from registry_core.approvals.errors import NotYourStep
from registry_core.approvals.models import Step
from registry_core.approvals.services.clocks import move_stranded
from registry_core.clock import FrozenClock
from registry_core.orgs.models import BodyKind, OrgUnit
from registry_core.orgs.services import add_body, add_school, set_managing_school
from registry_core.rules.queries import Rule
from tests.conftest import Cast
from tests.registry_core.approvals.worlds import (
    APPROVE,
    actor_of,
    make_person,
    make_rule,
    make_step,
    open_step,
    submit,
)


def desk(step: Step) -> tuple[object, ...]:
    return step.unit_id, step.role, step.moved_from_id


def test_where_only_the_applicant_could_decide_the_department_does(
    session: Session, house: Cast, school: OrgUnit, officer: Actor, rule: Rule
) -> None:
    application = submit(session, officer, school, rule)
    step = open_step(session, application)
    assert desk(step) == (house.unit("雁塔区").id, "registry_administrator", school.id)
    services.decide(session, house.actor("xian_xueji"), step.id, verdict=APPROVE)
    assert open_step(session, application).code == "county"


def test_a_head_who_applies_is_not_counted_as_somebody_who_could_decide(
    session: Session, house: Cast, school: OrgUnit, head: Actor, rule: Rule
) -> None:
    moved = open_step(session, submit(session, head, school, rule))
    assert moved.unit_id == house.unit("雁塔区").id
    make_person(session, school, Role.REGISTRY_LEADER)
    stays = open_step(session, submit(session, head, school, rule))
    assert desk(stays) == (school.id, "registry_leader", None)


def test_the_centre_school_comes_before_the_department(
    session: Session, house: Cast, school: OrgUnit, officer: Actor, rule: Rule
) -> None:
    centre = add_school(session, house.unit("雁塔区"), name="曲江中心校")
    set_managing_school(session, school, centre)
    assert open_step(session, submit(session, officer, school, rule)).unit_id == house.unit("雁塔区").id
    make_person(session, centre, Role.CENTRE_SCHOOL_ADMINISTRATOR)
    by_centre = open_step(session, submit(session, officer, school, rule))
    assert desk(by_centre) == (centre.id, "centre_school_administrator", school.id)
    make_person(session, centre, Role.REGISTRY_LEADER)
    by_head = open_step(session, submit(session, officer, school, rule))
    assert desk(by_head) == (centre.id, "registry_leader", school.id)


def test_a_department_without_anybody_passes_it_on_upward(
    session: Session, house: Cast, school: OrgUnit, officer: Actor, rule: Rule, now: FrozenClock
) -> None:
    county = house.unit("雁塔区")
    for held in session.scalars(select(RoleAssignment).where(RoleAssignment.unit_id == county.id)):
        held.end(clock.now() + timedelta(seconds=1))
    now.move(timedelta(minutes=1))
    step = open_step(session, submit(session, officer, school, rule))
    assert step.unit_id == house.unit("西安市").id


def test_a_post_outside_the_registry_keeps_its_role_on_the_way_up(
    session: Session, house: Cast, school: OrgUnit, officer: Actor
) -> None:
    rule = make_rule([make_step("own", Role.SUPER_ADMINISTRATOR, "own")], owner_id=school.id)
    step = open_step(session, submit(session, officer, school, rule))
    assert desk(step) == (house.unit("雁塔区").id, "super_administrator", school.id)


def test_where_nobody_at_all_could_decide_it_waits_where_the_procedure_wants_it(
    session: Session, school: OrgUnit, officer: Actor
) -> None:
    rule = make_rule([make_step("own", Role.EXAMINER, "own")], owner_id=school.id)
    step = open_step(session, submit(session, officer, school, rule))
    assert desk(step) == (school.id, "examiner", None)


def test_a_step_whose_only_decider_leaves_moves_and_comes_back_to_nobody(
    *, session: Session, house: Cast, school: OrgUnit, officer: Actor, head: Actor, rule: Rule, now: FrozenClock
) -> None:
    application = submit(session, officer, school, rule)
    assert move_stranded(session) == 0
    assert open_step(session, application).unit_id == school.id
    for held in session.scalars(select(RoleAssignment).where(RoleAssignment.account_id == head.account_id)):
        held.end(clock.now() + timedelta(seconds=1))
    now.move(timedelta(minutes=1))
    assert move_stranded(session) == 1
    assert desk(open_step(session, application)) == (house.unit("雁塔区").id, "registry_administrator", school.id)
    assert move_stranded(session) == 0
    session.commit()


def test_a_body_beside_the_tree_decides_through_its_own_people(
    session: Session, house: Cast, school: OrgUnit, officer: Actor
) -> None:
    county = house.unit("雁塔区")
    office = add_body(session, county, kind=BodyKind.ADMISSIONS_OFFICE, name="招生办")
    rule = make_rule(
        [make_step("office", Role.REGISTRY_ADMINISTRATOR, "county", body=BodyKind.ADMISSIONS_OFFICE)],
        owner_id=school.id,
    )
    clerk = actor_of(session, make_person(session, county, Role.REGISTRY_ADMINISTRATOR))
    session.scalars(
        select(RoleAssignment).where(RoleAssignment.account_id == clerk.account_id)
    ).one().body_id = office.id
    session.flush()
    application = submit(session, officer, school, rule)
    step = open_step(session, application)
    assert (step.unit_id, step.body) == (county.id, "admissions_office")
    with pytest.raises(NotYourStep):
        services.decide(session, house.actor("xian_xueji"), step.id, verdict=APPROVE)
    services.decide(session, clerk, step.id, verdict=APPROVE)
