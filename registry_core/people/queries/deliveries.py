"""Reads about user names and one-time passwords on their way."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement, Select, or_, select
from sqlalchemy.orm import Session, aliased

from registry_core import clock
from registry_core.access.actors import Actor, visible_units
from registry_core.access.models import Role, RoleAssignment
from registry_core.access.queries import held_at
from registry_core.accounts.models import Account
from registry_core.errors import NotFound
from registry_core.orgs.models import OrgUnit
from registry_core.people.models import CredentialDelivery, DeliveryState
from registry_core.people.policies import OPEN_ACCOUNT

NOT_ARRIVED = (DeliveryState.FAILED, DeliveryState.DELAYED)
ON_THE_WAY = (DeliveryState.SENT, DeliveryState.WAITING)
PAGE = 50
_Later = aliased(CredentialDelivery)
_Other = aliased(CredentialDelivery)


@dataclass(frozen=True, slots=True)
class DeliveryRow:
    """A delivery with its person and unit."""

    delivery: CredentialDelivery
    account: Account
    unit: OrgUnit


def list_deliveries(
    session: Session, actor: Actor, *, only_lost: bool, only_own: bool = False, text: str = "", page: int = 1
) -> tuple[list[DeliveryRow], bool]:
    """List a page of deliveries for units within the actor's reach, the latest first; say whether more follow.

    Lost are those of the latest issue that did not arrive, while the person has not got in otherwise. Own are those
    that the actor has caused. The text is looked for in names, user names and units.
    """
    query = _within(actor)
    if text:
        columns = (Account.name, Account.user_name, OrgUnit.name)
        query = query.where(or_(*(column.icontains(text, autoescape=True) for column in columns)))
    if only_own:
        query = query.where(CredentialDelivery.caused_by_id == actor.account_id)
    if only_lost:
        query = query.where(
            CredentialDelivery.state.in_(NOT_ARRIVED),
            or_(CredentialDelivery.address != "", ~_may_arrive_otherwise()),
            Account.must_change_password,
            Account.last_signed_in_at.is_(None),
            ~select(_Later.id)
            .where(
                _Later.account_id == CredentialDelivery.account_id,
                _Later.issue_id != CredentialDelivery.issue_id,
                _Later.created_at > CredentialDelivery.created_at,
            )
            .exists(),
        )
    order = (CredentialDelivery.created_at.desc(), CredentialDelivery.issue_id, CredentialDelivery.channel)
    rows = session.execute(query.order_by(*order).limit(PAGE + 1).offset((page - 1) * PAGE)).all()
    return [DeliveryRow(*row) for row in rows[:PAGE]], len(rows) > PAGE


def get_latest(session: Session, actor: Actor, account_id: UUID) -> DeliveryRow:
    """Load the latest delivery to somebody for a unit within the actor's reach.

    Raises NotFound.
    """
    row = session.execute(
        _within(actor)
        .where(CredentialDelivery.account_id == account_id)
        .order_by(CredentialDelivery.created_at.desc(), CredentialDelivery.channel)
        .limit(1)
    ).one_or_none()
    if row is None:
        raise NotFound
    return DeliveryRow(*row)


def list_waiting(session: Session, issue_id: UUID) -> list[CredentialDelivery]:
    """Lock the deliveries of an issue whose password has not been drawn."""
    return list(
        session.scalars(
            select(CredentialDelivery)
            .where(
                CredentialDelivery.issue_id == issue_id,
                CredentialDelivery.state == DeliveryState.WAITING,
                CredentialDelivery.drawn_at.is_(None),
            )
            .order_by(CredentialDelivery.id)
            .with_for_update()
        )
    )


def has_later_issue(session: Session, delivery: CredentialDelivery) -> bool:
    """Say whether another password was issued to the person after this one."""
    found = session.scalar(
        select(CredentialDelivery.id)
        .where(
            CredentialDelivery.account_id == delivery.account_id,
            CredentialDelivery.issue_id != delivery.issue_id,
            CredentialDelivery.created_at > delivery.created_at,
        )
        .limit(1)
    )
    return found is not None


def list_roles_held(session: Session, account_id: UUID) -> list[tuple[Role, OrgUnit]]:
    """List the roles that an account holds now, each with its unit."""
    rows = session.execute(
        select(RoleAssignment.role, OrgUnit)
        .join(OrgUnit, OrgUnit.id == RoleAssignment.unit_id)
        .where(RoleAssignment.account_id == account_id, held_at(clock.now()))
    )
    return [(role, unit) for role, unit in rows]


def _may_arrive_otherwise() -> ColumnElement[bool]:
    """Say whether the same password reached the person by another way, or still may: then no address is no loss."""
    return (
        select(_Other.id).where(_Other.issue_id == CredentialDelivery.issue_id, _Other.state.in_(ON_THE_WAY)).exists()
    )


def _within(actor: Actor) -> Select[CredentialDelivery, Account, OrgUnit]:
    return (
        select(CredentialDelivery, Account, OrgUnit)
        .join(Account, Account.id == CredentialDelivery.account_id)
        .join(OrgUnit, OrgUnit.id == CredentialDelivery.unit_id)
        .where(visible_units(actor, OPEN_ACCOUNT).clause(OrgUnit.path))
    )
