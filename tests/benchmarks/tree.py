"""How fast the tree answers: all rows of the divisions' file and 220,000 generated schools.

Needs DATABASE_URL; works in a database of its own on that server and drops it afterwards. Prints a table and writes
`tree.json` into the folder that DESK_BENCH names (`var/bench` without it).
"""

from __future__ import annotations

import argparse
import os
import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from sqlalchemy import Engine, make_url, select, text
from sqlalchemy.orm import Session

from registry_core.db import Base, make_engine
from registry_core.orgs import queries
from registry_core.orgs.loader import ALL_KINDS, load_regions
from registry_core.orgs.models import Body, BodyMember, CodeScheme, Level, OrgUnit, OrgUnitCode
from registry_core.orgs.queries import WHOLE_TREE
from tests.benchmarks.timing import describe, measure, show, write
from tests.generated_tree import Above, fill

DATABASE = "desk_bench_tree"
TABLES = [Base.metadata.tables[model.__tablename__] for model in (OrgUnit, OrgUnitCode, Body, BodyMember)]


def main(argv: list[str]) -> int:
    """Run the benchmark; options `--schools`, `--calls`, `--seed`."""
    options = _options(argv)
    with _scratch_engine(os.environ["DATABASE_URL"]) as engine:
        loads, places = _load(engine, options.schools, options.seed)
        with Session(engine) as session:
            calls = _calls(session, places, random.Random(options.seed))
            timings = [measure(name, lambda call: call(), [call] * options.calls) for name, call in calls.items()]
            size = session.scalar(text("SELECT pg_total_relation_size('org_unit')")) or 0
            units = session.scalar(text("SELECT count(*) FROM org_unit")) or 0
        result = describe(engine) | {
            "units": units,
            "table_and_index_mb": round(size / 1e6, 1),
            "load_seconds": loads,
        }
    print(f"{units} units, {result['table_and_index_mb']} MB with indexes, load {loads} s")
    write("tree", result | {"timings": show(timings)})
    return 0


def _options(argv: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="./desk bench tree", description=__doc__)
    parser.add_argument("--schools", type=int, default=220_000)
    parser.add_argument("--calls", type=int, default=2_000)
    parser.add_argument("--seed", type=int, default=20261122)
    return parser.parse_args(argv)


@contextmanager
def _scratch_engine(server: str) -> Iterator[Engine]:
    """Make a database beside the one that is named, so that nobody's units are touched."""
    admin = make_engine(server).execution_options(isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f"DROP DATABASE IF EXISTS {DATABASE} WITH (FORCE)"))
        connection.execute(text(f"CREATE DATABASE {DATABASE} TEMPLATE template0"))
    url = make_url(server).set(database=DATABASE).render_as_string(hide_password=False)
    engine = make_engine(url)
    try:
        Base.metadata.create_all(engine, tables=TABLES)
        yield engine
    finally:
        engine.dispose()
        with admin.connect() as connection:
            connection.execute(text(f"DROP DATABASE {DATABASE} WITH (FORCE)"))
        admin.dispose()


def _load(engine: Engine, schools: int, seed: int) -> tuple[dict[str, float], list[Above]]:
    started = time.perf_counter()
    with Session(engine) as session, session.begin():
        load_regions(session, kinds=ALL_KINDS)
    first = time.perf_counter()
    with Session(engine) as session, session.begin():
        load_regions(session, kinds=ALL_KINDS)
    second = time.perf_counter()
    with engine.begin() as connection:
        places = fill(connection, schools, seed=seed)
    third = time.perf_counter()
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE org_unit, org_unit_code"))
    loads = {"divisions": first - started, "divisions_again": second - first, "schools_by_copy": third - second}
    return {name: round(seconds, 2) for name, seconds in loads.items()}, places


def _calls(session: Session, schools: list[Above], dice: random.Random) -> dict[str, Callable[[], int]]:
    """Pair what is measured with a call on random units that says how many rows came back."""
    units = {
        level: session.scalars(select(OrgUnit).where(OrgUnit.level == level)).all()
        for level in (Level.PROVINCE, Level.CITY, Level.COUNTY)
    }
    known = [session.get_one(OrgUnit, place.id) for place in dice.sample(schools, min(2_000, len(schools)))]

    def counted(level: Level) -> Callable[[], int]:
        return lambda: queries.count_subtree(session, WHOLE_TREE, dice.choice(units[level]).path)

    def listed() -> int:
        return len(queries.list_subtree(session, WHOLE_TREE, dice.choice(units[Level.COUNTY]).path))

    def within() -> int:
        return queries.is_within(session, dice.choice(known).id, dice.choice(units[Level.PROVINCE]).id)

    def by_code() -> int:
        unit = queries.find_unit_by_code(session, CodeScheme.SCHOOL_CODE, f"{dice.choice(known).number:010d}")
        return int(unit is not None)

    def searched() -> int:
        start = dice.choice(known).name[:2]
        return len(queries.search_units(session, WHOLE_TREE, f"{start} 育才"))

    return {
        "ancestors of a school": lambda: len(queries.list_ancestors(session, dice.choice(known))),
        "is within": within,
        "subtree of a county, listed": listed,
        "subtree of a city, counted": counted(Level.CITY),
        "subtree of a province, counted": counted(Level.PROVINCE),
        "school by code": by_code,
        "search by name": searched,
    }
