"""Sending files with a message: the message is stored, and its files are held on to, in one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from flask_babel import force_locale
from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.orm import Session

from chat import queries
from chat.errors import ClientIdReused
from chat.models import Message, MessageFile
from chat.policies import MESSAGE_FILES, Access
from chat.services.messages import Post, post_one
from chat.services.replies import NOTHING, About
from registry_core.access.actors import Actor
from registry_core.files import services as files
from registry_core.files.models import StoredFile
from registry_core.files.queries import get_file

PICTURES_ALONE = _l("[图片]")
FILES_ALONE = _l("[文件]")
"""What a message without a text of its own says, so that lists, notices and quotes have something to say of it."""


@dataclass(frozen=True, slots=True)
class FilesSent:
    """A message with files that were brought before, as its sender has put it together; the text may be empty."""

    conversation_id: UUID
    client_id: str
    body: str
    file_ids: Sequence[UUID]
    about: About = NOTHING


def post_with_files(
    session: Session, actor: Actor, sent: FilesSent, *, access: Access | None = None
) -> tuple[Message, bool]:
    """Store a message with files and say whether it is new.

    The same `client_id` again gives the stored one back, also where the same contents were brought a second time.
    Raises what `post_one` raises, and FileNotFound, FileInfected, Forbidden.
    """
    wanted = list(dict.fromkeys(sent.file_ids))
    brought = [get_file(session, actor, file_id) for file_id in wanted]
    text = sent.body if sent.body.strip() else words_for(brought)
    access = access or queries.get_access(session, actor, sent.conversation_id)
    posted = post_one(session, Post(actor, sent.conversation_id, sent.client_id, text, access, sent.about))
    message = posted.message
    if not posted.is_new:
        stored = queries.read_files(session, [message.id]).get(message.id, [])
        if [one.content_id for one in stored] != [one.content_id for one in brought]:
            raise ClientIdReused
        return message, False
    for place, file_id in enumerate(wanted):
        file = files.attach(session, actor, file_id, use=MESSAGE_FILES)
        if session.scalar(select(MessageFile.message_id).where(MessageFile.file_id == file_id)):
            raise ClientIdReused
        session.add(MessageFile(message_id=message.id, place=place, file_id=file_id, name=file.name))
    session.flush()
    return message, True


def words_for(brought: Sequence[StoredFile]) -> str:
    """Say what a message of files alone holds; in Chinese, as all that the house itself writes into a conversation."""
    are_pictures = all(file.content.width is not None for file in brought)
    with force_locale("zh_Hans"):
        return str(PICTURES_ALONE if are_pictures else FILES_ALONE)
