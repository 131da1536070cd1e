"""How fast the house knows what somebody may do: as each request and each socket command asks it.

Needs DATABASE_URL with the house's tables in it; fills them with generated people on the real tree. The floor is one
read of a row by its primary key over the same connection in the same run. Prints a table and writes `rights.json` into
the folder that DESK_BENCH names (`var/bench` without it).
"""

from __future__ import annotations

import argparse
import os
import random
from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy import Engine, bindparam, insert, select, text
from sqlalchemy.orm import Session

from helpdesk.policies import HANDLE
from portal.permissions import RIGHTS
from registry_core import clock
from registry_core.access.actors import Actor, install_rights, require, visible_units
from registry_core.accounts.models import Account, BrowserSession
from registry_core.accounts.queries import find_signed_in, hash_token
from registry_core.db import make_engine, new_id, run
from registry_core.orgs.loader import load_regions
from tests.benchmarks.timing import describe, measure, show, write
from tests.generated_desks import Generator, Wanted
from tests.generated_tree import fill

ROW_BY_KEY = select(Account.__table__).where(Account.id == bindparam("id"))


def main(argv: list[str]) -> int:
    """Run the benchmark; options `--people`, `--schools`, `--calls`, `--seed`."""
    options = _options(argv)
    install_rights(RIGHTS)
    engine = make_engine(os.environ["DATABASE_URL"])
    dice = random.Random(options.seed)
    try:
        tokens = _load(engine, options)
        chosen = dice.choices(list(tokens), k=options.calls)
        with Session(engine) as session:
            timings = [
                measure("a row by its primary key", lambda one: _read(session, tokens[one]), chosen),
                measure("who is this and may they", lambda one: _admit(session, one), chosen),
            ]
            actors = [_admit(session, one) for one in chosen]
        timings.append(measure("may they, once they are known", lambda one: visible_units(one, HANDLE), actors))
        result = describe(engine)
    finally:
        engine.dispose()
    floor, admitted = timings[0], timings[1]
    result |= {
        "people": len(tokens),
        "timings": show(timings),
        "per_second": round(1000 / admitted.p50_ms),
        "ratio_to_row_p50": round(admitted.p50_ms / floor.p50_ms, 2),
        "ratio_to_row_p99": round(admitted.p99_ms / floor.p99_ms, 2),
    }
    print(f"{result['per_second']} checks a second over one connection; to a bare row {result['ratio_to_row_p50']} ×")
    write("rights", result)
    return 0


def _options(argv: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="./desk bench rights", description=__doc__)
    parser.add_argument("--people", type=int, default=50_000)
    parser.add_argument("--schools", type=int, default=220_000)
    parser.add_argument("--calls", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=20261122)
    return parser.parse_args(argv)


def _load(engine: Engine, options: argparse.Namespace) -> dict[str, UUID]:
    """Fill the tables, and sign everybody who answers in; tokens to accounts."""
    wanted = Wanted(
        technicians=options.people, askers=min(2_000, options.schools), school_desks=500, talking=0, waiting=0, closed=0
    )
    with Session(engine) as session, session.begin():
        load_regions(session)
    with engine.begin() as connection:
        fill(connection, options.schools, seed=options.seed)
        made = Generator(connection, wanted, now=clock.now(), seed=options.seed).fill()
    tokens = {str(new_id()): account_id for account_id in made.technicians}
    now = datetime.now(UTC)
    with Session(engine) as session, session.begin():
        session.execute(
            insert(BrowserSession),
            [
                {
                    "id": new_id(),
                    "account_id": account_id,
                    "token_hash": hash_token(token),
                    "created_at": now,
                    "seen_at": now,
                    "expires_at": now + timedelta(hours=8),
                    "browser": "",
                }
                for token, account_id in tokens.items()
            ],
        )
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE"))
    return tokens


def _read(session: Session, account_id: UUID) -> object:
    return run(session, ROW_BY_KEY, {"id": account_id}).first()


def _admit(session: Session, token: str) -> Actor:
    known = find_signed_in(session, token, at=clock.now())
    if known is None:
        raise LookupError(token)
    require(known.actor, HANDLE)
    return known.actor
