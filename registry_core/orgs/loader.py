"""Loading the administrative divisions: repeatable, all or nothing, matched by the code of today, never by name."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from uuid import UUID

from flask_babel import lazy_gettext as _l
from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from registry_core.db import new_id
from registry_core.orgs import queries, services
from registry_core.orgs.errors import LoadRefused, RowFault
from registry_core.orgs.load_report import Change, ChangeKind, LoadReport, UnitLine
from registry_core.orgs.models import CodeScheme, Level, OrgUnit, OrgUnitCode, UnitKind, number_sequence
from registry_core.orgs.region_file import FILE_LEVELS, Region, read_regions

OWN_FILE = Path(__file__).parent / "data" / "regions.csv"
MINISTRY_NAME = "中华人民共和国教育部"
REAL_DIVISIONS = frozenset({UnitKind.AUTHORITY})
ALL_KINDS = REAL_DIVISIONS | {UnitKind.ZONE, UnitKind.STATISTICAL, UnitKind.GROUPING}
# The codes of the shipped file are those of this day (see data/PROVENANCE.md); when they began it does not say.
KNOWN_SINCE = date(2023, 6, 30)


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a unit stands, for hanging others below it."""

    id: UUID
    level: Level
    path: str
    name: str

    @classmethod
    def of(cls, unit: OrgUnit) -> _Place:
        """Note the place of a unit that stands in the tree."""
        return cls(unit.id, unit.level, unit.path, unit.name)


def load_regions(
    session: Session, path: Path | None = None, *, kinds: frozenset[UnitKind] = REAL_DIVISIONS
) -> LoadReport:
    """Bring the tree in line with a file of divisions (the shipped one without `path`) and say what that changed.

    Real divisions are always loaded; development zones, statistical rows and groupings only if `kinds` names them,
    and nothing hangs below a grouping. Nothing is deleted: units that the file lacks are reported; and nothing comes
    back: a row whose code was once borne here and given up (its unit closed or got another code) is reported too.
    Every row is checked before the first is written, and the caller's transaction makes the load whole.
    Raises LoadRefused with every wrong row.
    """
    regions = read_regions((path or OWN_FILE).read_bytes())
    services.lock_tree(session)
    standing = _standing(session)
    given_up = _given_up(session, standing.keys())
    loaded = [region for region in regions if region.kind in kinds | REAL_DIVISIONS]
    wanted = [region for region in loaded if region.code not in given_up]
    _check_against_tree(wanted, standing, given_up)

    load = _Load(session, standing)
    for level in FILE_LEVELS:
        rows = [region for region in wanted if region.level is level]
        # Old units first: a new county may hang under a city that moves in this very load.
        for region in rows:
            if region.code in standing:
                load.update(region)
        load.insert([region for region in rows if region.code not in standing])
    return LoadReport(
        added=tuple(load.added),
        changes=tuple(load.changes),
        unchanged=load.unchanged,
        left_out=Counter(region.kind for region in regions if region.kind not in kinds | REAL_DIVISIONS),
        given_up=tuple(_line(region) for region in loaded if region.code in given_up),
        not_in_file=_not_in_file(session, standing, {region.code for region in regions}),
    )


class _Load:
    """One load under way: where units stand by now, and what has been done."""

    def __init__(self, session: Session, standing: Mapping[str, OrgUnit]) -> None:
        self.added: list[UnitLine] = []
        self.changes: list[Change] = []
        self.unchanged = 0
        self._session = session
        self._standing = standing
        self._top = _Place.of(self._ministry())
        self._new: dict[str, _Place] = {}

    def update(self, region: Region) -> None:
        """Bring a unit that stands already in line with its row."""
        unit = self._standing[region.code]
        changes_before = len(self.changes)
        if unit.name != region.name:
            self._note(ChangeKind.RENAMED, region, unit.name, region.name)
            services.rename_unit(self._session, unit, region.name)
        if unit.kind is not region.kind:
            self._note(ChangeKind.RECLASSIFIED, region, unit.kind, region.kind)
            unit.reclassify(region.kind)
        above = self._above(region)
        if above is not None and unit.parent_id != above.id:
            self._move(unit, region, above)
        self.unchanged += len(self.changes) == changes_before

    def insert(self, regions: Sequence[Region]) -> None:
        """Write new units and their codes, many at a time."""
        if not regions:
            return
        series = func.generate_series(1, len(regions)).table_valued("place")
        numbers = self._session.scalars(select(number_sequence.next_value()).select_from(series)).all()
        units, codes = [], []
        for number, region in zip(numbers, regions, strict=True):
            above = self._above(region) or self._top
            place = _Place(new_id(), region.level, f"{above.path}{number}/", region.name)
            self._new[region.code] = place
            self.added.append(_line(region))
            units.append(_unit_row(number, region, place, above))
            codes.append(_code_row(region.code, place))
        self._session.execute(insert(OrgUnit), units)
        self._session.execute(insert(OrgUnitCode), codes)

    def _above(self, region: Region) -> _Place | None:
        """Find the place to hang below; None if the unit above was given up here, then the unit stays where it is."""
        if region.parent_code is None:
            return self._top
        standing = self._standing.get(region.parent_code)
        return self._new.get(region.parent_code) if standing is None else _Place.of(standing)

    def _move(self, unit: OrgUnit, region: Region, above: _Place) -> None:
        before = self._session.get_one(OrgUnit, unit.parent_id)
        self._note(ChangeKind.MOVED, region, before.name, above.name)
        services.move_unit(self._session, unit, self._session.get_one(OrgUnit, above.id))

    def _note(self, what: ChangeKind, region: Region, before: str, after: str) -> None:
        self.changes.append(Change(what, region.code, region.name, before, after))

    def _ministry(self) -> OrgUnit:
        ministry = queries.find_ministry(self._session)
        if ministry is None:
            ministry = services.add_unit(self._session, None, level=Level.MINISTRY, name=MINISTRY_NAME)
            self.added.append(UnitLine(Level.MINISTRY, MINISTRY_NAME, None))
        return ministry


def _unit_row(number: int, region: Region, place: _Place, above: _Place) -> dict[str, object]:
    return {
        "id": place.id,
        "number": number,
        "parent_id": above.id,
        "parent_level": above.level,
        "level": region.level,
        "kind": region.kind,
        "name": region.name,
        "path": place.path,
    }


def _code_row(code: str, place: _Place) -> dict[str, object]:
    return {
        "id": new_id(),
        "unit_id": place.id,
        "scheme": CodeScheme.GBT2260,
        "code": code,
        "valid_from": KNOWN_SINCE,
    }


def _line(region: Region) -> UnitLine:
    return UnitLine(region.level, region.name, region.code)


def _standing(session: Session) -> dict[str, OrgUnit]:
    """Find every unit by the division code that it bears today."""
    rows = session.execute(
        select(OrgUnitCode.code, OrgUnit)
        .join(OrgUnit, OrgUnit.id == OrgUnitCode.unit_id)
        .where(OrgUnitCode.scheme == CodeScheme.GBT2260, queries.code_clause(queries.today()))
        .execution_options(populate_existing=True)
    )
    return {row.code: row.OrgUnit for row in rows}


def _given_up(session: Session, standing: Collection[str]) -> set[str]:
    """Name the codes that a unit bore or is to bear, but none bears today."""
    known = session.scalars(select(OrgUnitCode.code).where(OrgUnitCode.scheme == CodeScheme.GBT2260))
    return set(known) - set(standing)


def _check_against_tree(regions: Iterable[Region], standing: Mapping[str, OrgUnit], given_up: Collection[str]) -> None:
    """Refuse rows that contradict what stands: a unit keeps its level, and nothing new hangs under what was closed."""
    faults = []
    for region in regions:
        unit = standing.get(region.code)
        if unit is None and region.parent_code in given_up:
            reason = _l("上级代码 %(code)s 在库中已停用，请先处理上级单位。", code=region.parent_code)
            faults.append(RowFault(region.line, reason))
        elif unit is not None and unit.level is not region.level:
            reason = _l(
                "代码 %(code)s 在库中的级别是 %(standing)s，文件中是 %(level)s。级别变了的单位请用新代码另建。",
                code=region.code,
                standing=unit.level,
                level=region.level,
            )
            faults.append(RowFault(region.line, reason))
    if faults:
        raise LoadRefused(tuple(sorted(faults, key=lambda fault: fault.line)))


def _not_in_file(session: Session, standing: Mapping[str, OrgUnit], codes: Collection[str]) -> tuple[UnitLine, ...]:
    """Name the units that the file does not know, those without a code included."""
    missing = [UnitLine(unit.level, unit.name, code) for code, unit in standing.items() if code not in codes]
    coded = select(OrgUnitCode.unit_id).where(
        OrgUnitCode.scheme == CodeScheme.GBT2260, queries.code_clause(queries.today())
    )
    uncoded = session.scalars(
        select(OrgUnit).where(
            OrgUnit.level.in_(FILE_LEVELS), queries.open_clause(queries.today()), OrgUnit.id.not_in(coded)
        )
    )
    return (*missing, *(UnitLine(unit.level, unit.name, None) for unit in uncoded))
