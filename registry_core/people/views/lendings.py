"""借出备案: what was lent within the reach of who watches over it, and as a sheet."""

from __future__ import annotations

from flask import render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from registry_core import web
from registry_core.audit.services import note_export
from registry_core.audit.values import Subject
from registry_core.forms import clean_text
from registry_core.people.presenters.lendings import SORTS, lending_cells, lending_header, list_lines
from registry_core.people.queries.lendings import MOST_SHOWN, Lent, Sought
from registry_core.people.views.blueprint import LONGEST_WORDS, blueprint
from registry_core.sheets import XLSX, write_workbook

MOST_EXPORTED = 20_000


@blueprint.get("/people/lendings")
def list_lendings() -> ResponseReturnValue:
    """Show lent roles and lent passwords on record."""
    sought = _sought()
    lines = list_lines(web.session(), web.actor(), sought)
    return render_template(
        "people/list_lendings.html", lines=lines, sought=sought, sorts=SORTS, is_cut=len(lines) == MOST_SHOWN
    )


@blueprint.get("/people/lendings/export")
def export_lendings() -> ResponseReturnValue:
    """Hand out what is on record as a workbook."""
    lines = list_lines(web.session(), web.actor(), _sought(), limit=MOST_EXPORTED)
    note_export(web.session(), web.actor(), "people.lendings.exported", about=Subject("delegation", None))
    content = write_workbook(_("借出备案"), lending_header(), lending_cells(lines))
    return web.attachment(content, XLSX, _("借出备案") + ".xlsx")


def _sought() -> Sought:
    sort = request.args.get("sort", "")
    text = clean_text(request.args.get("q", ""))[:LONGEST_WORDS]
    return Sought(Lent(sort) if sort in set(Lent) else None, text)
