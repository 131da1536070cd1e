"""Reads about successors: who takes a role over, and who of them has still to be trained."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session

from registry_core import clock
from registry_core.access.actors import Actor, visible_units
from registry_core.access.models import Qualification, QualificationKind, Role, RoleAssignment
from registry_core.access.policies import MANAGE_PEOPLE, SEE_PEOPLE
from registry_core.access.queries import in_force
from registry_core.access.roles import REGISTRY_ROLES
from registry_core.accounts.models import Account
from registry_core.errors import NotFound
from registry_core.orgs.models import OrgUnit

ANSWERERS = frozenset({Role.TECHNICIAN, Role.DESK_LEAD})
MOST_SHOWN = 200


@dataclass(frozen=True, slots=True)
class HeldRow:
    """A role held at a unit, and by whom."""

    assignment: RoleAssignment
    account: Account
    unit: OrgUnit


@dataclass(frozen=True, slots=True)
class TraineeRow:
    """A successor without a certificate."""

    account_id: UUID
    name: str
    role: Role
    unit_name: str
    since: datetime


def get_held(session: Session, actor: Actor, assignment_id: UUID) -> HeldRow:
    """Load a role that somebody within the actor's reach holds or will hold.

    Raises NotFound.
    """
    row = session.execute(
        select(RoleAssignment, Account, OrgUnit)
        .join(Account, Account.id == RoleAssignment.account_id)
        .join(OrgUnit, OrgUnit.id == RoleAssignment.unit_id)
        .where(
            RoleAssignment.id == assignment_id,
            _not_over(),
            visible_units(actor, MANAGE_PEOPLE).clause(OrgUnit.path),
        )
    ).one_or_none()
    if row is None:
        raise NotFound
    return HeldRow(*row)


def list_to_train(session: Session, actor: Actor) -> list[TraineeRow]:
    """List the successors within the actor's reach who have no certificate for their work; a permit is none.

    Source: certified before serving, operation rules (file 003 annex 2), art. 20.
    """
    rows = session.execute(
        select(Account.id, Account.name, RoleAssignment.role, OrgUnit.name, RoleAssignment.valid_from)
        .join(RoleAssignment, RoleAssignment.account_id == Account.id)
        .join(OrgUnit, OrgUnit.id == RoleAssignment.unit_id)
        .where(
            RoleAssignment.succeeds_id.is_not(None),
            _not_over(),
            Account.closed_at.is_(None),
            visible_units(actor, SEE_PEOPLE).clause(OrgUnit.path),
            or_(
                _lacks(REGISTRY_ROLES, QualificationKind.REGISTRY),
                _lacks(ANSWERERS, QualificationKind.ANSWERING),
            ),
        )
        .order_by(RoleAssignment.valid_from, OrgUnit.path, Account.name)
        .limit(MOST_SHOWN)
    )
    return [TraineeRow(*row) for row in rows]


def _not_over() -> ColumnElement[bool]:
    return or_(RoleAssignment.valid_until.is_(None), RoleAssignment.valid_until > clock.now())


def _lacks(roles: frozenset[Role], kind: QualificationKind) -> ColumnElement[bool]:
    certificate = (
        select(Qualification.id)
        .where(
            Qualification.account_id == RoleAssignment.account_id,
            Qualification.kind == kind,
            Qualification.certificate_id.is_not(None),
            in_force(clock.now()),
        )
        .exists()
    )
    return and_(RoleAssignment.role.in_(roles), ~certificate)
