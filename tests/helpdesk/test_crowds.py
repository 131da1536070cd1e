"""Many people at once for some seconds, while the clock ticks: nobody waits for ever, and all that must hold holds.

What each of them does is random; the interleaving is whatever the machine makes of it.
"""

from __future__ import annotations

import random
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from uuid import UUID

import pytest
from sqlalchemy import Engine, Select, or_, select, true
from sqlalchemy.orm import Session

from chat import services as chat
from chat.models import Conversation, Message
from chat.presence import Presence
from helpdesk.models import Offer, OfferState, Ticket, TicketState, Urgency
from helpdesk.services import answering, asking
from helpdesk.services.asking import Question, RecordDetails
from helpdesk.services.duty import come_back, set_accepting
from registry_core import clock
from registry_core.access.actors import Actor
from registry_core.access.queries import load_actor
from registry_core.db import make_sessions, new_id, transaction
from registry_core.errors import DomainError
from registry_core.orgs.models import Level
from tests.conftest import empty
from tests.helpdesk.at_once import Crowd
from tests.helpdesk.routing_drive import TICKS
from tests.helpdesk.routing_oracle import check_custody, check_state, check_way, read_facts, tell
from tests.helpdesk.small_worlds import Plan, UnitPlan, World

SECONDS = 6.0
THREADS = 6
DETAILS = RecordDetails("重启过", "招生页面", "打不开", "今天早上", 3, Urgency.HIGH, "13800000000")
# Ministry, province, city and two counties with desks, a school in each; every technician answers at two desks or one.
PLAN = Plan(
    units=(
        UnitPlan(0, Level.MINISTRY, has_desk=True),
        UnitPlan(0, Level.PROVINCE, has_desk=True),
        UnitPlan(1, Level.CITY, has_desk=True),
        UnitPlan(2, Level.COUNTY, has_desk=True),
        UnitPlan(2, Level.COUNTY, has_desk=True),
        UnitPlan(3, Level.SCHOOL, has_desk=False),
        UnitPlan(4, Level.SCHOOL, has_desk=False),
    ),
    members=((3,), (3, 2), (4,), (4, 2), (2,), (1,), (0,)),
    capacities=(3,) * 7,
    on_duty=(True,) * 7,
    askers=(5, 5, 6, 6, 3, 4),
    climb=(),
)


class Somebody:
    """One of the crowd: picks a question that it knows of and does something to it."""

    def __init__(self, session: Session, presence: Presence, actor: Actor, dice: random.Random) -> None:
        self.session = session
        self.presence = presence
        self.actor = actor
        self.dice = dice

    def act(self) -> tuple[UUID, str] | None:
        """Do one thing; return conversation and text where it was to say something."""
        mine = or_(Ticket.requester_id == self.actor.account_id, Ticket.handler_id == self.actor.account_id)
        whose = mine if self.dice.random() < 0.8 else true()
        ticket_id = self.pick(select(Ticket.id).where(Ticket.state != TicketState.CLOSED, whose))
        offer_id = self.pick(
            select(Offer.id).where(Offer.account_id == self.actor.account_id, Offer.state == OfferState.RINGING)
        )
        if offer_id is not None and self.dice.random() < 0.8:
            self.answer(offer_id)
        elif ticket_id is None or self.dice.random() < 0.15:
            self.ask()
        elif self.dice.random() < 0.3:
            return self.speak(ticket_id)
        else:
            self.dice.choice(self.doings(ticket_id))()
        return None

    def pick(self, query: Select[UUID]) -> UUID | None:
        found = self.session.scalars(query).all()
        return self.dice.choice(found) if found else None

    def answer(self, offer_id: UUID) -> None:
        if self.dice.random() < 0.7:
            answering.accept_offer(self.session, self.actor, offer_id)
        else:
            answering.decline_offer(self.session, self.presence, self.actor, offer_id)

    def ask(self) -> None:
        asking.ask_question(self.session, self.presence, self.actor, Question("怎么办？", str(new_id())))

    def speak(self, ticket_id: UUID) -> tuple[UUID, str]:
        body, client_id = f"第{self.dice.random()}句", str(new_id())
        conversation_id = self.session.get_one(Ticket, ticket_id).conversation_id
        chat.post_message(self.session, self.actor, conversation_id, client_id=client_id, body=body)
        return conversation_id, body

    def doings(self, ticket_id: UUID) -> list[Callable[[], object]]:
        """What one may try to do to a question, or with oneself."""
        session, presence, actor = self.session, self.presence, self.actor
        return [
            lambda: answering.take_ticket(session, actor, ticket_id),
            lambda: answering.pass_up(session, presence, actor, ticket_id, summary="请看"),
            lambda: answering.pass_up(session, presence, actor, ticket_id, summary="请看"),
            lambda: answering.return_ticket(session, presence, actor, ticket_id, advice="请办"),
            lambda: answering.resolve_ticket(session, actor, ticket_id, resolution="好了"),
            lambda: asking.submit_record(session, presence, actor, ticket_id, DETAILS),
            lambda: asking.reopen_question(session, presence, actor, ticket_id, reason="没好"),
            lambda: asking.confirm_resolution(session, actor, ticket_id),
            lambda: set_accepting(session, presence, actor, accepting=self.dice.random() < 0.8),
            lambda: come_back(session, presence, actor.account_id),
            lambda: presence.leave(actor.account_id),
        ]


@pytest.fixture
def world(engine: Engine, presence: Presence) -> Iterator[World]:
    with transaction(make_sessions(engine)) as session:
        built = World(session, PLAN)
        for person in built.technicians:
            presence.beat(person.id, clock.now())
            set_accepting(session, presence, load_actor(session, person.id, at=clock.now()), accepting=True)
    yield built
    empty(engine)


def test_a_crowd_leaves_everything_in_order(engine: Engine, world: World, presence: Presence) -> None:
    crowd = Crowd(engine)
    until = time.monotonic() + SECONDS
    people = [person.id for person in world.technicians + world.askers]
    said: Counter[tuple[UUID, str]] = Counter()

    def tick() -> Counter[str]:
        done: Counter[str] = Counter()
        while time.monotonic() < until:
            for person in world.technicians:
                presence.beat(person.id, clock.now())
            for act in TICKS:
                with crowd.under_way() as session:
                    act(session, presence)
                done[act.__name__] += 1
        return done

    def live(seed: int) -> Counter[str]:
        dice, done = random.Random(seed), Counter[str]()
        while time.monotonic() < until:
            try:
                with crowd.under_way() as session:
                    actor = load_actor(session, dice.choice(people), at=clock.now())
                    spoken = Somebody(session, presence, actor, dice).act()
                done["done"] += 1
                said.update([spoken] if spoken else [])
            except DomainError:
                done["refused"] += 1
        return done

    running = [crowd.pool.submit(tick), *(crowd.pool.submit(live, seed) for seed in range(THREADS))]
    done = sum((one.result() for one in running), Counter[str]())
    crowd.pool.shutdown()
    print(dict(done))
    assert done["done"] > THREADS
    check_questions(engine, world)
    check_messages(engine, said)


def check_questions(engine: Engine, world: World) -> None:
    with engine.connect() as connection:
        facts = read_facts(connection)
    rings = Counter(offer["ticket_id"] for offer in facts.ringing())
    people = Counter(offer["account_id"] for offer in facts.ringing())
    assert {*rings.values(), *people.values()} <= {1}
    for ticket in facts.tickets.values():
        steps, custodies = facts.steps[ticket["id"]], facts.custodies[ticket["id"]]
        assert [step["number"] for step in steps] == list(range(1, ticket["steps"] + 1))
        check_state(ticket, tell(steps), is_ringing=ticket["id"] in rings)
        check_custody(ticket, custodies)
        check_way(world.chain(ticket["unit_id"]), custodies, steps)


def check_messages(engine: Engine, said: Counter[tuple[UUID, str]]) -> None:
    """All that was acknowledged stands there once, under numbers without gaps."""
    numbers: dict[UUID, list[int]] = defaultdict(list)
    stored: Counter[tuple[UUID, str]] = Counter()
    with engine.connect() as connection:
        for row in connection.execute(select(Message).order_by(Message.conversation_id, Message.number)):
            numbers[row.conversation_id].append(row.number)
            if row.sender_id is not None and row.number > 1:
                stored[row.conversation_id, row.body] += 1
        last = dict(connection.execute(select(Conversation.id, Conversation.last_number)).all())
    assert stored == said
    assert {one: found == list(range(1, last[one] + 1)) for one, found in numbers.items()} == dict.fromkeys(last, True)
