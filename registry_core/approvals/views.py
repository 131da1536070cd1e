"""等我办理, 我的申请, and one application with its history."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from flask import Blueprint, flash, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from registry_core import web
from registry_core.approvals import services
from registry_core.approvals.forms import BulkForm, NoteForm, ReasonForm, VerdictForm
from registry_core.approvals.models import Application, DecisionKind
from registry_core.approvals.presenters.applications import view_application
from registry_core.approvals.presenters.evidence import SlotsView, attached_by_place, list_slots
from registry_core.approvals.presenters.inbox import list_overseen_chips, list_overseen_rows, list_own_rows, view_inbox
from registry_core.approvals.queries import applications
from registry_core.approvals.services import Verdict

blueprint = Blueprint("approvals", __name__)


@blueprint.get("/approvals")
def inbox() -> ResponseReturnValue:
    """Show what waits for the reader's decision."""
    return web.FormPage(BulkForm(), "approvals/inbox.html", _inbox_context).render()


@blueprint.post("/approvals/decide")
def decide_many() -> ResponseReturnValue:
    """Approve or return many at once, with one reason."""
    form = BulkForm()
    page = web.FormPage(form, "approvals/inbox.html", _inbox_context)
    if not page.is_sent():
        return page.render()
    verdict = Verdict(DecisionKind(form.kind.data), form.reason.data)
    done = services.decide_many(web.session(), web.actor(), form.steps.data or [], verdict=verdict)
    flash(_say_done(done), "success" if done.decided else "error")
    return web.go(url_for("approvals.inbox"))


@blueprint.get("/approvals/mine")
def my_applications() -> ResponseReturnValue:
    """Show what the reader applied for."""
    return render_template("approvals/my_applications.html", rows=list_own_rows(web.session(), web.actor()))


@blueprint.get("/approvals/all")
def list_applications() -> ResponseReturnValue:
    """Show what the units below the reader applied for."""
    only = request.args.get("filter", "")
    rows = list_overseen_rows(web.session(), web.actor(), only=only)
    return render_template("approvals/list_applications.html", rows=rows, chips=list_overseen_chips(only), only=only)


@blueprint.get("/approvals/<uuid:application_id>")
def show_application(application_id: UUID) -> ResponseReturnValue:
    """Show one application with its history."""
    application = applications.get_application(web.session(), web.actor(), application_id)
    return web.FormPage(VerdictForm(), "approvals/show_application.html", _context_of(application)).render()


@blueprint.post("/approvals/<uuid:application_id>/decide")
def decide(application_id: UUID) -> ResponseReturnValue:
    """Approve, return or turn down the step that is open."""
    form = VerdictForm()
    application = applications.get_application(web.session(), web.actor(), application_id)
    page = web.FormPage(form, "approvals/show_application.html", _context_of(application))
    if not page.is_sent():
        return page.render()
    verdict = Verdict(DecisionKind(form.kind.data), form.reason.data, form.answers())
    services.decide(web.session(), web.actor(), UUID(form.step_id.data), verdict=verdict)
    flash(_("已办理，申请人会收到通知。"), "success")
    return web.go(url_for("approvals.inbox"))


@blueprint.post("/approvals/<uuid:application_id>/withdraw")
def withdraw(application_id: UUID) -> ResponseReturnValue:
    """Take an application back."""
    form = ReasonForm()
    web.require_valid(form)
    services.withdraw(web.session(), web.actor(), application_id, reason=form.reason.data)
    flash(_("申请已撤回。"), "success")
    return web.go(url_for("approvals.show_application", application_id=application_id))


@blueprint.post("/approvals/<uuid:application_id>/resubmit")
def resubmit(application_id: UUID) -> ResponseReturnValue:
    """Send a returned application in again with a word about what was corrected, and evidence."""
    form = NoteForm()
    application = applications.get_application(web.session(), web.actor(), application_id)
    page = web.FormPage(form, "approvals/show_application.html", _context_of(application, form))
    if not page.is_sent():
        return page.render()
    evidence = form.evidence.named(applications.procedure_of(application).evidence)
    services.resubmit_corrected(web.session(), web.actor(), application_id, note=form.note.data, evidence=evidence)
    flash(_("已重新提交，请留意办理进度。"), "success")
    return web.go(url_for("approvals.show_application", application_id=application_id))


def _inbox_context() -> dict[str, object]:
    overdue_only = request.args.get("filter") == "overdue"
    procedure = request.args.get("procedure", "")
    return {"view": view_inbox(web.session(), web.actor(), overdue_only=overdue_only, procedure=procedure)}


def _context_of(application: Application, again: NoteForm | None = None) -> Callable[[], dict[str, object]]:
    """Read the page; with `again` what was about to be sent in once more is still in its fields.

    Who decides and sends it in again all the same is refused, and gets the page with an empty decision.
    """

    def read() -> dict[str, object]:
        view = view_application(web.session(), web.actor(), application)
        slots = _slots_of(application, again) if view.may_resubmit else None
        undecided = VerdictForm(formdata=None) if again else None
        return {"view": view, "slots": slots, "again": again, "undecided": undecided}

    return read


def _slots_of(application: Application, again: NoteForm | None) -> SlotsView:
    session, spec = web.session(), applications.procedure_of(application)
    chosen = again.evidence.safe() if again else attached_by_place(session, application, spec)
    return list_slots(session, web.actor(), spec, chosen)


def _say_done(done: services.BulkOutcome) -> str:
    said = ngettext("已办理 %(num)s 份申请。", "已办理 %(num)s 份申请。", done.decided)
    if not done.passed_over:
        return said
    others = ngettext(
        "另有 %(num)s 份已由他人办理或不再由您办理，没有改动。",
        "另有 %(num)s 份已由他人办理或不再由您办理，没有改动。",
        done.passed_over,
    )
    return f"{said}{others}" if done.decided else others
