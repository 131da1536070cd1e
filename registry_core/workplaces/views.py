"""The pages of registered computers and addresses."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from uuid import UUID

from flask import Blueprint, Response, current_app, flash, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from registry_core import clock, web
from registry_core.access.actors import visible_units
from registry_core.orgs.errors import UnitNotFound
from registry_core.orgs.models import OrgUnit
from registry_core.orgs.queries import get_unit, path_names, search_units
from registry_core.workplaces import policies, queries, services
from registry_core.workplaces.forms import ButtonForm, ComputerForm, LiftForm, RangeForm, ReasonForm
from registry_core.workplaces.policies import MANAGE_WORKPLACES
from registry_core.workplaces.presenters import ground

blueprint = Blueprint("workplaces", __name__)


@blueprint.get("/workplaces")
@blueprint.get("/workplaces/<uuid:unit_id>")
def show_places(unit_id: UUID | None = None) -> ResponseReturnValue:
    """Show the computers and addresses of a unit, and whether its registry business is limited to them."""
    session, actor = web.session(), web.actor()
    unit = _unit(unit_id)
    limit = queries.find_limit(session, unit)
    words = request.args.get("q", "").strip()[:60]
    scope = visible_units(actor, MANAGE_WORKPLACES)
    return render_template(
        "workplaces/show_places.html",
        unit=unit,
        place=path_names(session, unit),
        limit=limit,
        ground=ground(limit),
        computers=queries.list_computers(session, unit),
        ranges=queries.list_ranges(session, unit),
        switches=queries.list_switches(session, unit),
        marks=actor.origin.computers if actor.origin else (),
        address=web.client_address(),
        is_here=policies.is_at(actor.origin, limit.places.marks, limit.places.networks),
        may_lift=policies.may_lift(actor, unit),
        words=words,
        found=[(one, path_names(session, one)) for one in search_units(session, scope, words)] if words else [],
        reason_form=ReasonForm(),
    )


@blueprint.route("/workplaces/<uuid:unit_id>/computers/new", methods=["GET", "POST"])
def register_computer(unit_id: UUID) -> ResponseReturnValue:
    """Register the computer that the reader sits at."""
    unit = _unit(unit_id)
    form = ComputerForm()
    page = web.FormPage(form, "workplaces/register_computer.html", lambda: {"unit": unit})
    if not page.is_sent():
        return page.render()
    made = services.register_computer(
        web.session(), web.actor(), unit.id, name=form.name.data, room=form.room.data, browser=web.browser_name()
    )
    flash(_("这台计算机已登记。只对这个浏览器有效，清除浏览器数据以后要重新登记。"), "success")
    return _remember(web.go(url_for("workplaces.show_places", unit_id=unit.id)), made.token)


@blueprint.route("/workplaces/<uuid:unit_id>/addresses/new", methods=["GET", "POST"])
def add_range(unit_id: UUID) -> ResponseReturnValue:
    """Register addresses of a unit."""
    unit = _unit(unit_id)
    form = RangeForm(network=web.client_address())
    page = web.FormPage(form, "workplaces/add_range.html", lambda: {"unit": unit, "address": web.client_address()})
    if not page.is_sent():
        return page.render()
    services.add_range(web.session(), web.actor(), unit.id, network=form.network.data, name=form.name.data)
    flash(_("地址已登记。"), "success")
    return web.go(url_for("workplaces.show_places", unit_id=unit.id))


@blueprint.post("/workplaces/computers/<uuid:computer_id>/end")
def end_computer(computer_id: UUID) -> ResponseReturnValue:
    """Let a computer serve no more."""
    web.require_valid(ButtonForm())
    unit = services.end_computer(web.session(), web.actor(), computer_id)
    flash(_("已停用，记录仍然保留。"), "success")
    return web.go(url_for("workplaces.show_places", unit_id=unit.id))


@blueprint.post("/workplaces/addresses/<uuid:range_id>/end")
def end_range(range_id: UUID) -> ResponseReturnValue:
    """Let addresses serve no more."""
    web.require_valid(ButtonForm())
    unit = services.end_range(web.session(), web.actor(), range_id)
    flash(_("已停用，记录仍然保留。"), "success")
    return web.go(url_for("workplaces.show_places", unit_id=unit.id))


@blueprint.post("/workplaces/<uuid:unit_id>/on")
def switch_on(unit_id: UUID) -> ResponseReturnValue:
    """Limit the registry business of a unit to its places."""
    web.require_valid(ButtonForm())
    services.switch_on(web.session(), web.actor(), unit_id)
    flash(_("限制已打开：学籍业务只能在登记的计算机或地址上办理。提问和其他功能不受影响。"), "success")
    return web.go(url_for("workplaces.show_places", unit_id=unit_id))


@blueprint.post("/workplaces/<uuid:unit_id>/off")
def switch_off(unit_id: UUID) -> ResponseReturnValue:
    """Limit the registry business of a unit no more."""
    form = ReasonForm()
    web.require_valid(form)
    services.switch_off(web.session(), web.actor(), unit_id, reason=form.reason.data)
    flash(_("限制已关闭，在哪里都可以办理学籍业务。"), "success")
    return web.go(url_for("workplaces.show_places", unit_id=unit_id))


@blueprint.route("/workplaces/<uuid:unit_id>/lift", methods=["GET", "POST"])
def lift(unit_id: UUID) -> ResponseReturnValue:
    """Lift the limit of a unit below for a time."""
    unit = _unit(unit_id)
    form = LiftForm(until=clock.local(clock.now()).date())
    page = web.FormPage(form, "workplaces/lift.html", lambda: {"unit": unit})
    if not page.is_sent():
        return page.render()
    services.lift(web.session(), web.actor(), unit.id, until=_end_of(form.last_day), reason=form.reason.data)
    flash(_("已临时放开，到期自动恢复限制。"), "success")
    return web.go(url_for("workplaces.show_places", unit_id=unit.id))


def _unit(unit_id: UUID | None) -> OrgUnit:
    """Return the unit of the address, else the lowest one that the reader looks after.

    Raises UnitNotFound.
    """
    held = web.actor().carrying(MANAGE_WORKPLACES)
    wanted = unit_id or max(held, key=lambda one: one.unit_level.rank).unit_id if held or unit_id else None
    if wanted is None:
        raise UnitNotFound
    return get_unit(web.session(), visible_units(web.actor(), MANAGE_WORKPLACES), wanted)


def _end_of(day: date) -> datetime:
    return datetime.combine(day + timedelta(days=1), time(), tzinfo=clock.BEIJING) if day < date.max else clock.now()


def _remember(answer: Response, token: str) -> Response:
    """Add the token of a registration to the cookie by which this computer is known."""
    is_https = bool(current_app.config["SESSION_COOKIE_SECURE"])
    name = policies.cookie_name(is_https=is_https)
    kept = (token, *policies.read_tokens(request.cookies.get(name, "")))[: policies.MOST_COMPUTERS]
    answer.set_cookie(
        name,
        policies.SEPARATOR.join(kept),
        max_age=policies.KEPT_FOR,
        httponly=True,
        samesite="Lax",
        secure=is_https,
    )
    return answer
