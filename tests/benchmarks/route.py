"""How fast a question finds somebody: 250,000 units, 50,000 technicians, desks on all divisions and some schools.

Needs DATABASE_URL (migrated and empty) and REDIS_URL. Prints a table and writes `route.json` into the folder that
DESK_BENCH names (`var/bench` without it).
"""

from __future__ import annotations

import argparse
import os
import random
import time
from collections.abc import Callable
from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy import Engine, func, select, text
from sqlalchemy.orm import Session

from chat.policies import install_keepers
from chat.presence import KEY, Presence
from helpdesk import jobs
from helpdesk.models import Offer, OfferState, Ticket, TicketState
from helpdesk.services import answering, asking
from helpdesk.services.asking import Question
from helpdesk.services.duty import come_back
from helpdesk.services.routing import decide
from portal.permissions import RIGHTS
from portal.subscriptions import KEEPERS, REACTIONS
from registry_core import clock
from registry_core.access.actors import install_rights
from registry_core.access.queries import load_actor
from registry_core.db import make_engine, make_sessions, new_id, transaction
from registry_core.events import install_reactions
from registry_core.orgs.loader import ALL_KINDS, load_regions
from registry_core.orgs.models import OrgUnit
from registry_core.store import Redis, make_store
from tests.benchmarks.timing import Timing, describe, measure, show, write
from tests.generated_desks import Asker, Generator, HelpDesks, Wanted
from tests.generated_tree import fill

CONNECTED_SHARE = 0.4


def main(argv: list[str]) -> int:
    """Run the benchmark; options `--units`, `--technicians`, `--askers`, `--seed`."""
    options = _options(argv)
    install_rights(RIGHTS)
    install_reactions(REACTIONS)
    install_keepers(KEEPERS)
    engine = make_engine(os.environ["DATABASE_URL"])
    store = make_store(os.environ["REDIS_URL"])
    # The clock stands still, so that nobody's heartbeat runs out while others are measured.
    with clock.frozen(datetime.now(UTC)):
        started = time.perf_counter()
        made = _load(engine, options)
        connected = _connect(store, made, random.Random(options.seed))
        seconds = time.perf_counter() - started
        timings = Bench(engine, Presence(store), made, connected, random.Random(options.seed)).run(options.ticks)
    result = describe(engine) | {
        "sizes": _sizes(engine) | {"connected": len(connected)},
        "load_seconds": round(seconds, 1),
    }
    engine.dispose()
    print(f"sizes at the end {result['sizes']}, load {result['load_seconds']} s")
    write("route", result | {"timings": show(timings)})
    return 0


def _options(argv: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="./desk bench route", description=__doc__)
    parser.add_argument("--units", type=int, default=250_000)
    parser.add_argument("--technicians", type=int, default=50_000)
    parser.add_argument("--askers", type=int, default=2_500)
    parser.add_argument("--talking", type=int, default=20_000, help="questions that are being answered meanwhile")
    parser.add_argument("--waiting", type=int, default=3_000, help="questions that wait and rang out before")
    parser.add_argument("--closed", type=int, default=100_000, help="questions of the months before")
    parser.add_argument("--ticks", type=int, default=40, help="how often each tick of the clock is measured")
    parser.add_argument("--seed", type=int, default=20261122)
    return parser.parse_args(argv)


# ── the country ───────────────────────────────────────────────────────────────────────────────────────────────────────


def _load(engine: Engine, options: argparse.Namespace) -> HelpDesks:
    with Session(engine) as session, session.begin():
        if session.scalar(select(OrgUnit.id).limit(1)) is not None:
            raise SystemExit("the database is not empty")
        load_regions(session, kinds=ALL_KINDS)
        divisions = session.scalars(select(func.count()).select_from(OrgUnit)).one()
    wanted = Wanted(
        technicians=options.technicians,
        askers=options.askers,
        school_desks=min(1_000, options.technicians // 50),
        talking=options.talking,
        waiting=options.waiting,
        closed=options.closed,
    )
    with engine.begin() as connection:
        fill(connection, options.units - divisions, seed=options.seed)
        made = Generator(connection, wanted, now=clock.now(), seed=options.seed).fill()
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE"))
    return made


def _connect(store: Redis, made: HelpDesks, dice: random.Random) -> list[UUID]:
    """Let some of those who take questions be connected, and some of the others as well."""
    connected = [account_id for account_id in made.technicians if dice.random() < CONNECTED_SHARE]
    at = clock.now().timestamp()
    for first in range(0, len(connected), 5_000):
        store.zadd(KEY, {str(account_id): at for account_id in connected[first : first + 5_000]})
    return connected


# ── what is measured ──────────────────────────────────────────────────────────────────────────────────────────────────


class Bench:
    """Runs each kind of call on random people and times it, with its transaction where it has one."""

    def __init__(
        self, engine: Engine, presence: Presence, made: HelpDesks, connected: list[UUID], dice: random.Random
    ) -> None:
        self.sessions = make_sessions(engine)
        self.presence = presence
        self.made = made
        self.connected = connected
        self.dice = dice

    def run(self, ticks: int) -> list[Timing]:
        """Measure everything; asking comes before what happens to the questions asked."""
        askers = self.made.askers
        timings = [
            measure("decide, nearest desk only", self.decide, [(asker, False) for asker in askers]),
            measure("decide, the whole way up", self.decide, [(asker, True) for asker in askers]),
            measure("ask, to commit", self.ask, askers),
        ]
        ringing = self.ringing()
        timings.append(measure("accept, to commit", self.accept, ringing[: len(ringing) // 2]))
        timings.append(measure("decline and ring the next, to commit", self.decline, ringing[len(ringing) // 2 :]))
        coming = self.dice.sample(self.connected, min(500, len(self.connected)))
        timings.append(measure("come back, to commit", self.come_back, coming))
        acts = (jobs.ring_out, jobs.notice_gone, jobs.release_departed, jobs.offer_waiting)
        return timings + [measure(f"tick {act.__name__}", self.tick, [act] * ticks) for act in acts]

    def decide(self, given: tuple[Asker, bool]) -> None:
        """Decide for whom a question of this asker would ring."""
        asker, may_climb = given
        ticket = Ticket(
            id=new_id(),
            requester_id=asker.account_id,
            unit_id=asker.unit_id,
            custody_desk_id=self.made.chain(asker.path)[0].desk_id,
            may_climb=may_climb,
            search_from=clock.now(),
        )
        with self.sessions() as session:
            decide(session, self.presence, ticket, at=clock.now())

    def ask(self, asker: Asker) -> None:
        """Ask as a page does: rights, question, conversation, custody, first ring, events, commit."""
        with transaction(self.sessions) as session:
            actor = load_actor(session, asker.account_id, at=clock.now())
            question = Question("学籍号重复了怎么办？", str(new_id()))
            asking.ask_question(session, self.presence, actor, question)

    def ringing(self) -> list[tuple[UUID, UUID]]:
        """List what rings, and for whom."""
        with self.sessions() as session:
            rows = session.execute(select(Offer.id, Offer.account_id).where(Offer.state == OfferState.RINGING)).all()
        found = [(offer_id, account_id) for offer_id, account_id in rows]
        self.dice.shuffle(found)
        return found

    def accept(self, offer: tuple[UUID, UUID]) -> None:
        """Accept what rings."""
        with transaction(self.sessions) as session:
            answering.accept_offer(session, load_actor(session, offer[1], at=clock.now()), offer[0])

    def decline(self, offer: tuple[UUID, UUID]) -> None:
        """Decline what rings."""
        with transaction(self.sessions) as session:
            actor = load_actor(session, offer[1], at=clock.now())
            answering.decline_offer(session, self.presence, actor, offer[0])

    def come_back(self, account_id: UUID) -> None:
        """Come back after having been gone."""
        with transaction(self.sessions) as session:
            come_back(session, self.presence, account_id)

    def tick(self, act: Callable[[Session, Presence], object]) -> None:
        """Let the clock tick."""
        with transaction(self.sessions) as session:
            act(session, self.presence)


# ── what is told ──────────────────────────────────────────────────────────────────────────────────────────────────────


def _sizes(engine: Engine) -> dict[str, int]:
    tables = ("org_unit", "desk", "duty", "ticket", "offer", "ticket_step")
    with engine.connect() as connection:
        counts = {name: connection.scalar(text(f"SELECT count(*) FROM {name}")) for name in tables}  # noqa: S608 - names above
        states = select(Ticket.state, func.count()).where(Ticket.state != TicketState.CLOSED).group_by(Ticket.state)
        open_now = {f"tickets_{state.value}": count for state, count in connection.execute(states)}
    return {name: count or 0 for name, count in (counts | open_now).items()}
