"""Records as files: export, and import in two steps: check, then write."""

from __future__ import annotations

from uuid import UUID

from flask import flash, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import ngettext

from registry_core import web
from registry_core.audit import services as audit
from registry_core.audit.values import Subject
from registry_core.errors import InvalidInput
from registry_core.records import queries, services
from registry_core.records.columns import header_of, row_of
from registry_core.records.errors import ImportRefused, TooManyRecords
from registry_core.records.forms import ApplyForm, UploadForm
from registry_core.records.models import Entity
from registry_core.records.policies import EXPORT_RECORDS
from registry_core.records.presenters import entity_label, present_faults, present_preview
from registry_core.records.views.blueprint import blueprint, chosen_unit, hidden, taken_of
from registry_core.sheets import CSV, LIMITS, XLSX, read_table, write_csv, write_workbook


@blueprint.get("/records/export")
def export_records() -> ResponseReturnValue:
    """Hand out the records of a kind at and below a unit, as a workbook or as CSV."""
    session, entity = web.session(), _chosen_entity()
    unit = chosen_unit(EXPORT_RECORDS)
    rows = queries.list_below(session, unit, web.actor(), entity, limit=LIMITS.rows)
    if len(rows) > LIMITS.rows:
        raise TooManyRecords(LIMITS.rows)
    unseen = hidden(unit, entity)
    header = header_of(entity, hidden=unseen)
    lines = [row_of(entity, one, record, hidden=unseen) for one, record in rows]
    about = Subject("unit", unit.id, unit.id, unit.name)
    audit.note_export(session, web.actor(), "records.exported", about=about, taken=taken_of(entity, rows, unseen))
    name = f"{unit.name}_{entity_label(entity)}"
    if request.args.get("format") == "csv":
        return web.attachment(write_csv(header, lines), CSV, f"{name}.csv")
    return web.attachment(write_workbook(entity_label(entity), header, lines), XLSX, f"{name}.xlsx")


@blueprint.route("/records/import", methods=["GET", "POST"])
def import_records() -> ResponseReturnValue:
    """Check an uploaded file; what is sound is shown before anything is written."""
    entity = _chosen_entity()
    form = UploadForm()
    faults: list[ImportRefused] = []
    page = web.FormPage(
        form,
        "records/import_records.html",
        lambda: {
            "entity": entity.value,
            "title": entity_label(entity),
            "faults": [row for refusal in faults for row in present_faults(refusal.faults)],
        },
    )
    if not page.is_sent():
        return page.render()
    upload = form.file.data
    try:
        table = read_table(upload.read())
        batch = services.check_import(
            web.session(), web.actor(), entity, table, file_name=upload.filename or entity.value
        )
    except ImportRefused as refusal:
        faults.append(refusal)
        raise
    return web.go(url_for("records.preview_import", import_id=batch.id))


@blueprint.get("/records/imports/<uuid:import_id>")
def preview_import(import_id: UUID) -> ResponseReturnValue:
    """Show what a checked file will change."""
    session, actor = web.session(), web.actor()
    batch = services.get_import(session, actor, import_id)
    lines = services.list_lines(session, actor, batch)
    return render_template(
        "records/preview_import.html",
        batch=batch,
        title=entity_label(batch.entity),
        total=len(lines),
        changing=sum(line.is_change for line in lines),
        to_check=services.count_to_check(session, lines, batch.entity),
        rows=present_preview(batch.entity, lines),
        entity=batch.entity.value,
        form=ApplyForm(),
    )


@blueprint.post("/records/imports/<uuid:import_id>/apply")
def apply_import(import_id: UUID) -> ResponseReturnValue:
    """Write a file that was checked."""
    web.require_valid(ApplyForm())
    done = services.apply_import(web.session(), web.actor(), import_id)
    flash(_say_imported(done), "success")
    return web.go(url_for("records.list_checks" if done.waiting else "records.list_records"))


def _say_imported(done: services.Imported) -> str:
    changed = ngettext("已导入，改动了 %(num)s 份档案。", "已导入，改动了 %(num)s 份档案。", done.changed)
    if not done.waiting:
        return changed
    waiting = ngettext(
        "已导入，%(num)s 份改动送去核对，核对无误后才生效。",
        "已导入，%(num)s 份改动送去核对，核对无误后才生效。",
        done.waiting,
    )
    return f"{changed}{waiting}" if done.changed else waiting


def _chosen_entity() -> Entity:
    """Return the kind of record that the address names; schools where it names none.

    Raises InvalidInput.
    """
    try:
        return Entity(request.args.get("entity", Entity.SCHOOL))
    except ValueError as error:
        raise InvalidInput from error
