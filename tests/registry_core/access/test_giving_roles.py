"""Who may give which role where, which roles exclude one another, and what a certificate is needed for."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from helpdesk.policies import HANDLE
from registry_core import clock
from registry_core.access import actors, policies, services
from registry_core.access.actors import Right, require, visible_units
from registry_core.access.errors import (
    DutiesConflict,
    EndsBeforeItBegins,
    GivenToOneself,
    LastAdministrator,
    MayNotGive,
    NarrowingMissing,
    NotOffered,
    NotQualified,
    RoleAlreadyHeld,
    RoleNotHeldHere,
)
from registry_core.access.models import Qualification, QualificationKind, Role
from registry_core.access.queries import list_held, list_qualifications, load_actor
from registry_core.access.roles import DEFINITIONS, REGISTRY_ROLES
from registry_core.access.services import Post
from registry_core.errors import DomainError, Forbidden, NotFound
from registry_core.orgs.models import Level
from tests.conftest import Cast

SCHOOL = "西安市雁塔区第一小学（演示）"
OTHER_SCHOOL = "西安市雁塔区第二小学（演示）"


def give(session: Session, cast: Cast, giver: str, taker: str, role: Role, unit: str, **more: str | None) -> None:
    services.give_role(session, cast.actor(giver), cast.id(taker), Post(cast.unit(unit).id, role, more.get("of")))


def roles_of(session: Session, cast: Cast, user_name: str) -> set[Role]:
    return {held.role for held in load_actor(session, cast.id(user_name), at=clock.now()).assignments}


def test_a_super_administrator_gives_roles_at_every_unit_below(session: Session, cast: Cast) -> None:
    give(session, cast, "sheng_guanli", "xuesheng", Role.SCHOOL_USER, SCHOOL)
    assert roles_of(session, cast, "xuesheng") == {Role.SCHOOL_USER}
    assignment, unit = list_held(session, cast.id("xuesheng"))[0]
    assert unit.name == SCHOOL
    assert assignment.granted_by_id == cast.id("sheng_guanli")


def test_a_registry_administrator_gives_roles_at_the_own_unit_only(session: Session, cast: Cast) -> None:
    give(session, cast, "xuexiao_xueji", "xuesheng", Role.SCHOOL_USER, SCHOOL)
    with pytest.raises(MayNotGive):
        give(session, cast, "xian_xueji", "xuesheng", Role.SCHOOL_USER, OTHER_SCHOOL)


@pytest.mark.parametrize("giver", ["linqu_xueji", "linsheng_xueji", "xian_jishu", "xuesheng"])
def test_for_who_looks_after_nobody_there_the_unit_does_not_exist(session: Session, cast: Cast, giver: str) -> None:
    with pytest.raises(NotFound):
        give(session, cast, giver, "xuesheng", Role.ORDINARY_USER, SCHOOL)


@pytest.mark.parametrize(
    ("role", "unit", "narrowed_to", "refusal"),
    [
        (Role.SCHOOL_USER, "雁塔区", None, RoleNotHeldHere),
        (Role.REPORT_OWNER, SCHOOL, None, RoleNotHeldHere),
        (Role.CLASS_ADMINISTRATOR, SCHOOL, None, NarrowingMissing),
        (Role.SCHOOL_USER, SCHOOL, "2024-1", NarrowingMissing),
        (Role.PARENT, SCHOOL, None, NotOffered),
    ],
)
def test_a_role_is_held_where_its_definition_says(
    session: Session, cast: Cast, role: Role, unit: str, narrowed_to: str | None, refusal: type[DomainError]
) -> None:
    with pytest.raises(refusal):
        give(session, cast, "sheng_guanli", "xuesheng", role, unit, of=narrowed_to)


def test_a_role_for_one_class_may_be_held_for_several(session: Session, cast: Cast) -> None:
    for class_name in ("2024-1", "2024-2"):
        give(session, cast, "sheng_guanli", "xuesheng", Role.CLASS_ADMINISTRATOR, SCHOOL, of=class_name)
    with pytest.raises(RoleAlreadyHeld):
        give(session, cast, "sheng_guanli", "xuesheng", Role.CLASS_ADMINISTRATOR, SCHOOL, of="2024-2")
    assert {held.narrowed_to for held in cast.actor("xuesheng").assignments} == {"2024-1", "2024-2"}


def test_nobody_gives_themselves_a_role(session: Session, cast: Cast) -> None:
    with pytest.raises(GivenToOneself):
        give(session, cast, "sheng_guanli", "sheng_guanli", Role.TECHNICIAN, "陕西省")


@pytest.mark.parametrize("registry_role", sorted(REGISTRY_ROLES - {Role.READ_ONLY_USER}))
def test_a_system_administrator_can_be_given_no_registry_role(
    session: Session, cast: Cast, registry_role: Role
) -> None:
    of = "2024-1" if DEFINITIONS[registry_role].is_narrow else None
    give(session, cast, "sheng_guanli", "xuesheng", Role.SYSTEM_ADMINISTRATOR, SCHOOL)
    with pytest.raises(DutiesConflict) as refusal:
        give(session, cast, "sheng_guanli", "xuesheng", registry_role, OTHER_SCHOOL, of=of)
    assert "系统管理员" in refusal.value.text


def test_nor_can_somebody_with_a_registry_role_become_system_administrator(session: Session, cast: Cast) -> None:
    with pytest.raises(DutiesConflict):
        give(session, cast, "sheng_guanli", "xuexiao_xueji", Role.SYSTEM_ADMINISTRATOR, SCHOOL)


BUSINESS = "test:registry:business"


def test_at_the_act_a_system_administrator_takes_no_part_in_registry_business_either(
    session: Session, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    registry_right = Right(frozenset({Role.REGISTRY_ADMINISTRATOR}), is_registry=True)
    monkeypatch.setitem(actors._rights, BUSINESS, registry_right)
    # Past the services, as a mistake in the database would.
    services.grant_role(
        session, account_id=cast.id("xuexiao_xueji"), unit_id=cast.unit(SCHOOL).id, role=Role.SYSTEM_ADMINISTRATOR
    )
    actor = cast.actor("xuexiao_xueji")
    assert visible_units(actor, BUSINESS).paths == ()
    with pytest.raises(DutiesConflict):
        require(actor, BUSINESS)
    require(cast.actor("xuexiao2_xueji"), BUSINESS)


def test_a_role_that_was_taken_is_gone_and_stays_on_record(session: Session, cast: Cast) -> None:
    give(session, cast, "sheng_guanli", "xuesheng", Role.SCHOOL_USER, SCHOOL)
    assignment, _unit = list_held(session, cast.id("xuesheng"))[0]
    services.take_role(session, cast.actor("sheng_guanli"), assignment.id, reason="调离")
    assert roles_of(session, cast, "xuesheng") == set()
    record, _unit = list_held(session, cast.id("xuesheng"))[0]
    assert (record.ended_by_id, record.end_reason) == (cast.id("sheng_guanli"), "调离")
    with pytest.raises(NotFound):
        services.take_role(session, cast.actor("sheng_guanli"), assignment.id, reason="再来一次")


@pytest.mark.parametrize(("taker", "refusal"), [("xian_xueji", MayNotGive), ("linqu_xueji", NotFound)])
def test_a_role_is_taken_only_by_who_may_give_it(
    session: Session, cast: Cast, taker: str, refusal: type[DomainError]
) -> None:
    assignment, _unit = list_held(session, cast.id("xian_jishu"))[0]
    with pytest.raises(refusal):
        services.take_role(session, cast.actor(taker), assignment.id, reason="调离")


def test_the_last_super_administrator_of_the_country_stays(session: Session, cast: Cast) -> None:
    assignment, unit = list_held(session, cast.id("bu_guanli"))[0]
    with pytest.raises(LastAdministrator):
        services.take_role(session, cast.actor("bu_guanli"), assignment.id, reason="退休")
    services.grant_role(session, account_id=cast.id("bu_jishu"), unit_id=unit.id, role=Role.SUPER_ADMINISTRATOR)
    services.take_role(session, cast.actor("bu_guanli"), assignment.id, reason="退休")
    assert not cast.actor("bu_guanli").may(policies.MANAGE_PEOPLE)


def test_who_has_the_role_but_no_certificate_may_not_answer_and_is_told_why(session: Session, cast: Cast) -> None:
    (qualification,) = list_qualifications(session, [cast.id("xian_jishu")], at=clock.now())
    services.revoke_qualification(session, cast.actor("sheng_guanli"), qualification.id, reason="考核不合格")
    with pytest.raises(NotQualified):
        require(cast.actor("xian_jishu"), HANDLE)
    qualify(session, cast, "xian_jishu")
    require(cast.actor("xian_jishu"), HANDLE)


@pytest.mark.parametrize(("level", "may_answer"), [(Level.PROVINCE, True), (Level.COUNTY, True), (Level.SCHOOL, False)])
def test_a_certificate_serves_at_its_tier_and_below(
    session: Session, cast: Cast, level: Level, *, may_answer: bool
) -> None:
    (qualification,) = list_qualifications(session, [cast.id("xian_jishu")], at=clock.now())
    qualification.level = level
    session.flush()
    assert cast.actor("xian_jishu").may(HANDLE) is may_answer


def qualify(session: Session, cast: Cast, user_name: str, *, by: str = "sheng_guanli", days: int = 90) -> Qualification:
    permit = services.Permit(QualificationKind.ANSWERING, "培训班七月开课", clock.now() + timedelta(days=days))
    return services.qualify_provisionally(session, cast.actor(by), cast.id(user_name), permit)


def test_nobody_qualifies_themselves_or_somebody_elsewhere(session: Session, cast: Cast) -> None:
    with pytest.raises(Forbidden):
        qualify(session, cast, "sheng_guanli")
    with pytest.raises(NotFound):
        qualify(session, cast, "linsheng_jishu")


@pytest.mark.parametrize("days", [0, 367])
def test_a_provisional_qualification_ends_within_a_year(session: Session, cast: Cast, days: int) -> None:
    with pytest.raises(EndsBeforeItBegins):
        qualify(session, cast, "xian_jishu", days=days)


def test_a_qualification_that_has_run_out_counts_no_more(session: Session, cast: Cast) -> None:
    later = clock.now() + services.LONGEST_PROVISIONAL
    assert load_actor(session, cast.id("xian_jishu"), at=later - timedelta(hours=1)).may(HANDLE)
    assert not load_actor(session, cast.id("xian_jishu"), at=later + timedelta(hours=1)).may(HANDLE)


def test_every_role_is_described() -> None:
    assert set(DEFINITIONS) == set(Role)
    assert all(definition.levels and definition.given_by for definition in DEFINITIONS.values())
