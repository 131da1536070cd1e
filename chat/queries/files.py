"""Reads of the files of messages, for a caller that has checked the right to read the messages."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, contains_eager

from chat.models import Message, MessageFile
from registry_core.files.models import StoredFile


def read_files(session: Session, message_ids: Collection[UUID]) -> dict[UUID, list[StoredFile]]:
    """Read the files of messages with their contents, in the order chosen; what was taken back has none any more."""
    if not message_ids:
        return {}
    rows = session.execute(
        select(MessageFile.message_id, StoredFile)
        .join(Message, Message.id == MessageFile.message_id)
        .join(StoredFile, StoredFile.id == MessageFile.file_id)
        .join(StoredFile.content)
        .options(contains_eager(StoredFile.content))
        .where(MessageFile.message_id.in_(message_ids), Message.taken_back_at.is_(None))
        .order_by(MessageFile.message_id, MessageFile.place)
    )
    files: dict[UUID, list[StoredFile]] = {}
    for message_id, file in rows:
        files.setdefault(message_id, []).append(file)
    return files


def find_message_of(session: Session, file_id: UUID) -> Message | None:
    """Find the message with which a file was sent."""
    query = select(Message).join(MessageFile, MessageFile.message_id == Message.id)
    return session.scalars(query.where(MessageFile.file_id == file_id)).one_or_none()


def find_message(session: Session, conversation_id: UUID, number: int) -> Message | None:
    """Find a message by its place."""
    query = select(Message).where(Message.conversation_id == conversation_id, Message.number == number)
    return session.scalars(query).one_or_none()


def is_taken_back(message: Message) -> bool:
    """Say whether a message was taken back: nothing of it is to be had any more, its files neither."""
    return message.taken_back_at is not None
