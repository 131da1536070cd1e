"""Who acts now, and which part of the tree this person reaches for one permission."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from uuid import UUID

from flask_babel.speaklater import LazyString
from sqlalchemy import ColumnElement, false, or_
from sqlalchemy.sql.elements import SQLCoreOperations

from registry_core.access.errors import DutiesConflict, NotFromHere, NotQualified
from registry_core.access.models import QualificationKind, Role
from registry_core.access.roles import REGISTRY_RIGHTS_BARRED
from registry_core.errors import Forbidden
from registry_core.orgs.models import Level, is_within
from registry_core.orgs.queries import subtree_clause


@dataclass(frozen=True, slots=True)
class Right:
    """What a permission takes: one of these roles at a unit, and for some also a valid qualification."""

    roles: frozenset[Role]
    qualification: QualificationKind | None = None
    levels: frozenset[Level] = frozenset(Level)
    """The levels of units at which the roles carry it."""
    is_registry: bool = False
    """Registry business: whoever looks after the system takes no part, and a unit may limit it to its own places."""
    reads_personal: bool = False
    """Shows personal data of others: asks for an undertaking and a purpose first (`registry_core.undertakings`)."""
    name: LazyString | str = ""
    """What one may do with it, as a person reads it."""


_rights: dict[str, Right] = {}
_NO_RIGHT = Right(frozenset())


def install_rights(rights: Mapping[str, Right]) -> None:
    """Lay down what each permission takes; the page is `portal/permissions.py`."""
    _rights.clear()
    _rights.update(rights)


def permissions() -> tuple[str, ...]:
    """Name every permission of the house."""
    return tuple(_rights)


def right_of(permission: str) -> Right:
    """Say what a permission takes; one that nobody laid down is carried by nobody."""
    return _rights.get(permission, _NO_RIGHT)


@dataclass(frozen=True, slots=True)
class Assignment:
    """A role held now, with the unit's place in the tree, and the grade or class that it is limited to."""

    role: Role
    unit_id: UUID
    unit_path: str
    unit_level: Level
    narrowed_to: str | None = None


@dataclass(frozen=True, slots=True)
class Qualified:
    """A qualification in force now; without a level it serves at every tier, else at that one and below."""

    kind: QualificationKind
    level: Level | None

    def serves(self, kind: QualificationKind, level: Level) -> bool:
        """Say whether it covers work of a kind at a tier."""
        return self.kind is kind and (self.level is None or level.rank >= self.level.rank)


@dataclass(frozen=True, slots=True)
class Origin:
    """From where somebody acts: the address and browser of the request, for the audit trail."""

    address: str
    browser: str
    browser_session_id: UUID | None = None
    computers: tuple[str, ...] = ()
    """The marks by which a registered computer is known (`registry_core.workplaces`)."""


@dataclass(frozen=True, slots=True)
class Bar:
    """A unit whose registry business cannot be done from where somebody is, and the words that say why."""

    unit_id: UUID
    words: LazyString | str


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
    """The account that acts, with the roles and qualifications of this moment; the clock acts without an account.

    Under a delegation the assignments are the lent ones, and `on_behalf_of` names the lender.
    """

    account_id: UUID
    assignments: tuple[Assignment, ...]
    qualifications: frozenset[Qualified] = frozenset()
    on_behalf_of: UUID | None = None
    origin: Origin | None = None
    bars: tuple[Bar, ...] = ()
    purpose: str = ""
    """What the person looks at personal data for, as stated; the trail keeps it with every such look."""

    def may(self, permission: str) -> bool:
        """Say whether any role held now carries the permission."""
        return bool(self.carrying(permission))

    def carrying(self, permission: str) -> tuple[Assignment, ...]:
        """List the assignments that carry a permission, with the qualification that it asks for."""
        right = right_of(permission)
        if right.is_registry and self.is_barred_from_registry:
            return ()
        return tuple(held for held in self.assignments if self._carries(held, right))

    def _carries(self, held: Assignment, right: Right) -> bool:
        return (
            held.role in right.roles
            and held.unit_level in right.levels
            and not (right.is_registry and any(bar.unit_id == held.unit_id for bar in self.bars))
            and (right.qualification is None or self.is_qualified(right.qualification, held.unit_level))
        )

    def is_qualified(self, kind: QualificationKind, level: Level) -> bool:
        """Say whether the person holds a valid qualification for work of a kind at a tier."""
        return any(one.serves(kind, level) for one in self.qualifications)

    @property
    def is_barred_from_registry(self) -> bool:
        """Whether a role held now excludes its holder from registry business."""
        return any(held.role in REGISTRY_RIGHTS_BARRED for held in self.assignments)

    def units(self, permission: str) -> frozenset[UUID]:
        """Name the units at which this person holds a role that carries the permission."""
        return frozenset(held.unit_id for held in self.carrying(permission))

    @property
    def home(self) -> Assignment | None:
        """The assignment that stands for the person: the lowest unit held, so that a question starts nearest."""
        return max(self.assignments, key=lambda held: held.unit_level.rank, default=None)


def visible_units(actor: Actor, permission: str) -> Scope:
    """Say which part of the tree an actor reaches for one permission; every read and write is limited by it."""
    return Scope(tuple(sorted({held.unit_path for held in actor.carrying(permission)})))


def roles_with(permission: str) -> frozenset[Role]:
    """Name the roles that carry a permission."""
    return right_of(permission).roles


def require(actor: Actor, permission: str) -> None:
    """Refuse an actor without the permission, and name the rule where it is more than a role that is missing.

    Raises Forbidden, NotQualified, DutiesConflict, NotFromHere.
    """
    if actor.may(permission):
        return
    right = right_of(permission)
    if right.roles.isdisjoint(held.role for held in actor.assignments):
        raise Forbidden
    if right.is_registry and actor.is_barred_from_registry:
        raise DutiesConflict
    if actor.bars and replace(actor, bars=()).may(permission):
        held = {one.unit_id for one in actor.assignments if one.role in right.roles}
        raise NotFromHere(next(bar.words for bar in actor.bars if bar.unit_id in held))
    if right.qualification is not None:
        raise NotQualified
    raise Forbidden
