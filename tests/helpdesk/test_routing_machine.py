"""Everything that can happen to questions, in random order over random trees; after each step the oracle looks.

`DESK_HYPOTHESIS=deep` runs for many minutes and with new randomness; without it the same examples run every time.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import time, timedelta

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, precondition, rule, run_state_machine_as_test
from sqlalchemy import Engine, RowMapping

from registry_core.db import transaction
from registry_core.store import Redis
from tests.helpdesk.routing_acts import RoutingActs
from tests.helpdesk.routing_drive import TICKS
from tests.helpdesk.small_worlds import GONE_AFTER, KnownPerson, Plan, World, plans

IS_DEEP = os.environ.get("DESK_HYPOTHESIS") == "deep"
HOURS = (None, None, (time(9, 0), time(9, 4)), (time(9, 2), time(12, 0)))
BODIES = ("您好", "好的\n谢谢", "😀 𠮷", "一")
# The first of each is what hypothesis tries most.
PICK = st.integers(0, 59)
IS_RIGHT = st.sampled_from([True, True, True, False])
ACCEPT = st.sampled_from([True, True, False])
FINISH = st.sampled_from(["up", "resolve", "back", "up"])
EDGE = st.sampled_from([0, -1, 1]).map(lambda number: timedelta(milliseconds=number))


class RoutingMachine(RoutingActs):
    """Chooses who does what next; mostly somebody who may, now and then somebody who may not."""

    @initialize(plan=plans())
    def build(self, plan: Plan) -> None:
        with transaction(self.sessions) as session:
            self.world = World(session, plan)
        for person, is_there in zip(self.world.technicians, plan.on_duty, strict=True):
            if is_there:
                self.come_on_duty(person)
        for person in self.world.askers:
            self.later()
            self.do_ask(person)

    # ── questions on their way ────────────────────────────────────────────────────────────────────────────────────────

    @rule(pick=PICK)
    def ask(self, pick: int) -> None:
        self.later()
        self.do_ask(self.person(pick))

    @precondition(lambda self: self.asked)
    @rule(pick=PICK, accept=ACCEPT, how=FINISH, by=PICK)
    def go_on(self, pick: int, by: int, how: str, *, accept: bool) -> None:
        """Do the next thing to a question that leads it on, by somebody who may."""
        self.later()
        ticket = self.ticket(pick)
        asker = self.world.people[ticket["requester_id"]]
        if ticket["state"] == "ringing":
            offer = next(one for one in self.seen.ringing() if one["ticket_id"] == ticket["id"])
            self.do_answer_offer(self.world.people[offer["account_id"]], offer, accept=accept)
        elif ticket["state"] == "waiting" and not ticket["may_climb"]:
            self.do_submit_record(asker, ticket)
        elif ticket["state"] == "waiting":
            self.come_on_duty(self.member(ticket, by))
        elif ticket["state"] == "talking":
            self.do_finish(self.world.people[ticket["handler_id"]], ticket, how)
        elif accept:
            self.do_reopen(asker, ticket)
        else:
            self.do_confirm(asker, ticket)

    @precondition(lambda self: self.asked)
    @rule(pick=PICK, by=PICK, is_right=IS_RIGHT, how=st.sampled_from(["record", "reopen", "confirm"]))
    def react_as_asker(self, pick: int, by: int, how: str, *, is_right: bool) -> None:
        self.later()
        ticket = self.ticket(pick, "waiting" if how == "record" else "resolved")
        person = self.world.people[ticket["requester_id"]] if is_right else self.person(by)
        {"record": self.do_submit_record, "reopen": self.do_reopen, "confirm": self.do_confirm}[how](person, ticket)

    @precondition(lambda self: self.seen.offers)
    @rule(pick=PICK, by=PICK, accept=ACCEPT, is_right=IS_RIGHT)
    def answer_offer(self, pick: int, by: int, *, accept: bool, is_right: bool) -> None:
        """Answer an offer: one that rings if any does, or a finished one once more."""
        self.later()
        offers = self.seen.ringing() or self.seen.offers
        offer = offers[pick % len(offers)]
        self.do_answer_offer(
            self.world.people[offer["account_id"]] if is_right else self.person(by), offer, accept=accept
        )

    @precondition(lambda self: self.seen.ringing())
    @rule(pick=PICK, edge=EDGE, accept=ACCEPT, is_silent=st.booleans())
    def answer_at_the_last_moment(self, pick: int, edge: timedelta, *, accept: bool, is_silent: bool) -> None:
        offers = self.seen.ringing()
        offer = offers[pick % len(offers)]
        until = max(self.now, offer["ends_at"] + edge)
        if is_silent:
            self.clock.instant = until
        else:
            self.let_pass(until)
        offer = next(one for one in self.facts().offers if one["id"] == offer["id"])
        self.do_answer_offer(self.world.people[offer["account_id"]], offer, accept=accept)

    @precondition(lambda self: self.asked)
    @rule(pick=PICK, by=PICK, is_right=IS_RIGHT)
    def take(self, pick: int, by: int, *, is_right: bool) -> None:
        self.later()
        ticket = self.ticket(pick, "waiting", "ringing")
        self.do_take(self.member(ticket, by) if is_right else self.person(by), ticket)

    @precondition(lambda self: self.asked)
    @rule(pick=PICK, by=PICK, how=FINISH, is_right=IS_RIGHT)
    def finish(self, pick: int, by: int, how: str, *, is_right: bool) -> None:
        self.later()
        ticket = self.ticket(pick, "talking")
        handler_id = ticket["handler_id"] if is_right else None
        self.do_finish(self.world.people[handler_id] if handler_id else self.person(by), ticket, how)

    # ── what is said ──────────────────────────────────────────────────────────────────────────────────────────────────

    @precondition(lambda self: self.asked)
    @rule(pick=PICK, by=PICK, who=st.sampled_from(["handler", "asker", "anybody"]), body=st.sampled_from(BODIES))
    def say(self, pick: int, by: int, who: str, body: str) -> None:
        self.later()
        ticket = self.ticket(pick, "talking", "resolved")
        speakers = {"handler": ticket["handler_id"], "asker": ticket["requester_id"], "anybody": self.person(by).id}
        self.do_say(self.world.people[speakers[who] or ticket["requester_id"]], ticket, body)

    @precondition(lambda self: self.asked)
    @rule(pick=PICK, by=PICK, how=st.sampled_from(["question", "message", "other text"]))
    def send_twice(self, pick: int, by: int, how: str) -> None:
        self.later()
        if how == "question":
            self.do_ask_again(*self.asked[pick % len(self.asked)])
            return
        ticket = self.ticket(pick)
        lines = self.spoken.lines[ticket["conversation_id"]]
        numbers = [number for number, line in enumerate(lines, start=1) if line.sender_id is not None]
        self.do_say_again(ticket, numbers[by % len(numbers)], other=how == "other text")

    @precondition(lambda self: self.asked)
    @rule(pick=PICK, by=PICK, after=st.integers(0, 12))
    def read_after(self, pick: int, by: int, after: int) -> None:
        self.do_read(self.person(by), self.ticket(pick), after)

    # ── who is there ──────────────────────────────────────────────────────────────────────────────────────────────────

    @precondition(lambda self: self.world.technicians)
    @rule(pick=PICK, how=st.sampled_from(["on duty", "silent", "on duty", "off", "close", "open", "on"]))
    def come_or_go(self, pick: int, how: str) -> None:
        """Open or close the page (or lose the line without a word), or press the presence switch."""
        person = self.technician(pick)
        if how == "on duty":
            self.come_on_duty(person)
            return
        self.later()
        if how in ("on", "off"):
            self.do_switch(person, accepting=how == "on")
            return
        person.page_open = how == "open"
        if how == "open":
            self.beat(person)
        elif how == "close":
            person.last_beat = None
            self.presence.leave(person.id)
        self.look()

    @precondition(lambda self: self.world.desks)
    @rule(
        pick=PICK,
        hours=st.sampled_from(HOURS),
        on=IS_RIGHT,
        how=st.sampled_from(["capacity", "desk", "role", "restart"]),
    )
    def disturb(self, pick: int, how: str, *, hours: tuple[time, time] | None, on: bool) -> None:
        """Change how much somebody takes, a desk's settings, a role, or start every process anew."""
        self.later()
        if how == "restart":
            self.restart(with_pages=on)
        elif how == "desk":
            desk = list(self.world.desks.values())[pick % len(self.world.desks)]
            self.do_set_desk(desk, hours, on=on, ring_seconds=(20, 5)[pick % 2])
        elif how == "capacity":
            self.do_change_capacity(self.technician(pick), (2, 1, 3)[pick % 3])
        else:
            person = self.technician(pick)
            desk_ids = list(person.desk_roles)
            self.do_change_role(person, self.world.desks[desk_ids[pick % len(desk_ids)]])

    def restart(self, *, with_pages: bool) -> None:
        """Let every process end and Valkey be empty: what counts stands in the tables; open pages may come back."""
        self.start_anew()
        self.store.flushall()
        for person in self.world.technicians:
            person.last_beat = None
        self.look()
        self.later()
        for person in self.world.technicians if with_pages else ():
            if person.page_open:
                self.beat(person)
        self.look()

    # ── time ──────────────────────────────────────────────────────────────────────────────────────────────────────────

    @rule(seconds=st.sampled_from([1, 3, 5, 20, 60]))
    def let_time_pass(self, seconds: int) -> None:
        self.let_pass(self.now + timedelta(seconds=seconds))
        self.tick_all()

    @precondition(lambda self: any(person.last_beat for person in self.world.technicians))
    @rule(pick=PICK, edge=EDGE)
    def fall_silent(self, pick: int, edge: timedelta) -> None:
        """Nobody is heard of until fifteen seconds after somebody's last heartbeat, or a moment before or after."""
        heard = [person.last_beat for person in self.world.technicians if person.last_beat is not None]
        self.clock.instant = max(self.now, heard[pick % len(heard)] + GONE_AFTER + edge)
        self.tick_all()

    @precondition(lambda self: self.asked)
    @rule(which=st.sampled_from([None, *TICKS]))
    def tick(self, which: Callable[..., object] | None) -> None:
        self.later()
        if which is None:
            self.tick_all()
        else:
            self.run_ticks(which)
            self.look()

    # ── choosing ──────────────────────────────────────────────────────────────────────────────────────────────────────

    def come_on_duty(self, person: KnownPerson) -> None:
        """Open the page and take questions."""
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
        """Choose a member of the desk that has the question, or anybody where it has none."""
        members = self.world.members(ticket["custody_desk_id"]) or self.world.technicians
        return members[by % len(members)] if members else self.person(by)

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

    examples, steps = (600, 80) if IS_DEEP else (50, 40)
    depth = settings(
        max_examples=examples,
        stateful_step_count=steps,
        deadline=None,
        database=None,
        derandomize=not IS_DEEP,
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(Machine, settings=depth)
