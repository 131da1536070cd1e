"""What must hold for questions, said a second time in plain SQL and Python, apart from the code that it judges.

The way of a question is read from its steps alone; who is there is what the test itself did to the world.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, RowMapping, text

from tests.helpdesk.small_worlds import KnownPerson, World

SEARCH_STARTS = ("asked", "passed_up", "returned", "reopened", "released")
TALKING_STARTS = ("accepted", "taken")


@dataclass(slots=True)
class Facts:
    """The tables of the help desk at one moment."""

    tickets: dict[UUID, RowMapping]
    steps: dict[UUID, list[RowMapping]]
    custodies: dict[UUID, list[RowMapping]]
    offers: list[RowMapping]
    idle_since: dict[UUID, datetime]
    there_since: dict[UUID, datetime]

    def ringing(self) -> list[RowMapping]:
        """List the offers that ring."""
        return [offer for offer in self.offers if offer["state"] == "ringing"]

    def talking(self) -> Counter[UUID]:
        """Count for each person the questions that they are answering."""
        return Counter(one["handler_id"] for one in self.tickets.values() if one["state"] == "talking")


def read_facts(connection: Connection) -> Facts:
    """Read all of it."""

    def grouped(query: str) -> dict[UUID, list[RowMapping]]:
        found: dict[UUID, list[RowMapping]] = defaultdict(list)
        for row in connection.execute(text(query)).mappings():
            found[row["ticket_id"]].append(row)
        return found

    duties = connection.execute(text("SELECT account_id, idle_since, there_since FROM duty")).all()
    return Facts(
        {row["id"]: row for row in connection.execute(text("SELECT * FROM ticket ORDER BY asked_at")).mappings()},
        grouped("SELECT * FROM ticket_step ORDER BY ticket_id, number"),
        grouped("SELECT * FROM custody ORDER BY ticket_id, since, until NULLS LAST"),
        list(connection.execute(text("SELECT * FROM offer ORDER BY created_at")).mappings()),
        {account_id: idle for account_id, idle, _ in duties},
        {account_id: there for account_id, _, there in duties},
    )


@dataclass(slots=True)
class Story:
    """Where a question stands, told from its steps."""

    phase: str = "searching"
    may_climb: bool = False
    desk_id: UUID | None = None
    handler_id: UUID | None = None
    preferred_id: UUID | None = None
    rang: dict[UUID, datetime] = field(default_factory=dict)
    turned: dict[UUID, datetime] = field(default_factory=dict)
    """Who let the question ring out or declined in this search, and when it had begun to ring for them."""
    answerers: dict[UUID, UUID] = field(default_factory=dict)
    """Who answered last at each desk."""

    def had_their_turn(self, person: KnownPerson) -> bool:
        """Say whether it rang for somebody in vain in this search, and they have not come back since."""
        return person.id in self.turned and self.turned[person.id] >= person.there_since


def tell(steps: Sequence[RowMapping]) -> Story:
    """Tell the story of a question."""
    story = Story()
    for step in steps:
        kind, details = step["kind"], step["details"]
        rung = UUID(details["account_id"]) if "account_id" in details else None
        if kind in SEARCH_STARTS:
            _begin_search(story, step, details)
        elif kind == "rang" and rung is not None:
            story.rang[rung] = step["at"]
        elif kind in ("declined", "rang_out") and rung is not None:
            story.turned[rung] = story.rang[rung]
        elif kind == "record_submitted":
            story.may_climb = True
        elif kind in TALKING_STARTS:
            story.phase, story.handler_id, story.desk_id = "talking", step["actor_id"], step["desk_id"]
            story.answerers[step["desk_id"]] = step["actor_id"]
        elif kind == "resolved":
            story.phase = "resolved"
        elif kind == "confirmed":
            story.phase = "closed"
    return story


def _begin_search(story: Story, step: RowMapping, details: dict[str, Any]) -> None:
    kind = step["kind"]
    answered_by = story.handler_id
    story.phase, story.handler_id, story.preferred_id = "searching", None, None
    story.turned, story.rang = {}, {}
    if kind == "asked":
        story.desk_id = step["desk_id"]
    elif kind == "passed_up":
        story.desk_id, story.may_climb = UUID(details["to_desk_id"]), True
    elif kind == "returned":
        story.desk_id, story.may_climb = UUID(details["to_desk_id"]), False
        story.preferred_id = story.answerers.get(story.desk_id)
    elif kind == "reopened":
        story.may_climb, story.preferred_id = True, answered_by


def search_range(world: World, ticket: RowMapping, story: Story) -> list[UUID]:
    """Name the desks that the search may reach now, nearest first."""
    chain = world.chain(ticket["unit_id"])
    assert story.desk_id is not None
    start = chain.index(story.desk_id)
    return chain[start:] if story.may_climb else [story.desk_id]


def candidates(world: World, facts: Facts, ticket: RowMapping, desk_id: UUID, at: datetime) -> list[KnownPerson]:
    """Name who could be rung for a question at a desk, best first."""
    if not world.desks[desk_id].is_open(at):
        return []
    story, talking = tell(facts.steps[ticket["id"]]), facts.talking()
    busy = {offer["account_id"] for offer in facts.ringing()}
    free = [
        person
        for person in world.members(desk_id)
        if person.accepting
        and person.is_connected(at)
        and person.id not in busy
        and talking[person.id] < person.capacity
        and person.id != ticket["requester_id"]
        and not story.had_their_turn(person)
    ]
    return sorted(
        free,
        key=lambda one: (one.id != story.preferred_id, talking[one.id], facts.idle_since[one.id], one.id),
    )


# ── at the moment of each new offer ───────────────────────────────────────────────────────────────────────────────────


def check_new_offer(world: World, facts: Facts, offer_id: UUID, at: datetime) -> None:
    """Nobody nearer was there, and here nobody comes before the one who is rung."""
    offer = next(one for one in facts.offers if one["id"] == offer_id)
    facts.offers = [one for one in facts.offers if one["id"] != offer_id]
    ticket = facts.tickets[offer["ticket_id"]]
    reach = search_range(world, ticket, tell(facts.steps[ticket["id"]]))
    assert offer["desk_id"] in reach, "an offer beyond the range of its search"
    for desk_id in reach[: reach.index(offer["desk_id"])]:
        assert not candidates(world, facts, ticket, desk_id, at), "a level was skipped that had somebody"
    here = candidates(world, facts, ticket, offer["desk_id"], at)
    assert here, "an offer for somebody who is not available"
    assert here[0].id == offer["account_id"], "not the one with the fewest open, then longest idle"
    ring_seconds = (offer["ends_at"] - offer["created_at"]).total_seconds()
    assert ring_seconds == world.desks[offer["desk_id"]].ring_seconds


# ── after the clock's ticks ───────────────────────────────────────────────────────────────────────────────────────────


def check_after_ticks(world: World, facts: Facts, at: datetime) -> None:
    """Nothing rings for who is gone, and nothing waits for who is there."""
    talking = facts.talking()
    for offer in facts.ringing():
        person = world.people[offer["account_id"]]
        assert offer["ends_at"] > at, "rings beyond its time"
        assert person.is_connected(at), "rings for somebody who is not connected"
        assert person.accepting, "rings for somebody who does not accept"
        assert person.may_answer_at(offer["desk_id"]), "rings for somebody whose role has ended"
        assert talking[person.id] < person.capacity, "rings for somebody who has all hands full"
    for ticket in facts.tickets.values():
        story = tell(facts.steps[ticket["id"]])
        if ticket["state"] == "waiting":
            for desk_id in search_range(world, ticket, story):
                assert not candidates(world, facts, ticket, desk_id, at), "waits while somebody is there"
        if ticket["state"] == "talking":
            person = world.people[ticket["handler_id"]]
            assert person.may_answer_at(ticket["custody_desk_id"]), "is with somebody whose role has ended"


# ── after each step ───────────────────────────────────────────────────────────────────────────────────────────────────


def check_always(world: World, facts: Facts) -> None:
    """One custodian, a way that climbs, steps in order, one ring at a time."""
    for kind in ("ticket_id", "account_id"):
        rings = Counter(offer[kind] for offer in facts.ringing())
        assert all(count == 1 for count in rings.values()), f"two offers ring for one {kind}"
    ringing = {offer["ticket_id"] for offer in facts.ringing()}
    for ticket in facts.tickets.values():
        steps = facts.steps[ticket["id"]]
        check_state(ticket, tell(steps), is_ringing=ticket["id"] in ringing)
        check_custody(ticket, facts.custodies[ticket["id"]])
        check_way(world.chain(ticket["unit_id"]), facts.custodies[ticket["id"]], steps)
        assert [step["number"] for step in steps] == list(range(1, ticket["steps"] + 1)), "steps with a gap"
        assert all(one["at"] <= two["at"] for one, two in pairwise(steps)), "steps out of order"
    for person in world.technicians:
        assert facts.there_since[person.id] == person.there_since, "has come back at another time"
        assert facts.idle_since[person.id] == person.idle_since, "is idle since another time"


def check_state(ticket: RowMapping, story: Story, *, is_ringing: bool) -> None:
    """The ticket's own columns say what its steps say."""
    expected = story.phase if story.phase != "searching" else "ringing" if is_ringing else "waiting"
    assert ticket["state"] == expected, f"steps say {expected}, the ticket {ticket['state']}"
    assert ticket["custody_desk_id"] == story.desk_id, "another desk than the steps say"
    assert ticket["handler_id"] == story.handler_id, "somebody else than the steps say"
    assert ticket["may_climb"] == story.may_climb, "climbs another way than the steps say"
    assert not (is_ringing and story.phase != "searching"), "rings although it does not search"


def check_custody(ticket: RowMapping, custodies: Sequence[RowMapping]) -> None:
    """At every moment from asking to closing exactly one desk answers for the question."""
    open_now = [one["desk_id"] for one in custodies if one["is_open"]]
    assert open_now == ([] if ticket["state"] == "closed" else [ticket["custody_desk_id"]]), "not one custodian"
    assert custodies[0]["since"] == ticket["asked_at"]
    assert custodies[-1]["until"] == ticket["closed_at"]
    for one, two in pairwise(custodies):
        assert one["until"] == two["since"], "custody with a gap or twice at a time"


def check_way(chain: list[UUID], custodies: Sequence[RowMapping], steps: Sequence[RowMapping]) -> None:
    """The question climbs or is returned on record, and each change of custody has its step at that time and desk."""
    assert custodies[0]["desk_id"] == chain[0], "does not start at the lowest desk"
    for one, two in pairwise(custodies):
        way = chain.index(two["desk_id"]) - chain.index(one["desk_id"])
        assert way < 0 if two["reason"] == "returned" else way > 0, "the chain climbs only, or is returned on record"
        if two["reason"] == "passed_up":
            assert way == 1, "passed over a desk"
    moves = [(one["reason"], one["since"], one["desk_id"]) for one in custodies]
    assert moves == list(told_moves(steps)), "custody and steps tell different ways"


def told_moves(steps: Sequence[RowMapping]) -> list[tuple[str, datetime, UUID]]:
    """Tell from the steps which desk took the question into custody when, and why."""
    moves: list[tuple[str, datetime, UUID]] = []
    for step in steps:
        kind = step["kind"]
        if kind == "asked":
            moves.append((kind, step["at"], step["desk_id"]))
        elif kind in ("passed_up", "returned"):
            moves.append((kind, step["at"], UUID(step["details"]["to_desk_id"])))
        elif kind in TALKING_STARTS and step["desk_id"] != moves[-1][2]:
            moves.append(("accepted", step["at"], step["desk_id"]))
    return moves
