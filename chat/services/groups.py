"""Groups: made by hand or by rule, named, set to read only, muted."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from flask_babel import force_locale
from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from chat.errors import OwnersOnly
from chat.events import GroupLaidDown
from chat.models import Conversation, Participant, Reach, TalkGroup
from chat.policies import KEEP_GROUPS, START_CONVERSATIONS
from chat.queries.messenger import Thread, get_thread
from chat.services.messages import open_conversation, post_note, this_transaction
from chat.services.telling import group_room, tell_of, tell_people
from registry_core import clock, outbox
from registry_core.access.actors import Actor, require, visible_units
from registry_core.access.models import Role
from registry_core.accounts.models import Account
from registry_core.errors import NotFound
from registry_core.orgs.queries import find_unit


@dataclass(frozen=True, slots=True)
class Membership:
    """Who belongs to a group by rule: these roles at a unit, or also at every unit below it."""

    unit_id: UUID
    roles: frozenset[Role]
    reach: Reach


def make_group(session: Session, actor: Actor, *, name: str, is_read_only: bool = False) -> UUID:
    """Make a group by hand, with its maker as owner and only member; return the conversation's id.

    Raises Forbidden.
    """
    require(actor, START_CONVERSATIONS)
    return _make(session, actor, TalkGroup(name=name, is_read_only=is_read_only))


def make_group_by_rule(
    session: Session, actor: Actor, *, name: str, membership: Membership, is_read_only: bool = False
) -> UUID:
    """Make a group that everybody belongs to who holds the roles, at any moment; return the conversation's id.

    Raises Forbidden, NotFound for a unit outside the actor's reach.
    """
    require(actor, KEEP_GROUPS)
    unit = find_unit(session, visible_units(actor, KEEP_GROUPS), membership.unit_id)
    if unit is None:
        raise NotFound
    group = TalkGroup(
        name=name,
        is_read_only=is_read_only,
        unit_id=unit.id,
        roles=sorted(membership.roles),
        reach=membership.reach,
        settled_at=clock.now(),
    )
    conversation_id = _make(session, actor, group)
    outbox.record(session, GroupLaidDown(conversation_id))
    return conversation_id


def _make(session: Session, actor: Actor, group: TalkGroup) -> UUID:
    conversation = open_conversation(session, account_ids=[actor.account_id])
    group.conversation_id = conversation.id
    group.created_by_id = actor.account_id
    group.created_at = clock.now()
    group.epoch = 0
    session.add(group)
    session.flush()
    _set_mine(session, actor, conversation.id, is_owner=True)
    note(session, conversation.id, _l("%(name)s建了这个群", name=name_of(session, actor.account_id)))
    tell_people(session, [actor.account_id], conversation.id, "members")
    return conversation.id


def set_group(session: Session, actor: Actor, conversation_id: UUID, *, name: str, is_read_only: bool) -> None:
    """Give a group another name, or say whether only owners write.

    Raises ConversationNotFound, OwnersOnly.
    """
    thread = get_owned(session, actor, conversation_id)
    if (thread.name, thread.is_read_only) == (name, is_read_only):
        return
    session.execute(
        update(TalkGroup)
        .where(TalkGroup.conversation_id == conversation_id)
        .values(name=name, is_read_only=is_read_only)
    )
    who = name_of(session, actor.account_id)
    if thread.name != name:
        note(session, conversation_id, _l("%(who)s把群名改为“%(name)s”", who=who, name=name))
    if thread.is_read_only != is_read_only:
        words = _l("%(who)s设为只有群主可以发言", who=who) if is_read_only else _l("%(who)s设为大家都可以发言", who=who)
        note(session, conversation_id, words)
    tell_group(session, thread)


def mute(session: Session, actor: Actor, conversation_id: UUID, *, is_muted: bool) -> None:
    """Let a conversation come without calling for attention, or call again; for the actor alone.

    Raises ConversationNotFound.
    """
    get_thread(session, actor, conversation_id)
    _set_mine(session, actor, conversation_id, is_muted=is_muted)
    tell_people(session, [actor.account_id], conversation_id, "members")


def _set_mine(session: Session, actor: Actor, conversation_id: UUID, **values: bool) -> None:
    session.execute(
        update(Participant)
        .where(Participant.conversation_id == conversation_id, Participant.account_id == actor.account_id)
        .values(**values, moved_in=this_transaction())
    )


def get_owned(session: Session, actor: Actor, conversation_id: UUID) -> Thread:
    """Get a group that the actor owns, with its row locked.

    Raises ConversationNotFound, OwnersOnly.
    """
    session.execute(
        select(TalkGroup.conversation_id).where(TalkGroup.conversation_id == conversation_id).with_for_update()
    )
    thread = get_thread(session, actor, conversation_id)
    if not thread.owns(actor):
        raise OwnersOnly
    return thread


def note(session: Session, conversation_id: UUID, words: LazyString) -> None:
    """Tell in the group what happened to it; always Chinese, since everybody reads the same line."""
    with force_locale("zh_Hans"):
        body = str(words)
    post_note(session, conversation_id, body=body)


def name_of(session: Session, account_id: UUID) -> str:
    """Say how somebody is called."""
    return session.scalars(select(Account.name).where(Account.id == account_id)).one()


def tell_group(session: Session, thread: Thread) -> None:
    """Let every page of the members ask anew what the group is, and all clients that ask by the cursor."""
    session.execute(update(Conversation).where(Conversation.id == thread.id).values(moved_in=this_transaction()))
    tell_of(session, group_room(thread.id, thread.epoch), thread.id, "members")
