"""Administrators reported upward: the list, a new report, one report with binding and refusing."""

from __future__ import annotations

from uuid import UUID

from flask import flash, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from registry_core import web
from registry_core.access.actors import visible_units
from registry_core.accounts.forms import PressForm
from registry_core.audit.services import note_read
from registry_core.audit.values import Subject
from registry_core.forms import clean_text
from registry_core.people import policies
from registry_core.people.forms import BindForm, ReportForm, TakeForm
from registry_core.people.models import AdministratorReport, ReportState
from registry_core.people.queries import reports as queries
from registry_core.people.queries import units
from registry_core.people.queries.names import propose_user_name
from registry_core.people.services import reports as services
from registry_core.people.views.blueprint import LONGEST_WORDS, blueprint, chosen_unit_id


@blueprint.get("/people/reports")
def list_reports() -> ResponseReturnValue:
    """Show the reports of one state."""
    asked = request.args.get("state", "")
    state = ReportState(asked) if asked in set(ReportState) else ReportState.OPEN
    actor = web.actor()
    rows = queries.list_reports(web.session(), actor, state=state)
    to_decide = {row.report.id for row in rows if policies.may_bind(actor, row.unit)}
    return render_template("people/list_reports.html", rows=rows, state=state, to_decide=to_decide)


@blueprint.route("/people/reports/new", methods=["GET", "POST"])
def report_administrator() -> ResponseReturnValue:
    """Choose a unit, then say who its super administrator is to be."""
    permission = policies.REPORT_ADMINISTRATOR
    unit = units.find_reached(web.session(), web.actor(), permission, chosen_unit_id())
    if unit is None:
        words = clean_text(request.args.get("words", ""))[:LONGEST_WORDS]
        found = units.search(web.session(), visible_units(web.actor(), permission), words)
        own = units.list_own(web.session(), web.actor(), permission)
        return render_template("people/_choose_report_unit.html", words=words, found=found, own=own)
    form = ReportForm()
    page = web.FormPage(form, "people/report_administrator.html", lambda: {"unit": unit})
    if not page.is_sent():
        return page.render()
    person = services.Person(form.name.data, form.mobile.data, form.email.data)
    report = services.report_administrator(web.session(), web.actor(), unit.id, person=person)
    flash(_("已上报，上级会核对后绑定账号。"), "success")
    return web.go(url_for("people.show_report", report_id=report.id))


@blueprint.get("/people/reports/<uuid:report_id>")
def show_report(report_id: UUID) -> ResponseReturnValue:
    """Show one report; who may decide finds the forms below."""
    row, accounts = _offer(report_id, BindForm())
    may_bind = row.report.state is ReportState.OPEN and policies.may_bind(web.actor(), row.unit)
    about = Subject("administrator_report", row.report.id, row.unit.id)
    note_read(web.session(), web.actor(), about=about, fields=("mobile", "email"))
    return render_template(
        "people/show_report.html",
        row=row,
        may_bind=may_bind,
        may_withdraw=row.report.state is ReportState.OPEN and row.report.reported_by_id == web.actor().account_id,
        accounts=accounts,
        proposal=_propose(row.report) if may_bind else "",
    )


@blueprint.post("/people/reports/<uuid:report_id>/bind")
def bind_administrator(report_id: UUID) -> ResponseReturnValue:
    """Bind the reported person to an account."""
    form = BindForm()
    _offer(report_id, form)
    web.require_valid(form)
    services.bind_administrator(
        web.session(), web.actor(), report_id, account_id=form.account_id, user_name=form.user_name.data
    )
    flash(_("已绑定。新账号的用户名和一次性密码正通过邮件和短信发出。"), "success")
    return web.go(url_for("people.show_report", report_id=report_id))


@blueprint.post("/people/reports/<uuid:report_id>/refuse")
def refuse_report(report_id: UUID) -> ResponseReturnValue:
    """Refuse the reported person."""
    form = TakeForm()
    web.require_valid(form)
    services.refuse_report(web.session(), web.actor(), report_id, reason=form.reason.data)
    flash(_("已退回，原因会通知上报人。"), "success")
    return web.go(url_for("people.show_report", report_id=report_id))


@blueprint.post("/people/reports/<uuid:report_id>/withdraw")
def withdraw_report(report_id: UUID) -> ResponseReturnValue:
    """Take back what the reader has reported."""
    web.require_valid(PressForm())
    services.withdraw_report(web.session(), web.actor(), report_id)
    flash(_("已撤回。改好以后可以重新上报。"), "success")
    return web.go(url_for("people.show_report", report_id=report_id))


def _offer(report_id: UUID, form: BindForm) -> tuple[queries.ReportRow, list[tuple[str, str]]]:
    row = queries.get_report(web.session(), web.actor(), report_id)
    candidates = queries.list_candidates(web.session(), web.actor(), row.report)
    known = [(str(one.id), _("已有账号 %(name)s（%(user)s）", name=one.name, user=one.user_name)) for one in candidates]
    accounts = [("", _("开一个新账号")), *known]
    form.account.offer(accounts)
    return row, accounts


def _propose(report: AdministratorReport) -> str:
    return propose_user_name(web.session(), name=report.name, mobile=report.mobile, email=report.email)
