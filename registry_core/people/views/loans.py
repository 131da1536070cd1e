"""Lent roles: asked for, consented to, acted in, ended."""

from __future__ import annotations

from datetime import datetime, time
from uuid import UUID

from flask import flash, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from registry_core import clock, web
from registry_core.access.queries import list_held
from registry_core.accounts.forms import PressForm
from registry_core.orgs.queries import today
from registry_core.people.forms import LentPasswordForm, LoanForm, TakeForm
from registry_core.people.presenters.days import last_day
from registry_core.people.presenters.loans import held_lines, state_of
from registry_core.people.queries import loans as queries
from registry_core.people.services import loans as services
from registry_core.people.services.lent_passwords import register_lent_password as lend_password
from registry_core.people.views.blueprint import blueprint, end_of


@blueprint.get("/people/loans")
def list_loans() -> ResponseReturnValue:
    """Show what the reader has lent, has borrowed, and may consent to."""
    me = web.actor().account_id
    mine = queries.list_own_loans(web.session(), me)
    return render_template(
        "people/list_loans.html",
        lent=[row for row in mine if row.loan.lender_id == me],
        borrowed=[row for row in mine if row.loan.borrower_id == me],
        to_consent=queries.list_to_consent(web.session(), web.actor()),
        state_of=state_of,
        last_day=last_day,
    )


@blueprint.route("/people/loans/new", methods=["GET", "POST"])
def lend_role() -> ResponseReturnValue:
    """Choose one of the own roles, then say to whom it is lent, what for and how long."""
    lines = held_lines(list_held(web.session(), web.actor().account_id))
    chosen = next((line for line in lines if str(line.assignment_id) == request.args.get("role")), None)
    if chosen is None:
        return render_template("people/_choose_loan_role.html", lines=lines)
    colleagues = queries.list_colleagues(web.session(), chosen.unit_id, web.actor().account_id)
    offered = [(str(account_id), name) for account_id, name in colleagues]
    form = LoanForm(since=today())
    form.borrower.offer(offered)
    page = web.FormPage(form, "people/lend_role.html", lambda: {"line": chosen, "colleagues": offered})
    if not page.is_sent():
        return page.render()
    services.ask_to_lend(web.session(), web.actor(), chosen.assignment_id, loan=_read(form))
    flash(_("已提交。同意之后，对方才能代您办理。"), "success")
    return web.go(url_for("people.list_loans"))


@blueprint.post("/people/loans/<uuid:delegation_id>/consent")
def consent_to_loan(delegation_id: UUID) -> ResponseReturnValue:
    """Consent to a lending."""
    web.require_valid(PressForm())
    services.consent_to_loan(web.session(), web.actor(), delegation_id)
    flash(_("已同意并登记备案。"), "success")
    return web.go(url_for("people.list_loans"))


@blueprint.post("/people/loans/<uuid:delegation_id>/refuse")
def refuse_loan(delegation_id: UUID) -> ResponseReturnValue:
    """Refuse a lending."""
    form = TakeForm()
    web.require_valid(form)
    services.refuse_loan(web.session(), web.actor(), delegation_id, reason=form.reason.data)
    flash(_("没有同意，原因会通知双方。"), "success")
    return web.go(url_for("people.list_loans"))


@blueprint.post("/people/loans/<uuid:delegation_id>/end")
def end_loan(delegation_id: UUID) -> ResponseReturnValue:
    """End a lending."""
    web.require_valid(PressForm())
    services.end_loan(web.session(), web.actor(), delegation_id)
    flash(_("代办授权已结束，立即生效。"), "success")
    return web.go(url_for("people.list_loans"))


@blueprint.post("/people/loans/<uuid:delegation_id>/act")
def act_for(delegation_id: UUID) -> ResponseReturnValue:
    """Act in a lent role from now on."""
    web.require_valid(PressForm())
    visitor = web.signed_in()
    services.act_for(web.session(), visitor.actor, delegation_id, browser_session_id=visitor.browser_session_id)
    return web.go(url_for("home.workbench"))


@blueprint.post("/people/loans/stop")
def stop_acting() -> ResponseReturnValue:
    """Act as oneself again."""
    web.require_valid(PressForm())
    visitor = web.signed_in()
    services.stop_acting(web.session(), visitor.actor, browser_session_id=visitor.browser_session_id)
    flash(_("已停止代办，现在以您自己的身份办理。"), "success")
    return web.go(url_for("people.list_loans"))


@blueprint.route("/people/loans/password", methods=["GET", "POST"])
def register_lent_password() -> ResponseReturnValue:
    """Put on record that the own password was lent."""
    form = LentPasswordForm()
    page = web.FormPage(form, "people/register_lent_password.html")
    if not page.is_sent():
        return page.render()
    lend_password(
        web.session(),
        web.actor(),
        lent_to=form.lent_to.data,
        purpose=form.purpose.data,
        valid_until=end_of(form.until.data or today()),
    )
    flash(_("已登记。到期后会要求您修改密码，所有设备上的登录也会结束。"), "success")
    return web.go(url_for("people.list_loans"))


def _read(form: LoanForm) -> services.Loan:
    since = form.since.data or today()
    until = form.until.data or since
    begins = datetime.combine(since, time(), tzinfo=clock.BEIJING)
    return services.Loan(UUID(form.borrower.data), form.purpose.data, begins, end_of(until))
