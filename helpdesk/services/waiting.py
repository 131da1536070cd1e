"""What waits rings for who has come: at once for one who comes, and by the clock for all who are there."""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Mapping, Sequence
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
    free_at = _free_at(session, presence, {path for question in waiting for path in question.way})
    rung = 0
    for question in _nearest_first(session, waiting, free_at):
        ticket = tickets.lock_ticket(session, question.ticket_id, skip_locked=True)
        offer = route(session, presence, ticket, patient=False) if ticket is not None else None
        if offer is not None:
            for free in free_at.values():
                free.discard(offer.account_id)
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


def _free_at(session: Session, presence: Presence, unit_paths: set[str]) -> dict[str, set[UUID]]:
    """Name who is free at the open desks of these units, by the unit's path."""
    at = clock.now()
    paths = {desk.id: desk.unit_path for desk in list_desks_on(session, unit_paths) if desk.is_open(at)}
    free_at: dict[str, set[UUID]] = {}
    for one in list_available(session, presence, list(paths), at=at):
        free_at.setdefault(paths[one.desk_id], set()).add(one.account_id)
    return free_at


def _nearest_first(session: Session, waiting: list[Waiting], free_at: Mapping[str, set[UUID]]) -> Iterator[Waiting]:
    """Hand out the questions for which somebody is free: nearest level first, there the longest wait.

    The caller takes who is rung out of `free_at`; a question that loses its nearest one comes again at its next level.
    """
    reached = [question for question in waiting if _distance(question, free_at, frozenset()) is not None]
    turns = list_turns(session, [question.ticket_id for question in reached])
    queue: list[tuple[int, int, Waiting]] = []

    def put(order: int, question: Waiting) -> None:
        distance = _distance(question, free_at, turns.get(question.ticket_id, frozenset()))
        if distance is not None:
            heapq.heappush(queue, (distance, order, question))

    for order, question in enumerate(reached):
        put(order, question)
    while queue:
        distance, order, question = heapq.heappop(queue)
        if _distance(question, free_at, turns.get(question.ticket_id, frozenset())) == distance:
            yield question
        else:
            put(order, question)


def _distance(question: Waiting, free_at: Mapping[str, set[UUID]], turned: frozenset[UUID]) -> int | None:
    """Say how many units up the nearest one stands who is free for a question; None where nobody is."""
    for distance, path in enumerate(question.way):
        if any(one not in turned and one != question.requester_id for one in free_at.get(path, ())):
            return distance
    return None
