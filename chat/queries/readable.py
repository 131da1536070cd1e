"""Which conversations of the messenger somebody may read, for questions about all of them at once."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import Select, case, select
from sqlalchemy.orm import Session

from chat.models import DirectTalk, Participant, TalkGroup
from chat.queries.messenger import list_by_rule
from registry_core.access.actors import Actor
from registry_core.accounts.models import Account


def select_readable(session: Session, actor: Actor) -> list[Select[UUID]]:
    """Select the messenger's conversations that the actor belongs to at this moment, in parts.

    What is by rule is decided here, by the roles held now: the rows may lag. There are few of these.
    """
    mine = select(Participant.conversation_id).where(
        Participant.account_id == actor.account_id, Participant.left_at.is_(None)
    )
    direct = mine.join(DirectTalk, DirectTalk.conversation_id == Participant.conversation_id)
    by_hand = mine.join(TalkGroup, TalkGroup.conversation_id == Participant.conversation_id)
    by_rule = [thread.id for thread in list_by_rule(session, actor)]
    parts = [direct, by_hand.where(TalkGroup.unit_id.is_(None))]
    if by_rule:
        parts.append(select(TalkGroup.conversation_id).where(TalkGroup.conversation_id.in_(by_rule)))
    return parts


def name_threads(session: Session, actor: Actor, conversation_ids: Collection[UUID]) -> dict[UUID, str]:
    """Say what conversations of the messenger are called: the other's name, or the group's own."""
    other = case((DirectTalk.lower_id == actor.account_id, DirectTalk.higher_id), else_=DirectTalk.lower_id)
    direct = (
        select(DirectTalk.conversation_id, Account.name)
        .join(Account, Account.id == other)
        .where(DirectTalk.conversation_id.in_(conversation_ids))
    )
    groups = select(TalkGroup.conversation_id, TalkGroup.name).where(TalkGroup.conversation_id.in_(conversation_ids))
    return {conversation_id: name for query in (direct, groups) for conversation_id, name in session.execute(query)}
