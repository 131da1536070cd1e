"""User names and one-time passwords on their way: what did not arrive, and sending it again."""

from __future__ import annotations

from uuid import UUID

from flask import flash, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from registry_core import web
from registry_core.forms import clean_text
from registry_core.people.forms import SendAgainForm
from registry_core.people.presenters import deliveries as words
from registry_core.people.queries import deliveries as queries
from registry_core.people.services import credentials as services
from registry_core.people.views.blueprint import LONGEST_WORDS, blueprint


@blueprint.get("/people/deliveries")
def list_deliveries() -> ResponseReturnValue:
    """Show what did not arrive, or everything that was sent."""
    only_lost = request.args.get("all") is None
    page = max(1, request.args.get("page", 1, type=int))
    text = clean_text(request.args.get("q", ""))[:LONGEST_WORDS]
    rows, has_more = queries.list_deliveries(web.session(), web.actor(), only_lost=only_lost, text=text, page=page)
    context = {"rows": rows, "only_lost": only_lost, "text": text, "page": page, "has_more": has_more}
    return render_template("people/list_deliveries.html", **context, words=words)


@blueprint.route("/people/<uuid:account_id>/credentials", methods=["GET", "POST"])
def send_again(account_id: UUID) -> ResponseReturnValue:
    """Put the addresses right and send a new one-time password."""
    row = queries.get_latest(web.session(), web.actor(), account_id)
    form = SendAgainForm(mobile=row.account.mobile, email=row.account.email)
    page = web.FormPage(form, "people/send_again.html", lambda: {"row": row})
    if not page.is_sent():
        return page.render()
    services.send_again(
        web.session(), web.actor(), account_id, email=form.email.data or None, mobile=form.mobile.data or None
    )
    flash(_("新的一次性密码正在发出，以前发的已作废。"), "success")
    return web.go(url_for("people.list_deliveries"))
