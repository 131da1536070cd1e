"""Reads about people within somebody's reach."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session

from registry_core import clock
from registry_core.access.actors import Actor, visible_units
from registry_core.access.models import Role, RoleAssignment
from registry_core.access.policies import SEE_PEOPLE
from registry_core.access.queries import held_at
from registry_core.accounts.models import Account
from registry_core.errors import NotFound
from registry_core.orgs.models import Level, OrgUnit
from registry_core.orgs.queries import subtree_clause

PAGE = 50


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is looked for: part of a name, user name or unit; a role; with the units below or only one's own.

    With `unit` the people of that one are looked for instead of those of one's own.
    """

    text: str = ""
    role: Role | None = None
    with_below: bool = False
    unit: OrgUnit | None = None


@dataclass(frozen=True, slots=True)
class HeldRole:
    """A role as a list shows it."""

    role: Role
    narrowed_to: str | None
    unit_id: UUID
    unit_name: str
    level: Level


@dataclass(frozen=True, slots=True)
class PersonRow:
    """Somebody in the directory, with the roles held now within the reader's reach."""

    account_id: UUID
    name: str
    user_name: str
    roles: tuple[HeldRole, ...]

    @property
    def unit_id(self) -> UUID | None:
        """The lowest unit at which the person holds a role: whose data theirs are."""
        lowest = max(self.roles, key=lambda held: held.level.rank, default=None)
        return lowest.unit_id if lowest else None


def list_people(
    session: Session, actor: Actor, wanted: Wanted, *, page: int = 1, size: int = PAGE
) -> tuple[list[PersonRow], bool]:
    """List a page of those who hold a role within the actor's reach, by unit and name; say whether more follow."""
    reach = _reach(actor, wanted)
    first_path = func.min(OrgUnit.path)
    people = session.execute(
        select(Account.id, Account.name, Account.user_name)
        .join(RoleAssignment, RoleAssignment.account_id == Account.id)
        .join(OrgUnit, OrgUnit.id == RoleAssignment.unit_id)
        .where(reach, Account.closed_at.is_(None))
        .group_by(Account.id)
        .order_by(first_path, Account.name, Account.id)
        .limit(size + 1)
        .offset((page - 1) * size)
    ).all()
    held = _list_held(session, [row.id for row in people[:size]], _reach(actor, Wanted(with_below=True)))
    rows = [PersonRow(row.id, row.name, row.user_name, tuple(held.get(row.id, ()))) for row in people[:size]]
    return rows, len(people) > size


def _reach(actor: Actor, wanted: Wanted) -> ColumnElement[bool]:
    own = [held.unit_id for held in actor.carrying(SEE_PEOPLE)]
    limits = [held_at(clock.now()), visible_units(actor, SEE_PEOPLE).clause(OrgUnit.path)]
    if wanted.unit is not None:
        limits.append(subtree_clause(wanted.unit.path) if wanted.with_below else OrgUnit.id == wanted.unit.id)
    elif not wanted.with_below:
        limits.append(OrgUnit.id.in_(own))
    if wanted.role is not None:
        limits.append(RoleAssignment.role == wanted.role)
    if wanted.text:
        columns = (Account.name, Account.user_name, OrgUnit.name)
        limits.append(or_(*(column.icontains(wanted.text, autoescape=True) for column in columns)))
    return and_(*limits)


def _list_held(session: Session, account_ids: list[UUID], reach: ColumnElement[bool]) -> dict[UUID, list[HeldRole]]:
    held: dict[UUID, list[HeldRole]] = {}
    rows = session.execute(
        select(
            RoleAssignment.account_id,
            RoleAssignment.role,
            RoleAssignment.narrowed_to,
            OrgUnit.id,
            OrgUnit.name,
            OrgUnit.level,
        )
        .join(OrgUnit, OrgUnit.id == RoleAssignment.unit_id)
        .where(RoleAssignment.account_id.in_(account_ids), reach)
        .order_by(OrgUnit.path, RoleAssignment.role)
    )
    for row in rows:
        held.setdefault(row[0], []).append(HeldRole(*row[1:]))
    return held


def get_person(session: Session, actor: Actor, account_id: UUID) -> Account:
    """Load somebody who holds or held a role within the actor's reach, or the actor.

    Raises NotFound.
    """
    within = (
        select(RoleAssignment.id)
        .join(OrgUnit, OrgUnit.id == RoleAssignment.unit_id)
        .where(RoleAssignment.account_id == Account.id, visible_units(actor, SEE_PEOPLE).clause(OrgUnit.path))
        .exists()
    )
    account = session.scalar(
        select(Account).where(Account.id == account_id, or_(within, Account.id == actor.account_id))
    )
    if account is None:
        raise NotFound
    return account


def find_place(session: Session, actor: Actor, account_id: UUID) -> UUID | None:
    """Find the lowest unit within the actor's reach at which somebody holds or held a role."""
    return session.scalar(
        select(OrgUnit.id)
        .join(RoleAssignment, RoleAssignment.unit_id == OrgUnit.id)
        .where(RoleAssignment.account_id == account_id, visible_units(actor, SEE_PEOPLE).clause(OrgUnit.path))
        .order_by(held_at(clock.now()).desc(), func.length(OrgUnit.path).desc())
        .limit(1)
    )


def list_units_to_give_at(session: Session, actor: Actor, account_id: UUID) -> list[OrgUnit]:
    """List the units that a role form offers: the person's own units within the actor's reach, and the actor's own."""
    scope = visible_units(actor, SEE_PEOPLE)
    of_person = select(RoleAssignment.unit_id).where(RoleAssignment.account_id == account_id, held_at(clock.now()))
    own = [held.unit_id for held in actor.carrying(SEE_PEOPLE)]
    return list(
        session.scalars(
            select(OrgUnit)
            .where(or_(OrgUnit.id.in_(of_person), OrgUnit.id.in_(own)), scope.clause(OrgUnit.path))
            .order_by(OrgUnit.path.desc())
        )
    )
