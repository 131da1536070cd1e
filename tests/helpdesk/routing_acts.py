"""What people do to questions, each with what must come of it: the refusal that it earns, or that it is done."""

from __future__ import annotations

from collections.abc import Callable
from datetime import time
from functools import partial
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import RowMapping, update

from chat import services as chat
from chat.errors import ClientIdReused, ConversationNotFound, ConversationReadOnly
from chat.queries import list_messages
from helpdesk.errors import (
    NoDeskAbove,
    NoHigherTier,
    NothingToReturnTo,
    NotYourTicket,
    OfferGone,
    OfferNotFound,
    OwnQuestion,
    QuestionNotFound,
    TicketNotOpen,
)
from helpdesk.models import Duty, Urgency
from helpdesk.services import answering, asking
from helpdesk.services.asking import Question, RecordDetails
from helpdesk.services.desks import DeskSettings, set_desk
from helpdesk.services.duty import set_accepting
from registry_core.access.errors import NotQualified
from registry_core.access.models import Qualification, Role
from registry_core.access.services import end_role, grant_role
from registry_core.calendars.hours_text import Slot
from registry_core.db import transaction
from registry_core.errors import DomainError, Forbidden
from tests.certificates import certify
from tests.helpdesk.routing_drive import RoutingDrive
from tests.helpdesk.small_worlds import KnownDesk, KnownPerson
from tests.helpdesk.spoken import Said

DETAILS = RecordDetails("重启过", "招生页面", "打不开", "今天早上", 3, Urgency.HIGH, "13800000000")
Refusal = type[DomainError] | None


class RoutingActs(RoutingDrive):
    """Every act says beforehand what must come of it."""

    def attempt(self, person: KnownPerson, do: Callable[..., Any], refusal: Refusal) -> Any:
        """Let somebody try something that must succeed, or be refused in this way; then look at everything."""
        answer = None
        if refusal is None:
            answer = self.act(person, do)
        else:
            with pytest.raises(refusal):
                self.act(person, do)
        self.look()
        return answer

    # ── the asker ─────────────────────────────────────────────────────────────────────────────────────────────────────

    def do_ask(self, person: KnownPerson) -> None:
        """Ask something new, from the lowest unit where the person holds a role."""
        question = Question(f"怎么办？{len(self.asked)}", str(uuid4()), "/page", "browser")
        homes = self.world.homes(person)
        try:
            ticket = self.act(person, partial(asking.ask_question, presence=self.presence, question=question))
        except NoDeskAbove:
            assert any(not self.world.chain(unit_id) for unit_id in homes)
            return
        assert ticket.unit_id in homes
        self.asked.append((person, question, ticket.id))
        self.spoken.expect(ticket.conversation_id, Said(person.id, question.client_id, question.body))
        self.look()

    def do_ask_again(self, person: KnownPerson, question: Question, ticket_id: UUID) -> None:
        """Send the same form twice: it is the same question, and nothing has happened."""
        before = self.seen.tickets
        again = self.act(person, partial(asking.ask_question, presence=self.presence, question=question))
        assert again.id == ticket_id
        self.look()
        assert self.seen.tickets == before

    def do_submit_record(self, person: KnownPerson, ticket: RowMapping) -> None:
        """Submit the record, which must have been opened, while the question is open."""
        was_opened = any(step["kind"] == "record_opened" for step in self.seen.steps[ticket["id"]])
        is_allowed = was_opened and ticket["state"] not in ("resolved", "closed")
        act = partial(asking.submit_record, presence=self.presence, ticket_id=ticket["id"], details=DETAILS)
        self.attempt(person, act, self.refusal_to_asker(person, ticket, is_allowed=is_allowed))

    def do_confirm(self, person: KnownPerson, ticket: RowMapping) -> None:
        """Confirm the answer."""
        refusal = self.refusal_to_asker(person, ticket, is_allowed=ticket["state"] == "resolved")
        self.attempt(person, partial(asking.confirm_resolution, ticket_id=ticket["id"]), refusal)

    def do_reopen(self, person: KnownPerson, ticket: RowMapping) -> None:
        """Say that it is not solved."""
        refusal = self.refusal_to_asker(person, ticket, is_allowed=ticket["state"] == "resolved")
        act = partial(asking.reopen_question, presence=self.presence, ticket_id=ticket["id"], reason="还是不行")
        self.attempt(person, act, refusal)

    def refusal_to_asker(self, person: KnownPerson, ticket: RowMapping, *, is_allowed: bool) -> Refusal:
        """Say how somebody is refused what only the asker may do, and only now and then."""
        if not self.sees(person, ticket):
            return QuestionNotFound
        if person.id != ticket["requester_id"]:
            return NotYourTicket
        return None if is_allowed else TicketNotOpen

    # ── the technician ────────────────────────────────────────────────────────────────────────────────────────────────

    def do_answer_offer(self, person: KnownPerson, offer: RowMapping, *, accept: bool) -> None:
        """Accept an offer before it ends, or decline it."""
        refusal: Refusal = None
        if person.id != offer["account_id"] or (accept and not person.may_answer_at(offer["desk_id"])):
            refusal = OfferNotFound
        elif offer["state"] != "ringing" or (accept and offer["ends_at"] <= self.now):
            refusal = OfferGone
        act: Callable[..., Any] = partial(answering.accept_offer, offer_id=offer["id"])
        if not accept:
            act = partial(answering.decline_offer, presence=self.presence, offer_id=offer["id"])
        self.attempt(person, act, refusal)

    def do_take(self, person: KnownPerson, ticket: RowMapping) -> None:
        """Take what waits or rings at one's own desk."""
        refusal: Refusal = None
        if not self.sees(person, ticket):
            refusal = QuestionNotFound
        elif ticket["state"] == "talking" and ticket["handler_id"] != person.id:
            refusal = OfferGone
        elif ticket["requester_id"] == person.id:
            refusal = OwnQuestion
        elif ticket["state"] not in ("waiting", "ringing") or not person.may_answer_at(ticket["custody_desk_id"]):
            refusal = TicketNotOpen
        self.attempt(person, partial(answering.take_ticket, ticket_id=ticket["id"]), refusal)

    def do_finish(self, person: KnownPerson, ticket: RowMapping, how: str) -> None:
        """Pass a question up, give it back or resolve it, which only who answers it may do."""
        chain = self.world.chain(ticket["unit_id"])
        below = chain[: chain.index(ticket["custody_desk_id"])]
        had_it = {one["desk_id"] for one in self.seen.custodies[ticket["id"]]}
        refusal: Refusal = None
        if not self.sees(person, ticket):
            refusal = QuestionNotFound
        elif ticket["state"] != "talking":
            refusal = TicketNotOpen
        elif person.id != ticket["handler_id"]:
            refusal = NotYourTicket
        elif how == "up" and len(below) == len(chain) - 1:
            refusal = NoHigherTier
        elif how == "back" and not had_it & set(below):
            refusal = NothingToReturnTo
        if refusal is None:
            person.idle_since = self.now
        acts: dict[str, Callable[..., Any]] = {
            "up": partial(answering.pass_up, presence=self.presence, ticket_id=ticket["id"], summary="请上级看看"),
            "back": partial(answering.return_ticket, presence=self.presence, ticket_id=ticket["id"], advice="这样做"),
            "resolve": partial(answering.resolve_ticket, ticket_id=ticket["id"], resolution="办好了"),
        }
        self.attempt(person, acts[how], refusal)

    # ── what is said ──────────────────────────────────────────────────────────────────────────────────────────────────

    def do_say(self, person: KnownPerson, ticket: RowMapping, body: str) -> None:
        """Send a message, and remember it where it must be acknowledged."""
        client_id = str(uuid4())
        refusal: Refusal = None
        if not self.sees(person, ticket):
            refusal = ConversationNotFound
        elif ticket["state"] == "closed" or person.id not in (ticket["requester_id"], ticket["handler_id"]):
            refusal = ConversationReadOnly
        else:
            self.spoken.expect(ticket["conversation_id"], Said(person.id, client_id, body))
        conversation_id = ticket["conversation_id"]
        send = partial(chat.post_message, conversation_id=conversation_id, client_id=client_id, body=body)
        self.attempt(person, send, refusal)

    def do_say_again(self, ticket: RowMapping, number: int, *, other: bool) -> None:
        """Send a message once more with its id: the stored one comes back; another text under that id is refused."""
        line = self.spoken.lines[ticket["conversation_id"]][number - 1]
        assert line.sender_id is not None
        assert line.client_id is not None
        person = self.world.people[line.sender_id]
        refusal: Refusal = ClientIdReused if other else None
        if not self.sees(person, ticket):
            refusal = ConversationNotFound
        body = line.body + "？" if other else line.body
        conversation_id = ticket["conversation_id"]
        send = partial(chat.post_message, conversation_id=conversation_id, client_id=line.client_id, body=body)
        answer = self.attempt(person, send, refusal)
        if answer is not None:
            assert (answer[0].number, answer[1]) == (number, False)

    def do_read(self, person: KnownPerson, ticket: RowMapping, after: int) -> None:
        """Ask for what came after a number, as a client does after a lost connection."""
        read = partial(list_messages, conversation_id=ticket["conversation_id"], after=after)
        page = self.attempt(person, read, None if self.sees(person, ticket) else ConversationNotFound)
        if page is not None:
            lines = self.spoken.lines[ticket["conversation_id"]]
            got = [(line.number, Said(line.sender_id, line.client_id, line.body)) for line in page.lines]
            assert got == list(enumerate(lines, start=1))[after:]
            assert page.last_number == len(lines)

    # ── who is there ──────────────────────────────────────────────────────────────────────────────────────────────────

    def do_switch(self, person: KnownPerson, *, accepting: bool) -> None:
        """Press the presence switch."""
        refusal = None if person.may_answer else NotQualified if any(person.desk_roles.values()) else Forbidden
        if refusal is None:
            if accepting and not person.accepting:
                person.there_since = self.now
            person.accepting = accepting
        self.attempt(person, partial(set_accepting, presence=self.presence, accepting=accepting), refusal)

    def do_change_capacity(self, person: KnownPerson, capacity: int) -> None:
        """Let somebody answer more or fewer questions at once."""
        person.capacity = capacity
        with transaction(self.sessions) as session:
            session.execute(update(Duty).where(Duty.account_id == person.id).values(capacity=capacity))
        self.look()

    def do_change_role(self, person: KnownPerson, desk: KnownDesk) -> None:
        """End somebody's role at a desk's unit, or give it back."""
        held = person.desk_roles[desk.id]
        with transaction(self.sessions) as session:
            if held is None:
                role = grant_role(session, account_id=person.id, unit_id=desk.unit_id, role=Role.TECHNICIAN)
                person.desk_roles[desk.id] = role.id
            else:
                end_role(session, held)
                person.desk_roles[desk.id] = None
        self.look()

    def do_change_certificate(self, person: KnownPerson) -> None:
        """Take somebody's certificate away, or certify them again."""
        held = person.certificate_id
        with transaction(self.sessions) as session:
            if held is None:
                person.certificate_id = certify(session, person.id).id
            else:
                session.execute(
                    update(Qualification)
                    .where(Qualification.id == held)
                    .values(revoked_at=self.now, revoke_reason="测试")
                )
                person.certificate_id = None
        self.look()

    def do_set_desk(self, desk: KnownDesk, hours: tuple[time, time] | None, *, on: bool, ring_seconds: int) -> None:
        """Set a desk's switch, hours and ringing time."""
        desk.switched_on, desk.hours, desk.ring_seconds = on, hours, ring_seconds
        slots = tuple(Slot(*(end.hour * 60 + end.minute for end in hours)) for hours in [hours] if hours)
        wanted = DeskSettings(on, ring_seconds, [slots] * 7)
        act = partial(set_desk, presence=self.presence, desk_id=desk.id, settings=wanted)
        self.attempt(self.world.chief, act, None)
