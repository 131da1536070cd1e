"""Looking at the numbers of persons in one message, with a reason that its writer's unit reads later."""

from __future__ import annotations

from dataclasses import dataclass, replace
from uuid import UUID

from sqlalchemy.orm import Session

from chat import queries
from chat.errors import ConversationNotFound
from chat.policies import REVEAL_NUMBERS
from chat.queries.files import find_message, is_taken_back
from chat.queries.numbers import find_unit_of
from registry_core import audit
from registry_core.access.actors import Actor, require
from registry_core.personal_numbers import find_numbers


@dataclass(frozen=True, slots=True)
class Revealed:
    """One message as its sender wrote it, with the names of its files in their order."""

    body: str
    file_names: tuple[str, ...]


def reveal_numbers(session: Session, actor: Actor, conversation_id: UUID, number: int, *, reason: str) -> Revealed:
    """Return the whole text of one message and the names of its files; note who looked at what kinds and why.

    Raises Forbidden, ConversationNotFound.
    """
    require(actor, REVEAL_NUMBERS)
    queries.get_access(session, actor, conversation_id)
    message = find_message(session, conversation_id, number)
    if message is None or is_taken_back(message):
        raise ConversationNotFound
    names = tuple(file.name for file in queries.read_files(session, [message.id]).get(message.id, ()))
    if message.sender_id != actor.account_id:
        unit_id = find_unit_of(session, message.sender_id) if message.sender_id else None
        audit.note_read(
            session,
            replace(actor, purpose=reason),
            about=audit.Subject("message", message.id, unit_id),
            fields={found.kind.value for text in (message.body, *names) for found in find_numbers(text)},
        )
    return Revealed(message.body, names)
