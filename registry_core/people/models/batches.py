"""Accounts opened from a sheet: a batch that was checked, and who got an account by it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, DateTime, ForeignKey, Index, String
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, deferred, mapped_column

from registry_core.db import Base, Id, Instant, enum_type


class BatchState(StrEnum):
    """How far a batch has come."""

    FAULTY = "faulty"
    """The check found faults; nothing can be opened from it."""
    CHECKED = "checked"
    WAITING = "waiting"
    """Its accounts are to be opened; the worker is at it, or will be."""
    APPLIED = "applied"
    REFUSED = "refused"
    """When it came to it, nothing was opened; the reason stands beside it."""
    DROPPED = "dropped"


DONE = frozenset({BatchState.APPLIED, BatchState.DROPPED})
"""The content of the rows is gone."""


class BatchReason(StrEnum):
    """Why nothing was opened although somebody had asked for it."""

    RIGHTS = "rights"
    """Who asked for it may not open accounts any more."""
    ROWS = "rows"
    """A row that was sound when it was checked is not any more."""
    LATE = "late"
    """The worker did not get it done within a day."""


class AccountBatch(Base):
    """A sheet of people who are to get accounts, all or none. Source: operation rules (file 003 annex 2), art. 18 (3).

    `rows`: pairs of the row's number in the file and its cells in the order of `columns.Column`; names, numbers and
    addresses in it are `personal`. It is emptied, with `origin`, as soon as the accounts are opened or the batch is
    dropped. `faults`: mappings with `row`, `column`, `kind` and `details`, which never hold personal data.
    """

    __tablename__ = "account_batch"
    __table_args__ = (
        CheckConstraint("(state IN ('applied', 'dropped')) = (rows IS NULL)", name="content_gone_when_done"),
        CheckConstraint("rows IS NOT NULL OR origin IS NULL", name="origin_gone_with_content"),
        CheckConstraint(
            "(state IN ('applied', 'refused', 'dropped')) = (ended_at IS NOT NULL)", name="ended_when_done"
        ),
        CheckConstraint("state NOT IN ('waiting', 'applied', 'refused') OR asked_at IS NOT NULL", name="asked_for"),
        CheckConstraint("state NOT IN ('faulty', 'checked') OR asked_at IS NULL", name="not_asked_for"),
        CheckConstraint("state <> 'refused' OR reason IS NOT NULL", name="refused_with_reason"),
        CheckConstraint("state <> 'faulty' OR jsonb_array_length(faults) > 0", name="faulty_with_faults"),
        CheckConstraint("row_count > 0 AND people_count >= 0", name="counted"),
        Index("ix_account_batch_account_id_created_at", "account_id", "created_at"),
        Index("ix_account_batch_state", "state"),
    )

    id: Mapped[Id]
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    """Who uploaded it; nobody else sees it."""
    on_behalf_of_id: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))
    """In whose lent role it was uploaded, and is to be opened."""
    file_name: Mapped[str] = mapped_column(String(200))
    created_at: Mapped[Instant]
    state: Mapped[BatchState] = mapped_column(enum_type(BatchState, "state"))
    row_count: Mapped[int]
    people_count: Mapped[int]
    """How many people the sound rows are about; those who were given an account, once it is applied."""
    rows: Mapped[list[Any] | None] = deferred(mapped_column(JSONB(none_as_null=True)))
    faults: Mapped[list[dict[str, Any]]] = deferred(mapped_column(JSONB, nullable=False))
    summary: Mapped[list[Any]] = deferred(mapped_column(JSONB, nullable=False))
    """How many roles of a kind at a unit: lists of the unit's name, the role and the number."""
    origin: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    """From where it was asked for, as the trail of each account keeps it."""
    asked_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    reason: Mapped[BatchReason | None] = mapped_column(enum_type(BatchReason, "reason"))
    ended_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))

    def ask(self, *, at: datetime, origin: dict[str, Any] | None) -> None:
        """Let the accounts be opened by the worker."""
        self.state = BatchState.WAITING
        self.asked_at = at
        self.origin = origin

    def apply(self, *, at: datetime) -> None:
        """Say that every account was opened, and forget the content."""
        self._end(BatchState.APPLIED, at)
        self._forget()

    def refuse(self, reason: BatchReason, faults: Sequence[dict[str, Any]] = (), *, at: datetime) -> None:
        """Say why nothing was opened; the content stays for the faults to be mended."""
        self._end(BatchState.REFUSED, at)
        self.reason = reason
        self.faults = list(faults)
        self.origin = None

    def drop(self, *, at: datetime) -> None:
        """Give it up, and forget the content."""
        self._end(BatchState.DROPPED, at)
        self._forget()

    def _end(self, state: BatchState, at: datetime) -> None:
        self.state = state
        self.ended_at = at

    def _forget(self) -> None:
        self.rows = None
        self.origin = None


class BatchAccount(Base):
    """An account that a batch has opened; each by one batch at most."""

    __tablename__ = "batch_account"
    __table_args__ = (Index("ix_batch_account_batch_id", "batch_id"),)

    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"), primary_key=True)
    batch_id: Mapped[UUID] = mapped_column(ForeignKey("account_batch.id"))
