"""Steps of the applicant's own side: what is done by applying, and what a colleague decides and never the applicant."""

from __future__ import annotations

from uuid import UUID

import msgspec
import pytest
from sqlalchemy.orm import Session

from registry_core.access.actors import Actor
from registry_core.access.models import Role
from registry_core.approvals import services
from registry_core.approvals.errors import NotOwnSide, OwnApplication
from registry_core.approvals.models import Application, ApplicationState
from registry_core.approvals.services import Content
from registry_core.db import new_id
from registry_core.orgs.models import BodyKind, OrgUnit
from registry_core.orgs.queries import today
from registry_core.orgs.services import add_body
from registry_core.rules.queries import Rule, find_rule
from registry_core.rules.topics import ProcedureSpec
from tests.conftest import Cast
from tests.registry_core.approvals.worlds import (
    APPROVE,
    Pupil,
    actor_of,
    make_person,
    make_rule,
    make_step,
    open_step,
    steps_of,
    submit,
)

SECOND = "西安市雁塔区第二小学（演示）"
OWN_SIDE = {"by": "own_side", "working_days": 0}


def transfer(session: Session, actor: Actor, sending: OrgUnit, receiving: OrgUnit, code: str) -> Application:
    """A pupil of the sending school moves, by the rules that hold at the receiving one."""
    rule = find_rule(session, receiving, f"procedure.{code}", on=today())
    sides: dict[str, UUID] = {"sending": sending.id, "receiving": receiving.id}
    content = Content(facts={"stage": "primary", "crosses_city": False}, sides=sides)
    return services.submit_application(session, actor, Pupil(sending.id, new_id()), rule=rule, content=content)


def test_in_shaanxi_the_sending_school_has_done_its_step_by_applying(
    session: Session, house: Cast, school: OrgUnit, officer: Actor
) -> None:
    application = transfer(session, officer, school, house.unit(SECOND), "transfer_in_province")
    step = open_step(session, application)
    assert (step.code, step.position, step.unit_id) == ("receiving_school", 1, house.unit(SECOND).id)
    assert step.moved_from_id is None
    assert [one.code for one in steps_of(session, application)] == ["receiving_school"]


@pytest.mark.parametrize("person", ["xuexiao2_xueji", "xian_xueji", "xuexiao_lingdao"])
def test_nobody_else_begins_a_transfer_that_the_sending_school_has_to_begin(
    session: Session, house: Cast, school: OrgUnit, person: str
) -> None:
    with pytest.raises(NotOwnSide) as refused:
        transfer(session, house.actor(person), school, house.unit(SECOND), "transfer_in_province")
    assert "第一小学" in refused.value.text
    assert "学籍管理员" in refused.value.text


def test_the_head_of_the_school_does_not_begin_it_either(
    session: Session, house: Cast, school: OrgUnit, head: Actor
) -> None:
    with pytest.raises(NotOwnSide):
        transfer(session, head, school, house.unit(SECOND), "transfer_in_province")


def test_between_provinces_a_colleague_of_the_receiving_school_collects_the_record(
    session: Session, house: Cast, school: OrgUnit, officer: Actor, head: Actor
) -> None:
    second = house.unit(SECOND)
    application = transfer(session, officer, second, school, "transfer_between_provinces")
    county = house.actor("xian_xueji")
    for actor in (county, house.actor("xuexiao_lingdao"), county):
        services.decide(session, actor, open_step(session, application).id, verdict=APPROVE)
    last = open_step(session, application)
    assert (last.code, last.unit_id, last.role) == ("collection", school.id, Role.REGISTRY_LEADER)
    with pytest.raises(OwnApplication):
        services.decide(session, officer, last.id, verdict=APPROVE)
    services.decide(session, head, last.id, verdict=APPROVE)
    assert application.state is ApplicationState.APPROVED


def test_a_step_of_the_own_side_stays_with_the_named_role_while_a_colleague_holds_it(
    session: Session, house: Cast, school: OrgUnit, officer: Actor, head: Actor
) -> None:
    del head
    second_officer = make_person(session, school, Role.REGISTRY_ADMINISTRATOR, name="白老师")
    rule = make_rule([make_step("own", Role.REGISTRY_ADMINISTRATOR, "own", **OWN_SIDE)], owner_id=school.id)
    application = submit(session, officer, school, rule)
    step = open_step(session, application)
    assert (step.unit_id, step.role, step.moved_from_id) == (school.id, "registry_administrator", None)
    services.decide(session, actor_of(session, second_officer), step.id, verdict=APPROVE)
    with pytest.raises(NotOwnSide):
        submit(session, house.actor("xian_xueji"), school, rule)


def test_at_a_school_with_one_officer_a_step_of_the_own_side_moves_like_every_other(
    session: Session, house: Cast, school: OrgUnit, officer: Actor
) -> None:
    rule = make_rule([make_step("own", Role.REGISTRY_ADMINISTRATOR, "own", **OWN_SIDE)], owner_id=school.id)
    step = open_step(session, submit(session, officer, school, rule))
    assert (step.unit_id, step.moved_from_id) == (house.unit("雁塔区").id, school.id)


def test_a_body_without_people_is_answered_for_by_its_own_unit(
    session: Session, house: Cast, school: OrgUnit, officer: Actor
) -> None:
    add_body(session, house.unit("雁塔区"), kind=BodyKind.ADMISSIONS_OFFICE, name="招生办")
    steps = [make_step("office", Role.REGISTRY_ADMINISTRATOR, "county", body=BodyKind.ADMISSIONS_OFFICE)]
    step = open_step(session, submit(session, officer, school, make_rule(steps, owner_id=school.id)))
    assert (step.unit_id, step.body, step.moved_from_id) == (house.unit("雁塔区").id, None, None)


@pytest.mark.parametrize("acts", [("applicant",), ("decider", "applicant"), ("applicant", "own_side", "applicant")])
def test_what_is_done_by_applying_comes_first_and_is_not_all(acts: tuple[str, ...]) -> None:
    steps = [
        {"code": str(place), "name_zh": "步", "name_en": "step", "role": "registry_leader", "at": "own", "by": by}
        for place, by in enumerate(acts)
    ]
    with pytest.raises(msgspec.ValidationError, match="comes first"):
        msgspec.convert(
            {"code": "x", "name_zh": "x", "name_en": "x", "subject": "pupil", "steps": steps}, ProcedureSpec
        )


def test_the_page_of_the_rules_says_whose_step_it_is(session: Session, house: Cast) -> None:
    rule: Rule = find_rule(session, house.unit("陕西省"), "procedure.transfer_in_province", on=today())
    assert [step.by for step in rule.value.steps][:2] == ["applicant", "decider"]
