"""Looking at the covered numbers of one message, with a reason."""

from __future__ import annotations

from uuid import UUID

from flask import jsonify
from flask.typing import ResponseReturnValue

from chat.forms import ReasonForm
from chat.services.numbers import reveal_numbers
from chat.views.blueprint import blueprint
from registry_core import web


@blueprint.post("/<uuid:conversation_id>/<int:number>/numbers")
def reveal(conversation_id: UUID, number: int) -> ResponseReturnValue:
    """Show the whole text of one message and the names of its files; who looked, at what and why is kept."""
    form = ReasonForm()
    web.require_valid(form)
    seen = reveal_numbers(web.session(), web.actor(), conversation_id, number, reason=form.reason.data)
    return jsonify(body=seen.body, file_names=seen.file_names)
