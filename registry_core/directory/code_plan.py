"""What a list of school codes will change: made from the list and from what stands, without changing anything."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from registry_core.directory.code_rows import ListRow
from registry_core.directory.queries.code_lists import Standing
from registry_core.orgs.models import OrgUnit, UnitKind


@dataclass(frozen=True, slots=True)
class Addition:
    """A school that the list has and the tree lacks."""

    code: str
    name: str
    department: OrgUnit


@dataclass(frozen=True, slots=True)
class Alteration:
    """What the list says otherwise of a school that stands: its name, code or department, before and after."""

    school: OrgUnit
    before: str
    after: str
    department: OrgUnit | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """All that a list will change; `closings` are schools that bear a code and are not on the list."""

    additions: tuple[Addition, ...]
    renamings: tuple[Alteration, ...]
    codings: tuple[Alteration, ...]
    moves: tuple[Alteration, ...]
    closings: tuple[OrgUnit, ...]
    unchanged: int

    @property
    def counts(self) -> dict[str, int]:
        """How many changes of each kind."""
        return {
            "additions": len(self.additions),
            "renamings": len(self.renamings),
            "codings": len(self.codings),
            "moves": len(self.moves),
            "closings": len(self.closings),
            "unchanged": self.unchanged,
        }

    @property
    def digest(self) -> str:
        """A short word for exactly these changes: what was shown is what is applied."""
        lines = [f"+{one.code}{one.name}{one.department.id}" for one in self.additions]
        for sign, changes in (("n", self.renamings), ("c", self.codings), ("m", self.moves)):
            lines += [f"{sign}{one.school.id}{one.before}>{one.after}" for one in changes]
        lines += [f"-{school.id}" for school in self.closings]
        return hashlib.sha256("\n".join(sorted(lines)).encode()).hexdigest()[:32]


def make_plan(rows: Sequence[ListRow], standing: Standing) -> Plan:
    """Compare a list with what stands: by code first, then a school of the same name in the same department."""
    by_code = {code: standing.schools[unit_id] for unit_id, code in standing.codes.items()}
    by_place = {(school.parent_id, school.name): school for school in standing.schools.values()}
    listed = {row.code for row in rows}
    additions: list[Addition] = []
    renamings: list[Alteration] = []
    codings: list[Alteration] = []
    moves: list[Alteration] = []
    kept: set[UUID] = set()
    for row in rows:
        department = standing.departments[row.county]
        school = by_code.get(row.code)
        if school is None:
            school = _uncoded(by_place.get((department.id, row.name)), standing.codes, listed, kept)
            if school is None:
                additions.append(Addition(row.code, row.name, department))
                continue
            codings.append(Alteration(school, standing.codes.get(school.id, ""), row.code))
        kept.add(school.id)
        if school.name != row.name:
            renamings.append(Alteration(school, school.name, row.name))
        if school.kind is UnitKind.SCHOOL and school.parent_id != department.id:
            moves.append(Alteration(school, str(school.parent_id), str(department.id), department))
    altered = {one.school.id for one in (*renamings, *codings, *moves)}
    closings = [school for code, school in by_code.items() if code not in listed and school.id not in kept]
    return Plan(tuple(additions), tuple(renamings), tuple(codings), tuple(moves), tuple(closings), len(kept - altered))


def _uncoded(school: OrgUnit | None, codes: Mapping[UUID, str], listed: set[str], kept: set[UUID]) -> OrgUnit | None:
    """Take a school of the same name for the one meant, unless the list names it by its own code."""
    if school is None or school.id in kept or codes.get(school.id) in listed:
        return None
    return school
