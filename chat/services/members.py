"""Who belongs to a group: added, removed, gone by themselves, or brought in line with the roles."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import cast
from uuid import UUID

from flask_babel import lazy_gettext as _l
from sqlalchemy import DateTime, Select, Table, Text, and_, any_, exists, func, literal, or_, select, update
from sqlalchemy import cast as sql_cast
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session, aliased

from chat.errors import GroupFollowsRoles, GroupFull, LastOwner, MayNotWriteTo
from chat.models import MOST_MEMBERS, Conversation, Participant, Reach, TalkGroup
from chat.policies import KEEP_GROUPS
from chat.queries.messenger import Thread, count_members, get_thread, members_by_rule
from chat.queries.people import may_write_to
from chat.services.groups import get_owned, name_of, note, tell_group
from chat.services.messages import this_transaction
from chat.services.telling import group_room, tell_of, tell_people
from registry_core import clock
from registry_core.access.actors import Actor, visible_units
from registry_core.access.models import RoleAssignment
from registry_core.access.queries import load_actor
from registry_core.errors import NotFound
from registry_core.orgs.models import OrgUnit

_PARTICIPANTS = cast("Table", Participant.__table__)
GROUPS_AT_ONCE = 50
SLACK = timedelta(minutes=5)
"""Roles are looked at again that far back: who gave one may have taken a while to commit."""


def add_member(session: Session, actor: Actor, conversation_id: UUID, account_id: UUID) -> None:
    """Take somebody into a group by hand; they read what was said before, and only what comes now is unread.

    Raises ConversationNotFound, OwnersOnly, GroupFollowsRoles, GroupFull, MayNotWriteTo.
    """
    thread = _get_by_hand(session, actor, conversation_id)
    if not may_write_to(session, actor, account_id):
        raise MayNotWriteTo
    if count_members(session, conversation_id) >= MOST_MEMBERS:
        raise GroupFull
    added = _take_in(session, conversation_id, select(literal(account_id).label("account_id")))
    if added:
        words = {"who": name_of(session, actor.account_id), "name": name_of(session, account_id)}
        note(session, conversation_id, _l("%(who)s把%(name)s加进群", **words))
        tell_group(session, thread)
        tell_people(session, added, conversation_id, "members")


def remove_member(session: Session, actor: Actor, conversation_id: UUID, account_id: UUID) -> None:
    """Take somebody out of a group by hand: it is gone from their pages at once.

    Raises ConversationNotFound, OwnersOnly, GroupFollowsRoles, NotFound, LastOwner.
    """
    thread = _get_by_hand(session, actor, conversation_id)
    if account_id == actor.account_id:
        leave_group(session, actor, conversation_id)
        return
    if not _let_go(session, conversation_id, [account_id]):
        raise NotFound
    words = {"who": name_of(session, actor.account_id), "name": name_of(session, account_id)}
    note(session, conversation_id, _l("%(who)s把%(name)s移出群", **words))
    _close_rooms(session, conversation_id, thread.epoch, [account_id])


def leave_group(session: Session, actor: Actor, conversation_id: UUID) -> None:
    """Leave a group by hand. A last owner names another one first, unless nobody else is there.

    Raises ConversationNotFound, GroupFollowsRoles, LastOwner.
    """
    session.execute(_locked(conversation_id))
    thread = get_thread(session, actor, conversation_id)
    if thread.is_direct or thread.is_by_rule:
        raise GroupFollowsRoles
    if thread.is_owner and count_members(session, conversation_id) > 1:
        _require_another_owner(session, conversation_id, actor.account_id)
    _let_go(session, conversation_id, [actor.account_id])
    note(session, conversation_id, _l("%(who)s退出了群", who=name_of(session, actor.account_id)))
    _close_rooms(session, conversation_id, thread.epoch, [actor.account_id])


def set_owner(session: Session, actor: Actor, conversation_id: UUID, account_id: UUID, *, is_owner: bool) -> None:
    """Make a member an owner, or an owner a member again.

    Raises ConversationNotFound, OwnersOnly, NotFound, LastOwner.
    """
    thread = get_owned(session, actor, conversation_id)
    if not is_owner:
        _require_another_owner(session, conversation_id, account_id)
    changed = session.scalar(
        update(Participant)
        .where(
            Participant.conversation_id == conversation_id,
            Participant.account_id == account_id,
            Participant.left_at.is_(None),
        )
        .values(is_owner=is_owner, moved_in=this_transaction())
        .returning(Participant.account_id)
    )
    if changed is None:
        raise NotFound
    name = name_of(session, account_id)
    note(
        session, conversation_id, _l("%(name)s成为群主", name=name) if is_owner else _l("%(name)s不再是群主", name=name)
    )
    tell_group(session, thread)


def settle_group(session: Session, conversation_id: UUID) -> None:
    """Bring the participants of a group by rule in line with the roles of this moment.

    The right itself does not wait for this: it is computed from the roles whenever somebody reads or writes. What
    follows is who counts unread messages, and whom pushes reach. Harmless twice.
    """
    now = clock.now()
    group = session.scalar(_locked(conversation_id))
    if group is None or group.unit_id is None:
        return
    path = session.get_one(OrgUnit, group.unit_id).path
    belonging = members_by_rule(group, path)
    added = _take_in(session, conversation_id, belonging)
    rows = session.execute(
        select(Participant.account_id, Participant.is_owner).where(
            Participant.conversation_id == conversation_id,
            Participant.left_at.is_(None),
            Participant.account_id.not_in(belonging),
        )
    ).all()
    gone = [one for one, is_owner in rows if not (is_owner and _keeps(session, one, path, now))]
    _let_go(session, conversation_id, gone)
    group.settled_at = now
    session.flush()
    if gone or added:
        # For who asks by the cursor: who belongs to it is news as well.
        session.execute(
            update(Conversation).where(Conversation.id == conversation_id).values(moved_in=this_transaction())
        )
    if gone:
        _close_rooms(session, conversation_id, group.epoch, gone)
    if added:
        tell_of(session, group_room(conversation_id, group.epoch), conversation_id, "members")
        # Its maker by name: the page that has just been opened may not be in the room yet.
        tell_people(session, {*added, group.created_by_id}, conversation_id, "members")


def settle_changed(session: Session) -> bool:
    """Settle the groups by rule whose roles have changed since they were settled; say whether there may be more."""
    now = clock.now()
    at, holder = aliased(OrgUnit), aliased(OrgUnit)
    since = TalkGroup.settled_at - SLACK
    within = or_(
        and_(TalkGroup.reach == Reach.BELOW, func.starts_with(holder.path, at.path)),
        and_(TalkGroup.reach == Reach.EXACTLY, holder.id == at.id),
    )
    changed = exists().where(
        RoleAssignment.unit_id == holder.id,
        sql_cast(RoleAssignment.role, Text) == any_(TalkGroup.roles),
        within,
        or_(
            and_(RoleAssignment.valid_from > since, RoleAssignment.valid_from <= now),
            and_(RoleAssignment.valid_until > since, RoleAssignment.valid_until <= now),
        ),
    )
    found = session.scalars(
        select(TalkGroup.conversation_id)
        .join(at, at.id == TalkGroup.unit_id)
        .where(changed)
        .order_by(TalkGroup.settled_at)
        .limit(GROUPS_AT_ONCE)
    ).all()
    for conversation_id in found:
        settle_group(session, conversation_id)
    return False


def _get_by_hand(session: Session, actor: Actor, conversation_id: UUID) -> Thread:
    thread = get_owned(session, actor, conversation_id)
    if thread.is_by_rule:
        raise GroupFollowsRoles
    return thread


def _locked(conversation_id: UUID) -> Select[TalkGroup]:
    return select(TalkGroup).where(TalkGroup.conversation_id == conversation_id).with_for_update()


def _take_in(session: Session, conversation_id: UUID, accounts: Select[UUID]) -> list[UUID]:
    """Let accounts take part who do not yet; name those who came."""
    who = accounts.subquery()
    last = select(Conversation.last_number).where(Conversation.id == conversation_id).scalar_subquery()
    taking_part = (
        insert(_PARTICIPANTS)
        .from_select(
            ["conversation_id", "account_id", "joined_at", "delivered_up_to", "read_up_to", "moved_in"],
            select(
                literal(conversation_id),
                who.c.account_id,
                literal(clock.now(), DateTime(timezone=True)),
                last,
                last,
                this_transaction(),
            ),
        )
        .on_conflict_do_update(
            index_elements=["conversation_id", "account_id"],
            set_={"left_at": None, "is_owner": False, "moved_in": this_transaction()},
            where=_PARTICIPANTS.c.left_at.is_not(None),
        )
        .returning(_PARTICIPANTS.c.account_id)
    )
    return list(session.scalars(taking_part))


def _let_go(session: Session, conversation_id: UUID, account_ids: Iterable[UUID]) -> bool:
    """Let accounts take part no longer; what they said stays. Say whether anybody went."""
    gone = session.scalars(
        update(Participant)
        .where(
            Participant.conversation_id == conversation_id,
            Participant.account_id.in_(list(account_ids)),
            Participant.left_at.is_(None),
        )
        .values(left_at=clock.now(), is_owner=False, moved_in=this_transaction())
        .returning(Participant.account_id)
    )
    return bool(gone.all())


def _close_rooms(session: Session, conversation_id: UUID, epoch: int, gone: Iterable[UUID]) -> None:
    """Give the rooms of a group other names; whoever belongs to it is told to come along, and the others may not."""
    session.execute(update(TalkGroup).where(TalkGroup.conversation_id == conversation_id).values(epoch=epoch + 1))
    tell_of(session, group_room(conversation_id, epoch), conversation_id, "members")
    tell_people(session, gone, conversation_id, "members")


def _require_another_owner(session: Session, conversation_id: UUID, account_id: UUID) -> None:
    another = session.scalar(
        select(Participant.account_id)
        .where(
            Participant.conversation_id == conversation_id,
            Participant.account_id != account_id,
            Participant.is_owner,
            Participant.left_at.is_(None),
        )
        .limit(1)
    )
    if another is None:
        raise LastOwner


def _keeps(session: Session, account_id: UUID, path: str, at: datetime) -> bool:
    """Say whether an owner who holds none of the roles may stay: who keeps groups there."""
    return visible_units(load_actor(session, account_id, at=at), KEEP_GROUPS).covers(path)
