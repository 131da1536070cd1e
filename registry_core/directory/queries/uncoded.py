"""Schools of a region without a code of today, and which of them are being applied for.

Source: file 003 annex 1 part 5 (3): schools without a code apply for one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from registry_core.access.actors import Actor, visible_units
from registry_core.approvals.models import Application
from registry_core.approvals.queries.applications import reachable
from registry_core.directory.policies import SEE_UNITS
from registry_core.directory.queries.procedures import CODE, SUBJECT
from registry_core.orgs import queries as orgs
from registry_core.orgs.models import CodeScheme, OrgUnit, OrgUnitCode, UnitKind

PAGE = 100
BEARERS = (UnitKind.SCHOOL, UnitKind.TEACHING_POINT)


@dataclass(frozen=True, slots=True)
class Uncoded:
    """A page of schools without a code; how many there are, and of how many schools in all."""

    schools: Sequence[OrgUnit]
    running: Mapping[UUID, UUID]
    """The open application for a code, by school, as far as the reader has a part in it."""
    missing: int
    total: int
    has_more: bool


def list_uncoded(session: Session, actor: Actor, region: OrgUnit, text: str = "", *, page: int = 1) -> Uncoded:
    """List the open schools of a region that bear no code today, in the order of the tree."""
    missing = (_of_region(actor, region), ~_bears_code())
    query = select(OrgUnit).where(*missing).order_by(OrgUnit.path).limit(PAGE + 1).offset((page - 1) * PAGE)
    if text:
        query = query.where(OrgUnit.name.icontains(text, autoescape=True))
    found = session.scalars(query).all()
    return Uncoded(
        found[:PAGE],
        _find_running(session, actor, [school.id for school in found[:PAGE]]),
        session.scalars(select(func.count()).select_from(OrgUnit).where(*missing)).one(),
        session.scalars(select(func.count()).select_from(OrgUnit).where(_of_region(actor, region))).one(),
        len(found) > PAGE,
    )


def _of_region(actor: Actor, region: OrgUnit) -> ColumnElement[bool]:
    return (
        orgs.subtree_clause(region.path)
        & visible_units(actor, SEE_UNITS).clause(OrgUnit.path)
        & orgs.open_clause(orgs.today())
        & OrgUnit.kind.in_(BEARERS)
    )


def _bears_code() -> ColumnElement[bool]:
    return (
        select(OrgUnitCode.id)
        .where(
            OrgUnitCode.unit_id == OrgUnit.id,
            OrgUnitCode.scheme == CodeScheme.SCHOOL_CODE,
            orgs.code_clause(orgs.today()),
        )
        .exists()
    )


def _find_running(session: Session, actor: Actor, school_ids: Sequence[UUID]) -> dict[UUID, UUID]:
    rows = session.execute(
        select(Application.subject_id, Application.id).where(
            Application.procedure_code == CODE,
            Application.subject_kind == SUBJECT,
            Application.subject_id.in_(school_ids),
            Application.closed_at.is_(None),
            reachable(actor),
        )
    )
    return {row[0]: row[1] for row in rows}
