"""Reads about lists of school codes: the lists themselves, and what stands in the region that they name."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from registry_core.access.actors import Actor, visible_units
from registry_core.directory.errors import ListNotFound
from registry_core.directory.models import CodeList
from registry_core.directory.policies import MANAGE_UNITS
from registry_core.orgs import queries as orgs
from registry_core.orgs.models import CodeScheme, OrgUnit, OrgUnitCode, UnitKind


@dataclass(frozen=True, slots=True)
class Standing:
    """The schools of a region as they stand: open ones, the code of each that has one, departments by their codes."""

    schools: Mapping[UUID, OrgUnit]
    codes: Mapping[UUID, str]
    departments: Mapping[str, OrgUnit]


def get_list(session: Session, actor: Actor, list_id: UUID, *, for_update: bool = False) -> tuple[CodeList, OrgUnit]:
    """Get a list of a unit of whose schools the actor may dispose.

    Raises ListNotFound.
    """
    query = (
        select(CodeList, OrgUnit)
        .join(OrgUnit, OrgUnit.id == CodeList.unit_id)
        .where(CodeList.id == list_id, visible_units(actor, MANAGE_UNITS).clause(OrgUnit.path))
    )
    row = session.execute(query.with_for_update(of=CodeList) if for_update else query).first()
    if row is None:
        raise ListNotFound
    return row[0], row[1]


def read_standing(session: Session, region: OrgUnit) -> Standing:
    """Read the schools and departments of a region."""
    today = orgs.today()
    units = session.scalars(
        select(OrgUnit).where(orgs.subtree_clause(region.path), orgs.open_clause(today)).order_by(OrgUnit.path)
    ).all()
    rows = session.execute(
        select(OrgUnitCode.unit_id, OrgUnitCode.code)
        .join(OrgUnit, OrgUnit.id == OrgUnitCode.unit_id)
        .where(orgs.subtree_clause(region.path), orgs.open_clause(today), orgs.code_clause(today))
    )
    codes = {row[0]: row[1] for row in rows}
    is_school = {UnitKind.SCHOOL, UnitKind.TEACHING_POINT}
    return Standing(
        schools={unit.id: unit for unit in units if unit.kind in is_school},
        codes={unit.id: codes[unit.id] for unit in units if unit.kind in is_school and unit.id in codes},
        departments={codes[unit.id]: unit for unit in units if unit.kind not in is_school and unit.id in codes},
    )


def list_taken(session: Session, region: OrgUnit, codes: Collection[str]) -> dict[str, str]:
    """Name the schools outside a region that bear one of the codes today, or will."""
    rows = session.execute(
        select(OrgUnitCode.code, OrgUnit.name)
        .join(OrgUnit, OrgUnit.id == OrgUnitCode.unit_id)
        .where(OrgUnitCode.scheme == CodeScheme.SCHOOL_CODE, OrgUnitCode.code.in_(codes))
        .where(OrgUnitCode.valid_until.is_(None) | (OrgUnitCode.valid_until > orgs.today()))
        .where(~orgs.subtree_clause(region.path))
    )
    return {row[0]: row[1] for row in rows}
