"""The working-day calendar: everybody reads it, the ministry level keeps it."""

from __future__ import annotations

from datetime import date

from flask import Blueprint, flash, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from registry_core import web
from registry_core.calendars import policies, queries, services
from registry_core.calendars.errors import YearUnknown
from registry_core.calendars.forms import DayForm, PublishForm, RemoveDayForm
from registry_core.calendars.models import DayKind
from registry_core.calendars.presenters import view_year, write_table
from registry_core.orgs.queries import today

blueprint = Blueprint("calendars", __name__)


@blueprint.get("/calendars")
@blueprint.get("/calendars/<int:year>")
def show_year(year: int | None = None) -> ResponseReturnValue:
    """Show which days of a year are worked; without a year, this one."""
    view = view_year(web.session(), _known(today().year if year is None else year))
    return render_template("calendars/show_year.html", view=view)


@blueprint.route("/calendars/<int:year>/day", methods=["GET", "POST"])
def edit_day(year: int) -> ResponseReturnValue:
    """List a day, or correct what it is listed as."""
    form = _day_form(_known(year))
    page = web.FormPage(form, "calendars/edit_day.html", lambda: _day_context(year, form))
    if not page.is_sent() or not form.keep_to(year):
        return page.render()
    services.set_day(web.session(), web.actor(), form.day.data, kind=DayKind(form.kind.data), name=form.name.data)
    flash(_("日历已保存，受影响的期限会重新计算。"), "success")
    return web.go(url_for("calendars.show_year", year=year))


@blueprint.post("/calendars/<int:year>/day/remove")
def remove_day(year: int) -> ResponseReturnValue:
    """Make a day ordinary again."""
    form = RemoveDayForm()
    web.require_valid(form)
    services.remove_day(web.session(), web.actor(), form.day.data)
    flash(_("这一天已按平常的日子计算。"), "success")
    return web.go(url_for("calendars.show_year", year=_known(year)))


@blueprint.route("/calendars/<int:year>/publish", methods=["GET", "POST"])
def publish_year(year: int) -> ResponseReturnValue:
    """Publish a year as a whole, from a pasted table or a file."""
    form = PublishForm(table=write_table(queries.list_days(web.session(), _known(year))))
    page = web.FormPage(form, "calendars/publish_year.html", lambda: {"view": view_year(web.session(), year)})
    days = form.read(year) if page.is_sent() else None
    if days is None:
        return page.render()
    done = services.publish_year(web.session(), web.actor(), year, days=days)
    flash(_say_done(year, done), "success")
    return web.go(url_for("calendars.show_year", year=year))


def _known(year: int) -> int:
    if not policies.FIRST_YEAR <= year <= policies.LAST_YEAR:
        raise YearUnknown
    return year


def _day_form(year: int) -> DayForm:
    """Fill the form with what the day named in the address is listed as."""
    try:
        day = date.fromisoformat(request.args.get("day", ""))
    except ValueError:
        return DayForm(day=None)
    listed = queries.find_day(web.session(), day) if day.year == year else None
    return DayForm(day=day, kind=listed.kind, name=listed.name) if listed else DayForm(day=day)


def _day_context(year: int, form: DayForm) -> dict[str, object]:
    # What was sent may be no day at all.
    day: date | None = form.day.data
    listed = queries.find_day(web.session(), day) if day else None
    return {"year": year, "listed": listed}


def _say_done(year: int, done: services.Publication) -> str:
    if not done.is_change:
        return _("%(year)s 年的日历没有变化。", year=year)
    return _(
        "%(year)s 年的日历已公布：新增 %(added)s 天，修改 %(changed)s 天，移除 %(removed)s 天。",
        year=year,
        added=done.added,
        changed=done.changed,
        removed=done.removed,
    )
