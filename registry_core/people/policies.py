"""Permission names and rules about how people get in."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from uuid import UUID

from registry_core.access.actors import Actor, Scope
from registry_core.access.models import Role
from registry_core.access.policies import may_give
from registry_core.orgs.models import OrgUnit, is_within

REPORT_ADMINISTRATOR = "people:administrator:report"
BIND_ADMINISTRATOR = "people:administrator:bind"
OPEN_ACCOUNT = "people:account:open"
DECIDE_REGISTRATION = "people:registration:decide"
WATCH_LENDINGS = "people:lending:watch"

ONE_TIME_LIFE = timedelta(hours=72)
"""How long a one-time password that was sent out opens the door."""
LONGEST_LOAN = timedelta(days=30)
PASSWORD_CHANGE_GRACE = timedelta(days=3)
"""How long after its use a lent password may stay before the administrators are told."""
FIRST_CODE_LIFE = timedelta(hours=24)
REGISTRATION_CODE_LIFE = timedelta(minutes=30)
CODE_TRIES = 5
CODES_AN_HOUR = 3
"""How many codes one mobile or e-mail address gets at most, whoever asks for them."""
UNCONFIRMED_KEPT = timedelta(days=1)
"""How long a registration is kept whose address nobody has confirmed."""
MOBILE = r"1[3-9][0-9]{9}\Z"
USER_NAME = r"[A-Za-z0-9][A-Za-z0-9._-]{2,59}\Z"
BATCHES_OPEN = 20
"""How many batches of accounts somebody may have that are neither applied nor dropped."""
BATCH_KEPT = timedelta(days=7)
"""How long names, numbers and addresses of a batch are kept that nobody applies."""
BATCH_PATIENCE = timedelta(days=1)
"""How long the worker may try to open the accounts of a batch."""
LONGEST_NOTICE = timedelta(days=366)
"""How far ahead a role may begin."""


def may_bind(actor: Actor, unit: OrgUnit) -> bool:
    """Say whether the actor decides on the administrators of a unit: from a level above it, never from its own.

    Source: operation rules (file 003 annex 2), art. 18 (1).
    """
    held = actor.carrying(BIND_ADMINISTRATOR)
    return any(unit.path != one.unit_path and is_within(unit.path, one.unit_path) for one in held)


def may_look_after(actor: Actor, held: Iterable[tuple[Role, OrgUnit]]) -> bool:
    """Say whether the actor could have given somebody every role they hold: only then may he hand out their password.

    Otherwise a registry administrator could send a super administrator's password to an address of his own.
    """
    return all(may_give(actor, role, unit) for role, unit in held)


def decides_at(actor: Actor) -> tuple[frozenset[UUID], Scope]:
    """Say where the actor decides on registrations: at their own units, and as super administrator below them too."""
    held = actor.carrying(DECIDE_REGISTRATION)
    tops = {one.unit_path for one in held if one.role is Role.SUPER_ADMINISTRATOR}
    return frozenset(one.unit_id for one in held), Scope(tuple(sorted(tops)))
