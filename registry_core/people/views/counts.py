"""Who below me holds what, in numbers; and the accounts below me that were sealed."""

from __future__ import annotations

from collections.abc import Iterator

from flask import render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from registry_core import web
from registry_core.access.actors import visible_units
from registry_core.access.policies import SEE_PEOPLE
from registry_core.access.roles import DEFINITIONS
from registry_core.forms import clean_text
from registry_core.orgs import queries as orgs
from registry_core.orgs.errors import UnitNotFound
from registry_core.orgs.models import OrgUnit
from registry_core.people.presenters.roles import name_roles
from registry_core.people.queries import counts as queries
from registry_core.people.queries.sealed import list_sealed as find_sealed
from registry_core.people.views.blueprint import LONGEST_WORDS, blueprint, chosen_unit_id
from registry_core.sheets import XLSX, write_workbook


@blueprint.get("/people/counts")
def count_roles() -> ResponseReturnValue:
    """Show how many hold which role at a unit and right below it."""
    unit = _chosen_unit()
    scope = visible_units(web.actor(), SEE_PEOPLE)
    return render_template(
        "people/count_roles.html",
        unit=unit,
        counts=queries.count_roles(web.session(), web.actor(), unit),
        role_names=dict(name_roles(tuple(DEFINITIONS))),
        above=[one for one in orgs.list_ancestors(web.session(), unit)[:-1] if scope.covers(one.path)],
    )


@blueprint.get("/people/counts/export")
def export_role_counts() -> ResponseReturnValue:
    """Hand the numbers out as a workbook; they name nobody."""
    unit = _chosen_unit()
    counts = queries.count_roles(web.session(), web.actor(), unit)
    names = dict(name_roles(tuple(DEFINITIONS)))
    title = _("%(unit)s各单位角色人数", unit=unit.name)
    header = (_("单位"), *(names[role] for role in counts.roles))
    return web.attachment(write_workbook(_("角色人数"), header, _cells(counts)), XLSX, f"{title}.xlsx")


@blueprint.get("/people/sealed")
def list_sealed() -> ResponseReturnValue:
    """Show the accounts below that were sealed because nobody used them."""
    page = max(1, request.args.get("page", 1, type=int))
    words = clean_text(request.args.get("q", ""))[:LONGEST_WORDS]
    rows, has_more = find_sealed(web.session(), web.actor(), words, page=page)
    return render_template("people/list_sealed.html", rows=rows, words=words, page=page, has_more=has_more)


def _chosen_unit() -> OrgUnit:
    """Return the unit of the address, else the highest one at which the reader sees people.

    Raises UnitNotFound.
    """
    scope = visible_units(web.actor(), SEE_PEOPLE)
    wished = chosen_unit_id()
    if wished is not None:
        return orgs.get_unit(web.session(), scope, wished)
    own = min(web.actor().carrying(SEE_PEOPLE), key=lambda held: (held.unit_level.rank, held.unit_path), default=None)
    if own is None:
        raise UnitNotFound
    return orgs.get_unit(web.session(), scope, own.unit_id)


def _cells(counts: queries.RoleCounts) -> Iterator[tuple[str | int, ...]]:
    lines = [(_("%(unit)s（本级）", unit=counts.own.unit.name), counts.own)]
    lines += [(one.unit.name, one) for one in counts.below]
    lines += [(_("合计"), counts.total)]
    for name, line in lines:
        yield (name, *(line.held.get(role, 0) for role in counts.roles))
