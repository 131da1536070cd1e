"""The bell tells of its own unread notices."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from registry_core.notifications.kinds import MAILED_AT_ONCE, word_of
from registry_core.notifications.models import Notice
from registry_core.notifications.unread import Unread


class NoticeTeller:
    """Each unread notice is a thing of its own."""

    def list_accounts_with_news(self, session: Session, *, since: datetime) -> Collection[UUID]:
        """Name everybody with an unread notice from after an instant."""
        return session.scalars(
            select(Notice.account_id).where(Notice.created_at >= since, Notice.read_at.is_(None)).distinct()
        ).all()

    def list_unread(
        self, session: Session, account_ids: Collection[UUID], *, since: datetime
    ) -> Mapping[UUID, list[Unread]]:
        """List the unread notices of each account."""
        found: dict[UUID, list[Unread]] = {}
        rows = session.execute(
            select(Notice.account_id, Notice.id, Notice.kind, Notice.created_at, Notice.url)
            .where(Notice.account_id.in_(account_ids), Notice.read_at.is_(None), Notice.created_at >= since)
            .order_by(Notice.created_at)
        )
        for account_id, notice_id, kind, created_at, url in rows:
            one = Unread(f"notice:{notice_id}", word_of(kind), created_at, 1, url, is_mailed=kind in MAILED_AT_ONCE)
            found.setdefault(account_id, []).append(one)
        return found
