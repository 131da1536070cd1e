"""Bringing a file piece by piece, and handing it out under headers that let nothing run."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import quote
from uuid import UUID

import msgspec
from flask import Blueprint, Response, make_response, request
from flask.typing import ResponseReturnValue

from registry_core import web
from registry_core.files import policies, queries, services, storage
from registry_core.files.errors import FileNotFound
from registry_core.files.forms import BeginForm, PressForm
from registry_core.files.kinds import BY_NAME
from registry_core.files.models import StoredFile
from registry_core.files.presenters import FileView, UploadView, present_file, present_upload
from registry_core.files.services.arriving import PIECE_BYTES, Announced

# `sandbox` without a word takes scripts, forms and the origin away. Chrome's viewer shows no PDF inside it; the PDF
# gets a policy that loads nothing and may be framed by nobody.
PICTURE_POLICY = "default-src 'none'; sandbox"
PDF_POLICY = "default-src 'none'; object-src 'self'; style-src 'unsafe-inline'; frame-ancestors 'none'"
SAVE_AS = "application/octet-stream"

blueprint = Blueprint("files", __name__)


@blueprint.post("/files/uploads")
def begin() -> ResponseReturnValue:
    """Begin an upload, or go on with one that was cut off."""
    form = BeginForm()
    web.require_valid(form)
    announced = Announced(form.use.data, form.name.data, form.size.data or 0, form.sha256.data or None)
    return _json(present_upload(services.begin_upload(web.session(), web.actor(), announced)))


@blueprint.get("/files/uploads/<uuid:upload_id>")
def show_upload(upload_id: UUID) -> ResponseReturnValue:
    """Say how far an upload has come."""
    return _json(present_upload(queries.get_upload(web.session(), web.actor(), upload_id)))


@blueprint.put("/files/uploads/<uuid:upload_id>/<int:place>")
def put_piece(upload_id: UUID, place: int) -> ResponseReturnValue:
    """Take the bytes that go on from a place."""
    web.require_valid(PressForm())
    piece = request.stream.read(PIECE_BYTES + 1)
    upload = services.take_piece(web.session(), web.actor(), upload_id, place=place, piece=piece)
    return _json(present_upload(upload))


@blueprint.post("/files/uploads/<uuid:upload_id>/finish")
def finish(upload_id: UUID) -> ResponseReturnValue:
    """Make a file of an upload that is whole."""
    web.require_valid(PressForm())
    return _json(present_file(services.keep(web.session(), web.actor(), upload_id)))


@blueprint.post("/files/uploads/<uuid:upload_id>/cancel")
def cancel(upload_id: UUID) -> ResponseReturnValue:
    """Give an upload up."""
    web.require_valid(PressForm())
    services.cancel_upload(web.session(), web.actor(), upload_id)
    return "", 204


@blueprint.get("/files/<uuid:file_id>")
def open_file(file_id: UUID) -> ResponseReturnValue:
    """Hand a file out: pictures and PDF to look at, everything else to save."""
    file = queries.open_file(web.session(), web.actor(), file_id)
    services.note_opened(web.session(), web.actor(), file)
    name = policies.say_name(web.session(), web.actor(), file)
    return hand_out(file, name)


@blueprint.get("/files/<uuid:file_id>/thumbnail")
def thumbnail(file_id: UUID) -> ResponseReturnValue:
    """Hand out a picture drawn small."""
    file = queries.open_file(web.session(), web.actor(), file_id)
    if not file.content.has_thumbnail:
        raise FileNotFound
    answer = Response(_read(storage.thumbnail_key(file.content.id)), mimetype="image/webp")
    answer.headers["Content-Security-Policy"] = PICTURE_POLICY
    answer.headers["Content-Disposition"] = "inline"
    return answer


def hand_out(file: StoredFile, name: str) -> Response:
    """Hand out a file whose right was checked, under a name: pictures and PDF to look at, everything else to save."""
    kind = BY_NAME[file.content.kind]
    is_shown = kind.is_inline and "save" not in request.args
    answer = Response(_read(storage.content_key(file.content.id)))
    answer.headers["Content-Type"] = kind.media_type if is_shown else SAVE_AS
    answer.headers["Content-Length"] = str(file.content.size)
    answer.headers["Content-Security-Policy"] = PDF_POLICY if kind.name == "pdf" and is_shown else PICTURE_POLICY
    # As RFC 6266 has it: a header is Latin-1 on the wire, and the names here are Chinese.
    named = f"filename*=UTF-8''{quote(name, safe='')}"
    answer.headers["Content-Disposition"] = f"{'inline' if is_shown else 'attachment'}; {named}"
    return answer


def _read(key: str) -> Iterator[bytes]:
    try:
        return storage.read(key)
    except FileNotFoundError as error:
        raise FileNotFound from error


def _json(view: UploadView | FileView) -> Response:
    answer = make_response(msgspec.json.encode(view))
    answer.mimetype = "application/json"
    return answer
