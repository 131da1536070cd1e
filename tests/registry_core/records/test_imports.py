"""Importing records: every fault is named by row and column, and a file is written whole or not at all."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from registry_core.orgs.services import add_school
from registry_core.records import queries
from registry_core.records.columns import RECORD_COLUMN, UNIT_COLUMN, header_of, row_of
from registry_core.records.errors import (
    ImportAppliedAlready,
    ImportNotFound,
    ImportOutdated,
    ImportRefused,
)
from registry_core.records.models import Entity, RecordImport, UnitRecord
from registry_core.records.policies import VIEW_RECORDS
from registry_core.records.services import Edit, apply_import, check_import, list_lines, save_record
from registry_core.sheets import read_table, write_csv, write_workbook
from tests.conftest import Cast

FIRST, SECOND = "西安市雁塔区第一小学（演示）", "西安市雁塔区第二小学（演示）"
COUNTY = "xian_xueji"


class Desk:
    """The county's registrar with a file."""

    def __init__(self, session: Session, cast: Cast) -> None:
        self.session = session
        self.cast = cast
        self.actor = cast.actor(COUNTY)

    def id(self, name: str) -> str:
        return str(self.cast.unit(name).id)

    def check(self, header: list[str], *rows: list[Any], entity: Entity = Entity.SCHOOL) -> RecordImport:
        table = read_table(write_csv(header, rows))
        return check_import(self.session, self.actor, entity, table, file_name="一校一行.csv")

    def faults(self, header: list[str], *rows: list[Any], entity: Entity = Entity.SCHOOL) -> list[tuple[int, str, str]]:
        with pytest.raises(ImportRefused) as refusal:
            self.check(header, *rows, entity=entity)
        assert self.session.scalars(select(func.count()).select_from(RecordImport)).one() == 0
        return [(fault.row, fault.column, str(fault.reason)) for fault in refusal.value.faults]

    def held(self, name: str) -> dict[str, Any] | None:
        record = queries.find_record(self.session, self.cast.unit(name), Entity.SCHOOL)
        return record.values if record else None


@pytest.fixture
def desk(session: Session, cast: Cast) -> Desk:
    return Desk(session, cast)


HEADER = [UNIT_COLUMN, "联系电话", "班级总数", "学校办别"]


def test_a_checked_file_changes_nothing_until_it_is_applied(desk: Desk) -> None:
    batch = desk.check(HEADER, [desk.id(FIRST), "029-1", 12, "其他"], [desk.id(SECOND), "029-2", "", ""])
    assert (desk.held(FIRST), desk.held(SECOND)) == (None, None)
    assert apply_import(desk.session, desk.actor, batch.id).changed == 2
    assert desk.held(FIRST) == {"phone": "029-1", "class_total": 12, "school_operation": "9"}
    assert desk.held(SECOND) == {"phone": "029-2"}


def test_an_empty_cell_leaves_what_is_there(desk: Desk) -> None:
    batch = desk.check(HEADER, [desk.id(FIRST), "029-1", 12, ""])
    apply_import(desk.session, desk.actor, batch.id)
    again = desk.check(HEADER, [desk.id(FIRST), "", 13, ""])
    assert [dict(line.changes) for line in list_lines(desk.session, desk.actor, again)] == [{"class_total": 13}]
    apply_import(desk.session, desk.actor, again.id)
    assert desk.held(FIRST) == {"phone": "029-1", "class_total": 13}


def test_every_wrong_cell_is_named_by_row_and_column(desk: Desk) -> None:
    found = desk.faults(
        HEADER,
        [desk.id(FIRST), "call me", 12, ""],
        ["", "", "", ""],
        [desk.id(SECOND), "029-2", "many", "7"],
        [desk.id(SECOND), "029-3", 1, ""],
        [desk.id("武汉市武昌区实验小学（演示）"), "029-4", 1, ""],
        ["no unit", "", "", ""],
        [desk.id("雁塔区"), "029-4", 1, ""],
    )
    assert [(row, column) for row, column, _reason in found] == [
        (2, "联系电话"),
        (4, "班级总数"),
        (4, "学校办别"),
        (5, UNIT_COLUMN),
        (6, UNIT_COLUMN),
        (7, UNIT_COLUMN),
        (8, UNIT_COLUMN),
    ]
    assert "管理范围" in found[4][2]


def test_unknown_double_and_missing_columns_are_named(desk: Desk) -> None:
    found = desk.faults(["学校", "联系电话", "联系电话"], ["x", "1", "2"])
    assert [(row, column) for row, column, _reason in found] == [
        (1, "学校"),
        (1, "联系电话"),
        (1, "联系电话"),
        (1, UNIT_COLUMN),
    ]


def test_a_file_is_applied_once_and_only_by_who_checked_it(desk: Desk) -> None:
    batch = desk.check(HEADER, [desk.id(FIRST), "029-1", 12, ""])
    with pytest.raises(ImportNotFound):
        apply_import(desk.session, desk.cast.actor("shi_xueji"), batch.id)
    apply_import(desk.session, desk.actor, batch.id)
    with pytest.raises(ImportAppliedAlready):
        apply_import(desk.session, desk.actor, batch.id)


def test_what_somebody_changed_after_the_check_is_not_overwritten_and_nothing_half_done(desk: Desk) -> None:
    apply_import(desk.session, desk.actor, desk.check(HEADER, [desk.id(FIRST), "029-1", 12, ""]).id)
    batch = desk.check(HEADER, [desk.id(FIRST), "029-2", 12, ""], [desk.id(SECOND), "029-3", 1, ""])
    officer = desk.cast.actor("xuexiao_xueji")
    record = queries.find_record(desk.session, desk.cast.unit(FIRST), Entity.SCHOOL)
    assert record is not None
    edit = Edit({"phone": "029-9", "class_total": 12}, record.version)
    save_record(desk.session, officer, desk.cast.unit(FIRST).id, Entity.SCHOOL, edit)
    with pytest.raises(ImportOutdated), desk.session.begin_nested():
        apply_import(desk.session, desk.actor, batch.id)
    assert desk.held(FIRST) == {"phone": "029-9", "class_total": 12}
    assert desk.held(SECOND) is None


def test_a_record_that_somebody_began_after_the_check_is_not_overwritten(desk: Desk) -> None:
    batch = desk.check(HEADER, [desk.id(FIRST), "029-1", "", ""])
    officer, unit = desk.cast.actor("xuexiao_xueji"), desk.cast.unit(FIRST)
    save_record(desk.session, officer, unit.id, Entity.SCHOOL, Edit({"phone": "029-9"}, 0))
    with pytest.raises(ImportOutdated), desk.session.begin_nested():
        apply_import(desk.session, desk.actor, batch.id)


def test_what_is_exported_imports_without_a_change(desk: Desk) -> None:
    attack = "=HYPERLINK(1)"
    apply_import(desk.session, desk.actor, desk.check([UNIT_COLUMN, "学校名称"], [desk.id(FIRST), attack]).id)
    rows = queries.list_below(desk.session, desk.cast.unit("雁塔区"), desk.actor, Entity.SCHOOL, limit=10)
    assert [(unit.name, record is not None) for unit, record in rows] == [(FIRST, True), (SECOND, False)]
    lines = [row_of(Entity.SCHOOL, unit, record) for unit, record in rows]
    table = read_table(write_workbook("学校", header_of(Entity.SCHOOL), lines))
    batch = check_import(desk.session, desk.actor, Entity.SCHOOL, table, file_name="a.xlsx")
    assert not any(line.is_change for line in list_lines(desk.session, desk.actor, batch))
    assert desk.held(FIRST) == {"school_name": attack}


def test_teachers_are_added_and_changed_by_their_own_number(desk: Desk) -> None:
    header = [UNIT_COLUMN, RECORD_COLUMN, "姓名", "性别"]
    entity = Entity.SCHOOL_TEACHER
    first = [[desk.id(FIRST), "", "赵一（演示）", "男性"], [desk.id(FIRST), "", "钱二（演示）", "女性"]]
    assert apply_import(desk.session, desk.actor, desk.check(header, *first, entity=entity).id).changed == 2
    unit = desk.cast.unit(FIRST)
    one, _two = queries.list_teachers(desk.session, unit, entity)
    change = [desk.id(FIRST), str(one.id), "赵壹（演示）", ""]
    assert apply_import(desk.session, desk.actor, desk.check(header, change, entity=entity).id).changed == 1
    taught = [teacher.values["name"] for teacher in queries.list_teachers(desk.session, unit, entity)]
    assert sorted(taught) == ["赵壹（演示）", "钱二（演示）"]
    record, _unit = queries.get_record(desk.session, desk.actor, VIEW_RECORDS, one.id)
    assert record.values["sex"] == "1"


def test_a_teacher_of_another_school_or_named_twice_is_a_fault(desk: Desk) -> None:
    header, entity = [UNIT_COLUMN, RECORD_COLUMN, "姓名"], Entity.SCHOOL_TEACHER
    apply_import(desk.session, desk.actor, desk.check(header, [desk.id(FIRST), "", "赵一"], entity=entity).id)
    teacher = desk.session.scalars(select(UnitRecord)).one()
    with pytest.raises(ImportRefused) as refusal:
        desk.check(
            header,
            [desk.id(SECOND), str(teacher.id), "赵一"],
            [desk.id(FIRST), str(teacher.id), "赵一"],
            [desk.id(FIRST), str(teacher.id), "赵一"],
            entity=entity,
        )
    assert [(fault.row, fault.column) for fault in refusal.value.faults] == [
        (2, RECORD_COLUMN),
        (3, RECORD_COLUMN),
        (4, RECORD_COLUMN),
    ]


def test_a_file_of_many_schools_is_written_whole(desk: Desk) -> None:
    county = desk.cast.unit("雁塔区")
    # After some ten rows PostgreSQL plans the statements of a row once for all; they have to work then, too.
    schools = [add_school(desk.session, county, name=f"第{number}小学（演示）") for number in range(20)]
    batch = desk.check(HEADER, *([str(school.id), "029-1", 1, ""] for school in schools))
    assert apply_import(desk.session, desk.actor, batch.id).changed == len(schools)
