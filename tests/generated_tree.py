"""Generated schools for measuring and for tests of query plans: invented names, each marked 生成."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import cast
from uuid import UUID

import psycopg
from sqlalchemy import Connection, func, select, text

from registry_core.db import new_id
from registry_core.orgs.models import CodeScheme, Level, OrgUnit, UnitKind, number_sequence

MARK = "（生成）"
# Shares as a rough picture of reality: most schools are run by a county, some by a city, a few by a province.
RUN_BY = {Level.COUNTY: 0.95, Level.CITY: 0.04, Level.PROVINCE: 0.01}
TEACHING_POINT_SHARE = 0.12
SINCE = date(2023, 6, 30)

# fmt: off
_GOOD_WORDS = (
    "明德", "育才", "新华", "向阳", "红旗", "光明", "文昌", "启航", "朝阳", "希望",
    "东风", "建设", "和平", "友谊", "振兴", "青云", "博雅", "求实", "致远", "思源",
)
_PLACES = (
    "城关", "东关", "西街", "南湖", "北山", "河口", "石桥", "柳林", "杨家湾", "李家坪",
    "王庄", "大营", "双河", "青龙", "白沙", "黄泥", "金沟", "桃园", "龙泉", "清水",
)
_NUMERALS = ("一", "二", "三", "四", "五", "六", "七", "八", "九", "十", "十一", "十二", "十三", "十四", "十五", "十六")
# fmt: on
# A kind that stands here twice is twice as frequent.
_KINDS = ("小学", "小学", "小学", "中心小学", "初级中学", "中学", "高级中学", "九年一贯制学校", "职业高中")


@dataclass(frozen=True, slots=True)
class Above:
    """A unit that schools can hang under."""

    id: UUID
    level: Level
    path: str
    name: str


@dataclass(frozen=True, slots=True)
class School:
    """A generated school, ready to be copied into the database."""

    above: Above
    number: int
    kind: UnitKind
    place: Above


def fill(connection: Connection, count: int, *, seed: int = 20261122) -> list[Above]:
    """Write `count` schools below the divisions that stand and return their places; the same seed gives the same."""
    dice = random.Random(seed)
    numbers = connection.scalars(
        select(number_sequence.next_value()).select_from(func.generate_series(1, count).table_valued("n"))
    ).all()
    schools = list(_schools(dice, _divisions(connection), numbers))
    driver = cast("psycopg.Connection", connection.connection.driver_connection)
    with driver.cursor() as cursor:
        columns = "id, number, parent_id, parent_level, level, kind, name, path"
        with cursor.copy(f"COPY org_unit ({columns}) FROM STDIN") as copy:
            for school in schools:
                above, place = school.above, school.place
                above_cells = (above.id, above.level.value)
                kind_cells = ("school", school.kind.value)
                copy.write_row((place.id, school.number, *above_cells, *kind_cells, place.name, place.path))
        with cursor.copy("COPY org_unit_code (id, unit_id, scheme, code, valid_from) FROM STDIN") as copy:
            for school in schools:
                code = f"{school.number:010d}"
                copy.write_row((new_id(), school.place.id, CodeScheme.SCHOOL_CODE.value, code, SINCE))
    connection.execute(text("ANALYZE org_unit, org_unit_code"))
    return [school.place for school in schools]


def _divisions(connection: Connection) -> dict[Level, list[Above]]:
    rows = connection.execute(
        select(OrgUnit.id, OrgUnit.level, OrgUnit.path, OrgUnit.name)
        .where(OrgUnit.kind == UnitKind.AUTHORITY)
        .order_by(OrgUnit.number)
    )
    found: dict[Level, list[Above]] = {level: [] for level in Level}
    for row in rows:
        found[row.level].append(Above(row.id, row.level, row.path, row.name))
    return found


def _schools(dice: random.Random, divisions: dict[Level, list[Above]], numbers: Sequence[int]) -> Iterator[School]:
    levels, shares = list(RUN_BY), list(RUN_BY.values())
    last: Above | None = None
    for number in numbers:
        if last is not None and dice.random() < TEACHING_POINT_SHARE:
            above, kind = last, UnitKind.TEACHING_POINT
            name = f"{dice.choice(_PLACES)}教学点{MARK}"
        else:
            above, kind = dice.choice(divisions[dice.choices(levels, shares)[0]]), UnitKind.SCHOOL
            name = _name(dice, above)
        place = Above(new_id(), Level.SCHOOL, f"{above.path}{number}/", name)
        if kind is UnitKind.SCHOOL:
            last = place
        yield School(above, number, kind, place)


def _name(dice: random.Random, above: Above) -> str:
    word = dice.choice((f"第{dice.choice(_NUMERALS)}", dice.choice(_GOOD_WORDS), dice.choice(_PLACES)))
    return f"{above.name}{word}{dice.choice(_KINDS)}{MARK}"
