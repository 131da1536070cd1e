"""The pages of undertakings and purposes."""

from __future__ import annotations

from flask import Blueprint, flash, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from registry_core import audit, web
from registry_core.sheets import XLSX, write_workbook
from registry_core.undertakings import queries, services
from registry_core.undertakings.errors import TooManySigners
from registry_core.undertakings.forms import PurposeForm, SignForm
from registry_core.undertakings.policies import PURPOSES, UNDERTAKING, hash_text
from registry_core.undertakings.presenters import purpose_choices, role_name, signer_header, signer_lines

blueprint = Blueprint("undertakings", __name__)

MOST_SHOWN = 300


@blueprint.route("/undertakings/sign", methods=["GET", "POST"])
def sign() -> ResponseReturnValue:
    """Let the reader read and sign the text that holds for them, then go back to where they were."""
    rule = queries.find_rule_for(web.session(), web.actor(), UNDERTAKING)
    due = queries.find_due(web.session(), web.actor())
    # The hash is of the text that the page shows: what was shown before stays in the form that is sent.
    form = SignForm(next=request.args.get("next"), text_hash=hash_text(rule.value) if rule else "")
    page = web.FormPage(form, "undertakings/sign.html", lambda: {"rule": rule, "is_due": due is not None})
    if not page.is_sent():
        return page.render()
    services.sign(web.session(), web.actor(), text_hash=form.text_hash.data or "")
    flash(_("已签署。可以随时在“我的保密承诺”里查看。"), "success")
    return web.go(web.own_path(form.next.data, url_for("undertakings.list_own")))


@blueprint.route("/undertakings/purpose", methods=["GET", "POST"])
def state_purpose() -> ResponseReturnValue:
    """Let the reader say what they look at personal data for, then go back to where they were."""
    rule = queries.find_rule_for(web.session(), web.actor(), PURPOSES)
    choices = purpose_choices(web.actor(), rule)
    form = PurposeForm(next=request.args.get("next"))
    form.purpose.offer(choices)
    page = web.FormPage(form, "undertakings/state_purpose.html", lambda: {"rule": rule, "choices": choices})
    if not page.is_sent():
        return page.render()
    services.state_purpose(web.session(), web.actor(), code=form.purpose.data or "")
    return web.go(web.own_path(form.next.data, url_for("undertakings.list_own")))


@blueprint.get("/account/undertakings")
def list_own() -> ResponseReturnValue:
    """Show the reader what they have signed and stated, and whether anything is due."""
    session, actor = web.session(), web.actor()
    purposes = queries.find_rule_for(session, actor, PURPOSES)
    return render_template(
        "undertakings/list_own.html",
        signed=queries.list_own(session, actor.account_id),
        statements=queries.list_statements(session, actor.account_id),
        due=queries.find_due(session, actor),
        may_state=purposes is not None,
        stated=queries.find_statement(session, actor, purposes) if purposes else None,
    )


@blueprint.get("/undertakings")
def list_signers() -> ResponseReturnValue:
    """Show who has signed and who has not."""
    wanted = _wanted()
    signers, _has_more = queries.list_signers(web.session(), web.actor(), wanted)
    return render_template(
        "undertakings/list_signers.html",
        wanted=wanted,
        signers=signers[:MOST_SHOWN],
        hidden=max(0, len(signers) - MOST_SHOWN),
        missing=sum(1 for one in signers if one.version and one.signed_at is None),
        role_name=role_name,
    )


@blueprint.get("/undertakings/export")
def export_signers() -> ResponseReturnValue:
    """Hand out who has signed and who has not, as a workbook."""
    signers, has_more = queries.list_signers(web.session(), web.actor(), _wanted())
    if has_more:
        raise TooManySigners
    audit.note_export(web.session(), web.actor(), "undertakings.exported", about=audit.Subject("undertaking", None))
    title = _("保密承诺签署情况")
    return web.attachment(write_workbook(title, signer_header(), signer_lines(signers)), XLSX, f"{title}.xlsx")


def _wanted() -> queries.Wanted:
    return queries.Wanted(with_below=bool(request.args.get("below")), only_missing=bool(request.args.get("missing")))
