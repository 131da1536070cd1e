"""Accounts from a sheet: template, upload with check, preview, opening with progress, and one's own batches."""

from __future__ import annotations

from uuid import UUID

from flask import flash, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from registry_core import web
from registry_core.access.policies import givable_roles
from registry_core.files.work import apart
from registry_core.orgs.queries import list_path_names
from registry_core.people.columns import TO_MEND
from registry_core.people.errors import BatchNotReady
from registry_core.people.forms import BatchFileForm, BatchForm
from registry_core.people.models import AccountBatch, BatchState
from registry_core.people.presenters import batches as words
from registry_core.people.progress import Progress, read_progress
from registry_core.people.queries import batches as queries
from registry_core.people.queries.openings import list_reached
from registry_core.people.services import batches as services
from registry_core.people.views.blueprint import blueprint
from registry_core.sheets import LIMITS, XLSX, read_table, write_sheets

MOST_UNITS = 2_000


@blueprint.get("/people/batches")
def list_batches() -> ResponseReturnValue:
    """Show one's own batches with their states."""
    rows = queries.list_batches(web.session(), web.actor())
    return render_template("people/list_batches.html", rows=rows, words=words)


@blueprint.get("/people/batches/template")
def batch_template() -> ResponseReturnValue:
    """Hand out an empty sheet with the roles and units of this administrator beside it."""
    session, actor = web.session(), web.actor()
    reached = list_reached(session, actor, limit=MOST_UNITS + 1)
    own = [(unit, code) for unit, code in reached[:MOST_UNITS] if givable_roles(actor, unit)]
    places = list_path_names(session, [unit for unit, _code in own])
    units = [(unit, code, places[unit.id]) for unit, code in own]
    sheets = words.template_sheets(actor, units, is_cut=len(reached) > MOST_UNITS and len(own) == MOST_UNITS)
    return web.attachment(write_sheets(sheets), XLSX, f"{_('开通账号名单')}.xlsx")


@blueprint.route("/people/batches/new", methods=["GET", "POST"])
def upload_batch() -> ResponseReturnValue:
    """Check an uploaded sheet; nothing is opened yet."""
    form = BatchFileForm()
    page = web.FormPage(form, "people/upload_batch.html", lambda: {"most": LIMITS.rows})
    if not page.is_sent():
        return page.render()
    upload = form.file.data
    content = upload.read(LIMITS.file_bytes + 1)
    table = apart(lambda: read_table(content))
    batch = services.check_batch(web.session(), web.actor(), table, file_name=upload.filename or "")
    return web.go(url_for("people.show_batch", batch_id=batch.id))


@blueprint.get("/people/batches/<uuid:batch_id>")
def show_batch(batch_id: UUID) -> ResponseReturnValue:
    """Show what the check has found, what would be opened, how far it has come, or what came of it."""
    batch = queries.get_content(web.session(), web.actor(), batch_id)
    faults = words.read_faults(batch.faults[: words.MOST_FAULTS])
    counts = words.present_summary(batch)
    return render_template(
        "people/show_batch.html",
        batch=batch,
        faults=faults,
        counts=counts[: words.MOST_COUNTED],
        counted=len(counts),
        unreached=queries.list_unreached(web.session(), batch.id) if batch.state is BatchState.APPLIED else [],
        to_mend=TO_MEND,
        words=words,
        form=BatchForm(),
        progress=_opening(batch),
        sending=_sending(batch),
    )


@blueprint.get("/people/batches/<uuid:batch_id>/progress")
def batch_progress(batch_id: UUID) -> ResponseReturnValue:
    """Show how far it has come; the page that waits asks every second, and is shown anew when the state changes."""
    batch = queries.get_batch(web.session(), web.actor(), batch_id)
    sending = _sending(batch)
    is_over = sending is not None and not sending.waiting
    if batch.state.value != request.args.get("seen") or is_over:
        return web.go(url_for("people.show_batch", batch_id=batch.id))
    return render_template("people/_batch_progress.html", batch=batch, progress=_opening(batch), sending=sending)


@blueprint.get("/people/batches/<uuid:batch_id>/faults")
def batch_faults(batch_id: UUID) -> ResponseReturnValue:
    """Hand the sheet back with its faults in a column of their own.

    Raises NotFound, BatchNotReady.
    """
    batch = queries.get_content(web.session(), web.actor(), batch_id)
    if batch.rows is None or not batch.faults:
        raise BatchNotReady
    return web.attachment(write_sheets([words.faulty_sheet(batch)]), XLSX, f"{_('要改的名单')}.xlsx")


@blueprint.post("/people/batches/<uuid:batch_id>/open")
def open_batch(batch_id: UUID) -> ResponseReturnValue:
    """Let the accounts be opened."""
    web.require_valid(BatchForm())
    services.ask_for_accounts(web.session(), web.actor(), batch_id)
    return web.go(url_for("people.show_batch", batch_id=batch_id))


@blueprint.post("/people/batches/<uuid:batch_id>/drop")
def drop_batch(batch_id: UUID) -> ResponseReturnValue:
    """Give a batch up and forget its content."""
    web.require_valid(BatchForm())
    services.drop_batch(web.session(), web.actor(), batch_id)
    flash(_("名单已删除，里面的姓名、手机号和邮箱不再保留。"), "success")
    return web.go(url_for("people.list_batches"))


def _opening(batch: AccountBatch) -> Progress | None:
    return read_progress(web.store(), batch.id) if batch.state is BatchState.WAITING else None


def _sending(batch: AccountBatch) -> queries.Sending | None:
    return queries.count_sending(web.session(), batch.id) if batch.state is BatchState.APPLIED else None
