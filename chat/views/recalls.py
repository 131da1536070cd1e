"""Messages posted in the wrong place: what was reported, what was recalled, and whom it had reached."""

from __future__ import annotations

from uuid import UUID

from flask import flash, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from chat.forms import PressForm, RecallForm
from chat.presenters.recalls import say_places, tell_recalled, view_reached, view_reports
from chat.queries import recalls
from chat.services.recalls import Recalling, dismiss_report
from chat.services.recalls import recall_reported as recall
from chat.views.blueprint import blueprint
from registry_core import web
from registry_core.incidents.policies import SEE_INCIDENTS


@blueprint.get("/recalls")
def list_recalls() -> ResponseReturnValue:
    """List what was reported and waits for me, and what was recalled in my units and those below."""
    session, actor = web.session(), web.actor()
    rows = recalls.list_recalls(session, actor)
    return render_template(
        "chat/list_recalls.html",
        reports=view_reports(session, recalls.list_open_reports(session, actor)),
        rows=rows,
        places=say_places(session, [row.conversation_id for row in rows]),
        me=actor.account_id,
    )


@blueprint.get("/recalls/<uuid:message_id>")
def show_recall(message_id: UUID) -> ResponseReturnValue:
    """Show a recall: by whom, why, and whom the message had reached."""
    session, actor = web.session(), web.actor()
    row = recalls.get_recall(session, actor, message_id)
    return render_template(
        "chat/show_recall.html",
        row=row,
        place=say_places(session, [row.conversation_id])[row.conversation_id],
        reached=view_reached(session, message_id),
        may_see_incident=actor.may(SEE_INCIDENTS),
    )


@blueprint.post("/reports/<uuid:misplaced_id>/recall")
def recall_reported(misplaced_id: UUID) -> ResponseReturnValue:
    """Recall a message that was reported."""
    form = RecallForm()
    web.require_valid(form)
    recalling = Recalling(form.reason.data, form.has_personal.data == "yes")
    made = recall(web.session(), web.actor(), misplaced_id, recalling)
    row = recalls.get_recall(web.session(), web.actor(), made.message_id)
    tell_recalled(web.session(), made.message_id, row.conversation_id)
    flash(_("已经召回，所有人那里都看不到了。"), "success")
    return web.go(url_for("chat.show_recall", message_id=made.message_id))


@blueprint.post("/reports/<uuid:misplaced_id>/dismiss")
def dismiss_reported(misplaced_id: UUID) -> ResponseReturnValue:
    """Leave a reported message where it is."""
    web.require_valid(PressForm())
    dismiss_report(web.session(), web.actor(), misplaced_id)
    flash(_("已记下：看过，不召回。"), "success")
    return web.go(url_for("chat.list_recalls"))
