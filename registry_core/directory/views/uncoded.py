"""Schools without a code, for those who have to see to it."""

from __future__ import annotations

from uuid import UUID

from flask import render_template, request
from flask.typing import ResponseReturnValue

from registry_core import web
from registry_core.access.actors import visible_units
from registry_core.directory.policies import APPLY, MANAGE_UNITS
from registry_core.directory.presenters.procedures import view_due
from registry_core.directory.queries.procedures import CODE, find_procedure
from registry_core.directory.queries.uncoded import list_uncoded as find_uncoded
from registry_core.directory.queries.units import get_unit
from registry_core.directory.views.blueprint import blueprint
from registry_core.forms import clean_text
from registry_core.orgs import queries as orgs

LONGEST_WORDS = 60


@blueprint.get("/units/<uuid:unit_id>/uncoded")
def list_uncoded(unit_id: UUID) -> ResponseReturnValue:
    """Show the schools of a region that bear no code."""
    session, actor = web.session(), web.actor()
    unit = get_unit(session, actor, unit_id)
    page = max(1, request.args.get("page", 1, type=int))
    words = clean_text(request.args.get("q", ""))[:LONGEST_WORDS]
    found = find_uncoded(session, actor, unit, words, page=page)
    return render_template(
        "directory/list_uncoded.html",
        unit=unit,
        found=found,
        places=orgs.list_path_names(session, list(found.schools)) if found.schools else {},
        words=words,
        page=page,
        due=view_due(session, unit),
        may_apply=find_procedure(session, unit, CODE) is not None and visible_units(actor, APPLY).covers(unit.path),
        may_record=visible_units(actor, MANAGE_UNITS).covers(unit.path),
    )
