"""A question that could not be rung for somebody because another transaction looked at them waits for the clock."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import Engine, select, text
from sqlalchemy.orm import Session

from chat.presence import Presence
from helpdesk import jobs
from helpdesk.models import Duty, Offer, OfferState, ProblemRecord, StepKind, Ticket, TicketState, TicketStep
from helpdesk.services import asking
from helpdesk.services.asking import Question
from registry_core import clock
from registry_core.store import Redis
from tests.conftest import Cast


class Counter:
    """Two technicians at one desk, and a question that rings for the first; every act is committed by itself."""

    def __init__(self, engine: Engine, cast: Cast, presence: Presence) -> None:
        self.engine = engine
        self.presence = presence
        self.asker = cast.actor("xuexiao_xueji")
        self.people = [cast.id("xian_jishu"), cast.id("xian_jishu2")]
        with self.transaction() as session:
            for place, account_id in enumerate(self.people):
                duty = session.get_one(Duty, account_id)
                duty.accepting = True
                duty.idle_since = clock.now() - timedelta(hours=2 - place)
        self.beat()
        with self.transaction() as session:
            self.ticket_id = asking.ask_question(session, presence, self.asker, Question("怎么办？", "1")).id

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        with Session(self.engine) as session, session.begin():
            yield session

    def beat(self) -> None:
        for account_id in self.people:
            self.presence.beat(account_id, clock.now())

    def rings_for(self) -> UUID | None:
        with self.transaction() as session:
            return session.scalar(select(Offer.account_id).where(Offer.state == OfferState.RINGING))

    def steps(self) -> list[StepKind]:
        with self.transaction() as session:
            return list(session.scalars(select(TicketStep.kind).order_by(TicketStep.number)))

    def state(self) -> TicketState:
        with self.transaction() as session:
            return session.get_one(Ticket, self.ticket_id).state

    def ring_out_while_the_second_is_looked_at(self) -> None:
        """Let the first ring run out while another transaction holds the duty row of the next."""
        with self.transaction() as other:
            other.execute(text("SELECT 1 FROM duty WHERE account_id = :id FOR UPDATE"), {"id": self.people[1]})
            with self.transaction() as session:
                jobs.ring_out(session, self.presence)


@pytest.fixture
def counter(engine: Engine, committed: Cast, store: Redis) -> Iterator[Counter]:
    with clock.frozen(clock.now()) as frozen:
        counter = Counter(engine, committed, Presence(store))
        assert counter.rings_for() == counter.people[0]
        frozen.move(timedelta(seconds=21))
        counter.beat()
        yield counter


def test_nothing_is_told_of_it(counter: Counter) -> None:
    counter.ring_out_while_the_second_is_looked_at()
    assert counter.state() is TicketState.WAITING
    assert counter.steps()[-1] is StepKind.RANG_OUT
    with counter.transaction() as session:
        assert session.get(ProblemRecord, counter.ticket_id) is None


def test_the_next_tick_rings(counter: Counter) -> None:
    counter.ring_out_while_the_second_is_looked_at()
    with counter.transaction() as session:
        jobs.offer_waiting(session, counter.presence)
    assert counter.rings_for() == counter.people[1]


def test_where_nobody_is_left_by_then_the_template_opens_once(counter: Counter) -> None:
    counter.ring_out_while_the_second_is_looked_at()
    with counter.transaction() as session:
        session.get_one(Duty, counter.people[1]).accepting = False
    for _ in range(2):
        with counter.transaction() as session:
            jobs.offer_waiting(session, counter.presence)
    assert counter.steps().count(StepKind.RECORD_OPENED) == 1
    with counter.transaction() as session:
        assert session.get(ProblemRecord, counter.ticket_id) is not None
