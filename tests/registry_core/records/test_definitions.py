"""The fields that ship are those of articles 7 and 8, and each type reads what people type."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask
from flask_babel import Babel

from registry_core.audit.values import FieldClass
from registry_core.records.code_tables import REGIONS, load_code_tables
from registry_core.records.definitions import Field, FieldType, fields_of
from registry_core.records.forms import RecordForm
from registry_core.records.models import Entity
from registry_core.records.presenters.labels import CLASSES, ENTITIES, GROUPS
from registry_core.records.values import ValueRefused, count_gaps, parse, write

SCHOOL = fields_of(Entity.SCHOOL)
UNIT = fields_of(Entity.SUPERVISING_UNIT)
KINDERGARTEN = fields_of(Entity.KINDERGARTEN)
TEACHER = fields_of(Entity.KG_TEACHER)


@pytest.fixture(autouse=True)
def _house() -> Iterator[None]:
    app = Flask("house")
    Babel(app, default_locale="zh_Hans")
    with app.app_context():
        yield


def test_each_entity_has_every_field_of_its_article() -> None:
    assert {entity: len(fields_of(entity)) for entity in Entity} == {
        Entity.SUPERVISING_UNIT: 13,
        Entity.SCHOOL: 31,
        Entity.KINDERGARTEN: 39,
        Entity.KG_TEACHER: 12,
        Entity.SCHOOL_TEACHER: 12,
    }
    assert {field.article for field in UNIT.values()} == {"7"}
    assert {field.article for field in (*SCHOOL.values(), *KINDERGARTEN.values(), *TEACHER.values())} == {"8"}


def test_the_fields_of_a_school_teacher_are_marked_as_our_own() -> None:
    assert {field.article for field in fields_of(Entity.SCHOOL_TEACHER).values()} == {""}


@pytest.mark.parametrize("entity", Entity)
def test_every_field_can_be_shown_and_chosen(entity: Entity) -> None:
    assert entity in ENTITIES
    for field in fields_of(entity).values():
        assert field.group in GROUPS
        assert field.field_class in CLASSES
        assert not field.has_codes or field.code_table == REGIONS or field.code_table in load_code_tables()
        assert not hasattr(RecordForm, field.name)


def test_what_says_most_about_a_teacher_is_sensitive() -> None:
    sensitive = {name for name, field in TEACHER.items() if field.field_class is FieldClass.SENSITIVE}
    assert sensitive == {"ethnic_group", "party"}


@pytest.mark.parametrize(
    ("field", "typed", "kept"),
    [
        (UNIT["unit_name"], "  雁塔区教育局 ", "雁塔区教育局"),
        (UNIT["unit_name"], "   ", None),
        (UNIT["postcode"], "７１００６１", "710061"),
        (UNIT["region_code"], "610113", "610113"),
        (UNIT["area_class"], "1", "1"),
        (UNIT["area_class"], "城市", "1"),
        (UNIT["email"], "a@example.com", "a@example.com"),
        (UNIT["phone"], "029-8888 8888", "029-8888 8888"),
        (UNIT["homepage"], "https://example.com/a", "https://example.com/a"),
        (SCHOOL["school_code"], "2161000001", "2161000001"),
        (SCHOOL["founded_month"], "1987.9", "1987-09"),
        (SCHOOL["founded_month"], "1987年9月", "1987-09"),
        (SCHOOL["class_total"], "1,024", 1024),
        (SCHOOL["class_total"], "0", 0),
        (SCHOOL["class_count_by_grade"], "4、4，5 5", [4, 4, 5, 5]),
        (SCHOOL["land_area"], "12,300.50", "12300.5"),
        (SCHOOL["land_area"], "100", "100"),
        (KINDERGARTEN["kg_founded_date"], "2001/9/1", "2001-09-01"),
        (KINDERGARTEN["kg_founded_date"], "20010901", "2001-09-01"),
        (TEACHER["sex"], "女性", "2"),
    ],
)
def test_what_people_type_is_kept_in_one_form_and_reads_back(field: Field, typed: str, kept: object) -> None:
    assert parse(field, typed) == kept
    assert parse(field, write(parse(field, typed))) == kept


@pytest.mark.parametrize(
    ("field", "typed", "words"),
    [
        (UNIT["unit_name"], "字" * 201, "最多 200 个字"),
        (UNIT["unit_name"], "两\n行", "一行"),
        (UNIT["postcode"], "71006", "6 位"),
        (UNIT["region_code"], "999999", "999999"),
        (UNIT["area_class"], "7", "代码表"),
        (UNIT["email"], "a@", "电子信箱"),
        (UNIT["phone"], "call me", "号码"),
        (UNIT["homepage"], "javascript:alert(1)", "http"),
        (SCHOOL["school_code"], "21610000012", "10 位"),
        (SCHOOL["founded_month"], "1987-13", "年和月"),
        (SCHOOL["founded_month"], "1799-12", "年和月"),
        (SCHOOL["class_total"], "-1", "整数"),
        (SCHOOL["class_total"], "1.5", "整数"),
        (SCHOOL["class_total"], "100000001", "整数"),
        (SCHOOL["class_count_by_grade"], "1,x", "整数"),
        (SCHOOL["class_count_by_grade"], ",".join(["1"] * 21), "20 个年级"),
        (SCHOOL["land_area"], "1.234", "小数"),
        (SCHOOL["land_area"], "NaN", "小数"),
        (KINDERGARTEN["kg_founded_date"], "2001-02-29", "没有这一天"),
    ],
)
def test_what_is_no_value_is_refused_with_what_to_do(field: Field, typed: str, words: str) -> None:
    with pytest.raises(ValueRefused) as refusal:
        parse(field, typed)
    assert words in refusal.value.text


def test_the_longest_that_fits_is_taken() -> None:
    assert parse(UNIT["unit_name"], "字" * 200) == "字" * 200
    assert parse(SCHOOL["class_total"], "100000000") == 100_000_000
    assert parse(SCHOOL["class_count_by_grade"], ",".join(["1"] * 20)) == [1] * 20


def test_a_zero_is_no_gap_and_nothing_typed_is() -> None:
    wanted = [name for name, field in SCHOOL.items() if field.is_required]
    assert count_gaps(SCHOOL, {}) == len(wanted) > 5
    assert count_gaps(SCHOOL, dict.fromkeys(wanted, 0)) == 0


def test_codes_without_a_table_take_text() -> None:
    field = UNIT["ethnic_area_class"]
    assert (field.type, field.has_codes) == (FieldType.CODE, False)
    assert parse(field, "民族乡") == "民族乡"
