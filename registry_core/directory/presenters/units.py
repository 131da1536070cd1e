"""A unit's page and the rows of the tree."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from registry_core.access.actors import Actor, visible_units
from registry_core.access.policies import SEE_PEOPLE
from registry_core.access.roles import DEFINITIONS
from registry_core.directory.dependents import Dependent, list_dependents
from registry_core.directory.labels import KINDS, LEVELS, SCHEMES, unit_label
from registry_core.directory.policies import SEE_UNITS
from registry_core.directory.queries import units as queries
from registry_core.directory.queries.units import Branch, Officer, Tally
from registry_core.orgs import queries as orgs
from registry_core.orgs.models import OrgUnit, OrgUnitCode, UnitKind


@dataclass(frozen=True, slots=True)
class Row:
    """A unit in the tree or in a list of what was found."""

    id: UUID
    name: str
    label: str
    place: str
    below: int


@dataclass(frozen=True, slots=True)
class Step:
    """A unit above; one that the reader does not reach is named without a link."""

    id: UUID | None
    name: str


@dataclass(frozen=True, slots=True)
class CodeLine:
    """A code that the unit bears, bore or will bear."""

    scheme: str
    code: str
    since: date
    until: date | None
    is_current: bool


@dataclass(frozen=True, slots=True)
class OfficerLine:
    """Somebody with a role at the unit."""

    account_id: UUID
    name: str
    roles: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class UnitView:
    """The head of a unit's page, and what there is to know about it."""

    id: UUID
    name: str
    label: str
    above: tuple[Step, ...]
    is_open: bool
    closed_on: date | None
    is_school: bool
    codes: tuple[CodeLine, ...]
    below: tuple[tuple[str, int], ...]
    managed_by: str | None
    managed: tuple[Row, ...]
    officers: tuple[OfficerLine, ...]
    shows_officers: bool
    dependents: tuple[Dependent, ...]


def present_branches(branches: Sequence[Branch]) -> list[Row]:
    """Present rows of the tree, which need no place: they stand in it."""
    return [Row(one.unit.id, one.unit.name, unit_label(one.unit), "", one.below) for one in branches]


def present_found(session: Session, units: Sequence[OrgUnit]) -> list[Row]:
    """Present what a search has found, with the place of each."""
    places = orgs.list_path_names(session, units) if units else {}
    return [Row(unit.id, unit.name, unit_label(unit), places[unit.id], 0) for unit in units]


def view_unit(session: Session, actor: Actor, unit: OrgUnit) -> UnitView:
    """Present a unit to the actor; who works there is shown to those who may see people."""
    scope, people, today = visible_units(actor, SEE_UNITS), visible_units(actor, SEE_PEOPLE), orgs.today()
    centre = session.get_one(OrgUnit, unit.managed_by_id) if unit.managed_by_id else None
    return UnitView(
        id=unit.id,
        name=unit.name,
        label=unit_label(unit),
        above=tuple(
            Step(one.id if scope.covers(one.path) else None, one.name)
            for one in orgs.list_ancestors(session, unit)[:-1]
        ),
        is_open=unit.is_open(today),
        closed_on=unit.closed_on,
        is_school=unit.kind in {UnitKind.SCHOOL, UnitKind.TEACHING_POINT},
        codes=tuple(_code_line(code, today) for code in orgs.list_codes(session, unit.id)),
        below=tuple((_tally_label(tally), tally.count) for tally in queries.count_below(session, unit)),
        managed_by=centre.name if centre else None,
        managed=tuple(present_found(session, orgs.list_managed_schools(session, scope, unit.id))),
        officers=_officer_lines(queries.list_officers(session, people, unit)),
        shows_officers=people.covers(unit.path),
        dependents=list_dependents(session, [unit.id]).get(unit.id, ()),
    )


def _code_line(code: OrgUnitCode, today: date) -> CodeLine:
    is_current = code.valid_from <= today and (code.valid_until is None or today < code.valid_until)
    return CodeLine(str(SCHEMES[code.scheme]), code.code, code.valid_from, code.valid_until, is_current)


def _tally_label(tally: Tally) -> str:
    if tally.kind is not UnitKind.AUTHORITY:
        return str(KINDS[tally.kind])
    return _("%(level)s%(kind)s", level=str(LEVELS[tally.level]), kind=str(KINDS[tally.kind]))


def _officer_lines(officers: Sequence[Officer]) -> tuple[OfficerLine, ...]:
    roles: dict[tuple[UUID, str], list[str]] = {}
    for held in officers:
        role = str(DEFINITIONS[held.role].name)
        told = _("%(role)s（%(part)s）", role=role, part=held.narrowed_to) if held.narrowed_to else role
        roles.setdefault((held.account_id, held.name), []).append(told)
    return tuple(OfficerLine(account_id, name, tuple(of_person)) for (account_id, name), of_person in roles.items())
