"""The page 通知方式, and the browser that subscribes or leaves."""

from __future__ import annotations

from datetime import datetime, timedelta

from flask import Blueprint, flash, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from registry_core import clock, web
from registry_core.away import queries, services
from registry_core.away.forms import DIGESTS, HOURS, ChoiceForm, PauseForm, PressForm, SubscribeForm
from registry_core.away.policies import next_hour
from registry_core.away.presenters import view_choices

blueprint = Blueprint("away", __name__)

MORNING = 7


@blueprint.route("/account/word", methods=["GET", "POST"])
def choices() -> ResponseReturnValue:
    """Choose by which ways word comes, and when not."""
    session, visitor = web.session(), web.signed_in()
    form, before = ChoiceForm(), queries.get_choice(session, visitor.actor)
    if not form.is_submitted():
        form.show(before)
    view = view_choices(session, visitor.actor, visitor.browser_session_id)
    page = web.FormPage(form, "away/choices.html", lambda: {"view": view, "digests": DIGESTS, "hours": HOURS})
    if not page.is_sent():
        return page.render()
    services.save_choice(session, visitor.actor, form.read(before, view.offered))
    flash(_("通知方式已保存。"), "success")
    return web.go(url_for("away.choices"))


@blueprint.post("/account/word/pause")
def pause() -> ResponseReturnValue:
    """Put word off for a while, or end that."""
    form = PauseForm()
    web.require_valid(form)
    until = _end_of_pause(form.until.data)
    services.pause(web.session(), web.actor(), until=until)
    flash(_("通知已暂停，这段时间的事之后再告诉您。") if until else _("通知已恢复。"), "success")
    return web.go(url_for("away.choices"))


@blueprint.post("/account/word/browser")
def subscribe() -> ResponseReturnValue:
    """Let this browser take notices."""
    form = SubscribeForm()
    web.require_valid(form)
    visitor = web.signed_in()
    services.subscribe(
        web.session(),
        visitor.actor,
        visitor.browser_session_id,
        endpoint=form.endpoint.data,
        p256dh=form.p256dh.data,
        auth=form.auth.data,
    )
    return "", 204


@blueprint.post("/account/word/browser/end")
def unsubscribe() -> ResponseReturnValue:
    """Let this browser take no more notices."""
    web.require_valid(PressForm())
    services.unsubscribe(web.session(), web.signed_in().browser_session_id)
    return "", 204


@blueprint.post("/account/word/browser/try")
def try_push() -> ResponseReturnValue:
    """Send a notice to this browser, to see whether one comes."""
    web.require_valid(PressForm())
    visitor = web.signed_in()
    services.try_push(web.session(), visitor.actor, visitor.browser_session_id)
    flash(_("已发出一条试试的提醒，几秒钟之内应当能看到。"), "success")
    return web.go(url_for("away.choices"))


def _end_of_pause(until: str) -> datetime | None:
    now = clock.now()
    match until:
        case "hour":
            return now + timedelta(hours=1)
        case "tomorrow":
            # Tomorrow, also when it is pressed before seven in the morning.
            return next_hour(next_hour(now, 0), MORNING)
        case "week":
            return now + timedelta(days=7)
        case _:
            return None
