"""The list of gaps, the record of a unit, its form, and the history of a field."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from flask import flash, render_template, request, url_for
from flask.typing import ResponseReturnValue

from registry_core import web
from registry_core.access.actors import visible_units
from registry_core.orgs import queries as orgs
from registry_core.orgs.models import Level
from registry_core.records import queries, services
from registry_core.records.definitions import fields_of
from registry_core.records.errors import Clash, RecordChangedMeanwhile, RecordNotFound
from registry_core.records.forms import record_form
from registry_core.records.models import TEACHERS, Entity
from registry_core.records.policies import EDIT_RECORDS, VIEW_RECORDS, entities_within
from registry_core.records.presenters import (
    entity_label,
    field_label,
    present_history,
    present_record,
    present_standing,
)
from registry_core.records.views.blueprint import (
    around_form,
    blueprint,
    chosen_unit,
    fill,
    hidden,
    may_edit,
    note_look,
    say_saved,
    waiting_context,
)

UNIT_ENTITY = "<any(supervising_unit, school, kindergarten):entity>"


@blueprint.get("/records")
def list_records() -> ResponseReturnValue:
    """Show how complete the records are at and below a unit."""
    session, actor = web.session(), web.actor()
    unit = chosen_unit(VIEW_RECORDS)
    scope = visible_units(actor, VIEW_RECORDS)
    only_gaps = request.args.get("gaps") == "1"
    standings = queries.list_standings(session, unit, actor, VIEW_RECORDS)
    own = queries.find_records(session, [unit.id]).get(unit.id)
    fitting = queries.find_fitting(session, unit)
    return render_template(
        "records/list_records.html",
        unit=unit,
        own=present_standing(queries.Standing(unit, own, 0, 0)),
        entities=_offer(fitting.fitting),
        doubtful=_offer(fitting.doubtful),
        exported=_offer(fitting.fitting if unit.level is Level.SCHOOL else entities_within(unit)),
        above=[one for one in orgs.list_ancestors(session, unit)[:-1] if scope.covers(one.path)],
        rows=[present_standing(one) for one in standings if one.has_gaps or not only_gaps],
        only_gaps=only_gaps,
    )


@blueprint.get(f"/records/<uuid:unit_id>/{UNIT_ENTITY}")
def show_record(unit_id: UUID, entity: str) -> ResponseReturnValue:
    """Show the record of a unit."""
    session, kind = web.session(), Entity(entity)
    unit = queries.get_unit(session, web.actor(), VIEW_RECORDS, unit_id, kind)
    record = queries.find_record(session, unit, kind)
    return render_template(
        "records/show_record.html",
        unit=unit,
        path=orgs.path_names(session, unit),
        entity=kind.value,
        entity_label=entity_label(kind),
        record=record,
        groups=present_record(kind, record.values if record else {}, hidden=hidden(unit, kind)),
        may_edit=may_edit(unit, kind),
        **waiting_context(unit, kind, record),
    )


@blueprint.route(f"/records/<uuid:unit_id>/{UNIT_ENTITY}/edit", methods=["GET", "POST"])
def edit_record(unit_id: UUID, entity: str) -> ResponseReturnValue:
    """Change the record of a unit."""
    session, kind = web.session(), Entity(entity)
    unit = queries.get_unit(session, web.actor(), EDIT_RECORDS, unit_id, kind)
    form, record = record_form(kind)(), queries.find_record(session, unit, kind)
    if not form.is_submitted():
        fill(form, record)
    clashes: list[Clash] = []
    back = url_for("records.show_record", unit_id=unit.id, entity=entity)
    page = web.FormPage(
        form, "records/edit_record.html", lambda: around_form(form, unit, back, clashes=clashes, record=record)
    )
    if not page.is_sent():
        return page.render()
    try:
        saved = services.save_record(session, web.actor(), unit.id, kind, form.edit())
    except RecordChangedMeanwhile as refusal:
        form.take(refusal)
        clashes += refusal.clashes
        raise
    flash(say_saved(saved), "success")
    return web.go(back)


@blueprint.get("/records/history/<uuid:record_id>/<field_name>")
def show_history(record_id: UUID, field_name: str) -> ResponseReturnValue:
    """Show what a field has been, by whom and when."""
    session = web.session()
    record, unit = queries.get_record(session, web.actor(), VIEW_RECORDS, record_id)
    field = fields_of(record.entity).get(field_name)
    if field is None or field.name in hidden(unit, record.entity):
        raise RecordNotFound
    note_look(unit, record)
    of_teacher = record.entity in TEACHERS
    return render_template(
        "records/show_history.html",
        unit=unit,
        label=field_label(field),
        rows=present_history(field, queries.list_changes(session, record, field=field.name)),
        back=url_for("records.show_teacher", record_id=record.id)
        if of_teacher
        else url_for("records.show_record", unit_id=unit.id, entity=record.entity.value),
    )


def _offer(entities: Iterable[Entity]) -> list[tuple[str, str, bool]]:
    return [(entity.value, entity_label(entity), entity in TEACHERS) for entity in entities]
