"""Files that were sent with a message."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, SmallInteger, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from registry_core.db import Base
from registry_core.files.models import LONGEST_NAME as LONGEST_FILE_NAME

MOST_FILES = 9
"""Files of one message: three rows of three pictures, as people know it."""


class MessageFile(Base):
    """A file of a message, at its place; a file belongs to one message alone, and goes with it."""

    __tablename__ = "message_file"
    __table_args__ = (
        CheckConstraint(f"place BETWEEN 0 AND {MOST_FILES - 1}", name="at_most_nine"),
        UniqueConstraint("file_id"),
    )

    message_id: Mapped[UUID] = mapped_column(ForeignKey("message.id"), primary_key=True)
    place: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    file_id: Mapped[UUID] = mapped_column(ForeignKey("stored_file.id"))
    name: Mapped[str] = mapped_column(String(LONGEST_FILE_NAME))
    """As the file was called when it was sent; people search for it."""
