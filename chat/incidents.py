"""Answers for incidents that began with a message posted in the wrong place."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy.orm import Session

from chat.models import Message
from chat.presenters.recalls import say_places, view_reached
from chat.queries.recalls import find_recall_of, list_file_names, list_texts
from registry_core.accounts.models import Account
from registry_core.incidents.models import IncidentKind
from registry_core.incidents.policies import Evidence, Reached, SealedText


class RecallKeeper:
    """Says whom a recalled message had reached, and what is sealed of it."""

    kind = IncidentKind.MISPLACED_MESSAGE

    def list_reached(self, session: Session, incident_id: UUID) -> list[Reached]:
        """List whom the message had reached when it was recalled."""
        found = view_reached(session, find_recall_of(session, incident_id).message_id)
        return [Reached(one.account_id, one.name, one.unit_name, one.ways) for one in found]

    def read_evidence(self, session: Session, incident_id: UUID) -> Evidence:
        """Read each text that the message had, and name its files."""
        recall = find_recall_of(session, incident_id)
        message = session.get_one(Message, recall.message_id)
        sender = session.get_one(Account, message.sender_id)
        return Evidence(
            say_places(session, [message.conversation_id])[message.conversation_id],
            message.sent_at,
            sender.name,
            tuple(SealedText(body, until) for body, until in list_texts(session, message)),
            tuple(file_id for file_id, _name in list_file_names(session, message.id)),
        )
