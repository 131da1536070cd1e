"""Whose numbers of persons somebody may read: their own, and those that people of their own units have written."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from chat.policies import SEE_NUMBERS
from chat.queries.messages import Line
from registry_core import clock
from registry_core.access.actors import Actor, visible_units
from registry_core.access.models import RoleAssignment
from registry_core.access.queries import held_at
from registry_core.orgs.models import OrgUnit
from registry_core.personal_numbers import find_numbers

NO_NAMES: Mapping[UUID, Sequence[str]] = MappingProxyType({})


def list_readable(
    session: Session, actor: Actor, lines: Iterable[Line], names: Mapping[UUID, Sequence[str]] = NO_NAMES
) -> frozenset[UUID]:
    """List those of the senders whose numbers the actor may read; who wrote none is not asked for.

    `names` are the names of files by message; they are read and covered as the text is.
    """
    writers = {
        line.sender_id
        for line in lines
        if line.sender_id and any(find_numbers(text) for text in (line.body, *names.get(line.id, ())))
    }
    if not writers:
        return frozenset()
    others = writers - {actor.account_id}
    scope = visible_units(actor, SEE_NUMBERS)
    if not others or not scope.paths:
        return frozenset(writers & {actor.account_id})
    within = session.scalars(
        select(RoleAssignment.account_id)
        .join(OrgUnit, OrgUnit.id == RoleAssignment.unit_id)
        .where(RoleAssignment.account_id.in_(others), held_at(clock.now()), scope.clause(OrgUnit.path))
    )
    return frozenset(within) | (writers & {actor.account_id})


def find_unit_of(session: Session, account_id: UUID) -> UUID | None:
    """Find the unit of somebody, of several the one nearest to the ground: its people see who looked."""
    return session.scalars(
        select(RoleAssignment.unit_id)
        .join(OrgUnit, OrgUnit.id == RoleAssignment.unit_id)
        .where(RoleAssignment.account_id == account_id, held_at(clock.now()))
        .order_by(OrgUnit.level.desc(), OrgUnit.path.desc())
        .limit(1)
    ).first()
