"""Schools renamed, given a code, closed and merged: who may, what follows, and that nothing is forgotten."""

from __future__ import annotations

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from registry_core import clock
from registry_core.access.models import Role, RoleAssignment
from registry_core.access.queries import held_at
from registry_core.access.services import grant_role
from registry_core.accounts.models import Account
from registry_core.directory.errors import (
    CodeNotRight,
    MergedIntoItself,
    NameUnchanged,
    OnlySchools,
    SchoolHasTeachingPoints,
    SchoolIsClosed,
)
from registry_core.directory.events import SchoolMerged
from registry_core.directory.models import ChangeKind, UnitChange
from registry_core.directory.queries.weight import Weight, list_changes, weigh
from registry_core.directory.services import bodies, schools
from registry_core.directory.services.bodies import Details
from registry_core.directory.services.history import Cause
from registry_core.errors import Forbidden
from registry_core.orgs import queries as orgs
from registry_core.orgs.errors import CodeTaken, UnitNotFound
from registry_core.orgs.models import BodyKind, CodeScheme, OrgUnit
from registry_core.orgs.services import Contact, add_school, add_teaching_point, set_managing_school
from tests.conftest import Cast
from tests.jobs_house import jobs

FIRST = "西安市雁塔区第一小学（演示）"
SECOND = "西安市雁塔区第二小学（演示）"
ELSEWHERE = "西安市碑林区实验小学（演示）"
ORDER = Cause("雁教发〔2027〕3 号")


def roles_at(session: Session, unit: OrgUnit) -> set[tuple[str, Role]]:
    rows = session.execute(
        select(Account.user_name, RoleAssignment.role)
        .join(RoleAssignment, RoleAssignment.account_id == Account.id)
        .where(RoleAssignment.unit_id == unit.id, held_at(clock.now()))
    )
    return {(row[0], row[1]) for row in rows}


def test_a_school_is_renamed_and_its_former_name_stays_on_record(session: Session, cast: Cast) -> None:
    school = cast.unit(FIRST)
    schools.rename_school(session, cast.actor("xian_xueji"), school.id, name="雁塔区实验小学", cause=ORDER)
    [(change, other)] = list_changes(session, school)
    assert (change.kind, change.before, change.after, other) == (ChangeKind.RENAMED, FIRST, "雁塔区实验小学", None)
    assert change.reason == ORDER.reason
    with pytest.raises(NameUnchanged):
        schools.rename_school(session, cast.actor("xian_xueji"), school.id, name=" 雁塔区实验小学 ", cause=ORDER)
    with pytest.raises(DBAPIError), session.begin_nested():
        session.execute(text("DELETE FROM unit_change"))


@pytest.mark.parametrize(
    ("person", "school", "refusal"),
    [
        ("xian_xueji", ELSEWHERE, UnitNotFound),
        ("linsheng_jishu", FIRST, UnitNotFound),
        ("xuexiao_xueji", FIRST, Forbidden),
        ("xian_jishu", FIRST, Forbidden),
        ("shi_xueji", "雁塔区", OnlySchools),
    ],
)
def test_nobody_else_decides_what_becomes_of_a_school(
    session: Session, cast: Cast, person: str, school: str, refusal: type[Exception]
) -> None:
    actor, unit_id = cast.actor(person), cast.unit(school).id
    with pytest.raises(refusal):
        schools.rename_school(session, actor, unit_id, name="新名", cause=ORDER)
    with pytest.raises(refusal):
        schools.give_code(session, actor, unit_id, code="2161000001", cause=ORDER)
    with pytest.raises(refusal):
        schools.close_school(session, actor, unit_id, cause=ORDER)
    with pytest.raises(refusal):
        schools.merge_school(session, actor, unit_id, into_id=cast.unit(SECOND).id, cause=ORDER)
    assert session.scalars(select(UnitChange)).all() == []


@pytest.mark.parametrize(
    ("code", "told"),
    [
        ("216100001", "不是 10 位数字"),
        ("２161000001", "不是 10 位数字"),
        ("2961000001", "不是办学类型"),
        ("2142000001", "应是本省的 61"),
    ],
)
def test_a_code_that_cannot_be_right_is_refused_in_words(session: Session, cast: Cast, code: str, told: str) -> None:
    with pytest.raises(CodeNotRight) as refused:
        schools.give_code(session, cast.actor("xian_xueji"), cast.unit(FIRST).id, code=code, cause=ORDER)
    assert told in refused.value.text


def test_a_code_is_given_once_and_no_other_school_gets_it(session: Session, cast: Cast) -> None:
    county, school = cast.actor("xian_xueji"), cast.unit(FIRST)
    for _again in range(2):
        schools.give_code(session, county, school.id, code="2161000001", cause=ORDER)
    assert orgs.find_code(session, school.id, CodeScheme.SCHOOL_CODE) == "2161000001"
    assert len(list_changes(session, school)) == 1
    with pytest.raises(CodeTaken):
        schools.give_code(session, county, cast.unit(SECOND).id, code="2161000001", cause=ORDER)


def test_what_depends_on_a_school_is_counted(session: Session, cast: Cast) -> None:
    third, fourth = (add_school(session, cast.unit("雁塔区"), name=name) for name in ("第三小学", "第四小学"))
    add_teaching_point(session, third, name="东村教学点")
    set_managing_school(session, fourth, third)
    for role in (Role.REGISTRY_ADMINISTRATOR, Role.SCHOOL_USER):
        grant_role(session, account_id=cast.id("xuesheng"), unit_id=third.id, role=role)
    weights = weigh(session, [third, fourth])
    assert (weights[third.id].people, weights[third.id].below, weights[third.id].managed) == (1, 1, 1)
    assert weights[fourth.id] == Weight()


def test_with_a_school_its_roles_and_bodies_end_and_it_is_closed_once(session: Session, cast: Cast) -> None:
    school, county = cast.unit(FIRST), cast.actor("xian_xueji")
    body = bodies.add_body(
        session,
        cast.actor("sheng_guanli"),
        school.id,
        kind=BodyKind.LEADING_GROUP,
        details=Details("成长评价领导小组", Contact()),
    )
    schools.close_school(session, county, school.id, cause=ORDER)
    assert roles_at(session, school) == set()
    assert body.closed_on == school.closed_on == orgs.today()
    with pytest.raises(SchoolIsClosed):
        schools.close_school(session, county, school.id, cause=ORDER)
    with pytest.raises(SchoolIsClosed):
        schools.rename_school(session, county, school.id, name="新名", cause=ORDER)


def test_a_school_with_teaching_points_does_not_simply_close(session: Session, cast: Cast) -> None:
    school = cast.unit(FIRST)
    add_teaching_point(session, school, name="东村教学点")
    with pytest.raises(SchoolHasTeachingPoints):
        schools.close_school(session, cast.actor("xian_xueji"), school.id, cause=ORDER)
    assert ("xuexiao_xueji", Role.REGISTRY_ADMINISTRATOR) in roles_at(session, school)


def test_people_and_teaching_points_go_over_with_a_merged_school(session: Session, cast: Cast) -> None:
    school, into = cast.unit(FIRST), cast.unit(SECOND)
    point = add_teaching_point(session, school, name="东村教学点")
    grant_role(session, account_id=cast.id("xuexiao2_xueji"), unit_id=school.id, role=Role.REGISTRY_ADMINISTRATOR)
    there = roles_at(session, into) | roles_at(session, school)
    schools.merge_school(
        session, cast.actor("xian_xueji"), school.id, into_id=into.id, cause=ORDER, stays_as_point=True
    )
    assert roles_at(session, school) == set()
    # Who held the role at both schools holds it once.
    assert roles_at(session, into) == there | {("xuexiao_xueji", Role.REGISTRY_ADMINISTRATOR)}
    children = orgs.list_children(session, orgs.WHOLE_TREE, into.id)
    assert {unit.name for unit in children} == {"东村教学点", FIRST}
    assert point.parent_id == into.id
    assert school.closed_on == orgs.today()
    assert [(one.kind, other) for one, other in list_changes(session, into)] == [(ChangeKind.TOOK_IN, FIRST)]
    assert [(one.kind, other) for one, other in list_changes(session, school)] == [(ChangeKind.MERGED, SECOND)]
    assert SchoolMerged.__qualname__ not in {job.get("event") for job in jobs(session)}  # nobody reacts yet


def test_a_school_goes_over_into_another_open_school_alone(session: Session, cast: Cast) -> None:
    county, school, second = cast.actor("xian_xueji"), cast.unit(FIRST), cast.unit(SECOND)
    point = add_teaching_point(session, second, name="东村教学点")
    for into in (school, point, cast.unit("雁塔区")):
        with pytest.raises(MergedIntoItself):
            schools.merge_school(session, county, school.id, into_id=into.id, cause=ORDER)
    with pytest.raises(UnitNotFound):
        schools.merge_school(session, county, school.id, into_id=cast.unit(ELSEWHERE).id, cause=ORDER)
    schools.merge_school(session, county, second.id, into_id=school.id, cause=ORDER)
    with pytest.raises(SchoolIsClosed):
        schools.merge_school(session, county, second.id, into_id=school.id, cause=ORDER)
