"""The cast at work: who is there, who asks, for whom it rings. Time stands still until a test moves it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from uuid import UUID

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from chat.presence import Presence
from helpdesk import jobs
from helpdesk.hours import write_week
from helpdesk.models import Custody, Desk, DeskMember, Duty, Offer, OfferState, Ticket, TicketStep, Urgency
from helpdesk.services import answering, asking, duty
from helpdesk.services.asking import Question, RecordDetails
from registry_core import clock
from registry_core.access.models import Role
from registry_core.access.services import grant_role
from registry_core.accounts.models import Account
from registry_core.calendars.hours_text import Slot
from registry_core.clock import FrozenClock
from registry_core.db import new_id
from registry_core.orgs.models import OrgUnit
from tests.certificates import certify
from tests.conftest import Cast

NINE = datetime(2026, 6, 3, 1, 0, tzinfo=UTC)
"""Wednesday, 3 June, nine o'clock in China."""
DETAILS = RecordDetails("刷新过页面", "招生入学", "保存时报错", "今天早上", 3, Urgency.NORMAL, "13800000000")


class Scene:
    """The cast in the small tree, and what they do, by their user names."""

    def __init__(self, session: Session, cast: Cast, presence: Presence, frozen: FrozenClock) -> None:
        self.session = session
        self.cast = cast
        self.presence = presence
        self.time = frozen
        self.present: set[str] = set()

    # ── who is there ──────────────────────────────────────────────────────────────────────────────────────────────────

    def on_duty(self, *names: str) -> None:
        """Let people open their page and take questions, one second after the other."""
        for name in names:
            self.present.add(name)
            self.beat(name)
            self.switch(name, accepting=True)
            self.let_pass(1)

    def off_duty(self, name: str) -> None:
        """Let somebody take no questions any more; the page stays open."""
        self.switch(name, accepting=False)

    def switch(self, name: str, *, accepting: bool) -> None:
        """Press the presence switch."""
        duty.set_accepting(self.session, self.presence, self.cast.actor(name), accepting=accepting)

    def beat(self, name: str) -> None:
        """Send a heartbeat as the socket command does."""
        account_id = self.cast.id(name)
        if self.presence.beat(account_id, self.time.instant):
            duty.come_back(self.session, self.presence, account_id)

    def let_pass(self, seconds: float) -> None:
        """Let time pass while the pages of those who are there go on beating."""
        until = self.time.instant + timedelta(seconds=seconds)
        while self.time.instant < until:
            self.time.instant = min(until, self.time.instant + timedelta(seconds=5))
            for name in self.present:
                self.beat(name)

    def tick(self) -> None:
        """Let the clock's ticks run."""
        for act in (jobs.ring_out, jobs.notice_gone, jobs.release_departed, jobs.offer_waiting):
            act(self.session, self.presence)

    def take_at_most(self, name: str, capacity: int) -> None:
        """Let somebody answer at most so many questions at once."""
        self.session.execute(update(Duty).where(Duty.account_id == self.cast.id(name)).values(capacity=capacity))
        self.session.expire_all()

    # ── desks ─────────────────────────────────────────────────────────────────────────────────────────────────────────

    def desk(self, unit_name: str) -> Desk:
        """The desk of a unit."""
        unit_id = self.cast.unit(unit_name).id
        return self.session.scalars(select(Desk).where(Desk.unit_id == unit_id)).one()

    def add_desk(self, unit_name: str) -> Desk:
        """Open a desk at a unit that has none."""
        desk = Desk(unit_id=self.cast.unit(unit_name).id, name=f"{unit_name}服务台", created_at=self.time.instant)
        self.session.add(desk)
        self.session.flush()
        return desk

    def add_member(self, name: str, unit_name: str) -> None:
        """Let somebody answer at one more desk."""
        desk, account_id = self.desk(unit_name), self.cast.id(name)
        self.session.add(DeskMember(desk_id=desk.id, account_id=account_id, joined_at=self.time.instant))
        grant_role(self.session, account_id=account_id, unit_id=desk.unit_id, role=Role.TECHNICIAN)
        certify(self.session, account_id)

    def open_hours(self, unit_name: str, opens: time, closes: time, *weekdays: int) -> None:
        """Give a desk opening hours on weekdays (1 Monday … 7 Sunday)."""
        slot = Slot(opens.hour * 60 + opens.minute, closes.hour * 60 + closes.minute)
        self.desk(unit_name).weekly_slots = write_week([(slot,) if day in weekdays else () for day in range(1, 8)])
        self.session.flush()

    # ── questions ─────────────────────────────────────────────────────────────────────────────────────────────────────

    def ask(self, name: str = "xuexiao_xueji", body: str = "学籍号重复了怎么办？", client_id: str = "") -> Ticket:
        """Let somebody ask."""
        question = Question(body, client_id or str(new_id()))
        return asking.ask_question(self.session, self.presence, self.cast.actor(name), question)

    def submit_record(self, ticket: Ticket) -> None:
        """Let the asker submit the record."""
        actor = self.cast.actor(self.name_of(ticket.requester_id))
        asking.submit_record(self.session, self.presence, actor, ticket.id, DETAILS)

    def answered_by(self, name: str) -> Ticket:
        """Ask a question that this one technician, alone there, accepts."""
        self.on_duty(name)
        ticket = self.ask()
        if self.rings_for(ticket) != name:
            self.submit_record(ticket)
        self.accept(name)
        return ticket

    def accept(self, name: str) -> Ticket:
        """Let somebody accept what rings for them."""
        return answering.accept_offer(self.session, self.cast.actor(name), self.offer_for(name).id)

    def decline(self, name: str) -> Ticket:
        """Let somebody decline what rings for them."""
        return answering.decline_offer(self.session, self.presence, self.cast.actor(name), self.offer_for(name).id)

    def pass_up(self, name: str, ticket: Ticket, summary: str = "需要上级核对") -> Ticket:
        """Let who answers pass the question up."""
        return answering.pass_up(self.session, self.presence, self.cast.actor(name), ticket.id, summary=summary)

    def give_back(self, name: str, ticket: Ticket, advice: str = "请按流程办理") -> Ticket:
        """Let who answers return the question with advice."""
        return answering.return_ticket(self.session, self.presence, self.cast.actor(name), ticket.id, advice=advice)

    def resolve(self, name: str, ticket: Ticket, resolution: str = "已经更正，请核对。") -> Ticket:
        """Let who answers give the written answer."""
        return answering.resolve_ticket(self.session, self.cast.actor(name), ticket.id, resolution=resolution)

    # ── what one sees ─────────────────────────────────────────────────────────────────────────────────────────────────

    def offer_for(self, name: str) -> Offer:
        """The offer that rings for somebody."""
        return self.session.scalars(
            select(Offer).where(Offer.account_id == self.cast.id(name), Offer.state == OfferState.RINGING)
        ).one()

    def rings_for(self, ticket: Ticket) -> str | None:
        """For whom a question rings."""
        account_id = self.session.scalar(
            select(Offer.account_id).where(Offer.ticket_id == ticket.id, Offer.state == OfferState.RINGING)
        )
        return self.name_of(account_id) if account_id else None

    def name_of(self, account_id: UUID) -> str:
        """Somebody's user name."""
        return self.session.scalars(select(Account.user_name).where(Account.id == account_id)).one()

    def steps(self, ticket: Ticket) -> list[str]:
        """What happened to a question, in order."""
        rows = self.session.scalars(
            select(TicketStep).where(TicketStep.ticket_id == ticket.id).order_by(TicketStep.number)
        )
        return [step.kind.value for step in rows]

    def custody(self, ticket: Ticket) -> list[str]:
        """The units whose desks had a question, in order."""
        return list(
            self.session.scalars(
                select(OrgUnit.name)
                .join(Desk, Desk.unit_id == OrgUnit.id)
                .join(Custody, Custody.desk_id == Desk.id)
                .where(Custody.ticket_id == ticket.id)
                .order_by(Custody.since, Custody.until.nulls_last())
            )
        )


@pytest.fixture
def frozen() -> Iterator[FrozenClock]:
    """The clock, at nine on a Wednesday morning in China."""
    with clock.frozen(NINE) as stopped:
        yield stopped


@pytest.fixture
def scene(frozen: FrozenClock, session: Session, cast: Cast, presence: Presence) -> Scene:
    """The cast, nobody there yet."""
    return Scene(session, cast, presence, frozen)
