"""Settings of a desk, and questions that came by telephone or e-mail."""

from __future__ import annotations

from uuid import UUID

from flask import flash, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from helpdesk.forms import CallForm, DeskForm
from helpdesk.hours import typed_week, write_slots
from helpdesk.models import Channel, Desk
from helpdesk.presenters.desks import list_members
from helpdesk.presenters.questions import question_url
from helpdesk.services import desks
from helpdesk.services.asking import Question
from helpdesk.services.desks import DeskSettings, RecordedCall
from helpdesk.views.blueprint import blueprint, presence
from registry_core import web
from registry_core.calendars.hours_text import read_slots
from registry_core.db import new_id

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
"""The fields of the form, as a stored week has them."""


@blueprint.route("/desks/<uuid:desk_id>", methods=["GET", "POST"])
def show_desk(desk_id: UUID) -> ResponseReturnValue:
    """Show and set a desk: switch, ringing time, opening hours; who answers there."""
    desk = desks.get_desk(web.session(), web.actor(), desk_id)
    form = DeskForm(
        switched_on=desk.switched_on,
        ring_seconds=desk.ring_seconds,
        works_on_makeup_days=desk.works_on_makeup_days,
        on_call=write_slots(read_slots(desk.holiday_slots)),
        **dict(zip(DAYS, typed_week(desk.weekly_slots), strict=True)),
    )
    page = web.FormPage(form, "helpdesk/show_desk.html", lambda: _desk_context(desk))
    if not page.is_sent():
        return page.render()
    desks.set_desk(web.session(), presence(), web.actor(), desk_id, _settings(form))
    flash(_("服务台设置已保存。"), "success")
    return web.go(url_for("helpdesk.show_desk", desk_id=desk_id))


@blueprint.route("/console/record-call", methods=["GET", "POST"])
def record_call() -> ResponseReturnValue:
    """Write down a question that came by telephone or e-mail."""
    form = CallForm(client_id=str(new_id()))
    callers = desks.list_callers(web.session(), web.actor())
    choices = [(str(account_id), f"{name} · {unit}") for account_id, name, unit in callers]
    form.requester.offer(choices)
    page = web.FormPage(form, "helpdesk/record_call.html", lambda: {"callers": choices})
    if not page.is_sent():
        return page.render()
    call = RecordedCall(
        UUID(form.requester.data),
        Channel(form.channel.data),
        form.caller.data,
        Question(form.body.data, form.client_id.data or "", request.path, web.browser_name()),
    )
    ticket = desks.record_call(web.session(), web.actor(), call)
    return web.go(question_url(ticket.id, console=True))


def _settings(form: DeskForm) -> DeskSettings:
    return DeskSettings(
        form.switched_on.data,
        form.ring_seconds.data or 20,
        [day.slots for day in form.days],
        works_on_makeup_days=form.works_on_makeup_days.data,
        on_call=form.on_call.slots,
    )


def _desk_context(desk: Desk) -> dict[str, object]:
    return {"desk": desk, "members": list_members(web.session(), desk)}
