"""The nearest pack on the way up that is in force wins, topic by topic."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Connection, Engine, event
from sqlalchemy.orm import Session

from registry_core.rules.errors import RuleMissing
from registry_core.rules.loader import load_packs
from registry_core.rules.queries import find_rule, list_holdings
from tests.conftest import Cast
from tests.registry_core.rules.conftest import DAY
from tests.registry_core.rules.test_packs import IN_2026, SOUND, write

BEGINS = date(2014, 8, 18)


def test_a_school_inherits_from_its_county_and_from_the_province_what_the_county_leaves_open(
    session: Session, land: Cast, tmp_path: Path
) -> None:
    load_packs(session, [write(tmp_path, SOUND)])
    school = land.unit("西安市雁塔区第一小学（演示）")
    assert find_rule(session, school, "deadlines", on=IN_2026).pack_code == "yanta_2026"
    assert find_rule(session, school, "year_turn", on=IN_2026).pack_code == "shaanxi_2014"
    assert find_rule(session, school, "passwords", on=IN_2026).pack_code == "national_2013"


def test_the_neighbours_do_not_inherit_it(session: Session, land: Cast, tmp_path: Path) -> None:
    load_packs(session, [write(tmp_path, SOUND)])
    assert find_rule(session, land.unit("碑林区"), "deadlines", on=IN_2026).pack_code == "shaanxi_2014"
    assert find_rule(session, land.unit("武昌区"), "deadlines", on=IN_2026).pack_code == "national_2025"


@pytest.mark.parametrize(("day", "pack"), [(BEGINS - timedelta(1), "national_2013"), (BEGINS, "shaanxi_2014")])
def test_a_pack_holds_from_its_first_day_on(session: Session, land: Cast, day: date, pack: str) -> None:
    assert find_rule(session, land.unit("雁塔区"), "field_counts", on=day).pack_code == pack


@pytest.mark.parametrize(("day", "pack"), [(date(2026, 1, 31), "yanta_2026"), (date(2026, 2, 1), "shaanxi_2014")])
def test_a_pack_ends_before_its_last_day(session: Session, land: Cast, tmp_path: Path, day: date, pack: str) -> None:
    load_packs(session, [write(tmp_path, SOUND.replace("\n\n[", "\nvalid_until = 2026-02-01\n\n["))])
    assert find_rule(session, land.unit("雁塔区"), "deadlines", on=day).pack_code == pack


def test_of_two_packs_of_one_unit_the_later_wins(session: Session, land: Cast) -> None:
    ministry = land.unit("教育部")
    assert find_rule(session, ministry, "publishers", on=date(2024, 12, 31)).pack_code == "national_2013"
    assert find_rule(session, ministry, "publishers", on=date(2025, 1, 1)).pack_code == "national_2025"


def test_a_rule_says_where_it_comes_from(session: Session, land: Cast) -> None:
    rule = find_rule(session, land.unit("雁塔区"), "contact_list", on=DAY)
    assert rule.owner_unit_id == land.unit("陕西省").id
    assert (rule.owner_name, rule.is_house_default) == ("陕西省", False)
    assert "8月30日" in rule.clause
    assert "陕教基二办〔2014〕13号" in rule.source


def test_where_nothing_is_said_the_refusal_names_unit_day_and_topic(session: Session, land: Cast) -> None:
    with pytest.raises(RuleMissing) as refusal:
        find_rule(session, land.unit("雁塔区"), "withdrawal", on=DAY)
    assert refusal.value.code == "rule_missing"
    assert all(word in refusal.value.text for word in ("雁塔区", "2016-05-04", "withdrawal", "load-rules"))


def test_it_is_found_in_one_query(session: Session, land: Cast, engine: Engine) -> None:
    unit = land.unit("雁塔区")
    statements: list[str] = []

    def note(_connection: Connection, _cursor: object, statement: str, *_: object) -> None:
        statements.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    find_rule(session, unit, "year_turn", on=DAY)
    event.remove(engine, "before_cursor_execute", note)
    assert len([statement for statement in statements if statement.startswith("SELECT")]) == 1


def test_what_holds_names_what_it_stands_in_front_of(session: Session, land: Cast) -> None:
    holdings = {holding.rule.topic: holding for holding in list_holdings(session, land.unit("雁塔区"), on=IN_2026)}
    transfers = holdings["transfers"]
    assert transfers.rule.pack_code == "shaanxi_2014"
    assert [rule.pack_code for rule in transfers.overridden] == ["national_2025"]
    assert transfers.later_above is not None
    assert transfers.later_above.pack_code == "national_2025"
    assert holdings["field_counts"].later_above is None
