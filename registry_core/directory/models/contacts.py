"""The support directory: who holds which post at a unit, what was stamped when, and rounds that collect it."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, DateTime, ForeignKey, Index, String, Text, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from registry_core.db import Base, Id, Instant, enum_type
from registry_core.orgs.models import Level


class Post(StrEnum):
    """A post that the directory asks for. Source: file 003 main part 3; annex 2 articles 5, 6, 13 and 15."""

    REGISTRY_LEADER = "registry_leader"
    REGISTRY_ADMINISTRATOR = "registry_administrator"
    TECHNICIAN = "technician"
    OPERATION = "operation"
    SECURITY = "security"
    TRAINING = "training"
    TECHNICAL_SUPPORT = "technical_support"
    MONTHLY_REPORT = "monthly_report"
    HARDWARE = "hardware"
    NETWORK = "network"
    OPERATING_SYSTEM = "operating_system"
    DATABASE = "database"
    APPLICATION = "application"


_EVERYWHERE = (Post.REGISTRY_LEADER, Post.REGISTRY_ADMINISTRATOR, Post.TECHNICIAN)
_OWNERS = (Post.OPERATION, Post.SECURITY, Post.TRAINING, Post.TECHNICAL_SUPPORT, Post.MONTHLY_REPORT)
OPERATING_POSTS = (Post.HARDWARE, Post.NETWORK, Post.OPERATING_SYSTEM, Post.DATABASE, Post.APPLICATION)
"""The register of operating posts of a province's technical unit (annex 2 article 13): each with its duties."""


def posts_of(level: Level) -> tuple[Post, ...]:
    """Say which posts a unit of a level has to name."""
    return _EVERYWHERE + _OWNERS + OPERATING_POSTS if level is Level.PROVINCE else _EVERYWHERE


class DirectoryEntry(Base):
    """Who holds a post at a unit without a role in this house, from-until; changed by a new entry, never deleted."""

    __tablename__ = "directory_entry"
    __table_args__ = (
        Index("ix_directory_entry_unit_id", "unit_id", postgresql_where=text("until IS NULL")),
        CheckConstraint("btrim(name) <> ''", name="name_not_blank"),
        CheckConstraint("until >= since", name="ends_after_start"),
        CheckConstraint(
            "post NOT IN ('hardware', 'network', 'operating_system', 'database', 'application') OR btrim(duties) <> ''",
            name="operating_post_with_duties",
        ),
    )

    id: Mapped[Id]
    unit_id: Mapped[UUID] = mapped_column(ForeignKey("org_unit.id"))
    post: Mapped[Post] = mapped_column(enum_type(Post, "post"))
    name: Mapped[str] = mapped_column(String(60))
    office: Mapped[str] = mapped_column(String(100))
    """What the person is otherwise: 基础教育科科长."""
    phone: Mapped[str] = mapped_column(String(30))
    email: Mapped[str] = mapped_column(String(120))
    duties: Mapped[str] = mapped_column(String(500))
    since: Mapped[date]
    until: Mapped[date | None]
    entered_by_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))

    def end(self, on: date) -> None:
        """Hold the post until a day."""
        self.until = on


class CollectionRound(Base):
    """A province collects the directory from its cities and counties until a day; one round at a time."""

    __tablename__ = "collection_round"
    __table_args__ = (
        Index("uq_collection_round_open", "unit_id", unique=True, postgresql_where=text("closed_at IS NULL")),
        CheckConstraint("btrim(title) <> ''", name="title_not_blank"),
        CheckConstraint("closed_at >= opened_at", name="closed_after_opened"),
    )

    id: Mapped[Id]
    unit_id: Mapped[UUID] = mapped_column(ForeignKey("org_unit.id"))
    title: Mapped[str] = mapped_column(String(100))
    clause: Mapped[str] = mapped_column(Text)
    """The rule that the due day comes from; empty where the province has set it."""
    due_on: Mapped[date]
    opened_at: Mapped[Instant]
    opened_by_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    closed_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    reminded_on: Mapped[date | None]
    """The last day on which the clock has looked whom to remind."""

    def close(self, at: datetime) -> None:
        """Collect no more."""
        self.closed_at = at


class DirectoryStamp(Base):
    """A unit's word that the directory of itself and all below it is right, with what it said; never changed."""

    __tablename__ = "directory_stamp"
    __table_args__ = (
        Index("ix_directory_stamp_unit_id", "unit_id", "stamped_at"),
        CheckConstraint("btrim(signed_name) <> ''", name="signed_name_not_blank"),
        CheckConstraint("gaps >= 0", name="gaps_counted"),
    )

    id: Mapped[Id]
    unit_id: Mapped[UUID] = mapped_column(ForeignKey("org_unit.id"))
    signed_name: Mapped[str] = mapped_column(String(60))
    stamped_by_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    stamped_at: Mapped[Instant]
    gaps: Mapped[int]
    contents: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    """The lines as they stood: unit, post, name, office, phone, email, duties."""
