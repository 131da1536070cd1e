"""What pages show of entered changes: old and new values by field, who entered, who checks, and by which rule."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from flask_babel import gettext as _

from registry_core.access.models import Role
from registry_core.access.roles import DEFINITIONS
from registry_core.orgs.models import OrgUnit
from registry_core.records.definitions import fields_of
from registry_core.records.models import TEACHERS, EnteredChange, Entity, EntryAct, EntryState, UnitRecord
from registry_core.records.presenters.labels import ENTITIES, field_label
from registry_core.records.presenters.pages import say
from registry_core.records.queries import Entry
from registry_core.records.queries.duties import Division, Duties
from registry_core.records.services import is_outdated


@dataclass(frozen=True, slots=True)
class ValueRow:
    """A field of an entered change; `now` is what the record holds, where that is no longer what the enterer saw."""

    label: str
    old: str
    new: str
    now: str
    is_outdated: bool


@dataclass(frozen=True, slots=True)
class EntryView:
    """An entered change as a page shows it; `what` is who or what it is about, besides the unit."""

    id: str
    unit_id: str
    unit_name: str
    what: str
    entity: str
    record_id: str
    is_staff: bool
    is_new: bool
    is_leaving: bool
    is_returned: bool
    is_outdated: bool
    is_own: bool
    rows: tuple[ValueRow, ...]
    hidden: int
    entered_by: str
    at: datetime
    checker: str
    reason: str
    returned_by: str
    rule: str


@dataclass(frozen=True, slots=True)
class DutyView:
    """Who enters and who checks here, in sentences; without a rule saving takes effect at once."""

    sentence: str
    stand_in: str = ""
    rule: str = ""

    @property
    def is_checked(self) -> bool:
        """Say whether what is saved waits for a check."""
        return bool(self.rule)


def present_entry(entry: Entry, *, hidden: frozenset[str] = frozenset(), reader: UUID | None = None) -> EntryView:
    """Show an entered change, without the fields that the reader may not see."""
    change, record = entry.change, entry.record
    shown = [name for name in change.new if name not in hidden]
    return EntryView(
        id=str(change.id),
        unit_id=str(entry.unit.id),
        unit_name=entry.unit.name,
        what=_what(change, record, is_named="name" not in hidden),
        entity=record.entity.value,
        record_id=str(record.id),
        is_staff=record.entity in TEACHERS,
        is_new=not record.is_begun,
        is_leaving=change.act is EntryAct.LEAVE,
        is_returned=change.state is EntryState.RETURNED,
        is_outdated=is_outdated(change, record),
        is_own=change.entered_by_id == reader,
        rows=tuple(_row(change, record, name) for name in fields_of(record.entity) if name in shown),
        hidden=len(change.new) - len(shown),
        entered_by=_person(entry.entered_by, entry.entered_for),
        at=change.entered_at,
        checker=_checker(entry),
        reason=change.reason,
        returned_by=entry.returned_by,
        rule=_("%(pack)s，%(clause)s", pack=change.pack_name, clause=change.clause),
    )


def present_entries(
    entries: Sequence[Entry], *, hidden: frozenset[str] = frozenset(), reader: UUID | None = None
) -> list[EntryView]:
    """Show entered changes."""
    return [present_entry(entry, hidden=hidden, reader=reader) for entry in entries]


def present_duty(unit: OrgUnit, entity: Entity, duties: Duties, *, reader: frozenset[UUID]) -> DutyView:
    """Say who enters and who checks records of a kind at a unit; what the `reader` enters, somebody else checks."""
    division = duties.of_record(unit, entity)
    if division is None:
        return DutyView(_("本单位适用的规则没有规定谁核对这些数据，保存后立即生效。"))
    sentence = _(
        "由%(entered)s录入，%(unit)s的%(checked)s核对，核对无误后才生效；谁录入谁不核对。",
        entered=_("、").join(_role(role) for role in division.entered_by),
        unit=division.checked_at.name,
        checked=_role(division.checked_by),
    )
    return DutyView(sentence, _stand_in(unit, division, duties, reader), _rule(division))


def _stand_in(unit: OrgUnit, division: Division, duties: Duties, reader: frozenset[UUID]) -> str:
    desk = duties.find_desk(unit, division, reader)
    names = {"named": division.checked_at.name, "role": _role(division.checked_by)}
    if not desk.is_manned:
        return _("现在还没有别人能核对，改动会一直等着：请先让%(named)s有一位%(role)s。", **names)
    rule = duties.find_stand_in_rule(unit)
    if not desk.is_stand_in or rule is None:
        return ""
    return _(
        "%(named)s没有别的%(role)s，由%(unit)s的%(stand_in)s代为核对（%(pack)s：%(clause)s）。",
        unit=desk.unit.name,
        stand_in=_role(desk.role),
        pack=rule.pack_name,
        clause=rule.clause,
        **names,
    )


def _rule(division: Division) -> str:
    own = _("（本项目的约定）") if division.rule.is_house_default else ""
    return _("%(pack)s，%(clause)s", pack=division.rule.pack_name, clause=division.rule.clause) + own


def _what(change: EnteredChange, record: UnitRecord, *, is_named: bool) -> str:
    label = str(ENTITIES[record.entity])
    name = record.values.get("name") or change.new.get("name")
    if record.entity not in TEACHERS or not name or not is_named:
        return label
    return _("%(label)s：%(name)s", label=label, name=name)


def _row(change: EnteredChange, record: UnitRecord, name: str) -> ValueRow:
    field = fields_of(record.entity)[name]
    held: Mapping[str, Any] = record.values
    now, old, new = held.get(name), change.old.get(name), change.new[name]
    return ValueRow(field_label(field), say(field, old), say(field, new), say(field, now), now not in (old, new))


def _checker(entry: Entry) -> str:
    role = _role(Role(entry.change.check_role))
    if not entry.named_unit:
        return _("%(unit)s的%(role)s", unit=entry.check_unit, role=role)
    return _("%(unit)s的%(role)s（代%(named)s）", unit=entry.check_unit, role=role, named=entry.named_unit)


def _person(name: str, lender: str) -> str:
    return _("%(name)s（代%(lender)s）", name=name, lender=lender) if lender else name


def _role(role: Role) -> str:
    return str(DEFINITIONS[role].name)
