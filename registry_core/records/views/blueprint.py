"""The blueprint that all pages of records hang on, and what they share."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from uuid import UUID

from flask import Blueprint, g, request
from flask_babel import gettext as _

from registry_core import web
from registry_core.access.actors import visible_units
from registry_core.audit import services as audit
from registry_core.audit.values import FieldClass, Taken
from registry_core.orgs import queries as orgs
from registry_core.orgs.errors import UnitNotFound
from registry_core.orgs.models import OrgUnit
from registry_core.records import queries
from registry_core.records.errors import Clash
from registry_core.records.forms import RecordForm, WithdrawForm
from registry_core.records.models import Entity, EntryAct, UnitRecord
from registry_core.records.policies import acting_ids
from registry_core.records.presenters import (
    entity_label,
    form_groups,
    hidden_fields,
    names_of,
    present_clashes,
    present_duty,
    present_entries,
    present_kept,
)
from registry_core.records.queries.duties import Duties
from registry_core.records.services import Saved
from registry_core.records.services.saving import subject

blueprint = Blueprint("records", __name__)

OF_PERSONS = frozenset({FieldClass.PERSONAL, FieldClass.SENSITIVE})


def duties() -> Duties:
    """Return the division of duties of today, read once for each request."""
    if "records_duties" not in g:
        g.records_duties = Duties(web.session())
    found: Duties = g.records_duties
    return found


def may_edit(unit: OrgUnit, entity: Entity) -> bool:
    """Say whether the reader enters the records of a kind at a unit."""
    return queries.may_enter(web.actor(), unit, duties().of_record(unit, entity))


def hidden(unit: OrgUnit, entity: Entity) -> frozenset[str]:
    """Name the fields that the reader may not see at a unit."""
    return hidden_fields(entity, may_edit=may_edit(unit, entity))


def note_look(unit: OrgUnit, record: UnitRecord, *, besides: Collection[str] = ()) -> None:
    """Note that the reader has looked at what a record, or a change that waits `besides`, says about a person."""
    fields = names_of(record.entity, OF_PERSONS) - hidden(unit, record.entity)
    shown = fields & (record.values.keys() | set(besides))
    if shown:
        audit.note_read(web.session(), web.actor(), about=subject(unit, record), fields=shown)


def waiting_context(unit: OrgUnit, entity: Entity, record: UnitRecord | None) -> dict[str, object]:
    """Say what the page of a record shows of the division of duties, and of the changes that wait for their check."""
    entries = queries.list_entries_of(web.session(), record) if record else []
    if record is not None:
        note_look(unit, record, besides={name for entry in entries for name in entry.change.new})
    reader = web.actor()
    return {
        "duty": present_duty(unit, entity, duties(), reader=acting_ids(reader)),
        "entries": present_entries(entries, hidden=hidden(unit, entity), reader=reader.account_id),
        "withdraw_form": WithdrawForm(),
    }


def taken_of(entity: Entity, rows: Sequence[tuple[OrgUnit, UnitRecord | None]], unseen: frozenset[str]) -> Taken:
    """Name the records of an export that say something about a person, for the trail of each."""
    fields = names_of(entity, OF_PERSONS) - unseen
    told = [subject(unit, record) for unit, record in rows if record is not None and fields & record.values.keys()]
    return Taken(told, fields)


def chosen_unit(permission: str) -> OrgUnit:
    """Return the unit of the address, else the highest one at which the reader holds the permission.

    Raises UnitNotFound.
    """
    scope = visible_units(web.actor(), permission)
    wished = request.args.get("unit", "")
    if not wished:
        units = [web.session().get_one(OrgUnit, unit_id) for unit_id in web.actor().units(permission)]
        found = min(units, key=lambda unit: (unit.level.rank, unit.path), default=None)
        if found is None:
            raise UnitNotFound
        return found
    try:
        unit_id = UUID(wished)
    except ValueError as error:
        raise UnitNotFound from error
    return orgs.get_unit(web.session(), scope, unit_id)


def fill(form: RecordForm, record: UnitRecord | None) -> None:
    """Show a record in its form, with what the reader has entered and is not in effect yet: nothing typed is lost."""
    if record is None:
        form.show({}, 0)
        return
    own = queries.find_own_entry(web.session(), web.actor(), record)
    if own is None or own.act is EntryAct.LEAVE:
        form.show(record.values, record.version)
    else:
        form.show({**record.values, **own.new}, record.version, revision=own.revision)


def around_form(
    form: RecordForm, unit: OrgUnit, back: str, *, clashes: Sequence[Clash] = (), record: UnitRecord | None = None
) -> dict[str, object]:
    """Say what the page around the form of a record shows."""
    return {
        "title": entity_label(form.entity),
        "place": orgs.path_names(web.session(), unit),
        "groups": form_groups(form.entity),
        "clashes": present_clashes(clashes),
        "back": back,
        **waiting_context(unit, form.entity, record),
    }


def say_saved(saved: Saved) -> str:
    """Say what saving did, whether it waits for a check, and what of others it kept."""
    if saved.waiting is not None:
        said = _("已送去核对，核对无误后才生效；在这之前档案里还是原来的内容。")
    elif not saved.changed:
        return _("没有改动。")
    else:
        said = _("已保存。")
    if saved.kept:
        fields = present_kept(saved.kept, saved.record.entity)
        return said + _("您编辑期间别人改了 %(fields)s，也都保留了。", fields=fields)
    return said
