"""Rule packs, what they settle topic by topic, and their filing with the level above."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, DateTime, ForeignKey, Index, String, Text, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from registry_core.db import Base, Id, Instant


class RulePack(Base):
    """The rules that one source lays down for a unit and all below it, from a day until the day before another.

    `note` says what the source leaves open and how it is read here.
    """

    __tablename__ = "rule_pack"
    __table_args__ = (
        CheckConstraint("valid_until > valid_from", name="ends_after_start"),
        CheckConstraint("btrim(name) <> ''", name="name_not_blank"),
        Index("ix_rule_pack_owner_unit_id", "owner_unit_id"),
    )

    id: Mapped[Id]
    code: Mapped[str] = mapped_column(String(60), unique=True)
    name: Mapped[str] = mapped_column(Text)
    owner_unit_id: Mapped[UUID] = mapped_column(ForeignKey("org_unit.id"))
    source: Mapped[str] = mapped_column(Text)
    note: Mapped[str] = mapped_column(Text)
    valid_from: Mapped[date]
    valid_until: Mapped[date | None]

    def restate(self, *, name: str, source: str, note: str, valid_from: date, valid_until: date | None) -> None:
        """Take over what the pack's file says about the pack as a whole."""
        self.name = name
        self.source = source
        self.note = note
        self.valid_from = valid_from
        self.valid_until = valid_until


class PackRule(Base):
    """What a pack says about one topic. A value is never changed: it is retired, and another one is stated.

    `is_house_default` marks what no source says and this project chose, so that no page shows it as official.
    """

    __tablename__ = "pack_rule"
    __table_args__ = (
        CheckConstraint("retired_at >= stated_at", name="retired_after_stated"),
        CheckConstraint("btrim(clause) <> ''", name="clause_not_blank"),
        Index(
            "uq_pack_rule_pack_id_topic", "pack_id", "topic", unique=True, postgresql_where=text("retired_at IS NULL")
        ),
        Index("ix_pack_rule_topic", "topic", postgresql_where=text("retired_at IS NULL")),
    )

    id: Mapped[Id]
    pack_id: Mapped[UUID] = mapped_column(ForeignKey("rule_pack.id"))
    topic: Mapped[str] = mapped_column(String(80))
    value: Mapped[dict[str, Any]] = mapped_column(JSONB)
    clause: Mapped[str] = mapped_column(Text)
    note: Mapped[str] = mapped_column(Text)
    is_house_default: Mapped[bool]
    stated_at: Mapped[Instant]
    retired_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))

    def retire(self, at: datetime) -> None:
        """Stop holding; what was decided under it stays explainable."""
        self.retired_at = at


class RuleFiling(Base):
    """A unit's own rules, filed with a level above (备案). Never changed: a correction is another filing.

    `number` is the number that the level above gave, if it has given one. Source: file 002, article 30.
    """

    __tablename__ = "rule_filing"
    __table_args__ = (
        CheckConstraint("valid_until > valid_from", name="ends_after_start"),
        CheckConstraint("cardinality(topics) > 0", name="names_topics"),
        CheckConstraint("unit_id <> filed_with_id", name="filed_with_another"),
        Index("ix_rule_filing_unit_id", "unit_id"),
    )

    id: Mapped[Id]
    unit_id: Mapped[UUID] = mapped_column(ForeignKey("org_unit.id"))
    filed_with_id: Mapped[UUID] = mapped_column(ForeignKey("org_unit.id"))
    pack_id: Mapped[UUID | None] = mapped_column(ForeignKey("rule_pack.id"))
    title: Mapped[str] = mapped_column(String(200))
    summary: Mapped[str] = mapped_column(Text)
    topics: Mapped[list[str]] = mapped_column(ARRAY(Text))
    number: Mapped[str | None] = mapped_column(String(60))
    filed_on: Mapped[date]
    valid_from: Mapped[date]
    valid_until: Mapped[date | None]
    filed_by_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    created_at: Mapped[Instant]
