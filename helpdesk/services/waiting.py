"""What waits rings for who has come: at once for one who comes, and by the clock for all who are there."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from uuid import UUID

from sqlalchemy.orm import Session

from chat.presence import Presence
from helpdesk.models import Offer
from helpdesk.queries import tickets
from helpdesk.queries.chains import list_desks_of_member, list_desks_on
from helpdesk.queries.technicians import list_available, list_turns
from helpdesk.queries.waiting import Waiting, list_waiting, list_waiting_for
from helpdesk.services.routing import route
from registry_core import clock

RUNG_AT_ONCE = 50
"""Questions that one tick of the clock rings; their rows stay locked until its end, so that it should not last long."""
FIRST_PART = 100
"""Questions whose desks a tick looks at first; mostly they give it all that it rings."""
PART_GROWS = 5
LOOKED_AT = 10_000
"""Waiting questions that one tick looks at; beyond that the house has other worries."""


def offer_next(session: Session, presence: Presence, account_id: UUID) -> Offer | None:
    """Ring for what waits and this technician may answer: the nearest level first, there the longest wait."""
    at = clock.now()
    desk_ids = [desk.id for desk in list_desks_of_member(session, account_id) if desk.is_open(at)]
    available = list_available(session, presence, desk_ids, at=at)
    mine = [one.desk_id for one in available if one.account_id == account_id]
    if not mine:
        return None
    for ticket_id in list_waiting_for(session, account_id, mine):
        ticket = tickets.lock_ticket(session, ticket_id, skip_locked=True)
        if ticket is not None:
            offer = route(session, presence, ticket, patient=False)
            if offer is not None and offer.account_id == account_id:
                return offer
    return None


def offer_waiting(session: Session, presence: Presence) -> bool:
    """Ring what waits for everybody who is there and free: heals what was missed, and desks that have just opened.

    Says whether more may wait than was rung at once.
    """
    waiting = list_waiting(session, limit=LOOKED_AT)
    free = Free(session, presence)
    rung = 0
    for question in _nearest_first(session, waiting, free):
        ticket = tickets.lock_ticket(session, question.ticket_id, skip_locked=True)
        offer = route(session, presence, ticket, patient=False) if ticket is not None else None
        if offer is not None:
            free.take(offer.account_id)
            rung += 1
        if rung == RUNG_AT_ONCE:
            break
    _tell_put_off(session, presence, [question.ticket_id for question in waiting if not question.is_told])
    return rung == RUNG_AT_ONCE


def _tell_put_off(session: Session, presence: Presence, ticket_ids: Sequence[UUID]) -> None:
    """Search once more for questions that were put off; where nobody is left by now, that is written down and told."""
    for ticket_id in ticket_ids[:RUNG_AT_ONCE]:
        ticket = tickets.lock_ticket(session, ticket_id, skip_locked=True)
        if ticket is not None:
            route(session, presence, ticket, patient=False)


class Free:
    """Who is free at the open desks of units, looked up for the units that are asked for and for no others."""

    def __init__(self, session: Session, presence: Presence) -> None:
        self._session = session
        self._presence = presence
        self._at: dict[str, set[UUID]] = {}
        self._taken: set[UUID] = set()

    def look_at(self, unit_paths: Iterable[str]) -> None:
        """Look up who is free at the desks of units that have not been looked at yet."""
        fresh = set(unit_paths) - self._at.keys()
        if not fresh:
            return
        self._at.update((path, set()) for path in fresh)
        at = clock.now()
        paths = {desk.id: desk.unit_path for desk in list_desks_on(self._session, fresh) if desk.is_open(at)}
        for one in list_available(self._session, self._presence, list(paths), at=at):
            self._at[paths[one.desk_id]].add(one.account_id)

    def has_somebody(self, unit_path: str, *, besides: Collection[UUID]) -> bool:
        """Say whether somebody else than these is free at a unit that was looked at."""
        return any(one not in besides and one not in self._taken for one in self._at[unit_path])

    def take(self, account_id: UUID) -> None:
        """Count somebody as taken who is being rung."""
        self._taken.add(account_id)


def _nearest_first(session: Session, waiting: Sequence[Waiting], free: Free) -> Iterator[Waiting]:
    """Hand out the questions for which somebody is free: nearest level first, there the longest wait.

    The caller takes who is rung out of `free`; a question that loses its nearest one comes again at its next level.
    A tick rings few, and mostly finds them at the first desks: so these are looked at alone, and then more and more.
    """
    turns: dict[UUID, frozenset[UUID]] = {}
    left = list(waiting)
    for level in range(max((len(question.way) for question in waiting), default=0)):
        still_left: list[Waiting] = []
        reaching = [question for question in left if len(question.way) > level]
        for part in _parts(reaching):
            free.look_at(question.way[level] for question in part)
            if level == 0:
                turns |= list_turns(session, [question.ticket_id for question in part])
            for question in part:
                besides = turns.get(question.ticket_id, frozenset()) | {question.requester_id}
                if free.has_somebody(question.way[level], besides=besides):
                    yield question
                else:
                    still_left.append(question)
        left = still_left


def _parts(waiting: Sequence[Waiting]) -> Iterator[Sequence[Waiting]]:
    """Cut a list into parts of which each is larger than the one before: where nobody is free, a few searches do."""
    first, size = 0, FIRST_PART
    while first < len(waiting):
        yield waiting[first : first + size]
        first, size = first + size, size * PART_GROWS
