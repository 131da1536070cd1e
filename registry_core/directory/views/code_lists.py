"""A list of school codes from above: uploaded and checked, shown with its effect, applied."""

from __future__ import annotations

from uuid import UUID

from flask import flash, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from registry_core import sheets, web
from registry_core.directory.code_rows import read_rows
from registry_core.directory.forms import ApplyListForm, CodeListForm
from registry_core.directory.policies import MANAGE_UNITS, require_at
from registry_core.directory.presenters.code_lists import view_applied, view_foreseen
from registry_core.directory.queries.code_lists import get_list
from registry_core.directory.queries.units import get_unit
from registry_core.directory.services import code_lists as services
from registry_core.directory.views.blueprint import blueprint
from registry_core.orgs.errors import LoadRefused


@blueprint.route("/units/<uuid:unit_id>/code-lists/new", methods=["GET", "POST"])
def check_list(unit_id: UUID) -> ResponseReturnValue:
    """Check a list; a sound one is shown with its effect before anything is written."""
    unit = get_unit(web.session(), web.actor(), unit_id)
    require_at(web.actor(), MANAGE_UNITS, unit)
    faults: list[str] = []
    form = CodeListForm()
    page = web.FormPage(form, "directory/check_list.html", lambda: {"unit": unit, "faults": faults})
    if not page.is_sent():
        return page.render()
    upload = form.file.data
    rows = read_rows(sheets.read_table(upload.read()))
    try:
        kept = services.check_list(
            web.session(), web.actor(), unit_id, file_name=upload.filename or _("代码表"), rows=rows
        )
    except LoadRefused as refusal:
        faults += [fault.text for fault in refusal.faults]
        return page.render(refusal)
    return web.go(url_for("directory.show_list", list_id=kept.id))


@blueprint.get("/code-lists/<uuid:list_id>")
def show_list(list_id: UUID) -> ResponseReturnValue:
    """Show what a list will change and what depends on it, or what it has changed."""
    code_list, region = get_list(web.session(), web.actor(), list_id)
    if code_list.applied_at is not None:
        view = view_applied(code_list, region)
    else:
        effect = services.foresee(web.session(), code_list, region)
        view = view_foreseen(web.session(), code_list, region, effect)
    return render_template("directory/show_list.html", view=view)


@blueprint.post("/code-lists/<uuid:list_id>/apply")
def apply_list(list_id: UUID) -> ResponseReturnValue:
    """Apply a list whole."""
    form = ApplyListForm()
    web.require_valid(form)
    services.apply_list(web.session(), web.actor(), list_id, digest=form.digest.data)
    flash(_("代码表已执行，每所学校的沿革里都有记录。"), "success")
    return web.go(url_for("directory.show_list", list_id=list_id))
