"""The pages of incidents."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Blueprint, flash, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from registry_core import web
from registry_core.files.presenters import say_size
from registry_core.files.queries import list_sealed
from registry_core.files.views import hand_out
from registry_core.incidents import queries, services
from registry_core.incidents.forms import ConclusionForm, EvidenceForm, MeasuresForm
from registry_core.incidents.models import IncidentState
from registry_core.incidents.policies import HANDLE_INCIDENTS, OPEN_EVIDENCE, is_own, keeper_of
from registry_core.incidents.presenters import TONES, say_kind, say_state, say_what

blueprint = Blueprint("incidents", __name__, url_prefix="/incidents")


@blueprint.get("")
def list_incidents() -> ResponseReturnValue:
    """List the incidents of my units and those below."""
    asked = request.args.get("state", "")
    state = IncidentState(asked) if asked in set(IncidentState) else None
    rows = queries.list_incidents(web.session(), web.actor(), state)
    states = [("", _("全部")), *((one.value, say_state(one)) for one in IncidentState)]
    return render_template("incidents/list_incidents.html", rows=rows, state=asked, states=states, **_words())


@blueprint.get("/<uuid:incident_id>")
def show_incident(incident_id: UUID) -> ResponseReturnValue:
    """Show an incident: what happened, whom it reached, what was done."""
    session, actor = web.session(), web.actor()
    row = queries.get_incident(session, actor, incident_id)
    return render_template(
        "incidents/show_incident.html",
        row=row,
        reached=keeper_of(row.incident.kind).list_reached(session, incident_id),
        is_own=is_own(actor, row.incident),
        may_handle=actor.may(HANDLE_INCIDENTS),
        may_look=actor.may(OPEN_EVIDENCE),
        **_words(),
    )


@blueprint.post("/<uuid:incident_id>/measures")
def handle(incident_id: UUID) -> ResponseReturnValue:
    """Write down what was done."""
    form = MeasuresForm()
    web.require_valid(form)
    services.handle_incident(web.session(), web.actor(), incident_id, measures=form.measures.data)
    flash(_("已记下处置情况。"), "success")
    return web.go(url_for("incidents.show_incident", incident_id=incident_id))


@blueprint.post("/<uuid:incident_id>/conclusion")
def close(incident_id: UUID) -> ResponseReturnValue:
    """Close it."""
    form = ConclusionForm()
    web.require_valid(form)
    services.close_incident(web.session(), web.actor(), incident_id, conclusion=form.conclusion.data)
    flash(_("已结案。"), "success")
    return web.go(url_for("incidents.show_incident", incident_id=incident_id))


@blueprint.route("/<uuid:incident_id>/evidence", methods=["GET", "POST"])
def show_evidence(incident_id: UUID) -> ResponseReturnValue:
    """Show what is sealed under it; who looked and why is kept each time."""
    row = queries.get_incident(web.session(), web.actor(), incident_id, permission=OPEN_EVIDENCE)
    form = EvidenceForm()
    page = web.FormPage(form, "incidents/show_evidence.html", lambda: {"row": row, "evidence": None, "files": []})
    if not page.is_sent():
        return page.render()
    evidence = services.open_evidence(web.session(), web.actor(), incident_id, reason=form.reason.data)
    files = list_sealed(web.session(), evidence.file_ids)
    return render_template(
        "incidents/show_evidence.html", form=form, row=row, evidence=evidence, files=files, say_size=say_size
    )


@blueprint.get("/<uuid:incident_id>/files/<uuid:file_id>")
def open_file(incident_id: UUID, file_id: UUID) -> ResponseReturnValue:
    """Hand out a file that is sealed under it, each time noted."""
    file = services.open_sealed_file(web.session(), web.actor(), incident_id, file_id)
    return hand_out(file, file.name)


def _words() -> dict[str, Any]:
    return {"say_kind": say_kind, "say_state": say_state, "say_what": say_what, "tones": TONES}
