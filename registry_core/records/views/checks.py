"""待核对: what others have entered and waits for the reader's check, and what the reader has entered."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from flask import flash, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from registry_core import web
from registry_core.audit import services as audit
from registry_core.records import queries, services
from registry_core.records.forms import ACCEPT, CheckForm, WithdrawForm
from registry_core.records.policies import MOST_AT_ONCE
from registry_core.records.presenters import names_of, present_entries
from registry_core.records.queries import Entry
from registry_core.records.services.saving import subject
from registry_core.records.views.blueprint import OF_PERSONS, blueprint


@blueprint.get("/records/checks")
def list_checks() -> ResponseReturnValue:
    """Show what waits for the reader's check, and what the reader has entered that is not in effect yet."""
    return web.FormPage(CheckForm(), "records/list_checks.html", _context).render()


@blueprint.post("/records/checks/decide")
def decide_checks() -> ResponseReturnValue:
    """Accept or return many changes at once."""
    form = CheckForm()
    page = web.FormPage(form, "records/list_checks.html", _context)
    if not page.is_sent():
        return page.render()
    session, actor, ids = web.session(), web.actor(), form.changes.data or []
    if form.kind.data == ACCEPT:
        done = services.accept_entries(session, actor, ids)
        said = ngettext("%(num)s 份改动核对无误，已生效。", "%(num)s 份改动核对无误，已生效。", done.done)
    else:
        done = services.return_entries(session, actor, ids, reason=form.reason.data)
        said = ngettext("%(num)s 份改动已退回。", "%(num)s 份改动已退回。", done.done)
    flash(_say_done(said, done), "success" if done.done else "error")
    return web.go(url_for("records.list_checks"))


@blueprint.post("/records/checks/<uuid:change_id>/withdraw")
def withdraw_entry(change_id: UUID) -> ResponseReturnValue:
    """Give up a change of one's own."""
    web.require_valid(WithdrawForm())
    services.withdraw_entry(web.session(), web.actor(), change_id)
    flash(_("已撤回，档案里还是原来的内容。"), "success")
    return web.go(url_for("records.list_checks"))


def _context() -> dict[str, object]:
    session, actor = web.session(), web.actor()
    to_check = queries.list_to_check(session, actor, limit=MOST_AT_ONCE)
    own = queries.list_own_entries(session, actor, limit=MOST_AT_ONCE)
    _note_looks(to_check)
    return {
        "waiting": queries.count_entries(session, actor).to_check,
        "to_check": present_entries(to_check),
        "own": present_entries(own, reader=actor.account_id),
        "withdraw_form": WithdrawForm(),
    }


def _note_looks(entries: Sequence[Entry]) -> None:
    """Note what the reader is shown about persons."""
    for entry in entries:
        shown = names_of(entry.record.entity, OF_PERSONS) & entry.change.new.keys()
        if shown:
            about = subject(entry.unit, entry.record)
            audit.note_read(web.session(), web.actor(), about=about, fields=shown)


def _say_done(said: str, done: services.Checked) -> str:
    parts = [said] if done.done else []
    if done.outdated:
        parts.append(
            ngettext(
                "%(num)s 份改动在录入之后档案又变了，没有生效：请退回，让录入的人对照着再改。",
                "%(num)s 份改动在录入之后档案又变了，没有生效：请退回，让录入的人对照着再改。",
                done.outdated,
            )
        )
    if done.passed_over:
        parts.append(
            ngettext(
                "%(num)s 份已由他人核对、撤回或不再由您核对，没有改动。",
                "%(num)s 份已由他人核对、撤回或不再由您核对，没有改动。",
                done.passed_over,
            )
        )
    return "".join(parts)
