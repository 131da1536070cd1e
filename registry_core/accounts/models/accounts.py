"""Accounts."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, DateTime, Index, String, Text, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column, validates

from registry_core.accounts.spelling import spell
from registry_core.db import Base, Id, Instant


class Account(Base):
    """Somebody who signs in. Personal data: name, mobile and e-mail are `personal`, the hash is `sensitive`.

    A guest asked a question at the door and never signs in (decision 0016). A sealed account has not been used for so
    long that the level above has to reopen it; a closed one stays closed.
    """

    __tablename__ = "account"
    __table_args__ = (
        CheckConstraint("NOT is_guest OR last_signed_in_at IS NULL", name="guest_never_signs_in"),
        CheckConstraint("one_time_until IS NULL OR must_change_password", name="one_time_password_is_changed"),
        Index("uq_account_user_name", text("lower(user_name)"), unique=True),
        Index("ix_account_name_keys", "name_keys", postgresql_using="gin"),
        # One entry for each character, as for units: exact for any part of a name, also of one character.
        Index("ix_account_name_characters", text("string_to_array(lower(name), NULL::text)"), postgresql_using="gin"),
        Index("ix_account_unspelled", "id", postgresql_where=text("name_keys = '{}'")),
    )

    id: Mapped[Id]
    user_name: Mapped[str] = mapped_column(String(60))
    name: Mapped[str] = mapped_column(String(60))
    name_keys: Mapped[list[str]] = mapped_column(ARRAY(Text), default=list, server_default="{}")
    """What one may type in Latin letters to find the name: the beginnings of its pinyin and of its initials."""
    mobile: Mapped[str | None] = mapped_column(String(20))
    email: Mapped[str | None] = mapped_column(String(254))
    locale: Mapped[str] = mapped_column(String(10), default="zh_Hans", server_default="zh_Hans")
    password_hash: Mapped[str] = mapped_column(String(200))
    password_changed_at: Mapped[Instant]
    must_change_password: Mapped[bool] = mapped_column(default=False, server_default="false")
    one_time_until: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    """Until when the one-time password that was handed out opens the door; empty once the person has chosen one."""
    last_signed_in_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    dormancy_checked_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    dormancy_told_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    sealed_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    closed_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    is_guest: Mapped[bool] = mapped_column(default=False, server_default="false")
    is_demonstration: Mapped[bool] = mapped_column(default=False, server_default="false")
    created_at: Mapped[Instant]

    @validates("name")
    def _spell(self, _field: str, name: str) -> str:
        """Keep the spelling with the name, whoever writes it."""
        self.name_keys = list(spell(name))
        return name
