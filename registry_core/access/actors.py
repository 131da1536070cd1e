"""Who acts now, and which part of the tree this person reaches for one permission."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement, false, or_
from sqlalchemy.sql.elements import SQLCoreOperations

from registry_core.access.models import Role
from registry_core.errors import Forbidden
from registry_core.orgs.models import Level, is_within
from registry_core.orgs.queries import subtree_clause

_rights: dict[str, frozenset[Role]] = {}


def install_rights(rights: Mapping[str, frozenset[Role]]) -> None:
    """Lay down which roles carry which permission; the page is `portal/permissions.py`."""
    _rights.clear()
    _rights.update(rights)


@dataclass(frozen=True, slots=True)
class Assignment:
    """A role held now, with the unit's place in the tree."""

    role: Role
    unit_id: UUID
    unit_path: str
    unit_level: Level


@dataclass(frozen=True, slots=True)
class Scope:
    """A part of the tree: the units named by their paths and all below them."""

    paths: tuple[str, ...]

    def covers(self, path: str) -> bool:
        """Say whether a unit's path lies within."""
        return any(is_within(path, top) for top in self.paths)

    def clause(self, column: SQLCoreOperations[str]) -> ColumnElement[bool]:
        """Limit a query by a column of paths; an empty scope reaches nothing."""
        if not self.paths:
            return false()
        return or_(*(subtree_clause(path, column) for path in self.paths))


@dataclass(frozen=True, slots=True)
class Actor:
    """The account that acts, with the roles it holds at this moment; the clock acts without an account."""

    account_id: UUID
    assignments: tuple[Assignment, ...]

    def may(self, permission: str) -> bool:
        """Say whether any role held now carries the permission."""
        roles = _rights.get(permission, frozenset())
        return any(held.role in roles for held in self.assignments)

    def units(self, permission: str) -> frozenset[UUID]:
        """Name the units at which this person holds a role that carries the permission."""
        roles = _rights.get(permission, frozenset())
        return frozenset(held.unit_id for held in self.assignments if held.role in roles)

    @property
    def home(self) -> Assignment | None:
        """The assignment that stands for the person: the lowest unit held, so that a question starts nearest."""
        return max(self.assignments, key=lambda held: held.unit_level.rank, default=None)


def visible_units(actor: Actor, permission: str) -> Scope:
    """Say which part of the tree an actor reaches for one permission; every read and write is limited by it."""
    roles = _rights.get(permission, frozenset())
    return Scope(tuple(sorted({held.unit_path for held in actor.assignments if held.role in roles})))


def roles_with(permission: str) -> frozenset[Role]:
    """Name the roles that carry a permission."""
    return _rights.get(permission, frozenset())


def require(actor: Actor, permission: str) -> None:
    """Refuse an actor without the permission.

    Raises Forbidden.
    """
    if not actor.may(permission):
        raise Forbidden
