"""Leaving and replacement: a role handed over by a date, and who has still to be trained for it."""

from __future__ import annotations

from uuid import UUID

from flask import flash, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from registry_core import web
from registry_core.access.roles import DEFINITIONS
from registry_core.access.services import hand_over as hand_role_over
from registry_core.orgs.queries import today
from registry_core.people.forms import HandOverForm
from registry_core.people.presenters.roles import name_roles
from registry_core.people.queries import successions as queries
from registry_core.people.queries.loans import list_colleagues
from registry_core.people.views.blueprint import blueprint, end_of


@blueprint.route("/people/roles/<uuid:assignment_id>/hand-over", methods=["GET", "POST"])
def hand_over(assignment_id: UUID) -> ResponseReturnValue:
    """Name who takes a role over, and from when on."""
    row = queries.get_held(web.session(), web.actor(), assignment_id)
    colleagues = list_colleagues(web.session(), row.unit.id, row.account.id)
    offered = [(str(account_id), name) for account_id, name in colleagues]
    form = HandOverForm(last_day=today())
    form.successor.offer(offered)
    context = {"row": row, "role_name": DEFINITIONS[row.assignment.role].name, "colleagues": offered}
    page = web.FormPage(form, "people/hand_over.html", lambda: context)
    if not page.is_sent():
        return page.render()
    hand_role_over(
        web.session(),
        web.actor(),
        assignment_id,
        successor_id=UUID(form.successor.data),
        at=end_of(form.last_day.data or today()),
        reason=form.reason.data,
    )
    flash(_("已定接任人：到期自动交接，接任人已列入待培训名单。"), "success")
    return web.go(url_for("people.show_person", account_id=row.account.id))


@blueprint.get("/people/to-train")
def list_to_train() -> ResponseReturnValue:
    """Show the successors who have no certificate yet."""
    rows = queries.list_to_train(web.session(), web.actor())
    return render_template("people/list_to_train.html", rows=rows, role_names=dict(name_roles(tuple(DEFINITIONS))))
