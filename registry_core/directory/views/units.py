"""The tree to browse and search, and a unit's page."""

from __future__ import annotations

from uuid import UUID

from flask import render_template, request
from flask.typing import ResponseReturnValue

from registry_core import web
from registry_core.access.actors import visible_units
from registry_core.directory.policies import MANAGE_BODIES, MANAGE_UNITS
from registry_core.directory.presenters.bodies import view_bodies
from registry_core.directory.presenters.procedures import list_running, may_apply_for_code
from registry_core.directory.presenters.schools import view_history
from registry_core.directory.presenters.units import present_branches, present_found, view_unit
from registry_core.directory.queries import units as queries
from registry_core.directory.services.schools import SCHOOLS
from registry_core.directory.views.blueprint import blueprint
from registry_core.orgs import queries as orgs


@blueprint.get("/units")
def browse() -> ResponseReturnValue:
    """Show the tree that the reader reaches, or what a search in it finds."""
    session, actor = web.session(), web.actor()
    text = request.args.get("q", "").strip()[:60]
    return render_template(
        "directory/browse.html",
        text=text,
        found=present_found(session, queries.search(session, actor, text)) if text else [],
        roots=[] if text else present_branches(queries.list_roots(session, actor)),
        most=queries.MOST_FOUND,
    )


@blueprint.get("/units/<uuid:unit_id>/branch")
def show_branch(unit_id: UUID) -> ResponseReturnValue:
    """Show what hangs directly below a unit, when its branch is opened."""
    unit = queries.get_unit(web.session(), web.actor(), unit_id)
    rows = present_branches(queries.list_branches(web.session(), web.actor(), unit))
    return render_template("directory/_branch.html", rows=rows)


@blueprint.get("/units/<uuid:unit_id>")
def show_unit(unit_id: UUID) -> ResponseReturnValue:
    """Show a unit: place, codes, what hangs below, who works there."""
    session, actor = web.session(), web.actor()
    unit = queries.get_unit(session, actor, unit_id)
    return render_template(
        "directory/show_unit.html",
        unit=view_unit(session, actor, unit),
        bodies=view_bodies(session, actor, unit),
        history=view_history(session, unit),
        running=list_running(session, actor, unit),
        may_apply_for_code=may_apply_for_code(session, actor, unit),
        may_manage_school=unit.kind in SCHOOLS
        and unit.is_open(orgs.today())
        and visible_units(actor, MANAGE_UNITS).covers(unit.path),
        may_apply_lists=unit.kind not in SCHOOLS and visible_units(actor, MANAGE_UNITS).covers(unit.path),
        may_manage_bodies=visible_units(actor, MANAGE_BODIES).covers(unit.path),
    )
