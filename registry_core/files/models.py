"""Files on their way in, what they hold, and who brought them for which use."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, DateTime, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from registry_core.db import Base, Id, Instant, enum_type

LONGEST_NAME = 120


class ContentState(StrEnum):
    """What is known about viruses in a content."""

    UNSCANNED = "unscanned"
    QUARANTINED = "quarantined"
    CLEAN = "clean"
    INFECTED = "infected"


class FileContent(Base):
    """The bytes of one or several files, stored once; of an infected one only this row is left."""

    __tablename__ = "file_content"
    __table_args__ = (
        CheckConstraint("size > 0", name="not_empty"),
        CheckConstraint("(state IN ('clean', 'infected')) = (scanned_at IS NOT NULL)", name="scanned_has_time"),
        CheckConstraint("(state = 'infected') = (finding IS NOT NULL)", name="infected_has_finding"),
        CheckConstraint("(width IS NULL) = (height IS NULL)", name="picture_has_both_sides"),
        CheckConstraint("width IS NOT NULL OR NOT has_thumbnail", name="only_pictures_have_thumbnails"),
    )

    id: Mapped[Id]
    sha256: Mapped[str] = mapped_column(String(64), unique=True)
    size: Mapped[int] = mapped_column(BigInteger)
    kind: Mapped[str] = mapped_column(String(20))
    state: Mapped[ContentState] = mapped_column(enum_type(ContentState, "state"))
    finding: Mapped[str | None] = mapped_column(String(200))
    width: Mapped[int | None]
    height: Mapped[int | None]
    has_thumbnail: Mapped[bool] = mapped_column(default=False, server_default="false")
    created_at: Mapped[Instant]
    scanned_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))

    def pass_scan(self, at: datetime) -> None:
        """Let it out of quarantine."""
        self.state, self.scanned_at = ContentState.CLEAN, at

    def fail_scan(self, finding: str, at: datetime) -> None:
        """Lock it away for good."""
        self.state, self.finding, self.scanned_at = ContentState.INFECTED, finding[:200], at


class StoredFile(Base):
    """A file that somebody brought for a use; `attached_at` says since when the feature of that use holds on to it."""

    __tablename__ = "stored_file"
    __table_args__ = (
        CheckConstraint("attached_at IS NULL OR attached_at >= created_at", name="attached_after_brought"),
        Index("ix_stored_file_content_id", "content_id"),
        Index("ix_stored_file_loose", "created_at", postgresql_where=text("attached_at IS NULL")),
    )

    id: Mapped[Id]
    content_id: Mapped[UUID] = mapped_column(ForeignKey("file_content.id"))
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    use: Mapped[str] = mapped_column(String(40))
    name: Mapped[str] = mapped_column(String(LONGEST_NAME))
    created_at: Mapped[Instant]
    attached_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))

    content: Mapped[FileContent] = relationship(lazy="raise")


class Upload(Base):
    """A file on its way in, piece by piece from the first byte; once it is in, `file_id` says which it has become."""

    __tablename__ = "file_upload"
    __table_args__ = (
        CheckConstraint("size > 0 AND received BETWEEN 0 AND size", name="received_up_to_size"),
        CheckConstraint("file_id IS NULL OR received = size", name="whole_before_it_is_a_file"),
        Index("ix_file_upload_account_id", "account_id"),
        Index("ix_file_upload_touched_at", "touched_at"),
        Index("ix_file_upload_file_id", "file_id"),
    )

    id: Mapped[Id]
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    use: Mapped[str] = mapped_column(String(40))
    name: Mapped[str] = mapped_column(String(LONGEST_NAME))
    size: Mapped[int] = mapped_column(BigInteger)
    sha256: Mapped[str | None] = mapped_column(String(64))
    received: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")
    file_id: Mapped[UUID | None] = mapped_column(ForeignKey("stored_file.id"))
    created_at: Mapped[Instant]
    touched_at: Mapped[Instant]


class UploadPart(Base):
    """A piece that has come; the bytes lie in the storage."""

    __tablename__ = "file_part"
    __table_args__ = (CheckConstraint("size > 0 AND place >= 0", name="holds_something"),)

    upload_id: Mapped[UUID] = mapped_column(ForeignKey("file_upload.id"), primary_key=True)
    place: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    size: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64))
