"""Saving a record: history, gaps, and two people at a time."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from registry_core.orgs.errors import UnitNotFound
from registry_core.orgs.models import OrgUnit
from registry_core.records import queries
from registry_core.records.definitions import fields_of
from registry_core.records.errors import NoSuchRecordHere, RecordChangedMeanwhile, RecordNotFound
from registry_core.records.models import Entity, RecordChange, UnitRecord
from registry_core.records.policies import VIEW_RECORDS
from registry_core.records.services import Edit, add_teacher, let_teacher_leave, save_record, save_teacher
from tests.conftest import Cast

SCHOOL = "西安市雁塔区第一小学（演示）"
OFFICER, ABOVE = "xuexiao_xueji", "xian_xueji"


class House:
    """One school and the people who keep its record."""

    def __init__(self, session: Session, cast: Cast) -> None:
        self.session = session
        self.cast = cast
        self.unit = cast.unit(SCHOOL)

    def save(self, person: str, version: int, **values: Any) -> UnitRecord:
        edit = Edit(values, version)
        return save_record(self.session, self.cast.actor(person), self.unit.id, Entity.SCHOOL, edit).record

    def history(self, record: UnitRecord, field: str) -> list[tuple[Any, Any, str]]:
        changes = queries.list_changes(self.session, record, field=field)
        return [(one.change.old, one.change.new, one.by) for one in changes]


@pytest.fixture
def house(session: Session, cast: Cast) -> House:
    return House(session, cast)


def test_every_change_of_a_field_is_on_record_with_who_made_it(house: House) -> None:
    record = house.save(OFFICER, 0, phone="029-1", class_total=12)
    house.save(ABOVE, record.version, phone="029-2", class_total=12)
    assert house.history(record, "phone") == [("029-1", "029-2", "何文静（演示）"), (None, "029-1", "李晓芸（演示）")]
    assert house.history(record, "class_total") == [(None, 12, "李晓芸（演示）")]


def test_a_cleared_field_is_a_gap_again_and_its_past_stays(house: House) -> None:
    wanted = [name for name, field in fields_of(Entity.SCHOOL).items() if field.is_required]
    record = house.save(OFFICER, 0, **dict.fromkeys(wanted, "x"))
    assert record.gaps == 0
    house.save(OFFICER, record.version, phone=None)
    assert (record.gaps, "phone" in record.values) == (1, False)
    assert house.history(record, "phone")[0][:2] == ("x", None)


def test_saving_the_same_again_changes_nothing(house: House) -> None:
    record = house.save(OFFICER, 0, phone="029-1")
    version = record.version
    house.save(OFFICER, version, phone="029-1")
    assert record.version == version
    assert house.session.scalars(select(func.count()).select_from(RecordChange)).one() == 1


def test_two_people_who_change_different_fields_lose_nothing(house: House) -> None:
    record = house.save(OFFICER, 0, phone="029-1", fax="029-9", class_total=1)
    seen = record.version
    house.save(ABOVE, seen, phone="029-2", fax="029-9", class_total=1)
    edit = Edit({"phone": "029-1", "fax": "029-9", "class_total": 2}, seen)
    saved = save_record(house.session, house.cast.actor(OFFICER), house.unit.id, Entity.SCHOOL, edit)
    assert record.values == {"phone": "029-2", "fax": "029-9", "class_total": 2}
    assert saved.changed == ("class_total",)
    assert [(one.change.field, one.by) for one in saved.kept] == [("phone", "何文静（演示）")]


def test_of_two_who_change_the_same_field_the_second_is_told_and_nothing_is_lost(house: House) -> None:
    record = house.save(OFFICER, 0, phone="029-1", fax="029-9")
    seen = record.version
    house.save(ABOVE, seen, phone="029-2", fax="029-9")
    with pytest.raises(RecordChangedMeanwhile) as refusal:
        house.save(OFFICER, seen, phone="029-3", fax="029-8")
    [clash] = refusal.value.clashes
    assert (clash.field.name, clash.theirs, clash.by) == ("phone", "029-2", "何文静（演示）")
    assert refusal.value.values == {"phone": "029-3", "fax": "029-8"}
    assert record.values == {"phone": "029-2", "fax": "029-9"}
    house.save(OFFICER, refusal.value.version, **refusal.value.values)
    assert record.values == {"phone": "029-3", "fax": "029-8"}


def test_who_made_the_same_change_is_not_asked(house: House) -> None:
    record = house.save(OFFICER, 0, phone="029-1")
    seen = record.version
    house.save(ABOVE, seen, phone="029-2")
    house.save(OFFICER, seen, phone="029-2")
    assert record.values == {"phone": "029-2"}


def test_two_people_who_begin_a_record_get_one(house: House) -> None:
    house.save(ABOVE, 0, phone="029-1")
    record = house.save(OFFICER, 0, class_total=3)
    assert record.values == {"phone": "029-1", "class_total": 3}
    with pytest.raises(RecordChangedMeanwhile):
        house.save(OFFICER, 0, phone="029-7")


@pytest.mark.parametrize("person", ["linqu_xueji", "linsheng_xueji"])
def test_a_record_of_the_neighbours_does_not_exist(house: House, person: str) -> None:
    record = house.save(OFFICER, 0, phone="029-1")
    with pytest.raises(UnitNotFound):
        house.save(person, 0, phone="029-6")
    with pytest.raises(RecordNotFound):
        queries.get_record(house.session, house.cast.actor(person), VIEW_RECORDS, record.id)


@pytest.mark.parametrize("person", ["xian_jishu", "xian_zhuguan", "sheng_guanli"])
def test_who_keeps_no_registry_changes_nothing(house: House, person: str) -> None:
    with pytest.raises(UnitNotFound):
        house.save(person, 0, phone="029-6")


@pytest.mark.parametrize(
    ("name", "entity"), [("雁塔区", Entity.SCHOOL), (SCHOOL, Entity.SUPERVISING_UNIT), ("雁塔区", Entity.KG_TEACHER)]
)
def test_a_unit_has_the_records_of_its_kind_alone(house: House, name: str, entity: Entity) -> None:
    unit_id = house.cast.unit(name).id
    with pytest.raises(NoSuchRecordHere):
        save_record(house.session, house.cast.actor("shi_xueji"), unit_id, entity, Edit({}, 0))


@pytest.mark.parametrize("statement", ["UPDATE record_change SET field = 'x'", "DELETE FROM record_change"])
def test_history_is_never_changed(house: House, statement: str) -> None:
    house.save(OFFICER, 0, phone="029-1")
    with pytest.raises(IntegrityError), house.session.begin_nested():
        house.session.execute(text(statement))


def add(house: House, name: str) -> UUID:
    actor = house.cast.actor(OFFICER)
    values = {"name": name, "sex": "2"}
    return add_teacher(house.session, actor, house.unit.id, Entity.SCHOOL_TEACHER, values).record.id


def names(session: Session, unit: OrgUnit) -> list[str]:
    return [teacher.values["name"] for teacher in queries.list_teachers(session, unit, Entity.SCHOOL_TEACHER)]


def test_a_school_has_many_teachers_and_one_who_leaves_stays_on_record(house: House) -> None:
    first, second = add(house, "赵一（演示）"), add(house, "钱二（演示）")
    actor = house.cast.actor(OFFICER)
    save_teacher(house.session, actor, second, Edit({"name": "钱二（演示）", "sex": "2", "major": "数学"}, 2))
    let_teacher_leave(house.session, actor, first)
    assert names(house.session, house.unit) == ["钱二（演示）"]
    record, _unit = queries.get_record(house.session, actor, VIEW_RECORDS, first)
    assert record.values["name"] == "赵一（演示）"
    with pytest.raises(RecordNotFound):
        save_teacher(house.session, actor, first, Edit({}, 2))


def test_the_trail_names_a_school_and_never_a_teacher(house: House) -> None:
    from_before = len(house.session.info.get("audit", []))
    house.save(OFFICER, 0, phone="029-1")
    add(house, "赵一（演示）")
    noted = [one.entry for one in house.session.info["audit"][from_before:]]
    assert [(entry.act, entry.kind, entry.label) for entry in noted] == [
        ("records.saved", "unit", SCHOOL),
        ("records.saved", "teacher", ""),
    ]
    assert "赵一" not in str(noted)


def test_completeness_is_counted_below_each_unit(house: House) -> None:
    wanted = [name for name, field in fields_of(Entity.SCHOOL).items() if field.is_required]
    house.save(OFFICER, 0, **dict.fromkeys(wanted, "x"))
    second = house.cast.unit("西安市雁塔区第二小学（演示）").id
    save_record(house.session, house.cast.actor(ABOVE), second, Entity.SCHOOL, Edit({"phone": "029-1"}, 0))
    actor = house.cast.actor("shi_xueji")
    standings = {
        one.unit.name: one
        for one in queries.list_standings(house.session, house.cast.unit("西安市"), actor, VIEW_RECORDS)
    }
    yanta, beilin = standings["雁塔区"], standings["碑林区"]
    assert (yanta.below, yanta.complete_below, yanta.record) == (2, 1, None)
    assert (beilin.below, beilin.complete_below) == (1, 0)
    schools = queries.list_standings(house.session, house.cast.unit("雁塔区"), actor, VIEW_RECORDS)
    assert {one.unit.name: one.has_gaps for one in schools} == {SCHOOL: False, "西安市雁塔区第二小学（演示）": True}
