"""The blueprint that all pages of records hang on, and what they share."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from flask import Blueprint, request
from flask_babel import gettext as _

from registry_core import web
from registry_core.access.actors import visible_units
from registry_core.audit import services as audit
from registry_core.audit.values import FieldClass
from registry_core.orgs import queries as orgs
from registry_core.orgs.errors import UnitNotFound
from registry_core.orgs.models import OrgUnit
from registry_core.records.errors import Clash
from registry_core.records.forms import RecordForm
from registry_core.records.models import Entity, UnitRecord
from registry_core.records.policies import EDIT_RECORDS
from registry_core.records.presenters import (
    entity_label,
    form_groups,
    hidden_fields,
    names_of,
    present_clashes,
    present_kept,
)
from registry_core.records.services import Saved
from registry_core.records.services.saving import subject

blueprint = Blueprint("records", __name__)

OF_PERSONS = frozenset({FieldClass.PERSONAL, FieldClass.SENSITIVE})


def may_edit(unit: OrgUnit) -> bool:
    """Say whether the reader keeps the records of a unit."""
    return visible_units(web.actor(), EDIT_RECORDS).covers(unit.path)


def hidden(unit: OrgUnit, entity: Entity) -> frozenset[str]:
    """Name the fields that the reader may not see at a unit."""
    return hidden_fields(entity, may_edit=may_edit(unit))


def note_look(unit: OrgUnit, record: UnitRecord) -> None:
    """Note that the reader has looked at what a record says about a person."""
    fields = names_of(record.entity, OF_PERSONS) - hidden(unit, record.entity)
    shown = fields & record.values.keys()
    if shown:
        audit.note_read(web.session(), web.actor(), about=subject(unit, record), fields=shown)


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


def around_form(form: RecordForm, unit: OrgUnit, back: str, clashes: Sequence[Clash] = ()) -> dict[str, object]:
    """Say what the page around the form of a record shows."""
    return {
        "title": entity_label(form.entity),
        "place": orgs.path_names(web.session(), unit),
        "groups": form_groups(form.entity),
        "clashes": present_clashes(clashes),
        "back": back,
    }


def say_saved(saved: Saved) -> str:
    """Say what saving did, and what of others it kept."""
    if not saved.changed:
        return _("没有改动。")
    if saved.kept:
        fields = present_kept(saved.kept, saved.record.entity)
        return _("已保存。您编辑期间别人改了 %(fields)s，也都保留了。", fields=fields)
    return _("已保存。")
