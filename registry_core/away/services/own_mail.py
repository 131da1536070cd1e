"""Mails that go out at once on their own, and what somebody has chosen about them."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from registry_core import clock
from registry_core.away import queries
from registry_core.away.models import ToldWord, Way
from registry_core.away.policies import Choice
from registry_core.notifications.kinds import word_of
from registry_core.notifications.models import Notice


def claim_mail(session: Session, account_id: UUID, source: str) -> bool:
    """Say whether the mail about a notice may go out at once, and if so keep the digest from telling it again.

    A mail that was asked for by asking a question makes no noise at night, so quiet hours do not hold it; a pause does,
    and then the digest tells it afterwards.
    """
    notice = session.scalar(select(Notice).where(Notice.account_id == account_id, Notice.source == source))
    if notice is None:
        return False
    choice = queries.list_choices(session, [account_id]).get(account_id, Choice())
    now = clock.now()
    is_paused = choice.paused_until is not None and choice.paused_until > now
    if is_paused or not choice.wants(word_of(notice.kind), Way.MAIL):
        return False
    values = {"account_id": account_id, "way": Way.MAIL, "thing": f"notice:{notice.id}", "told_at": now}
    session.execute(insert(ToldWord).values(values).on_conflict_do_nothing())
    return True
