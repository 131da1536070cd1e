"""Reads of rounds and stamps."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from registry_core import clock
from registry_core.access.actors import Actor, visible_units
from registry_core.access.models import Role, RoleAssignment
from registry_core.access.queries import held_at
from registry_core.accounts.models import Account
from registry_core.directory.errors import RoundNotFound
from registry_core.directory.models import CollectionRound, DirectoryStamp
from registry_core.directory.policies import SEE_UNITS
from registry_core.orgs.models import OrgUnit, lineage


def find_round(session: Session, unit: OrgUnit) -> CollectionRound | None:
    """Find the round under way that takes in a unit: that of the nearest unit on the way up."""
    return session.scalar(
        select(CollectionRound)
        .join(OrgUnit, OrgUnit.id == CollectionRound.unit_id)
        .where(CollectionRound.closed_at.is_(None), OrgUnit.path.in_(lineage(unit.path)))
        .order_by(OrgUnit.path.desc())
        .limit(1)
    )


def get_round(session: Session, actor: Actor, round_id: UUID) -> tuple[CollectionRound, OrgUnit]:
    """Get a round under way within the actor's reach, and hold it.

    Raises RoundNotFound.
    """
    row = session.execute(
        select(CollectionRound, OrgUnit)
        .join(OrgUnit, OrgUnit.id == CollectionRound.unit_id)
        .where(CollectionRound.id == round_id, CollectionRound.closed_at.is_(None))
        .where(visible_units(actor, SEE_UNITS).clause(OrgUnit.path))
        .with_for_update(of=CollectionRound)
    ).first()
    if row is None:
        raise RoundNotFound
    return row[0], row[1]


def list_rounds_to_remind(session: Session, *, on: date) -> Sequence[tuple[CollectionRound, OrgUnit]]:
    """List the rounds under way that the clock has not looked at on a day, each held; those held elsewhere are left."""
    rows = session.execute(
        select(CollectionRound, OrgUnit)
        .join(OrgUnit, OrgUnit.id == CollectionRound.unit_id)
        .where(CollectionRound.closed_at.is_(None), CollectionRound.reminded_on.is_distinct_from(on))
        .with_for_update(of=CollectionRound, skip_locked=True)
    )
    return [(row[0], row[1]) for row in rows]


def list_stamps(session: Session, unit_ids: Collection[UUID]) -> dict[UUID, DirectoryStamp]:
    """Find the latest stamp of each of the units."""
    rows = session.scalars(
        select(DirectoryStamp)
        .ext(distinct_on(DirectoryStamp.unit_id))
        .where(DirectoryStamp.unit_id.in_(unit_ids))
        .order_by(DirectoryStamp.unit_id, DirectoryStamp.stamped_at.desc())
    )
    return {stamp.unit_id: stamp for stamp in rows}


def list_those_who_fill(session: Session, unit: OrgUnit, roles: Collection[Role]) -> Sequence[UUID]:
    """Name the accounts that hold one of the roles at a unit now."""
    return session.scalars(
        select(Account.id)
        .join(RoleAssignment, RoleAssignment.account_id == Account.id)
        .where(RoleAssignment.unit_id == unit.id, RoleAssignment.role.in_(roles), held_at(clock.now()))
        .where(Account.closed_at.is_(None))
        .distinct()
    ).all()
