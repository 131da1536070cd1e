"""Drives the services as the entry points do, and looks at everything after each step."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TypeVar
from uuid import UUID

from hypothesis.stateful import RuleBasedStateMachine
from sqlalchemy import Connection, Engine, RowMapping, event
from sqlalchemy.orm import Mapper, Session

from chat.presence import Presence
from helpdesk import jobs
from helpdesk.models import Offer
from helpdesk.services.asking import Question
from helpdesk.services.duty import come_back
from registry_core import clock
from registry_core.access.queries import load_actor
from registry_core.db import make_sessions, transaction
from registry_core.store import Redis
from tests.conftest import empty
from tests.helpdesk.routing_oracle import Facts, check_after_ticks, check_always, check_new_offer, read_facts
from tests.helpdesk.small_worlds import START, KnownPerson, World
from tests.helpdesk.spoken import Spoken

BEAT_EVERY = timedelta(seconds=5)
TICKS = (jobs.ring_out, jobs.notice_gone, jobs.release_departed, jobs.offer_waiting)
Result = TypeVar("Result")


class RoutingDrive(RuleBasedStateMachine):
    """One transaction for each act, with the rights loaded afresh; the clock stands still in between."""

    world: World

    def __init__(self, engine: Engine, store: Redis) -> None:
        super().__init__()
        self.engine = engine
        self.store = store
        self.asked: list[tuple[KnownPerson, Question, UUID]] = []
        self.spoken = Spoken()
        self.seen = Facts({}, {}, {}, [], {}, {})
        self.freezing = clock.frozen(START)
        self.clock = self.freezing.__enter__()
        event.listen(Offer, "after_insert", self.offer_made)
        self.start_anew()

    def start_anew(self) -> None:
        """Forget every object of the house, as a new process does."""
        self.sessions = make_sessions(self.engine)
        self.presence = Presence(self.store)

    def teardown(self) -> None:
        """Leave nothing behind."""
        event.remove(Offer, "after_insert", self.offer_made)
        self.freezing.__exit__(None, None, None)
        empty(self.engine)
        self.store.flushall()

    # ── acting ────────────────────────────────────────────────────────────────────────────────────────────────────────

    @property
    def now(self) -> datetime:
        """The instant that the clock shows."""
        return self.clock.instant

    def later(self) -> None:
        """Let a moment pass: no two acts of people happen at exactly the same time."""
        self.clock.move(timedelta(milliseconds=1))

    def act(self, person: KnownPerson, do: Callable[..., Result]) -> Result:
        """Let somebody do something in a transaction of their own."""
        with transaction(self.sessions) as session:
            return do(session=session, actor=load_actor(session, person.id, at=self.now))

    def beat(self, person: KnownPerson) -> None:
        """Send somebody's heartbeat as the socket command does."""
        if not person.may_answer:
            return
        had_gone = not person.is_connected(self.now)
        person.last_beat = self.now
        if had_gone:
            person.there_since = self.now
        with transaction(self.sessions) as session:
            assert self.presence.beat(person.id, self.now) == had_gone
            if had_gone:
                come_back(session, self.presence, person.id)

    def let_pass(self, until: datetime) -> None:
        """Let time pass while open pages go on beating; nobody's clock ticks meanwhile."""
        while self.now < until:
            self.clock.instant = min(until, self.now + BEAT_EVERY)
            for person in self.world.technicians:
                if person.page_open:
                    self.beat(person)

    def run_ticks(self, *acts: Callable[[Session, Presence], object]) -> None:
        """Let the clock's ticks run."""
        for act in acts:
            if act is jobs.release_departed:
                self.note_released()
            with transaction(self.sessions) as session:
                act(session, self.presence)

    def tick_all(self) -> None:
        """Let all ticks run and look at what must hold after them."""
        self.run_ticks(*TICKS)
        self.look()
        check_after_ticks(self.world, self.seen, self.now)

    def note_released(self) -> None:
        """Know that whose role has ended has one conversation less after the next tick."""
        for ticket in self.facts().tickets.values():
            if ticket["state"] == "talking":
                person = self.world.people[ticket["handler_id"]]
                if not person.may_answer_at(ticket["custody_desk_id"]):
                    person.idle_since = self.now

    # ── looking ───────────────────────────────────────────────────────────────────────────────────────────────────────

    def facts(self) -> Facts:
        """Read the tables on a connection of its own, which sees what is committed."""
        with self.engine.connect() as connection:
            return read_facts(connection)

    def offer_made(self, _mapper: Mapper[Offer], connection: Connection, offer: Offer) -> None:
        """Judge an offer at the moment of its making, in its own transaction."""
        check_new_offer(self.world, read_facts(connection), offer.id, self.now)

    def look(self) -> None:
        """Check what must hold after each step, and remember what there is."""
        with self.engine.connect() as connection:
            facts = read_facts(connection)
            self.spoken.check(connection)
        check_always(self.world, facts)
        for ticket_id, kept in self.seen.steps.items():
            assert facts.steps[ticket_id][: len(kept)] == kept, "a step has changed"
        self.seen = facts

    # ── who may ───────────────────────────────────────────────────────────────────────────────────────────────────────

    def sees(self, person: KnownPerson, ticket: RowMapping) -> bool:
        """Say whether somebody may read a question: who asked, and the desks that have or had it."""
        desks = {one["desk_id"] for one in self.seen.custodies[ticket["id"]]}
        return person.id == ticket["requester_id"] or self.world.may_see(person, desks)
