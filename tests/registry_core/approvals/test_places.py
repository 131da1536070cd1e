"""Where a step is decided, in the shapes that the real tree has."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from registry_core.access.models import Role
from registry_core.approvals.paths import Ladder, find_place, plan
from registry_core.approvals.queries.deciders import load_ladder
from registry_core.orgs.models import Level, OrgUnit
from registry_core.orgs.services import add_school, add_teaching_point, add_unit, close_unit, set_managing_school
from registry_core.rules.topics import Condition
from tests.conftest import Cast
from tests.registry_core.approvals.worlds import SCHOOL, make_rule, make_step

ADMINISTRATOR = Role.REGISTRY_ADMINISTRATOR


def place(session: Session, unit: OrgUnit, at: str) -> tuple[str, bool]:
    """Name of the deciding unit, and whether it only stands in for a missing level."""
    found, is_stand_in = find_place(make_step("step", ADMINISTRATOR, at), load_ladder(session, unit))
    return found.name, is_stand_in


@pytest.mark.parametrize(
    ("at", "name"),
    [
        ("own", SCHOOL),
        ("school", SCHOOL),
        ("above", "雁塔区"),
        ("county", "雁塔区"),
        ("city", "西安市"),
        ("province", "陕西省"),
        ("ministry", "教育部"),
    ],
)
def test_a_school_of_a_county_has_every_level_above_it(session: Session, cast: Cast, at: str, name: str) -> None:
    assert place(session, cast.unit(SCHOOL), at) == (name, False)


def test_where_a_level_is_missing_the_next_one_above_answers(session: Session, cast: Cast) -> None:
    beijing = add_unit(session, cast.unit("教育部"), level=Level.PROVINCE, name="北京市", code="110000")
    district = add_unit(session, beijing, level=Level.COUNTY, name="海淀区", code="110108")
    school = add_school(session, district, name="中关村小学")
    assert place(session, school, "city") == ("北京市", True)
    assert place(session, school, "county") == ("海淀区", False)
    of_city = add_school(session, cast.unit("西安市"), name="市属中学")
    assert place(session, of_city, "county") == ("西安市", True)
    assert place(session, of_city, "above") == ("西安市", False)
    assert place(session, cast.unit("教育部"), "above") == ("教育部", False)


def test_a_teaching_point_belongs_to_its_school_and_the_department_is_above_both(session: Session, cast: Cast) -> None:
    point = add_teaching_point(session, cast.unit(SCHOOL), name="第三教学点")
    assert place(session, point, "own") == ("第三教学点", False)
    assert place(session, point, "school") == (SCHOOL, False)
    assert place(session, point, "above") == ("雁塔区", False)


def test_the_centre_school_decides_where_there_is_one_and_the_department_where_there_is_none(
    session: Session, cast: Cast
) -> None:
    school = cast.unit(SCHOOL)
    assert place(session, school, "centre_school") == ("雁塔区", True)
    centre = add_school(session, cast.unit("雁塔区"), name="曲江中心校")
    set_managing_school(session, school, centre)
    assert place(session, school, "centre_school") == ("曲江中心校", False)


def test_a_unit_that_has_closed_decides_nothing(session: Session, cast: Cast) -> None:
    city = add_unit(session, cast.unit("陕西省"), level=Level.CITY, name="旧市")
    ladder = load_ladder(session, cast.unit("雁塔区"))
    assert "旧市" not in [unit.name for unit in ladder.units]
    close_unit(session, city)
    assert load_ladder(session, city).own is city


def stops(session: Session, school: OrgUnit, *levels: str) -> list[tuple[str, str]]:
    rule = make_rule([make_step(f"by_{level}", ADMINISTRATOR, level) for level in levels], owner_id=school.id)
    ladders: dict[str | None, Ladder] = {None: load_ladder(session, school)}
    return [(stop.step.code, stop.unit.name) for stop in plan(rule.value, {}, ladders)]


def test_a_unit_that_only_stands_in_for_a_level_is_not_asked_twice(session: Session, cast: Cast) -> None:
    beijing = add_unit(session, cast.unit("教育部"), level=Level.PROVINCE, name="北京市", code="110000")
    school = add_school(session, add_unit(session, beijing, level=Level.COUNTY, name="海淀区"), name="小学")
    by_level = stops(session, school, "county", "city", "province")
    assert by_level == [("by_county", "海淀区"), ("by_province", "北京市")]
    of_province = add_school(session, beijing, name="市属中学")
    assert stops(session, of_province, "county", "city") == [("by_county", "北京市")]
    assert stops(session, cast.unit(SCHOOL), "county", "city") == [("by_county", "雁塔区"), ("by_city", "西安市")]


@pytest.mark.parametrize(
    ("facts", "taken"),
    [
        ({"stage": "primary", "crosses_city": False}, ["always"]),
        ({"stage": "senior", "crosses_city": False}, ["senior", "always"]),
        ({"stage": "primary", "crosses_city": True}, ["crossing", "always"]),
        ({"stage": "senior", "crosses_city": True}, ["senior", "crossing", "always"]),
        ({"stage": "senior", "crosses_city": 1}, ["senior", "always"]),
    ],
)
def test_a_step_is_taken_when_what_its_condition_names_holds(
    session: Session, cast: Cast, facts: dict[str, bool | int | str], taken: list[str]
) -> None:
    school = cast.unit(SCHOOL)
    rule = make_rule(
        [
            make_step("senior", Role.REGISTRY_LEADER, "school", condition=Condition(stages=("senior",))),
            make_step("crossing", ADMINISTRATOR, "city", condition=Condition(crosses_city=True)),
            make_step("always", ADMINISTRATOR, "county"),
        ],
        owner_id=school.id,
    )
    ladders: dict[str | None, Ladder] = {None: load_ladder(session, school)}
    assert [stop.step.code for stop in plan(rule.value, facts, ladders)] == taken


def test_each_side_of_a_movement_is_decided_on_its_own_ladder(session: Session, cast: Cast) -> None:
    here, there = cast.unit(SCHOOL), cast.unit("武汉市武昌区实验小学（演示）")
    rule = make_rule(
        [
            make_step("sending", ADMINISTRATOR, "county", side="sending"),
            make_step("receiving", ADMINISTRATOR, "county", side="receiving"),
        ],
        owner_id=here.id,
    )
    ladders = {None: load_ladder(session, here), "sending": load_ladder(session, here)}
    ladders["receiving"] = load_ladder(session, there)
    assert [stop.unit.name for stop in plan(rule.value, {}, ladders)] == ["雁塔区", "武昌区"]
