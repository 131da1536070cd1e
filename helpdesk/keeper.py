"""The help desk keeps the conversations of its questions: who may read, who may write, and what an answer sets off."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from chat.models import Message, MessageKind
from chat.policies import NO_ACCESS, Access
from helpdesk import policies
from helpdesk.errors import QuestionNotFound
from helpdesk.events import QuestionAnswered
from helpdesk.queries import tickets
from registry_core import outbox
from registry_core.access.actors import Actor

TELL_AFTER = timedelta(seconds=60)
"""How long an answer may stay undelivered before the asker gets word by e-mail, unless the house sets another time."""

_tell_after = [TELL_AFTER]


def install_tell_after(patience: timedelta) -> None:
    """Lay down how long an answer may stay undelivered before the mail goes out (`DESK_TELL_AFTER_SECONDS`)."""
    _tell_after[:] = [patience]


def tell_after() -> timedelta:
    """Say how long an answer may stay undelivered before the asker gets word by e-mail."""
    return _tell_after[0]


class TicketKeeper:
    """Answers for the conversations that belong to questions."""

    def access(self, session: Session, actor: Actor, conversation_id: UUID) -> Access | None:
        """Asker and answerer write until the question is closed; desks that had it read along."""
        ticket = tickets.find_by_conversation(session, conversation_id)
        if ticket is None:
            return None
        if actor.account_id != ticket.requester_id:
            try:
                tickets.get_ticket(session, actor, ticket.id)
            except QuestionNotFound:
                return NO_ACCESS
        return Access(may_read=True, may_write=policies.may_write(ticket, actor.account_id))

    def posted(self, session: Session, message: Message) -> None:
        """Tell of an answer: the first message of the answerer after the asker's last."""
        ticket = tickets.find_by_conversation(session, message.conversation_id)
        if ticket is None or message.sender_id == ticket.requester_id:
            return
        if _last_speaker_before(session, message) != ticket.requester_id:
            return
        event = QuestionAnswered(ticket.id, ticket.conversation_id, ticket.requester_id, message.number)
        outbox.record(session, event, at=message.sent_at + tell_after())


def _last_speaker_before(session: Session, message: Message) -> UUID | None:
    return session.scalar(
        select(Message.sender_id)
        .where(
            Message.conversation_id == message.conversation_id,
            Message.number < message.number,
            Message.kind == MessageKind.TEXT,
        )
        .order_by(Message.number.desc())
        .limit(1)
    )
