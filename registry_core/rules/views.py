"""Which rule holds where and since when, what a pack says, and filing one's own rules."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from uuid import UUID

from flask import Blueprint, flash, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from registry_core import web
from registry_core.access.actors import visible_units
from registry_core.orgs import queries as orgs
from registry_core.orgs.errors import UnitNotFound
from registry_core.orgs.models import OrgUnit
from registry_core.rules import queries, services
from registry_core.rules.forms import NO_PACK, Choices, FilingForm
from registry_core.rules.policies import FILE_RULES, FILING_LEVELS, READ_RULES
from registry_core.rules.presenters import (
    group_rules,
    group_topics,
    present_filing,
    present_holdings,
    present_rule,
    present_units,
    topic_label,
)
from registry_core.rules.topics import list_topics

blueprint = Blueprint("rules", __name__)


@blueprint.get("/rules")
def list_rules() -> ResponseReturnValue:
    """Show which rule holds at a unit on a day, where it comes from, and what was filed."""
    session, actor = web.session(), web.actor()
    scope = visible_units(actor, READ_RULES)
    unit = _chosen_unit()
    on = _chosen_day()
    filed = queries.list_filings(session, unit)
    reached = [one for one in orgs.list_ancestors(session, unit)[:-1] if scope.covers(one.path)]
    return render_template(
        "rules/list_rules.html",
        unit=unit,
        on=on,
        above=present_units(reached),
        below=present_units(orgs.list_children(session, scope, unit.id)),
        parts=group_rules(present_holdings(queries.list_holdings(session, unit, on=on), filed, on=on)),
        filings=[present_filing(one, on=on) for one in filed],
    )


@blueprint.get("/rules/<code>")
def show_pack(code: str) -> ResponseReturnValue:
    """Show everything that a pack says."""
    pack = queries.get_pack(web.session(), code)
    rules = queries.list_pack_rules(web.session(), pack)
    return render_template("rules/show_pack.html", pack=pack, parts=group_rules([present_rule(rule) for rule in rules]))


@blueprint.route("/rules/filings/new", methods=["GET", "POST"])
def file_rules() -> ResponseReturnValue:
    """Put on record that a unit filed its own rules with the level above."""
    session, actor = web.session(), web.actor()
    form = FilingForm(unit=request.args.get("unit"), filed_on=orgs.today(), valid_from=orgs.today())
    offered = _offered()
    form.offer(**offered)
    page = web.FormPage(form, "rules/file_rules.html", lambda: {**offered, "parts": group_topics(list_topics())})
    if not page.is_sent():
        return page.render()
    filing = services.file_rules(session, actor, UUID(form.unit.data), form.rules())
    flash(_("已登记备案：%(title)s", title=filing.title), "success")
    return web.go(url_for("rules.list_rules", unit=filing.unit_id))


def _offered() -> Mapping[str, Choices]:
    """Name the units that the person may file for, the packs that these units own, and every topic."""
    session = web.session()
    held = [session.get_one(OrgUnit, unit_id) for unit_id in web.actor().units(FILE_RULES)]
    units = sorted((unit for unit in held if unit.level in FILING_LEVELS), key=lambda unit: unit.path)
    packs = [pack for unit in units for pack in queries.list_packs(session, unit)]
    return {
        "units": [(str(unit.id), unit.name) for unit in units],
        "packs": [(NO_PACK, _("没有装入规则包")), *((pack.code, pack.name) for pack in packs)],
        "topics": [(topic, topic_label(topic)) for topic in list_topics()],
    }


def _chosen_unit() -> OrgUnit:
    """Return the unit of the address, else the person's own.

    Raises UnitNotFound.
    """
    wished = request.args.get("unit", "")
    if not wished:
        home = web.actor().home
        if home is None:
            raise UnitNotFound
        return web.session().get_one(OrgUnit, home.unit_id)
    try:
        unit_id = UUID(wished)
    except ValueError as error:
        raise UnitNotFound from error
    return orgs.get_unit(web.session(), visible_units(web.actor(), READ_RULES), unit_id)


def _chosen_day() -> date:
    """Return the day of the address, or today where there is none that can be read."""
    try:
        return date.fromisoformat(request.args.get("on", ""))
    except ValueError:
        return orgs.today()
