"""What an approval brings about: the feature says so, and carries it out in the transaction of the last decision.

The composition root lays down who does so for which procedure; the engine knows none of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from sqlalchemy.orm import Session

from registry_core.access.actors import Actor
from registry_core.approvals.models import Application
from registry_core.approvals.paths import Facts


@dataclass(frozen=True, slots=True)
class Asked:
    """Something that the last decider fills in, in words."""

    name: str
    label: str
    help: str = ""
    longest: int = 200


@dataclass(frozen=True, slots=True)
class Approved:
    """An application of which the last step has been approved, with what was sent in last and filled in now."""

    application: Application
    facts: Facts
    answers: Mapping[str, str]


class Effect(Protocol):
    """What follows from the approval of one procedure."""

    @property
    def procedure(self) -> str:
        """The code of the procedure."""

    def tell(self, session: Session, application: Application, facts: Facts) -> Sequence[tuple[str, str]]:
        """Say what is applied for, in lines of label and text."""

    def ask(self, session: Session, application: Application, facts: Facts) -> Sequence[Asked]:
        """Say what the last decider has to fill in."""

    def carry_out(self, session: Session, actor: Actor, approved: Approved) -> None:
        """Bring it about; a refusal undoes the decision. Who may, the procedure has asked."""


_effects: dict[str, Effect] = {}


def install_effects(effects: Iterable[Effect]) -> None:
    """Lay down what follows from approvals; the page is `portal/subscriptions.py`."""
    _effects.clear()
    _effects.update({effect.procedure: effect for effect in effects})


def find_effect(procedure: str) -> Effect | None:
    """Find what follows from the approval of a procedure; nothing here where the feature only hears of it."""
    return _effects.get(procedure)
