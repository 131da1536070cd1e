"""Offers: a question that rings for one technician."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, DateTime, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from registry_core.db import Base, Id, Instant, enum_type


class OfferState(StrEnum):
    """How an offer stands: it rings, or it ended in one of four ways."""

    RINGING = "ringing"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    RANG_OUT = "rang_out"
    WITHDRAWN = "withdrawn"


class Offer(Base):
    """A question rings for one technician until `ends_at`; at most one rings per question and per technician."""

    __tablename__ = "offer"
    __table_args__ = (
        CheckConstraint("(state = 'ringing') = (ended_at IS NULL)", name="ended_when_not_ringing"),
        CheckConstraint("ends_at > created_at", name="rings_for_a_while"),
        Index("uq_offer_ringing_ticket", "ticket_id", unique=True, postgresql_where=text("state = 'ringing'")),
        Index("uq_offer_ringing_account", "account_id", unique=True, postgresql_where=text("state = 'ringing'")),
        Index("ix_offer_ringing_ends_at", "ends_at", postgresql_where=text("state = 'ringing'")),
        Index("ix_offer_ticket_id", "ticket_id"),
        Index("ix_offer_desk_id", "desk_id"),
    )

    id: Mapped[Id]
    ticket_id: Mapped[UUID] = mapped_column(ForeignKey("ticket.id"))
    desk_id: Mapped[UUID] = mapped_column(ForeignKey("desk.id"))
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    state: Mapped[OfferState] = mapped_column(enum_type(OfferState, "state"), default=OfferState.RINGING)
    created_at: Mapped[Instant]
    ends_at: Mapped[Instant]
    ended_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))

    def end(self, state: OfferState, at: datetime) -> None:
        """Stop ringing, in one of the four ways."""
        self.state = state
        self.ended_at = at
