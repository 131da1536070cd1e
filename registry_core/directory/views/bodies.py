"""Bodies beside a unit: shown, added, changed, closed, and who sits in them."""

from __future__ import annotations

from uuid import UUID

from flask import flash, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from registry_core import web
from registry_core.directory.forms import BodyForm, ButtonForm, MemberForm
from registry_core.directory.labels import BODY_KINDS, SEATS
from registry_core.directory.policies import MANAGE_BODIES, require_at
from registry_core.directory.presenters.bodies import view_body
from registry_core.directory.queries.bodies import get_body
from registry_core.directory.queries.units import get_unit
from registry_core.directory.services import bodies as services
from registry_core.directory.views.blueprint import blueprint
from registry_core.orgs.models import BodyKind


@blueprint.get("/bodies/<uuid:body_id>")
def show_body(body_id: UUID) -> ResponseReturnValue:
    """Show a body with those who sit and sat in it."""
    body, unit = get_body(web.session(), web.actor(), body_id)
    return render_template("directory/show_body.html", body=view_body(web.session(), web.actor(), body, unit))


@blueprint.route("/units/<uuid:unit_id>/bodies/new", methods=["GET", "POST"])
def add_body(unit_id: UUID) -> ResponseReturnValue:
    """Let a body act for a unit."""
    unit = get_unit(web.session(), web.actor(), unit_id)
    require_at(web.actor(), MANAGE_BODIES, unit)
    page = web.FormPage(form := BodyForm(), "directory/add_body.html", lambda: {"unit": unit, "kinds": _kinds()})
    if not page.is_sent():
        return page.render()
    body = services.add_body(web.session(), web.actor(), unit_id, kind=BodyKind(form.kind.data), details=form.details())
    flash(_("已登记：%(name)s。接着可以登记成员。", name=body.name), "success")
    return web.go(url_for("directory.show_body", body_id=body.id))


@blueprint.route("/bodies/<uuid:body_id>/change", methods=["GET", "POST"])
def change_body(body_id: UUID) -> ResponseReturnValue:
    """Correct a body."""
    body, unit = get_body(web.session(), web.actor(), body_id)
    require_at(web.actor(), MANAGE_BODIES, unit)
    form = BodyForm(obj=body)
    # What a body is for stays: another kind is another body.
    form.kind.data = body.kind.value
    page = web.FormPage(form, "directory/change_body.html", lambda: {"body": body, "unit": unit})
    if not page.is_sent():
        return page.render()
    services.change_body(web.session(), web.actor(), body_id, details=form.details())
    flash(_("已保存。"), "success")
    return web.go(url_for("directory.show_body", body_id=body_id))


@blueprint.post("/bodies/<uuid:body_id>/close")
def close_body(body_id: UUID) -> ResponseReturnValue:
    """Let a body cease to exist."""
    web.require_valid(ButtonForm())
    body = services.close_body(web.session(), web.actor(), body_id)
    flash(_("已登记撤销，成员今天一并卸任，记录仍可查看。"), "success")
    return web.go(url_for("directory.show_unit", unit_id=body.unit_id))


@blueprint.route("/bodies/<uuid:body_id>/members/new", methods=["GET", "POST"])
def seat_member(body_id: UUID) -> ResponseReturnValue:
    """Give somebody a seat."""
    body, unit = get_body(web.session(), web.actor(), body_id)
    require_at(web.actor(), MANAGE_BODIES, unit)
    seats = [(seat.value, str(label)) for seat, label in SEATS.items()]
    page = web.FormPage(form := MemberForm(), "directory/seat_member.html", lambda: {"body": body, "seats": seats})
    if not page.is_sent():
        return page.render()
    services.seat_member(web.session(), web.actor(), body_id, seating=form.seating())
    flash(_("%(name)s 已登记。", name=form.name.data), "success")
    return web.go(url_for("directory.show_body", body_id=body_id))


@blueprint.post("/bodies/members/<uuid:member_id>/leave")
def unseat_member(member_id: UUID) -> ResponseReturnValue:
    """Let somebody give up the seat."""
    web.require_valid(ButtonForm())
    body = services.unseat_member(web.session(), web.actor(), member_id)
    flash(_("已登记卸任。"), "success")
    return web.go(url_for("directory.show_body", body_id=body.id))


def _kinds() -> list[tuple[str, str]]:
    return [(kind.value, str(label)) for kind, label in BODY_KINDS.items()]
