"""Everything that can happen to questions, in random order over random trees; after each step the oracle looks.

`DESK_HYPOTHESIS=deep` runs for many minutes and with new randomness; without it the same examples run every time.
"""

from __future__ import annotations

import os
from datetime import time, timedelta

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, rule, run_state_machine_as_test
from sqlalchemy import Engine, RowMapping

from registry_core.db import transaction
from registry_core.store import Redis
from tests.helpdesk.routing_acts import RoutingActs
from tests.helpdesk.routing_drive import TICKS
from tests.helpdesk.small_worlds import GONE_AFTER, MOSTLY, KnownPerson, Plan, World, plans

IS_DEEP = os.environ.get("DESK_HYPOTHESIS") == "deep"
BODIES = ("您好", "好的\n谢谢", "😀 𠮷", "一")
EDGES = tuple(timedelta(milliseconds=number) for number in (0, -1, 1))
HOURS = (None, None, (time(9, 0), time(9, 4)), (time(9, 2), time(12, 0)))
# How often each happens. One rule for all of them: hypothesis would leave out most rules in most runs, and a question
# that nobody answers, or that never climbs, goes nowhere.
SHARES = {
    "go_on": 12,
    "ask": 2,
    "react_as_asker": 2,
    "answer_offer": 2,
    "answer_at_the_last_moment": 2,
    "take": 2,
    "finish": 2,
    "say": 3,
    "send_twice": 2,
    "read_after": 2,
    "come_on_duty": 5,
    "come_or_go": 3,
    "change_capacity": 2,
    "change_role": 1,
    "change_certificate": 1,
    "set_desk": 2,
    "restart": 1,
    "let_time_pass": 4,
    "fall_silent": 1,
    "tick": 3,
}
WHAT = st.sampled_from([what for what, share in SHARES.items() for _ in range(share)])


class RoutingMachine(RoutingActs):
    """Chooses who does what next; mostly somebody who may, now and then somebody who may not.

    `pick`, `by` and `how` choose among what there is; `right` whether somebody does it who may.
    """

    @initialize(plan=plans())
    def build(self, plan: Plan) -> None:
        with transaction(self.sessions) as session:
            self.world = World(session, plan)
        for person, is_there in zip(self.world.technicians, plan.on_duty, strict=True):
            if is_there:
                self.put_on_duty(person)
        for person, may_climb in zip(self.world.askers, plan.climb, strict=True):
            self.later()
            self.do_ask(person)
            waiting = [one for one in self.seen.tickets.values() if one["state"] == "waiting"]
            if may_climb and waiting and waiting[-1]["requester_id"] == person.id:
                self.do_submit_record(person, waiting[-1])

    @rule(what=WHAT, pick=st.integers(0, 59), by=st.integers(0, 59), how=st.integers(0, 11), right=MOSTLY)
    def step(self, what: str, pick: int, by: int, how: int, *, right: bool) -> None:
        """Do one thing; where it cannot be done now, somebody asks or comes on duty."""
        self.later()
        if not self.seen.tickets:
            what = "ask"
        elif what in ("answer_offer", "answer_at_the_last_moment") and not self.seen.ringing():
            what = "come_on_duty"
        if not self.world.technicians and what.startswith(("come_", "change_")):
            what = "tick"
        getattr(self, what)(pick, by, how, right=right)

    # ── questions on their way ────────────────────────────────────────────────────────────────────────────────────────

    def ask(self, pick: int, _by: int, _how: int, *, right: bool) -> None:
        self.do_ask(self.person(pick) if right else self.world.askers[0])

    def go_on(self, pick: int, by: int, how: int, *, right: bool) -> None:
        """Do the next thing to a question that leads it on, by somebody who may."""
        ticket = self.ticket(pick)
        asker = self.world.people[ticket["requester_id"]]
        if ticket["state"] == "ringing":
            offer = next(one for one in self.seen.ringing() if one["ticket_id"] == ticket["id"])
            self.do_answer_offer(self.world.people[offer["account_id"]], offer, accept=right)
        elif ticket["state"] == "waiting" and not ticket["may_climb"] and right:
            self.do_submit_record(asker, ticket)
        elif ticket["state"] == "waiting" and self.world.technicians:
            self.put_on_duty(self.member(ticket, by))
        elif ticket["state"] == "talking":
            self.do_finish(self.world.people[ticket["handler_id"]], ticket, ("up", "back", "resolve", "up")[how % 4])
        elif right:
            self.do_reopen(asker, ticket)
        else:
            self.do_confirm(asker, ticket)

    def react_as_asker(self, pick: int, by: int, how: int, *, right: bool) -> None:
        act, state = (
            (self.do_submit_record, "waiting"),
            (self.do_reopen, "resolved"),
            (self.do_confirm, "resolved"),
        )[how % 3]
        ticket = self.ticket(pick, state)
        act(self.world.people[ticket["requester_id"]] if right else self.person(by), ticket)

    def answer_offer(self, pick: int, by: int, how: int, *, right: bool) -> None:
        """Answer an offer: one that rings, or now and then a finished one once more."""
        offers = self.seen.offers if how == 0 else self.seen.ringing()
        offer = offers[pick % len(offers)]
        person = self.world.people[offer["account_id"]] if right else self.person(by)
        self.do_answer_offer(person, offer, accept=how % 3 > 0)

    def answer_at_the_last_moment(self, pick: int, by: int, how: int, *, right: bool) -> None:
        """Answer when it has just rung out, a moment before or after; with open pages that beat, or in silence."""
        offers = self.seen.ringing()
        offer = offers[pick % len(offers)]
        until = max(self.now, offer["ends_at"] + EDGES[by % 3])
        if right:
            self.let_pass(until)
        else:
            self.clock.instant = until
        offer = next(one for one in self.facts().offers if one["id"] == offer["id"])
        self.do_answer_offer(self.world.people[offer["account_id"]], offer, accept=how % 3 > 0)

    def take(self, pick: int, by: int, _how: int, *, right: bool) -> None:
        ticket = self.ticket(pick, "waiting", "ringing")
        self.do_take(self.member(ticket, by) if right and self.world.technicians else self.person(by), ticket)

    def finish(self, pick: int, by: int, how: int, *, right: bool) -> None:
        ticket = self.ticket(pick, "talking")
        handler_id = ticket["handler_id"] if right else None
        person = self.world.people[handler_id] if handler_id else self.person(by)
        self.do_finish(person, ticket, ("up", "back", "resolve")[how % 3])

    # ── what is said ──────────────────────────────────────────────────────────────────────────────────────────────────

    def say(self, pick: int, by: int, how: int, *, right: bool) -> None:
        ticket = self.ticket(pick, "talking", "resolved")
        speaker_id = (ticket["requester_id"], ticket["handler_id"])[how % 2] if right else None
        self.do_say(self.world.people[speaker_id] if speaker_id else self.person(by), ticket, BODIES[by % 4])

    def send_twice(self, pick: int, by: int, how: int, *, right: bool) -> None:
        """Send a question or a message once more, or another text under its id."""
        if how % 3 == 0:
            self.do_ask_again(*self.asked[pick % len(self.asked)])
            return
        ticket = self.ticket(pick)
        lines = self.spoken.lines[ticket["conversation_id"]]
        numbers = [number for number, line in enumerate(lines, start=1) if line.sender_id is not None]
        self.do_say_again(ticket, numbers[by % len(numbers)], other=not right)

    def read_after(self, pick: int, by: int, how: int, *, right: bool) -> None:
        ticket = self.ticket(pick)
        self.do_read(self.world.people[ticket["requester_id"]] if right else self.person(by), ticket, how)

    # ── who is there ──────────────────────────────────────────────────────────────────────────────────────────────────

    def come_on_duty(self, pick: int, _by: int, _how: int, *, right: bool) -> None:
        del right
        self.put_on_duty(self.technician(pick))

    def come_or_go(self, pick: int, _by: int, how: int, *, right: bool) -> None:
        """Open or close the page (or lose the line without a word), or press the presence switch."""
        person = self.technician(pick)
        if how % 2:
            self.do_switch(person, accepting=right)
            return
        person.page_open = how % 3 == 0
        if person.page_open:
            self.beat(person)
        elif not right:
            person.last_beat = None
            self.presence.leave(person.id)
        self.look()

    def change_capacity(self, pick: int, _by: int, how: int, *, right: bool) -> None:
        self.do_change_capacity(self.technician(pick), 1 if right else 1 + how % 3)

    def change_role(self, pick: int, by: int, _how: int, *, right: bool) -> None:
        del right
        person = self.technician(pick)
        desk_ids = list(person.desk_roles)
        self.do_change_role(person, self.world.desks[desk_ids[by % len(desk_ids)]])

    def change_certificate(self, pick: int, _by: int, _how: int, *, right: bool) -> None:
        del right
        self.do_change_certificate(self.technician(pick))

    def set_desk(self, pick: int, by: int, how: int, *, right: bool) -> None:
        desks = list(self.world.desks.values())
        if desks:
            self.do_set_desk(desks[pick % len(desks)], HOURS[how % 4], on=right, ring_seconds=(20, 5)[by % 2])

    def restart(self, _pick: int, _by: int, _how: int, *, right: bool) -> None:
        """Let every process end and Valkey be empty: what counts stands in the tables; open pages may come back."""
        self.start_anew()
        self.store.flushall()
        for person in self.world.technicians:
            person.last_beat = None
        self.look()
        self.later()
        for person in self.world.technicians if right else ():
            if person.page_open:
                self.beat(person)
        self.look()

    # ── time ──────────────────────────────────────────────────────────────────────────────────────────────────────────

    def let_time_pass(self, _pick: int, _by: int, how: int, *, right: bool) -> None:
        self.let_pass(self.now + timedelta(seconds=(1, 3, 5, 20)[how % 4] if right else 60))
        self.tick_all()

    def fall_silent(self, pick: int, by: int, _how: int, *, right: bool) -> None:
        """Nobody is heard of until fifteen seconds after somebody's last heartbeat, or a moment before or after."""
        del right
        heard = [person.last_beat for person in self.world.technicians if person.last_beat is not None]
        if heard:
            self.clock.instant = max(self.now, heard[pick % len(heard)] + GONE_AFTER + EDGES[by % 3])
        self.tick_all()

    def tick(self, pick: int, _by: int, _how: int, *, right: bool) -> None:
        if right:
            self.tick_all()
        else:
            self.run_ticks(TICKS[pick % len(TICKS)])
            self.look()

    # ── choosing ──────────────────────────────────────────────────────────────────────────────────────────────────────

    def put_on_duty(self, person: KnownPerson) -> None:
        """Let somebody open the page and take questions."""
        self.later()
        person.page_open = True
        self.beat(person)
        self.do_switch(person, accepting=True)

    def person(self, pick: int) -> KnownPerson:
        people = self.world.askers + self.world.technicians
        return people[pick % len(people)]

    def technician(self, pick: int) -> KnownPerson:
        return self.world.technicians[pick % len(self.world.technicians)]

    def member(self, ticket: RowMapping, by: int) -> KnownPerson:
        """Choose a member of the desk that has the question, or any technician where it has none."""
        members = self.world.members(ticket["custody_desk_id"]) or self.world.technicians
        return members[by % len(members)]

    def ticket(self, pick: int, *states: str) -> RowMapping:
        """Choose a question, as a rule an open one, or one in one of these states if there is any."""
        every = list(self.seen.tickets.values())
        wanted = [one for one in every if (one["state"] in states if states else one["state"] != "closed")]
        found = wanted if wanted and pick < 54 else every
        return found[pick % len(found)]


def test_questions_keep_their_way_whatever_happens(engine: Engine, store: Redis) -> None:
    class Machine(RoutingMachine):
        def __init__(self) -> None:
            super().__init__(engine, store)

    examples, steps = (600, 80) if IS_DEEP else (40, 50)
    depth = settings(
        max_examples=examples,
        stateful_step_count=steps,
        deadline=None,
        database=None,
        derandomize=not IS_DEEP,
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(Machine, settings=depth)
