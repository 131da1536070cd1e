"""The messenger keeps its conversations: who may read and write, by rows, by roles, and by the rule of one's unit."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from functools import partial
from uuid import UUID

from sqlalchemy import ARRAY, Select, Uuid, any_, bindparam, exists, select, update
from sqlalchemy.orm import Session

from chat.models import DirectTalk
from chat.policies import NO_ACCESS, Access, Said, Wanted
from chat.queries.messenger import Thread, find_threads
from chat.queries.people import may_write_to
from chat.queries.readable import name_threads, select_readable
from chat.services.telling import group_room, tell_of_said
from registry_core import clock
from registry_core.access.actors import Actor
from registry_core.access.models import RoleAssignment
from registry_core.access.queries import held_at
from registry_core.accounts.models import Account
from registry_core.db import run
from registry_core.live import account_room

_THERE = select(Account.id).where(
    Account.id == any_(bindparam("accounts", type_=ARRAY(Uuid))),
    Account.closed_at.is_(None),
    exists().where(RoleAssignment.account_id == Account.id, held_at(bindparam("at"))),
)


class MessengerKeeper:
    """Answers for direct conversations and groups."""

    def accesses(self, session: Session, wanted: Sequence[Wanted]) -> list[Access | None]:
        """Say what each may do, with the roles held at this moment."""
        threads = find_threads(session, wanted)
        there = _who_is_there(session, wanted, threads)
        return [
            _access(session, actor, thread, there) if thread else None
            for (actor, _id), thread in zip(wanted, threads, strict=True)
        ]

    def readable(self, session: Session, actor: Actor) -> Sequence[Select[UUID]]:
        """Select direct conversations and groups by hand by their rows, groups by rule by the roles of this moment."""
        return select_readable(session, actor)

    def names(self, session: Session, actor: Actor, conversation_ids: Collection[UUID]) -> Mapping[UUID, str]:
        """Call a direct conversation by the other's name, a group by its own."""
        return name_threads(session, actor, conversation_ids)


def _access(session: Session, actor: Actor, thread: Thread, there: frozenset[UUID]) -> Access:
    if not thread.admits(actor):
        return NO_ACCESS
    return Access(
        may_read=True,
        may_write=_may_write(session, actor, thread, there),
        hear=partial(tell_of_message, thread),
        epoch=thread.epoch,
        shows_marks=not thread.is_by_rule,
        is_listed=True,
        page=f"/messages/{thread.id}",
    )


def _who_is_there(session: Session, wanted: Sequence[Wanted], threads: Sequence[Thread | None]) -> frozenset[UUID]:
    """Name those other sides of direct conversations who still have an account and a role."""
    others = [
        other
        for (actor, _id), thread in zip(wanted, threads, strict=True)
        if thread and thread.is_direct and (other := thread.other_id(actor.account_id))
    ]
    if not others:
        return frozenset()
    return frozenset(run(session, _THERE, {"accounts": others, "at": clock.now()}).scalars())


def may_write(session: Session, actor: Actor, thread: Thread) -> bool:
    """Say whether somebody who belongs to a conversation may write in it now."""
    there = _who_is_there(session, [(actor, thread.id)], [thread])
    return _may_write(session, actor, thread, there)


def _may_write(session: Session, actor: Actor, thread: Thread, there: frozenset[UUID]) -> bool:
    """Say whether somebody may write, given who of the others is still there.

    Answering is always allowed, and once answered a direct conversation stays open to both; but nobody writes to who
    is no longer there.
    """
    if not thread.is_direct:
        return thread.owns(actor) or not thread.is_read_only
    other_id = thread.other_id(actor.account_id)
    if other_id is None or other_id not in there:
        return False
    if thread.is_answered or thread.opened_by_id != actor.account_id:
        return True
    return may_write_to(session, actor, other_id)


def tell_of_message(thread: Thread, session: Session, said: Said) -> None:
    """Tell everybody who belongs to it, whatever page they have open; note the first answer."""
    message = said.message
    if not thread.is_direct:
        tell_of_said(session, [group_room(thread.id, thread.epoch)], message, thread.epoch)
        return
    if not thread.is_answered and message.sender_id != thread.opened_by_id:
        session.execute(update(DirectTalk).where(DirectTalk.conversation_id == thread.id).values(is_answered=True))
    both = [account_room(one) for one in (thread.lower_id, thread.higher_id) if one is not None]
    tell_of_said(session, both, message, thread.epoch)
