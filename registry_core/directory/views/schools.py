"""What becomes of a school: renamed, given a code, closed, merged; each shows first what depends on it."""

from __future__ import annotations

from uuid import UUID

from flask import flash, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from registry_core import web
from registry_core.approvals.paths import Fact
from registry_core.directory.forms import ApplyForm, CodeForm, MergeForm, RenameForm
from registry_core.directory.policies import MANAGE_UNITS, require_at
from registry_core.directory.presenters.procedures import may_apply_for_code
from registry_core.directory.presenters.schools import list_receivers, tell_weight_of
from registry_core.directory.queries.procedures import CLOSE, CODE, MERGE, find_procedure
from registry_core.directory.queries.units import get_unit
from registry_core.directory.school_codes import CLASSES
from registry_core.directory.services import procedures
from registry_core.directory.services import schools as services
from registry_core.directory.views.blueprint import blueprint
from registry_core.directory.views.procedures import go_to, show_way
from registry_core.orgs.models import OrgUnit
from registry_core.rules.queries import Rule


@blueprint.route("/units/<uuid:unit_id>/rename", methods=["GET", "POST"])
def rename_school(unit_id: UUID) -> ResponseReturnValue:
    """Give a school another name."""
    unit = _unit(unit_id)
    page = web.FormPage(form := RenameForm(name=unit.name), "directory/rename_school.html", lambda: {"unit": unit})
    if not page.is_sent():
        return page.render()
    services.rename_school(web.session(), web.actor(), unit_id, name=form.name.data, cause=form.cause())
    flash(_("已更名，旧名称留在沿革里。"), "success")
    return web.go(url_for("directory.show_unit", unit_id=unit_id))


@blueprint.route("/units/<uuid:unit_id>/code", methods=["GET", "POST"])
def give_code(unit_id: UUID) -> ResponseReturnValue:
    """Let a school bear a code."""
    unit = _unit(unit_id)
    shown = {
        "unit": unit,
        "rule": find_procedure(web.session(), unit, CODE),
        "may_apply": may_apply_for_code(web.session(), web.actor(), unit),
        "classes": [f"{code} {label}" for code, label in CLASSES.items()],
    }
    page = web.FormPage(form := CodeForm(), "directory/give_code.html", lambda: shown)
    if not page.is_sent():
        return page.render()
    services.give_code(web.session(), web.actor(), unit_id, code=form.code.data, cause=form.cause())
    flash(_("学校标识码已登记，从今天起使用。"), "success")
    return web.go(url_for("directory.show_unit", unit_id=unit_id))


@blueprint.route("/units/<uuid:unit_id>/close", methods=["GET", "POST"])
def close_school(unit_id: UUID) -> ResponseReturnValue:
    """Let a school cease to exist: by application where a procedure holds."""
    unit = _unit(unit_id)
    rule = find_procedure(web.session(), unit, CLOSE)
    shown = {"unit": unit, "weight": tell_weight_of(web.session(), unit)}
    form = ApplyForm()
    page = web.FormPage(form, "directory/close_school.html", lambda: {**shown, **show_way(unit, rule, form)})
    if not page.is_sent():
        return page.render()
    if rule is not None:
        papers = form.papers(rule.value.evidence)
        return go_to(procedures.apply_for_closure(web.session(), web.actor(), unit_id, rule=rule, papers=papers))
    services.close_school(web.session(), web.actor(), unit_id, cause=form.cause())
    flash(_("学校已撤销，记录都保留着。"), "success")
    return web.go(url_for("directory.show_unit", unit_id=unit_id))


@blueprint.route("/units/<uuid:unit_id>/merge", methods=["GET", "POST"])
def merge_school(unit_id: UUID) -> ResponseReturnValue:
    """Let a school go over into another one: by application where a procedure holds."""
    unit = _unit(unit_id)
    rule = find_procedure(web.session(), unit, MERGE)
    receivers = list_receivers(web.session(), unit)
    form = MergeForm()
    form.into.offer(receivers)
    shown = {"unit": unit, "weight": tell_weight_of(web.session(), unit), "receivers": receivers}
    page = web.FormPage(form, "directory/merge_school.html", lambda: {**shown, **show_way(unit, rule, form)})
    if not page.is_sent():
        return page.render()
    if rule is not None:
        return _apply_for_merger(unit, rule, form)
    into = services.merge_school(
        web.session(),
        web.actor(),
        unit_id,
        into_id=UUID(form.into.data),
        cause=form.cause(),
        stays_as_point=bool(form.stays_as_point.data),
    )
    flash(_("已并入%(name)s，人员和教学点都转过去了。", name=into.name), "success")
    return web.go(url_for("directory.show_unit", unit_id=into.id))


def _apply_for_merger(unit: OrgUnit, rule: Rule, form: MergeForm) -> Response:
    into: dict[str, Fact] = {"into": form.into.data, "stays_as_point": bool(form.stays_as_point.data)}
    papers = form.papers(rule.value.evidence)
    return go_to(procedures.apply_for_merger(web.session(), web.actor(), unit.id, rule=rule, into=into, papers=papers))


def _unit(unit_id: UUID) -> OrgUnit:
    """Return a unit of which the person may dispose.

    Raises UnitNotFound, Forbidden.
    """
    unit = get_unit(web.session(), web.actor(), unit_id)
    require_at(web.actor(), MANAGE_UNITS, unit)
    return unit
