from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import delete, func, insert, select, text, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from registry_core.orgs import services
from registry_core.orgs.models import (
    ALLOWED_PARENTS,
    CodeScheme,
    Level,
    OrgUnit,
    OrgUnitCode,
    UnitKind,
    is_within,
    lineage,
)


@contextmanager
def refused(session: Session, constraint: str) -> Iterator[None]:
    savepoint = session.begin_nested()
    with pytest.raises(IntegrityError, match=constraint):
        yield
    savepoint.rollback()


@pytest.fixture
def ministry(session: Session) -> OrgUnit:
    return services.add_unit(session, None, level=Level.MINISTRY, name="教育部")


@pytest.fixture
def province(session: Session, ministry: OrgUnit) -> OrgUnit:
    return services.add_unit(session, ministry, level=Level.PROVINCE, name="陕西省")


def row(parent: OrgUnit | None, level: Level, **changes: object) -> dict[str, object]:
    """Cells of a unit that fits, before the changes."""
    number = 900_000
    kind = UnitKind.SCHOOL if level is Level.SCHOOL else UnitKind.AUTHORITY
    cells: dict[str, object] = {"number": number, "level": level, "kind": kind, "name": "某单位"}
    cells["path"] = f"{parent.path if parent else '/'}{number}/"
    if parent is not None:
        cells |= {"parent_id": parent.id, "parent_level": parent.level}
    return cells | changes


def test_the_levels_count_from_the_ministry_down() -> None:
    assert [level.rank for level in Level] == [0, 1, 2, 3, 4]


def test_a_lineage_names_every_path_from_the_top_to_the_unit() -> None:
    assert lineage("/1/35/402/") == ("/1/", "/1/35/", "/1/35/402/")
    assert lineage("/1/") == ("/1/",)


def test_a_unit_whose_number_begins_alike_is_not_within() -> None:
    assert is_within("/1/35/", "/1/35/")
    assert is_within("/1/35/402/", "/1/35/")
    assert not is_within("/1/35/", "/1/3/")
    assert not is_within("/1/", "/1/35/")


@given(st.lists(st.integers(1, 10**6), min_size=1, max_size=6))
def test_the_last_of_a_lineage_is_the_path_and_each_lies_within_those_before(numbers: list[int]) -> None:
    path = "/" + "".join(f"{number}/" for number in numbers)
    steps = lineage(path)
    assert len(steps) == len(numbers)
    assert steps[-1] == path
    assert all(is_within(path, step) for step in steps)


@pytest.mark.parametrize("level", Level)
@pytest.mark.parametrize("above", Level)
def test_the_database_knows_the_same_places_as_the_services(
    session: Session, ministry: OrgUnit, level: Level, above: Level
) -> None:
    units = {Level.MINISTRY: ministry}
    for each in (Level.PROVINCE, Level.CITY, Level.COUNTY, Level.SCHOOL):
        parent = units[max(ALLOWED_PARENTS[each], key=lambda allowed: allowed.rank)]
        kind = UnitKind.SCHOOL if each is Level.SCHOOL else UnitKind.AUTHORITY
        units[each] = services.add_unit(session, parent, level=each, kind=kind, name=each)
    if above in ALLOWED_PARENTS[level]:
        session.execute(insert(OrgUnit).values(**row(units[above], level)))
    else:
        with refused(session, "parent_fits_level"):
            session.execute(insert(OrgUnit).values(**row(units[above], level)))


@pytest.mark.parametrize("level", [Level.PROVINCE, Level.CITY, Level.COUNTY, Level.SCHOOL])
def test_only_the_ministry_stands_without_a_parent(session: Session, level: Level) -> None:
    with refused(session, "parent_fits_level"):
        session.execute(insert(OrgUnit).values(**row(None, level)))


@pytest.mark.parametrize(
    ("changes", "constraint"),
    [
        ({"path": "/900000/"}, "parent_is_whole"),
        ({"path": "/77/900000/"}, "fk_org_unit_parent"),
        ({"path": "/77/5/"}, "path_ends_in_number"),
        ({"parent_level": Level.PROVINCE}, "parent_fits_level"),
        ({"kind": UnitKind.SCHOOL}, "kind_fits_level"),
        ({"name": " "}, "name_not_blank"),
        ({"opened_on": date(2026, 9, 1), "closed_on": date(2026, 8, 31)}, "closed_after_opened"),
    ],
)
def test_a_row_that_contradicts_itself_or_its_parent_is_refused(
    session: Session, ministry: OrgUnit, changes: dict[str, object], constraint: str
) -> None:
    with refused(session, constraint):
        session.execute(insert(OrgUnit).values(**row(ministry, Level.PROVINCE, **changes)))


def test_a_parent_has_the_level_that_its_child_names(session: Session, ministry: OrgUnit) -> None:
    with refused(session, "fk_org_unit_parent"):
        session.execute(insert(OrgUnit).values(**row(ministry, Level.CITY, parent_level=Level.PROVINCE)))


def test_there_is_one_ministry(session: Session, ministry: OrgUnit) -> None:
    assert ministry.parent_id is None
    with refused(session, "uq_org_unit_ministry"):
        session.execute(insert(OrgUnit).values(**row(None, Level.MINISTRY)))


def test_the_path_of_a_parent_cannot_change_under_its_children(
    session: Session, ministry: OrgUnit, province: OrgUnit
) -> None:
    other = services.add_unit(session, ministry, level=Level.PROVINCE, name="甘肃省")
    city = services.add_unit(session, province, level=Level.CITY, name="西安市")
    services.add_unit(session, city, level=Level.COUNTY, name="雁塔区")
    with refused(session, "fk_org_unit_parent"):
        session.execute(
            update(OrgUnit)
            .where(OrgUnit.id == city.id)
            .values(parent_id=other.id, path=f"{other.path}{city.number}/")
            .execution_options(synchronize_session=False)
        )


def test_a_unit_with_others_below_cannot_vanish(session: Session, ministry: OrgUnit, province: OrgUnit) -> None:
    assert province.parent_id == ministry.id
    with refused(session, "fk_org_unit_parent"):
        session.execute(delete(OrgUnit).where(OrgUnit.id == ministry.id))


def test_only_schools_are_managed_and_never_by_themselves(session: Session, province: OrgUnit) -> None:
    school = services.add_school(session, province, name="某学校")
    with refused(session, "school_managed"):
        session.execute(update(OrgUnit).where(OrgUnit.id == province.id).values(managed_by_id=school.id))
    with refused(session, "school_managed"):
        session.execute(update(OrgUnit).where(OrgUnit.id == school.id).values(managed_by_id=school.id))


def code(unit: OrgUnit, digits: str, start: date, end: date | None = None) -> OrgUnitCode:
    return OrgUnitCode(unit_id=unit.id, scheme=CodeScheme.GBT2260, code=digits, valid_from=start, valid_until=end)


def test_one_code_belongs_to_one_unit_on_any_day(session: Session, ministry: OrgUnit, province: OrgUnit) -> None:
    session.add(code(province, "610000", date(2020, 1, 1), date(2024, 1, 1)))
    with refused(session, "ex_org_unit_code_code"):
        session.add(code(ministry, "610000", date(2023, 12, 31)))
        session.flush()
    session.add(code(ministry, "610000", date(2024, 1, 1)))
    session.flush()


def test_a_unit_bears_one_code_of_a_scheme_on_any_day(session: Session, province: OrgUnit) -> None:
    session.add(code(province, "610000", date(2020, 1, 1), date(2024, 1, 1)))
    with refused(session, "ex_org_unit_code_unit_id"):
        session.add(code(province, "610001", date(2023, 12, 31)))
        session.flush()
    session.add(code(province, "610001", date(2024, 1, 1)))
    session.flush()


@pytest.mark.parametrize("digits", ["61000", "6100000", "61000x", "６１００００", ""])
def test_a_code_has_the_shape_of_its_scheme(session: Session, province: OrgUnit, digits: str) -> None:
    with refused(session, "code_fits_scheme"):
        session.add(code(province, digits, date(2020, 1, 1)))
        session.flush()


def test_a_code_is_in_force_for_a_day_at_least(session: Session, province: OrgUnit) -> None:
    with refused(session, "ends_after_start"):
        session.add(code(province, "610000", date(2020, 1, 1), date(2020, 1, 1)))
        session.flush()


def test_names_sort_by_pinyin_and_rare_characters_are_no_obstacle(session: Session, ministry: OrgUnit) -> None:
    for name in ("浙江省", "安徽省", "北京市", "㐀𠮷省", "陕西省"):
        services.add_unit(session, ministry, level=Level.PROVINCE, name=name)
    names = session.scalars(select(OrgUnit.name).where(OrgUnit.level == Level.PROVINCE).order_by(OrgUnit.name_sort))
    assert names.all() == ["㐀𠮷省", "安徽省", "北京市", "陕西省", "浙江省"]


def test_the_key_for_pinyin_is_the_name_in_gb18030(session: Session) -> None:
    assert session.scalar(select(func.pinyin_key("陕西"))) == "陕西".encode("gb18030")
    assert session.scalar(text("SELECT provolatile FROM pg_proc WHERE proname = 'pinyin_key'")) == "i"
