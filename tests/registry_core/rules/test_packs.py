"""Pack files: what ships is sound, a wrong line is named, and loading twice changes nothing."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from flask import Flask
from flask_babel import Babel
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from registry_core.rules.errors import PacksRefused
from registry_core.rules.loader import load_packs
from registry_core.rules.models import PackRule, RulePack
from registry_core.rules.pack_file import FOLDER, read_packs
from registry_core.rules.queries import find_rule
from tests.conftest import Cast

SOUND = """
code = "yanta_2026"
name = "雁塔区实施细则"
owner = "610113"
source = "演示"
valid_from = 2026-01-01

[rules.deadlines]
clause = "第一条"
value = { review = 2 }
"""
IN_2026 = date(2026, 3, 1)


def write(folder: Path, text: str, name: str = "own.toml") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def faults(path: Path) -> list[tuple[str, str, str, str]]:
    app = Flask("house")
    Babel(app, default_locale="zh_Hans")
    with pytest.raises(PacksRefused) as refusal:
        read_packs([path])
    with app.app_context():
        return told(refusal.value)


def told(refusal: PacksRefused) -> list[tuple[str, str, str, str]]:
    return [(fault.file, fault.topic, fault.field, str(fault.reason)) for fault in refusal.faults]


def count(session: Session) -> tuple[int, int]:
    packs = session.scalars(select(func.count()).select_from(RulePack)).one()
    return packs, session.scalars(select(func.count()).select_from(PackRule)).one()


def test_the_packs_of_the_sources_and_one_of_the_house_ship() -> None:
    assert {pack.code for pack in read_packs()} == {
        "national_2013",
        "shaanxi_2014",
        "zhejiang_2008",
        "anhui_2009",
        "shanghai_2012",
        "national_2025",
        "house_2026",
    }


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.toml")), ids=lambda path: path.stem)
def test_a_pack_bears_the_name_of_its_file_and_every_rule_its_clause(path: Path) -> None:
    [pack] = read_packs([path])
    assert pack.code == path.stem
    assert pack.rules
    assert all(rule.clause.strip() for rule in pack.rules)


def test_every_house_default_of_passwords_is_marked_as_our_own() -> None:
    [nation] = read_packs([FOLDER / "national_2013.toml"])
    own = {rule.topic for rule in nation.rules if rule.is_house_default}
    assert {"passwords", "files", "second_factor"} <= own
    assert "reporting_rhythm" not in own


def test_31_september_is_read_as_the_30th_and_the_pack_says_so() -> None:
    [zhejiang] = read_packs([FOLDER / "zhejiang_2008.toml"])
    assert "9月31日" in zhejiang.note
    assert "9 月 30 日" in zhejiang.note


def test_a_day_that_no_year_has_is_refused(tmp_path: Path) -> None:
    line = (
        '[rules.graduation]\nclause = "一"\n[rules.graduation.value]\nis_locked_then = true\nwith_year_turn = false\n'
    )
    path = write(tmp_path, SOUND + line + "by = { month = 9, day = 31 }\n")
    [(_file, topic, field, reason)] = faults(path)
    assert (topic, field) == ("graduation", "value.by")
    assert "day" in reason


@pytest.mark.parametrize(
    ("wrong", "topic", "field", "reason"),
    [
        ("value = { review = 0 }", "deadlines", "value.review", "超出范围"),
        ('value = { review = "3" }', "deadlines", "value.review", "类型不对"),
        ("value = { revue = 3 }", "deadlines", "value.revue", "不认识这一项"),
        ("", "deadlines", "value", "缺少这一项"),
    ],
)
def test_a_wrong_line_is_named_with_file_topic_field_and_reason(
    tmp_path: Path, wrong: str, topic: str, field: str, reason: str
) -> None:
    path = write(tmp_path, SOUND.replace("value = { review = 2 }", wrong))
    [(found_file, found_topic, found_field, found_reason)] = faults(path)
    assert (found_file, found_topic, found_field) == ("own.toml", topic, field)
    assert reason in found_reason


def test_an_unknown_topic_an_unknown_role_and_a_wrong_head_are_all_named_at_once(tmp_path: Path) -> None:
    more = (
        '[rules.weather]\nclause = "一"\nvalue = {}\n[rules.publishers]\nclause = "一"\nvalue = { roles = ["king"] }\n'
    )
    path = write(tmp_path, SOUND.replace('owner = "610113"', 'owner = "61"') + more)
    assert [(topic, field) for _file, topic, field, _reason in faults(path)] == [
        ("", "owner"),
        ("weather", ""),
        ("publishers", "value.roles[0]"),
    ]


def test_a_file_that_is_no_toml_is_refused_with_the_place(tmp_path: Path) -> None:
    [(file, _topic, _field, reason)] = faults(write(tmp_path, "code = x"))
    assert file == "own.toml"
    assert "line 1" in reason


@pytest.mark.usefixtures("land")
def test_loading_twice_changes_nothing(session: Session) -> None:
    before = count(session)
    report = load_packs(session)
    assert count(session) == before
    assert all(pack.is_same for pack in report.packs)


@pytest.mark.usefixtures("cast")
def test_nothing_of_a_load_with_a_wrong_file_is_written(session: Session, tmp_path: Path) -> None:
    sound = write(tmp_path, SOUND)
    wrong = write(tmp_path, SOUND.replace("review = 2", "review = -2").replace("yanta_2026", "other_2026"), "b.toml")
    with pytest.raises(PacksRefused):
        load_packs(session, [sound, wrong])
    assert count(session) == (0, 0)


@pytest.mark.usefixtures("cast")
def test_a_pack_of_a_unit_that_is_not_in_the_tree_is_left_out_and_reported(session: Session) -> None:
    report = load_packs(session)
    left_out = {pack.code for pack in report.packs if pack.is_left_out}
    assert left_out == {"zhejiang_2008", "anhui_2009", "shanghai_2012"}


def test_a_changed_value_is_retired_and_stated_anew(session: Session, land: Cast, tmp_path: Path) -> None:
    load_packs(session, [write(tmp_path, SOUND)])
    report = load_packs(session, [write(tmp_path, SOUND.replace("review = 2", "review = 1"))])
    assert [pack.changed for pack in report.packs] == [("deadlines",)]
    assert find_rule(session, land.unit("雁塔区"), "deadlines", on=IN_2026).value.review == 1
    pack_id = session.scalars(select(RulePack.id).where(RulePack.code == "yanta_2026")).one()
    kept = session.scalars(select(PackRule).where(PackRule.pack_id == pack_id).order_by(PackRule.id)).all()
    assert [(rule.value["review"], rule.retired_at is None) for rule in kept] == [(2, False), (1, True)]


def test_a_topic_that_a_file_drops_holds_no_more(session: Session, land: Cast, tmp_path: Path) -> None:
    load_packs(session, [write(tmp_path, SOUND)])
    load_packs(session, [write(tmp_path, SOUND.partition("[rules")[0])])
    assert find_rule(session, land.unit("雁塔区"), "deadlines", on=IN_2026).pack_code == "shaanxi_2014"


@pytest.mark.usefixtures("land")
def test_a_pack_cannot_change_hands(session: Session, tmp_path: Path) -> None:
    load_packs(session, [write(tmp_path, SOUND)])
    with pytest.raises(PacksRefused):
        load_packs(session, [write(tmp_path, SOUND.replace("610113", "610103"))])
