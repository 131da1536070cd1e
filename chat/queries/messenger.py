"""Reads of the messenger: what a conversation is, who belongs to it, which ones are mine."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, ColumnElement, Integer, Select, Uuid, and_, bindparam, column, false, func, or_, select
from sqlalchemy.orm import Session, aliased

from chat.errors import ConversationNotFound
from chat.models import Conversation, DirectTalk, Message, MessageKind, Participant, Reach, TalkGroup
from chat.policies import KEEP_GROUPS
from chat.queries.replies import list_called
from registry_core import clock
from registry_core.access.actors import Actor, Assignment, visible_units
from registry_core.access.models import RoleAssignment
from registry_core.access.queries import held_at
from registry_core.accounts.models import Account
from registry_core.db import run
from registry_core.orgs.models import OrgUnit, is_within, lineage
from registry_core.orgs.queries import subtree_clause


@dataclass(frozen=True, slots=True)
class Thread:
    """A conversation of the messenger, and how somebody who asks stands to it."""

    id: UUID
    last_number: int
    lower_id: UUID | None
    higher_id: UUID | None
    opened_by_id: UUID | None
    is_answered: bool
    name: str
    is_read_only: bool
    epoch: int
    roles: tuple[str, ...] | None
    reach: Reach | None
    unit_id: UUID | None
    unit_path: str | None
    created_at: datetime
    is_member: bool
    """Whether a row says so; in a group by rule the roles decide."""
    is_owner: bool
    is_muted: bool
    read_up_to: int | None

    @property
    def is_direct(self) -> bool:
        """Whether two people talk, and nobody else ever."""
        return self.lower_id is not None

    @property
    def is_by_rule(self) -> bool:
        """Whether roles say who belongs to it."""
        return self.unit_path is not None

    def other_id(self, account_id: UUID) -> UUID | None:
        """Name the other one of a direct conversation."""
        return self.higher_id if self.lower_id == account_id else self.lower_id

    def admits(self, actor: Actor) -> bool:
        """Say whether the actor belongs to it at this moment.

        An owner of a group by rule stays while the roles held now let them keep groups there.
        """
        if self.unit_path is None:
            return self.is_member
        if any(self._fits(held) for held in actor.assignments):
            return True
        return self.is_owner and visible_units(actor, KEEP_GROUPS).covers(self.unit_path)

    def _fits(self, held: Assignment) -> bool:
        path = self.unit_path or ""
        within = is_within(held.unit_path, path) if self.reach is Reach.BELOW else held.unit_path == path
        return within and held.role.value in (self.roles or ())

    def owns(self, actor: Actor) -> bool:
        """Say whether the actor may change name, members and who writes."""
        return self.is_owner and not self.is_direct and self.admits(actor)


_MINE = aliased(Participant)
_IS_MEMBER = and_(_MINE.account_id.is_not(None), _MINE.left_at.is_(None))
# In the order of `Thread`.
_COLUMNS = (
    Conversation.id,
    Conversation.last_number,
    DirectTalk.lower_id,
    DirectTalk.higher_id,
    DirectTalk.opened_by_id,
    func.coalesce(DirectTalk.is_answered, false()),
    func.coalesce(TalkGroup.name, ""),
    func.coalesce(TalkGroup.is_read_only, false()),
    func.coalesce(TalkGroup.epoch, 0),
    TalkGroup.roles,
    TalkGroup.reach,
    TalkGroup.unit_id,
    OrgUnit.path,
    Conversation.created_at,
    _IS_MEMBER,
    and_(_IS_MEMBER, _MINE.is_owner),
    func.coalesce(_MINE.is_muted, false()),
    _MINE.read_up_to,
)
_ASKED = (
    func.unnest(
        bindparam("places", type_=ARRAY(Integer)),
        bindparam("account_ids", type_=ARRAY(Uuid)),
        bindparam("conversation_ids", type_=ARRAY(Uuid)),
    )
    .table_valued(column("place", Integer), column("account_id", Uuid), column("conversation_id", Uuid), name="asked")
    .render_derived()
)


def _threads(query: Select[*tuple[Any, ...]], account_id: ColumnElement[UUID]) -> Select[*tuple[Any, ...]]:
    """Complete a selection of conversations by what each is, and how an account stands to it."""
    return (
        query.outerjoin(DirectTalk, DirectTalk.conversation_id == Conversation.id)
        .outerjoin(TalkGroup, TalkGroup.conversation_id == Conversation.id)
        .outerjoin(OrgUnit, OrgUnit.id == TalkGroup.unit_id)
        .outerjoin(_MINE, and_(_MINE.conversation_id == Conversation.id, _MINE.account_id == account_id))
        .where(or_(DirectTalk.conversation_id.is_not(None), TalkGroup.conversation_id.is_not(None)))
    )


_MY_THREADS = _threads(select(*_COLUMNS).select_from(Conversation), bindparam("account_id", type_=Uuid))
_OWN = _MY_THREADS.where(_IS_MEMBER)
_BY_RULE = _MY_THREADS.where(OrgUnit.path.in_(bindparam("paths", expanding=True)))
_OWNED_BY_RULE = _OWN.where(TalkGroup.unit_id.is_not(None), _MINE.is_owner)
_ASKED_FOR = _threads(
    select(_ASKED.c.place, *_COLUMNS)
    .select_from(_ASKED)
    .join(Conversation, Conversation.id == _ASKED.c.conversation_id),
    _ASKED.c.account_id,
)


def find_threads(session: Session, wanted: Sequence[tuple[Actor, UUID]]) -> list[Thread | None]:
    """Find conversations of the messenger, each as it stands to who asks and may not belong to it; else None."""
    values = {
        "places": list(range(len(wanted))),
        "account_ids": [actor.account_id for actor, _id in wanted],
        "conversation_ids": [conversation_id for _actor, conversation_id in wanted],
    }
    found = {row[0]: Thread(*row[1:]) for row in run(session, _ASKED_FOR, values)}
    return [found.get(place) for place in range(len(wanted))]


def find_thread(session: Session, actor: Actor, conversation_id: UUID) -> Thread | None:
    """Find a conversation of the messenger as it stands to the actor, who may not belong to it; else None."""
    return find_threads(session, [(actor, conversation_id)])[0]


def get_thread(session: Session, actor: Actor, conversation_id: UUID) -> Thread:
    """Get a conversation of the messenger that the actor belongs to.

    Raises ConversationNotFound.
    """
    thread = find_thread(session, actor, conversation_id)
    if thread is None or not thread.admits(actor):
        raise ConversationNotFound
    return thread


def list_threads(session: Session, actor: Actor) -> list[Thread]:
    """List the conversations that the actor belongs to at this moment, whatever the participants' rows say by now."""
    own = [Thread(*row) for row in run(session, _OWN, {"account_id": actor.account_id})]
    return _with_rules(session, actor, own)


def list_by_rule(session: Session, actor: Actor) -> list[Thread]:
    """List the groups by rule alone that the actor belongs to at this moment."""
    own = [Thread(*row) for row in run(session, _OWNED_BY_RULE, {"account_id": actor.account_id})]
    return _with_rules(session, actor, own)


def _with_rules(session: Session, actor: Actor, own: list[Thread]) -> list[Thread]:
    """Add the groups of one's units and those above them, and leave out all that do not admit the actor."""
    paths = sorted({path for held in actor.assignments for path in lineage(held.unit_path)})
    known = {thread.id for thread in own}
    if paths:
        rows = run(session, _BY_RULE, {"account_id": actor.account_id, "paths": paths})
        own += [thread for row in rows if (thread := Thread(*row)).id not in known]
    return [thread for thread in own if thread.admits(actor)]


def is_unread(account_id: UUID) -> ColumnElement[bool]:
    """Limit one's participations to those in which somebody else has said something unread."""
    news = select(Message.id).where(
        Message.conversation_id == Participant.conversation_id,
        Message.number > Participant.read_up_to,
        Message.kind == MessageKind.TEXT,
        Message.sender_id != account_id,
    )
    return and_(Conversation.last_number > Participant.read_up_to, news.exists())


def count_with_news(session: Session, actor: Actor, mine: Sequence[Thread]) -> int:
    """Count those of one's conversations with something unread: the figure in the menu.

    Of the muted ones only those count in which one is called.
    """
    called = list_called(session, actor.account_id, [thread.id for thread in mine if thread.is_muted])
    wanted = [thread.id for thread in mine if not thread.is_muted or thread.id in called]
    if not wanted:
        return 0
    return (
        session.scalar(
            select(func.count())
            .select_from(Participant)
            .join(Conversation, Conversation.id == Participant.conversation_id)
            .where(
                Participant.account_id == actor.account_id,
                Participant.conversation_id.in_(wanted),
                is_unread(actor.account_id),
            )
        )
        or 0
    )


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody in a conversation."""

    account_id: UUID
    name: str
    is_owner: bool
    joined_at: datetime


def list_members(session: Session, conversation_id: UUID, *, limit: int) -> list[Member]:
    """List who takes part, owners first, then by name; for a caller that has checked the right."""
    rows = session.execute(
        select(Account.id, Account.name, Participant.is_owner, Participant.joined_at)
        .join(Participant, Participant.account_id == Account.id)
        .where(Participant.conversation_id == conversation_id, Participant.left_at.is_(None))
        .order_by(Participant.is_owner.desc(), func.pinyin_key(Account.name), Account.id)
        .limit(limit)
    )
    return [Member(*row) for row in rows]


def count_members(session: Session, conversation_id: UUID) -> int:
    """Count who takes part."""
    return (
        session.scalar(
            select(func.count()).where(Participant.conversation_id == conversation_id, Participant.left_at.is_(None))
        )
        or 0
    )


def members_by_rule(group: TalkGroup, unit_path: str) -> Select[UUID]:
    """Select who belongs to a group by rule at this moment."""
    within = subtree_clause(unit_path) if group.reach is Reach.BELOW else OrgUnit.path == unit_path
    return (
        select(RoleAssignment.account_id)
        .join(OrgUnit, OrgUnit.id == RoleAssignment.unit_id)
        .join(Account, Account.id == RoleAssignment.account_id)
        .where(
            within,
            RoleAssignment.role.in_(group.wanted_roles),
            held_at(clock.now()),
            Account.closed_at.is_(None),
        )
        .distinct()
    )
