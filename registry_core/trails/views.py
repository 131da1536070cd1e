"""The pages of the audit trail."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from registry_core import web
from registry_core.audit.services import note_export
from registry_core.audit.values import Subject
from registry_core.clock import BEIJING
from registry_core.errors import InvalidInput
from registry_core.orgs.models import Level
from registry_core.sheets import XLSX, write_workbook
from registry_core.trails import queries, words
from registry_core.trails.forms import LooksForm, SearchForm
from registry_core.trails.presenters import (
    level_choices,
    level_name,
    look_kind,
    looks_header,
    looks_lines,
    present,
    present_look,
)
from registry_core.trails.queries import Page, Place, Wanted, WantedLooks

MOST_SHOWN = 500

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


@blueprint.get("/audit/upper")
def list_upper_looks() -> ResponseReturnValue:
    """Show the owner of data who of the levels above has looked at them and taken them along."""
    session = web.session()
    unit = queries.find_owner(session, web.actor(), chosen_unit_id())
    form, wanted = _wanted_looks()
    groups, has_more = queries.list_upper_looks(session, unit, wanted, limit=MOST_SHOWN)
    shown = render_template(
        "audit/list_upper_looks.html",
        unit=unit,
        form=form,
        levels=level_choices(),
        rule=queries.find_rule(session, unit),
        groups=groups,
        has_more=has_more,
        look_kind=look_kind,
        level_name=level_name,
        same={name: request.args[name] for name in form.data if request.args.get(name)},
    )
    return shown, 422 if form.errors else 200


@blueprint.get("/audit/upper/export")
def export_upper_looks() -> ResponseReturnValue:
    """Hand out the looks of the levels above as a workbook."""
    session = web.session()
    unit = queries.find_owner(session, web.actor(), chosen_unit_id())
    form, wanted = _wanted_looks()
    if form.errors:
        raise InvalidInput
    groups, _has_more = queries.list_upper_looks(session, unit, wanted)
    note_export(session, web.actor(), "audit.looks.exported", about=Subject("unit", unit.id, unit.id, unit.name))
    title = _("谁看过我们的数据")
    content = write_workbook(title, looks_header(), looks_lines(groups))
    return web.attachment(content, XLSX, f"{unit.name}_{title}.xlsx")


def _wanted_looks() -> tuple[LooksForm, WantedLooks]:
    form = LooksForm(request.args)
    form.level.offer(level_choices())
    if not form.validate():
        return form, WantedLooks()
    level = Level(form.level.data) if form.level.data else None
    return form, WantedLooks(form.since.data, form.until.data, level)


def chosen_unit_id() -> UUID | None:
    """Read which unit the address names."""
    try:
        return UUID(request.args.get("unit", ""))
    except ValueError:
        return None


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
