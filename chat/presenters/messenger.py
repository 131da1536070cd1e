"""What the messenger's pages show: the list, one conversation with who is in it, people who were found."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from chat import queries
from chat.keeper import may_write
from chat.models import Conversation, Message, Reach
from chat.presence import Presence
from chat.presenters.conversations import ConversationView, initials, view_conversation
from chat.presenters.dress import levels_of
from chat.presenters.numbers import say_body
from chat.queries.drafts import list_drafts
from chat.queries.messenger import Thread, count_members, get_thread, list_members, list_threads
from chat.queries.people import Colleague
from chat.queries.replies import list_called
from registry_core import clock
from registry_core.access.actors import Actor
from registry_core.access.models import Role, RoleAssignment
from registry_core.access.queries import held_at
from registry_core.access.roles import DEFINITIONS
from registry_core.accounts.models import Account
from registry_core.accounts.spelling import typed
from registry_core.orgs.models import OrgUnit
from registry_core.orgs.queries import list_path_names

SHOWN_MEMBERS = 200
HERE, GONE, UNKNOWN = "true", "false", "unknown"


@dataclass(frozen=True, slots=True)
class TalkRow:
    """A conversation in the list; `presence` is empty for a group."""

    id: UUID
    title: str
    is_group: bool
    initials: str
    level: str
    other_id: UUID | None
    presence: str
    last_line: str
    at: datetime
    unread: int
    is_muted: bool
    is_called: bool = False
    """Whether one is called by name, or with everybody, in something unread."""
    draft: str = ""
    """The beginning of what I have left unsent there; my own numbers I may read."""


@dataclass(frozen=True, slots=True)
class PersonCard:
    """Somebody as the messenger shows them."""

    account_id: UUID
    name: str
    initials: str
    level: str
    role_label: str
    unit_name: str
    presence: str
    is_owner: bool = False
    is_me: bool = False


@dataclass(frozen=True, slots=True)
class TalkView:
    """One conversation with who is in it."""

    id: UUID
    title: str
    is_group: bool
    is_by_rule: bool
    is_owner: bool
    is_read_only: bool
    is_muted: bool
    rule_words: str
    member_count: int
    members: tuple[PersonCard, ...]
    other: PersonCard | None
    closed_words: str
    conversation: ConversationView


@dataclass(frozen=True, slots=True)
class _Person:
    name: str
    keys: tuple[str, ...]


def list_rows(session: Session, presence: Presence, actor: Actor, words: str = "") -> list[TalkRow]:
    """List my conversations, the latest first; `words` limits them to names that have or are spelled with them."""
    threads = list_threads(session, actor)
    me = actor.account_id
    others = {other for thread in threads if (other := thread.other_id(me)) is not None}
    people = _people(session, others)
    threads = [thread for thread in threads if _is_named(thread, people.get(thread.other_id(me) or me), words)]
    last = _last_lines(session, threads)
    unread = queries.count_unread(session, me, [thread.id for thread in threads])
    called = list_called(session, me, list(unread))
    drafts = list_drafts(session, actor, [thread.id for thread in threads])
    levels = levels_of(session, others) if others else {}
    here = presence.connected(others, clock.now())
    rows = []
    for thread in threads:
        other_id = thread.other_id(me)
        person = people.get(other_id) if other_id else None
        title = person.name if person else thread.name
        line, at = last.get(thread.id, ("", thread.created_at))
        # A direct conversation in which nobody has said anything is nobody's news, not even its opener's.
        if thread.is_direct and not line and thread.id not in drafts:
            continue
        rows.append(
            TalkRow(
                thread.id,
                title,
                not thread.is_direct,
                initials(title),
                levels[other_id].value if other_id in levels else "",
                other_id,
                say_presence(other_id, here) if other_id else "",
                line,
                at,
                unread.get(thread.id, 0),
                thread.is_muted,
                thread.id in called,
                " ".join(drafts.get(thread.id, "")[:120].split()),
            )
        )
    return sorted(rows, key=lambda row: row.at, reverse=True)


def say_presence(account_id: UUID, here: frozenset[UUID] | None) -> str:
    """Say whether somebody is there; nobody knows while Redis does not answer."""
    if here is None:
        return UNKNOWN
    return HERE if account_id in here else GONE


def _people(session: Session, account_ids: Iterable[UUID]) -> dict[UUID, _Person]:
    rows = session.execute(select(Account.id, Account.name, Account.name_keys).where(Account.id.in_(list(account_ids))))
    return {row[0]: _Person(row[1], tuple(row[2])) for row in rows}


def _is_named(thread: Thread, person: _Person | None, words: str) -> bool:
    plain = "".join(words.lower().split())
    if not plain:
        return True
    if thread.is_direct and person is not None:
        return plain in person.name.lower() or typed(words) in person.keys
    return plain in thread.name.lower()


def _last_lines(session: Session, threads: Sequence[Thread]) -> dict[UUID, tuple[str, datetime]]:
    is_last = and_(Message.conversation_id == Conversation.id, Message.number == Conversation.last_number)
    rows = session.execute(
        select(Conversation.id, Message.body, Message.sent_at, Account.name)
        .join(Message, is_last)
        .outerjoin(Account, Account.id == Message.sender_id)
        .where(Conversation.id.in_([thread.id for thread in threads]))
    )
    groups = {thread.id for thread in threads if not thread.is_direct}
    lines = {}
    for conversation_id, body, at, name in rows:
        # Covered before it is cut: half a number is no number any more, and would be shown.
        line = " ".join(say_body(body, None)[:120].split()) or _("消息已撤回")
        lines[conversation_id] = (
            _("%(name)s：%(line)s", name=name, line=line) if name and conversation_id in groups else line,
            at,
        )
    return lines


def view_talk(session: Session, presence: Presence, actor: Actor, conversation_id: UUID, *, at: int = 0) -> TalkView:
    """Present one conversation, at its end or around a message.

    Raises ConversationNotFound.
    """
    thread = get_thread(session, actor, conversation_id)
    is_writable = may_write(session, actor, thread)
    members = list_members(session, thread.id, limit=SHOWN_MEMBERS)
    cards = _cards(session, presence, actor, {one.account_id: one.is_owner for one in members})
    other = next((card for card in cards if not card.is_me), None) if thread.is_direct else None
    return TalkView(
        thread.id,
        other.name if other else thread.name,
        not thread.is_direct,
        thread.is_by_rule,
        thread.owns(actor),
        thread.is_read_only,
        thread.is_muted,
        _rule_words(session, thread),
        # One look where one is enough: somebody may come between two.
        len(members) if len(members) < SHOWN_MEMBERS else count_members(session, thread.id),
        cards,
        other,
        _closed_words(thread),
        view_conversation(session, actor, thread.id, may_write=is_writable, at=at),
    )


def _closed_words(thread: Thread) -> str:
    if thread.is_direct:
        return _("您现在不能给这位同事发消息：账号已停用，或按规则要等对方先联系您。需要帮助，请到服务台提问。")
    return _("这个群只有群主可以发言，您可以看。")


def _rule_words(session: Session, thread: Thread) -> str:
    if thread.unit_id is None:
        return ""
    unit = session.get_one(OrgUnit, thread.unit_id)
    roles = _("、").join(str(DEFINITIONS[Role(role)].name) for role in thread.roles or ())
    if thread.reach is Reach.BELOW:
        return _("%(unit)s和下面各级的%(roles)s", unit=unit.name, roles=roles)
    return _("%(unit)s本级的%(roles)s", unit=unit.name, roles=roles)


def _cards(session: Session, presence: Presence, actor: Actor, owners: dict[UUID, bool]) -> tuple[PersonCard, ...]:
    here = presence.connected(owners, clock.now())
    people = _people(session, owners)
    places = _places(session, owners)
    cards = []
    for account_id, is_owner in owners.items():
        role, unit_name, level = places.get(account_id, (None, "", ""))
        cards.append(
            PersonCard(
                account_id,
                people[account_id].name,
                initials(people[account_id].name),
                level,
                str(DEFINITIONS[role].name) if role else "",
                unit_name,
                say_presence(account_id, here),
                is_owner,
                is_me=account_id == actor.account_id,
            )
        )
    return tuple(cards)


def _places(session: Session, account_ids: Iterable[UUID]) -> dict[UUID, tuple[Role, str, str]]:
    """Say for each in which role and where they work, of several the one nearest to the ground."""
    rows = session.execute(
        select(RoleAssignment.account_id, RoleAssignment.role, OrgUnit.name, OrgUnit.level)
        .join(OrgUnit, OrgUnit.id == RoleAssignment.unit_id)
        .where(RoleAssignment.account_id.in_(list(account_ids)), held_at(clock.now()))
        .order_by(OrgUnit.path, RoleAssignment.role.desc())
    )
    return {account_id: (role, name, level.value) for account_id, role, name, level in rows}


def show_people(session: Session, presence: Presence, found: Sequence[Colleague]) -> list[PersonCard]:
    """Present people who were found, with the place of their unit in the tree."""
    here = presence.connected([one.account_id for one in found], clock.now())
    units = session.scalars(select(OrgUnit).where(OrgUnit.id.in_({one.unit_id for one in found}))).all()
    places = list_path_names(session, units)
    return [
        PersonCard(
            one.account_id,
            one.name,
            initials(one.name),
            one.level.value,
            str(DEFINITIONS[one.role].name),
            places[one.unit_id],
            say_presence(one.account_id, here),
        )
        for one in found
    ]


def count_words(number: int) -> str:
    """Say how many belong to a group."""
    return ngettext("%(num)s 人", "%(num)s 人", number)
