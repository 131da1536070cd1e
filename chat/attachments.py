"""Who may bring and open the files of messages: who may write brings, who may read the conversation opens."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy.orm import Session

from chat import policies
from chat.policies import MESSAGE_FILES, USE_CONVERSATIONS
from chat.presenters.numbers import say_body
from chat.queries import Line
from chat.queries.files import find_message_of, is_taken_back
from chat.queries.numbers import list_readable
from registry_core.access.actors import Actor
from registry_core.files.models import StoredFile


class MessageFileKeeper:
    """Answers for what was sent with messages; the conversation's own keeper is asked at each request."""

    use = MESSAGE_FILES

    def may_bring(self, session: Session, actor: Actor) -> bool:
        """Say yes to everybody who can have conversations; into which one they may write is asked when it is sent."""
        del session
        return actor.may(USE_CONVERSATIONS)

    def may_open(self, session: Session, actor: Actor, file_id: UUID) -> bool:
        """Say whether the actor may read the message now; what was taken back has no files any more."""
        if not actor.may(USE_CONVERSATIONS):
            return False
        message = find_message_of(session, file_id)
        if message is None or is_taken_back(message):
            return False
        return policies.access_to(session, actor, message.conversation_id).may_read

    def say_name(self, session: Session, actor: Actor, file: StoredFile) -> str:
        """Say what a file is called, numbers in it covered for who may not read those of its sender."""
        message = find_message_of(session, file.id)
        if message is None or message.sender_id is None:
            return file.name
        readable = list_readable(session, actor, [Line.of(message, "")], {message.id: [file.name]})
        return say_body(file.name, message.sender_id, readable)
