"""What the messenger keeps of a conversation: whose it is, and by which rule people belong to it."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, DateTime, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from registry_core.access.models import Role
from registry_core.db import Base, Instant, enum_type

LONGEST_NAME = 40
"""Characters of a group's name: what a list shows in one line."""
MOST_MEMBERS = 500
"""Members of a group by hand. Larger rounds follow roles, and a group by rule keeps itself."""


class Reach(StrEnum):
    """Whom a group by rule takes in: those at the unit itself, or also those at every unit below it."""

    EXACTLY = "exactly"
    BELOW = "below"


class DirectTalk(Base):
    """The one conversation of two people; until the other answers, who opened it needs the rule's leave to write."""

    __tablename__ = "direct_talk"
    __table_args__ = (
        # One conversation for a pair, whoever begins: the lower id stands first.
        UniqueConstraint("lower_id", "higher_id"),
        CheckConstraint("lower_id < higher_id", name="in_order"),
        CheckConstraint("opened_by_id IN (lower_id, higher_id)", name="opened_by_one_of_both"),
    )

    conversation_id: Mapped[UUID] = mapped_column(ForeignKey("conversation.id"), primary_key=True)
    lower_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    higher_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    opened_by_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    is_answered: Mapped[bool] = mapped_column(default=False, server_default="false")


class TalkGroup(Base):
    """A group: by hand, or by rule, and then roles, unit and reach say who belongs to it at any moment."""

    __tablename__ = "talk_group"
    __table_args__ = (
        CheckConstraint("btrim(name) <> ''", name="name_not_blank"),
        CheckConstraint(
            "(unit_id IS NULL) = (roles IS NULL) AND (unit_id IS NULL) = (reach IS NULL)"
            " AND (unit_id IS NULL) = (settled_at IS NULL)",
            name="rule_is_whole",
        ),
        CheckConstraint("cardinality(roles) > 0", name="some_role"),
        CheckConstraint("epoch >= 0", name="epoch_counts_up"),
        Index("ix_talk_group_unit_id", "unit_id", postgresql_where=text("unit_id IS NOT NULL")),
    )

    conversation_id: Mapped[UUID] = mapped_column(ForeignKey("conversation.id"), primary_key=True)
    name: Mapped[str] = mapped_column(String(LONGEST_NAME))
    is_read_only: Mapped[bool] = mapped_column(default=False, server_default="false")
    """Only owners write."""
    created_by_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    created_at: Mapped[Instant]
    epoch: Mapped[int] = mapped_column(default=0, server_default="0")
    """Part of the rooms' names. Whoever goes is left behind in the rooms of before, where nothing is said any more."""
    unit_id: Mapped[UUID | None] = mapped_column(ForeignKey("org_unit.id"))
    roles: Mapped[list[str] | None] = mapped_column(ARRAY(Text))
    reach: Mapped[Reach | None] = mapped_column(enum_type(Reach, "reach"))
    settled_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    """Until when the participants have been brought in line with the roles."""

    @property
    def is_by_rule(self) -> bool:
        """Whether roles say who belongs to it."""
        return self.unit_id is not None

    @property
    def wanted_roles(self) -> frozenset[Role]:
        """The roles that belong to it; none for a group by hand."""
        return frozenset(Role(role) for role in self.roles or ())
