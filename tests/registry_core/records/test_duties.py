"""Who enters and who checks by the shipped packs, against the sources: file 002 article 18, file 003 annex 1 part 5."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy.orm import Session

from registry_core.access.models import Role
from registry_core.access.roles import CONFLICTS, DEFINITIONS, Family
from registry_core.orgs.models import Level, OrgUnit
from registry_core.orgs.services import add_school, add_unit
from registry_core.records.models import Entity
from registry_core.records.queries.duties import Division, Duties
from registry_core.rules.loader import load_packs
from tests.conftest import Cast

ON = date(2026, 9, 1)
ADMINISTRATOR, LEADER, GRADE = Role.REGISTRY_ADMINISTRATOR, Role.REGISTRY_LEADER, Role.GRADE_ADMINISTRATOR
CLASS, PUPILS, CENTRE = Role.CLASS_ADMINISTRATOR, Role.SCHOOL_USER, Role.CENTRE_SCHOOL_ADMINISTRATOR


@pytest.fixture
def schools(session: Session, cast: Cast) -> dict[str, OrgUnit]:
    """A school in each of two provinces and one in a province without a pack of its own, with the shipped packs."""
    zhejiang = add_unit(session, cast.unit("教育部"), level=Level.PROVINCE, name="浙江省", code="330000")
    city = add_unit(session, zhejiang, level=Level.CITY, name="杭州市", code="330100")
    county = add_unit(session, city, level=Level.COUNTY, name="西湖区", code="330106")
    load_packs(session)
    return {
        "浙江": add_school(session, county, name="西湖小学（演示）"),
        "陕西": cast.unit("西安市雁塔区第一小学（演示）"),
        "湖北": cast.unit("武汉市武昌区实验小学（演示）"),
    }


def divide(session: Session, unit: OrgUnit, what: str) -> Division:
    found = Duties(session, on=ON).divide(unit, what)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("province", "what", "entered_by", "checked_by"),
    [
        ("浙江", "school", {ADMINISTRATOR}, LEADER),
        ("浙江", "movements", {ADMINISTRATOR}, LEADER),
        ("浙江", "classes", {CLASS}, GRADE),
        ("浙江", "pupils", {PUPILS, CLASS}, GRADE),
        ("浙江", "growth", {CLASS, GRADE}, Role.LEADING_GROUP_MEMBER),
        ("浙江", "own_data", {PUPILS, CLASS}, Role.STUDENT),
        ("陕西", "pupils", {ADMINISTRATOR}, LEADER),
        ("陕西", "movements", {ADMINISTRATOR}, LEADER),
    ],
)
def test_a_school_enters_and_somebody_at_the_school_checks(
    *, session: Session, schools: dict[str, OrgUnit], province: str, what: str, entered_by: set[Role], checked_by: Role
) -> None:
    division = divide(session, schools[province], what)
    assert set(division.entered_by) == entered_by
    assert (division.checked_by, division.checked_at) == (checked_by, schools[province])
    assert division.rule.clause


@pytest.mark.parametrize("what", ["registration", "key_data", "problem_cases"])
def test_what_the_department_decides_in_shaanxi_its_administrator_checks(
    session: Session, schools: dict[str, OrgUnit], cast: Cast, what: str
) -> None:
    division = divide(session, schools["陕西"], what)
    assert (division.checked_by, division.checked_at) == (ADMINISTRATOR, cast.unit("雁塔区"))


def test_in_zhejiang_schools_enter_their_departments_data_and_its_administrator_checks(
    session: Session, schools: dict[str, OrgUnit], cast: Cast
) -> None:
    del schools
    county = cast.unit("西湖区")
    division = divide(session, county, "supervising_unit")
    assert set(division.entered_by) == {CENTRE, ADMINISTRATOR}
    assert (division.checked_by, division.checked_at, division.from_below) == (ADMINISTRATOR, county, True)


@pytest.mark.parametrize("entity", Entity)
def test_shaanxi_says_nothing_about_the_records_of_units_so_they_take_effect_at_once(
    session: Session, schools: dict[str, OrgUnit], cast: Cast, entity: Entity
) -> None:
    unit = cast.unit("雁塔区") if entity is Entity.SUPERVISING_UNIT else schools["陕西"]
    assert Duties(session, on=ON).of_record(unit, entity) is None


@pytest.mark.parametrize("entity", [one for one in Entity if one is not Entity.SUPERVISING_UNIT])
def test_a_schools_teachers_and_kindergartens_are_checked_as_the_school_is(
    session: Session, schools: dict[str, OrgUnit], entity: Entity
) -> None:
    division = Duties(session, on=ON).of_record(schools["浙江"], entity)
    assert division is not None
    assert division.checked_by is LEADER


def test_departments_maintain_pupils_in_zhejiang_and_not_in_shaanxi_and_records_of_schools_in_both(
    session: Session, schools: dict[str, OrgUnit]
) -> None:
    assert divide(session, schools["浙江"], "pupils").departments_enter
    assert not divide(session, schools["陕西"], "pupils").departments_enter
    assert divide(session, schools["浙江"], "school").departments_enter
    assert divide(session, schools["湖北"], "school").departments_enter


def test_where_no_source_speaks_the_pages_can_say_that_it_is_our_own_choice(
    session: Session, schools: dict[str, OrgUnit]
) -> None:
    assert divide(session, schools["湖北"], "school").rule.is_house_default
    rule = Duties(session, on=ON).find_stand_in_rule(schools["浙江"])
    assert rule is not None
    assert rule.is_house_default
    assert rule.value.order == ("centre_school", "above")


def test_a_system_administrator_conflicts_with_every_role_in_the_business_of_the_registry() -> None:
    """Source: file 003 annex 1 part 5 (1); a pupil does no business."""
    business = {
        role
        for role, definition in DEFINITIONS.items()
        if definition.family is Family.REGISTRY and role not in {Role.SYSTEM_ADMINISTRATOR, Role.STUDENT}
    } | {ADMINISTRATOR}
    for role in business:
        assert any(conflict.forbids([Role.SYSTEM_ADMINISTRATOR], role) for conflict in CONFLICTS)
        assert any(conflict.forbids([role], Role.SYSTEM_ADMINISTRATOR) for conflict in CONFLICTS)
