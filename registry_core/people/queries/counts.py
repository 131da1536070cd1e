"""How many people hold which role, by unit: what lies right below somebody, each with everything under it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Integer, cast, func, select
from sqlalchemy.orm import Session

from registry_core import clock
from registry_core.access.actors import Actor, visible_units
from registry_core.access.models import Role, RoleAssignment
from registry_core.access.policies import SEE_PEOPLE
from registry_core.access.queries import held_at
from registry_core.accounts.models import Account
from registry_core.orgs import queries as orgs
from registry_core.orgs.models import OrgUnit


@dataclass(frozen=True, slots=True)
class RoleCount:
    """A unit and how many people hold each role there; with `is_whole` everything below it is counted too."""

    unit: OrgUnit
    held: Mapping[Role, int]
    is_whole: bool


@dataclass(frozen=True, slots=True)
class RoleCounts:
    """The unit itself, each unit right below it, and all together; a person is counted once for each role."""

    own: RoleCount
    below: tuple[RoleCount, ...]
    total: RoleCount

    @property
    def roles(self) -> tuple[Role, ...]:
        """The roles that anybody holds, in the order of the house."""
        return tuple(role for role in Role if self.total.held.get(role))


def count_roles(session: Session, actor: Actor, unit: OrgUnit) -> RoleCounts:
    """Count who holds which role at and below a unit within the actor's reach; in one pass."""
    scope = visible_units(actor, SEE_PEOPLE)
    # Of the path below the unit the first number: nothing for the unit itself.
    child = cast(func.nullif(func.split_part(func.substr(OrgUnit.path, len(unit.path) + 1), "/", 1), ""), Integer)
    people = func.count(RoleAssignment.account_id.distinct())
    counted = (
        select(child, RoleAssignment.role, people)
        .join(OrgUnit, OrgUnit.id == RoleAssignment.unit_id)
        .join(Account, Account.id == RoleAssignment.account_id)
        .where(held_at(clock.now()), Account.closed_at.is_(None))
        .where(orgs.subtree_clause(unit.path), scope.clause(OrgUnit.path))
    )
    held: dict[int | None, dict[Role, int]] = {}
    for number, role, count in session.execute(counted.group_by(child, RoleAssignment.role)):
        held.setdefault(number, {})[role] = count
    whole = session.execute(counted.with_only_columns(RoleAssignment.role, people).group_by(RoleAssignment.role))
    return RoleCounts(
        RoleCount(unit, held.get(None, {}), is_whole=False),
        _below(orgs.list_children(session, scope, unit.id), held),
        RoleCount(unit, {row[0]: row[1] for row in whole}, is_whole=True),
    )


def _below(units: Sequence[OrgUnit], held: Mapping[int | None, Mapping[Role, int]]) -> tuple[RoleCount, ...]:
    return tuple(RoleCount(unit, held.get(unit.number, {}), is_whole=True) for unit in units)
