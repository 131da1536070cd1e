"""The help desk keeps the conversations of its questions: who may read, who may write, and what an answer sets off."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta
from functools import partial
from uuid import UUID

from sqlalchemy import Select
from sqlalchemy.orm import Session

from chat.policies import NO_ACCESS, Access, Said, Wanted
from helpdesk import policies
from helpdesk.events import QuestionAnswered
from helpdesk.policies import Standing
from helpdesk.queries import tickets
from registry_core.access.actors import Actor
from registry_core.outbox import Due

TELL_AFTER = timedelta(seconds=60)
"""How long an answer may stay undelivered before the asker gets word by e-mail, unless the house sets another time."""

_tell_after = [TELL_AFTER]


def install_tell_after(patience: timedelta) -> None:
    """Lay down how long an answer may stay undelivered before the mail goes out (`DESK_TELL_AFTER_SECONDS`)."""
    _tell_after[:] = [patience]


def tell_after() -> timedelta:
    """Say how long an answer may stay undelivered before the asker gets word by e-mail."""
    return _tell_after[0]


class TicketKeeper:
    """Answers for the conversations that belong to questions."""

    def accesses(self, session: Session, wanted: Sequence[Wanted]) -> list[Access | None]:
        """Asker and answerer write until the question is closed; desks that had it read along."""
        standings = tickets.find_standings(session, wanted)
        return [
            _access(standing, actor) if standing else None
            for (actor, _id), standing in zip(wanted, standings, strict=True)
        ]

    def readable(self, _session: Session, actor: Actor) -> Sequence[Select[UUID]]:
        """Select the conversations of questions that the actor asked, and of those that came to the actor's desks."""
        return tickets.select_readable(actor)

    def names(self, session: Session, actor: Actor, conversation_ids: Collection[UUID]) -> Mapping[UUID, str]:
        """Call the conversation of a question by its title."""
        return tickets.list_titles(session, actor, conversation_ids)


def _access(standing: Standing, actor: Actor) -> Access:
    if not standing.is_reachable:
        return NO_ACCESS
    may_write = policies.may_write(standing, actor.account_id)
    place = "questions" if actor.account_id == standing.requester_id else "console"
    page = f"/{place}/{standing.id}"
    return Access(may_read=True, may_write=may_write, hear=partial(tell_of_answer, standing), page=page)


def tell_of_answer(standing: Standing, _session: Session, said: Said) -> Due | None:
    """Tell of an answer: the first message of the answerer after the asker's last."""
    message = said.message
    if message.sender_id == standing.requester_id or said.spoke_before != standing.requester_id:
        return None
    event = QuestionAnswered(standing.id, standing.conversation_id, standing.requester_id, message.number)
    return Due(event, message.sent_at + tell_after())
