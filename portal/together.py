"""Socket commands that pages send all the time, answered many in one transaction."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from portal.outages import DATABASE_AWAY
from portal.pushing import Pushing
from portal.rounds import Rounds
from registry_core import web
from registry_core.db import transaction
from registry_core.errors import DomainError
from registry_core.sockets import Call, Command, Payload

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, eq=False)
class Sending:
    """A command of one socket on its way."""

    sid: str
    payload: Payload


@dataclass(frozen=True, slots=True)
class Admission:
    """Who sent a command, in which language they read, and whether they may."""

    locale: str | None
    standing: Call | DomainError


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of a command, and in which language to say it."""

    locale: str | None
    outcome: Mapping[str, Any] | DomainError

    def unwrap(self) -> Mapping[str, Any]:
        """Give the result, or raise the refusal."""
        if isinstance(self.outcome, DomainError):
            raise self.outcome
        return self.outcome


Admit = Callable[[Session, Command, Sequence[str]], Sequence[Admission | None]]
"""Says of each socket who sits there; None for one that is to be told alone that it is signed out."""


class Together:
    """Answers one command for many: whoever sends while a transaction is under way shares the next one."""

    def __init__(self, command: Command, admit: Admit, pushing: Pushing) -> None:
        self._command = command
        self._admit = admit
        self._pushing = pushing
        self._rounds: Rounds[Sending, Answer | None] = Rounds(self._act)

    def answer(self, sending: Sending) -> Answer | None:
        """Answer a command; None leaves it to be answered alone."""
        try:
            return self._rounds.take_part(sending)
        except DATABASE_AWAY:
            raise
        except Exception:
            # One of them has undone the round for all: each goes alone, and only the faulty one fails.
            log.exception("round of socket commands failed")
            return None

    def _act(self, sendings: Sequence[Sending]) -> list[Answer | None]:
        self._pushing.wait_for_room()
        with transaction(web.runtime().sessions, afterwards=self._pushing.take) as session:
            admissions = self._admit(session, self._command, [sending.sid for sending in sendings])
            orders = {
                place: (admission.standing, sending.payload)
                for place, (admission, sending) in enumerate(zip(admissions, sendings, strict=True))
                if admission is not None and isinstance(admission.standing, Call)
            }
            outcomes = self._command.together(list(orders.values())) if orders and self._command.together else ()
            results = dict(zip(orders, outcomes, strict=True))
        return [self._answer_to(admission, results.get(place)) for place, admission in enumerate(admissions)]

    @staticmethod
    def _answer_to(admission: Admission | None, result: Mapping[str, Any] | DomainError | None) -> Answer | None:
        if admission is None:
            return None
        outcome = admission.standing if isinstance(admission.standing, DomainError) else result
        return None if outcome is None else Answer(admission.locale, outcome)
