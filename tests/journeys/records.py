"""What the database says, to hold pages against it; and the way back to a quiet morning between two journeys."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import select, text, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from chat.models import Message, Participant
from chat.presence import KEY, Presence
from helpdesk.models import Custody, Desk, Duty, Offer, OfferState, Ticket, TicketStep
from registry_core import clock
from registry_core.accounts.models import Account
from registry_core.orgs.models import OrgUnit
from tests.journeys.system import RunningSystem, until

# What one journey leaves behind, and with it whatever hangs on it; trees, people and desks stay.
PASSING_TABLES = (
    "offer, problem_record, ticket_step, custody, ticket, direct_talk, talk_group, participant, message, conversation,"
    " notice, incident"
)
# A machine that is busy with other tests must not let a question ring out that somebody is about to accept.
LONG_RING_SECONDS = 300


@dataclass(frozen=True, slots=True)
class Line:
    """A stored message: its number and its words."""

    number: int
    body: str


class Records:
    """Reads of the running system's database."""

    def __init__(self, system: RunningSystem) -> None:
        self.system = system

    def session(self) -> Session:
        """A session of its own for one look."""
        return Session(self.system.engine)

    def ticket(self, ticket_id: UUID) -> Ticket:
        """A question as it stands now."""
        with self.session() as session:
            return session.scalars(select(Ticket).where(Ticket.id == ticket_id)).one()

    def messages(self, ticket_id: UUID) -> list[Line]:
        """Everything said about a question, in order."""
        with self.session() as session:
            rows = session.execute(
                select(Message.number, Message.body)
                .join(Ticket, Ticket.conversation_id == Message.conversation_id)
                .where(Ticket.id == ticket_id)
                .order_by(Message.number)
            )
            return [Line(*row) for row in rows]

    def steps(self, ticket_id: UUID) -> list[str]:
        """The kinds of every step on a question's way, in order."""
        with self.session() as session:
            kinds = select(TicketStep.kind).where(TicketStep.ticket_id == ticket_id).order_by(TicketStep.number)
            return [kind.value for kind in session.scalars(kinds)]

    def custodies(self, ticket_id: UUID) -> list[tuple[str, bool]]:
        """The level of each desk that had a question, in order, and whether it has it now."""
        with self.session() as session:
            rows = session.execute(
                select(OrgUnit.level, Custody.is_open)
                .join(Desk, Desk.unit_id == OrgUnit.id)
                .join(Custody, Custody.desk_id == Desk.id)
                .where(Custody.ticket_id == ticket_id)
                .order_by(Custody.since, Custody.id)
            )
            return [(level.value, bool(is_open)) for level, is_open in rows]

    def questions(self) -> list[UUID]:
        """Every question, oldest first."""
        with self.session() as session:
            return list(session.scalars(select(Ticket.id).order_by(Ticket.asked_at)))

    def rung(self, ticket_id: UUID) -> list[str]:
        """For whom a question has rung, in order."""
        with self.session() as session:
            return list(
                session.scalars(
                    select(Account.user_name)
                    .join(Offer, Offer.account_id == Account.id)
                    .where(Offer.ticket_id == ticket_id)
                    .order_by(Offer.created_at)
                )
            )

    def rings_for(self, ticket_id: UUID) -> str | None:
        """For whom a question rings now."""
        with self.session() as session:
            return session.scalar(
                select(Account.user_name)
                .join(Offer, Offer.account_id == Account.id)
                .where(Offer.ticket_id == ticket_id, Offer.state == OfferState.RINGING)
            )

    def read_up_to(self, ticket_id: UUID, user_name: str) -> tuple[int, int]:
        """Up to which number messages were delivered to somebody and read."""
        with self.session() as session:
            row = session.execute(
                select(Participant.delivered_up_to, Participant.read_up_to)
                .join(Account, Account.id == Participant.account_id)
                .join(Ticket, Ticket.conversation_id == Participant.conversation_id)
                .where(Ticket.id == ticket_id, Account.user_name == user_name)
            ).one()
            return row[0], row[1]

    def is_there(self, user_name: str) -> bool:
        """Say whether somebody on duty has a page connected."""
        with self.session() as session:
            account_id = session.scalars(select(Account.id).where(Account.user_name == user_name)).one()
        return bool(Presence(self.system.store).connected([account_id], clock.now()))

    def require_whole(self, ticket_id: UUID) -> list[Line]:
        """Return everything said; numbers without a gap, no text twice by the same hand, one custodian while open."""
        said = self.messages(ticket_id)
        assert [line.number for line in said] == list(range(1, len(said) + 1))
        custodians = [level for level, is_open in self.custodies(ticket_id) if is_open]
        assert len(custodians) == (0 if self.ticket(ticket_id).state == "closed" else 1)
        return said

    def quieten(self, *, ring_seconds: int = LONG_RING_SECONDS) -> None:
        """Go back to a quiet morning: nobody on duty, no question, every desk as it was set up."""
        until(self._has_no_work, what="the worker has not come to rest")
        until(lambda: self._swept(ring_seconds))

    def _has_no_work(self) -> bool:
        with self.session() as session:
            busy = session.execute(
                text(
                    "SELECT 1 FROM procrastinate_jobs WHERE status = 'doing'"
                    " OR (status = 'todo' AND (scheduled_at IS NULL OR scheduled_at <= now()))"
                )
            ).first()
        return busy is None

    def _swept(self, ring_seconds: int) -> bool:
        now = clock.now()
        try:
            with self.session() as session:
                session.execute(text("SET LOCAL lock_timeout = '2s'"))
                session.execute(text("DELETE FROM procrastinate_jobs WHERE status = 'todo'"))
                session.execute(text(f"TRUNCATE {PASSING_TABLES} CASCADE"))
                session.execute(update(Desk).values(ring_seconds=ring_seconds, switched_on=True, weekly_slots=""))
                earlier = now - timedelta(hours=1)
                session.execute(update(Duty).values(accepting=False, there_since=earlier, idle_since=earlier))
                session.commit()
        except OperationalError:
            # The worker's clock was in the middle of it: the two would wait for each other's tables.
            return False
        self.system.store.delete(KEY)
        self.system.mailbox.mails.clear()
        return True
