"""The teachers of a school or kindergarten: their list, the record of each, and leaving."""

from __future__ import annotations

from uuid import UUID

from flask import flash, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from registry_core import web
from registry_core.orgs.models import OrgUnit
from registry_core.records import queries, services
from registry_core.records.errors import Clash, RecordChangedMeanwhile, RecordNotFound
from registry_core.records.forms import LeaveForm, record_form
from registry_core.records.models import TEACHERS, Entity, UnitRecord
from registry_core.records.policies import EDIT_RECORDS, VIEW_RECORDS, acting_ids
from registry_core.records.presenters import (
    entity_label,
    present_duty,
    present_entries,
    present_record,
    present_teacher,
)
from registry_core.records.views.blueprint import (
    around_form,
    blueprint,
    duties,
    fill,
    hidden,
    may_edit,
    say_saved,
    waiting_context,
)

STAFF = "<any(school_teacher, kg_teacher):staff>"


@blueprint.get(f"/records/<uuid:unit_id>/teachers/{STAFF}")
def list_teachers(unit_id: UUID, staff: str) -> ResponseReturnValue:
    """Show the teachers of a unit."""
    session, entity = web.session(), Entity(staff)
    unit = queries.get_unit(session, web.actor(), VIEW_RECORDS, unit_id, entity)
    teachers = queries.list_teachers(session, unit, entity)
    return render_template(
        "records/list_teachers.html",
        unit=unit,
        staff=staff,
        title=entity_label(entity),
        is_own_choice=entity is Entity.SCHOOL_TEACHER,
        teachers=[present_teacher(teacher) for teacher in teachers],
        new=present_entries(
            queries.list_new_teachers(session, unit, entity),
            hidden=hidden(unit, entity),
            reader=web.actor().account_id,
        ),
        duty=present_duty(unit, entity, duties(), reader=acting_ids(web.actor())),
        may_edit=may_edit(unit, entity),
    )


@blueprint.route(f"/records/<uuid:unit_id>/teachers/{STAFF}/new", methods=["GET", "POST"])
def add_teacher(unit_id: UUID, staff: str) -> ResponseReturnValue:
    """Put a teacher on record."""
    session, entity = web.session(), Entity(staff)
    unit = queries.get_unit(session, web.actor(), EDIT_RECORDS, unit_id, entity)
    form = record_form(entity)(version=0)
    page = web.FormPage(form, "records/edit_record.html", lambda: around_form(form, unit, _list_url(unit, entity)))
    if not page.is_sent():
        return page.render()
    saved = services.add_teacher(session, web.actor(), unit.id, entity, form.edit().values)
    flash(say_saved(saved) if saved.waiting else _("已添加。"), "success")
    return web.go(_list_url(unit, entity))


@blueprint.get("/records/teachers/<uuid:record_id>")
def show_teacher(record_id: UUID) -> ResponseReturnValue:
    """Show a teacher's record."""
    record, unit = _teacher(record_id, VIEW_RECORDS)
    return render_template(
        "records/show_teacher.html",
        unit=unit,
        record=record,
        title=entity_label(record.entity),
        groups=present_record(record.entity, record.values, hidden=hidden(unit, record.entity)),
        may_edit=may_edit(unit, record.entity) and record.left_at is None,
        form=LeaveForm(),
        back=_list_url(unit, record.entity),
        **waiting_context(unit, record.entity, record),
    )


@blueprint.route("/records/teachers/<uuid:record_id>/edit", methods=["GET", "POST"])
def edit_teacher(record_id: UUID) -> ResponseReturnValue:
    """Change a teacher's record."""
    record, unit = _teacher(record_id, EDIT_RECORDS)
    form = record_form(record.entity)()
    if not form.is_submitted():
        fill(form, record)
    clashes: list[Clash] = []
    back = url_for("records.show_teacher", record_id=record.id)
    page = web.FormPage(
        form, "records/edit_record.html", lambda: around_form(form, unit, back, clashes=clashes, record=record)
    )
    if not page.is_sent():
        return page.render()
    try:
        saved = services.save_teacher(web.session(), web.actor(), record.id, form.edit())
    except RecordChangedMeanwhile as refusal:
        form.take(refusal)
        clashes += refusal.clashes
        raise
    flash(say_saved(saved), "success")
    return web.go(back)


@blueprint.post("/records/teachers/<uuid:record_id>/leave")
def leave_teacher(record_id: UUID) -> ResponseReturnValue:
    """Take a teacher off the list; the record stays."""
    web.require_valid(LeaveForm())
    record, unit = _teacher(record_id, EDIT_RECORDS)
    if services.let_teacher_leave(web.session(), web.actor(), record_id) is None:
        flash(_("已从名单里移出，档案和修改记录都保留着。"), "success")
    else:
        flash(_("已送去核对，核对无误后才从名单里移出。"), "success")
    return web.go(_list_url(unit, record.entity))


def _teacher(record_id: UUID, permission: str) -> tuple[UnitRecord, OrgUnit]:
    record, unit = queries.get_record(web.session(), web.actor(), permission, record_id)
    if record.entity not in TEACHERS:
        raise RecordNotFound
    return record, unit


def _list_url(unit: OrgUnit, entity: Entity) -> str:
    return url_for("records.list_teachers", unit_id=unit.id, staff=entity.value)
