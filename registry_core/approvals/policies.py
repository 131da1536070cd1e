"""Permission names of approvals, and what the rules say about who decides."""

from __future__ import annotations

from collections.abc import Collection
from typing import Protocol
from uuid import UUID

from registry_core.access.actors import Actor
from registry_core.approvals.models import Application, ApplicationState, Step
from registry_core.approvals.paths import last_withdrawal
from registry_core.rules.topics import ProcedureSpec

FOLLOW = "approvals:application:follow"
OVERSEE = "approvals:application:oversee"
DECIDE = "approvals:step:decide"

EVIDENCE = "approvals.evidence"
"""The use of files that are evidence of applications."""

LONGEST_REASON = 2000
MOST_AT_ONCE = 200


class Subject(Protocol):
    """What is applied about: a feature's own thing, named by kind and id. `audit.values.Subject` fits."""

    @property
    def kind(self) -> str:
        """The kind, as the procedure names it."""

    @property
    def id(self) -> UUID:
        """The identifier in the feature's table."""

    @property
    def unit_id(self) -> UUID:
        """The unit that it belongs to: where a step is decided is seen from there."""

    @property
    def label(self) -> str:
        """What people call it."""


def acting_ids(actor: Actor) -> frozenset[UUID]:
    """Name the accounts for which somebody acts: the own one and, by delegation, another's."""
    return frozenset({actor.account_id} | ({actor.on_behalf_of} if actor.on_behalf_of else set()))


def is_party(actor: Actor, parties: Collection[UUID]) -> bool:
    """Say whether somebody, or who lent them the right, applied for or entered it."""
    return not acting_ids(actor).isdisjoint(parties)


def may_withdraw(application: Application, step: Step | None, spec: ProcedureSpec) -> bool:
    """Say whether an application can still be withdrawn at the step that is open, or while it is with its applicant."""
    if application.state is ApplicationState.RETURNED:
        return True
    return step is not None and step.position <= last_withdrawal(spec)
