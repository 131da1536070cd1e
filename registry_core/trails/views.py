"""The pages of the audit trail."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from registry_core import web
from registry_core.clock import BEIJING
from registry_core.trails import queries, words
from registry_core.trails.forms import SearchForm
from registry_core.trails.presenters import present, present_look
from registry_core.trails.queries import Page, Place, Wanted

blueprint = Blueprint("audit", __name__)


@blueprint.get("/audit")
def search() -> ResponseReturnValue:
    """Search the trail of the units in one's scope."""
    form = SearchForm(request.args)
    anything = ("", _("不限"))
    choices = {"act": [anything, *words.list_acts()], "kind": [anything, *words.list_kinds()]}
    form.act.offer(choices["act"])
    form.kind.offer(choices["kind"])
    wanted = _wanted(form) if form.validate() else None
    page = queries.search(web.session(), web.actor(), wanted, behind=_behind()) if wanted else Page((), None)
    rows = [present(found) for found in page.rows]
    shown = render_template("audit/search.html", form=form, choices=choices, rows=rows, next=_next(page, *form.data))
    return shown, 200 if wanted else 422


@blueprint.get("/account/looks")
def list_looks() -> ResponseReturnValue:
    """Show a person who has looked at their data."""
    page = queries.list_looks(web.session(), web.actor(), behind=_behind())
    rows = [present_look(found) for found in page.rows]
    return render_template("audit/list_looks.html", rows=rows, next=_next(page))


def _wanted(form: SearchForm) -> Wanted | None:
    unit = queries.find_unit(web.session(), web.actor(), form.unit.data) if form.unit.data else None
    if form.unit.data and unit is None:
        form.unit.errors = [_("您的范围里没有这个单位，请换个名称或代码。")]
        return None
    until = form.until.data
    return Wanted(
        person=form.person.data,
        act=form.act.data,
        kind=form.kind.data,
        object_id=form.object_id.data,
        unit_path=unit.path if unit else None,
        since=_midnight(form.since.data),
        until=_midnight(until + timedelta(days=1) if until else None),
    )


def _midnight(day: date | None) -> datetime | None:
    return datetime.combine(day, time(), BEIJING) if day else None


def _behind() -> Place | None:
    text = request.args.get("behind")
    return Place.from_text(text) if text else None


def _next(page: Page, *names: str) -> str | None:
    """Return the address of the next page: the same search, behind the last entry.

    Only what the form knows is taken over: `url_for` would take `_scheme` and the like for its own.
    """
    if page.next is None:
        return None
    same: dict[str, Any] = {name: request.args[name] for name in names if name in request.args}
    return url_for(request.endpoint or "", **same, behind=page.next.to_text())
