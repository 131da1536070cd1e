"""Socket commands for messages with files (docs/protocol.md)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated, Any
from uuid import UUID

import msgspec

from chat import queries
from chat.models import MOST_FILES, Message
from chat.presenters import message_packet
from chat.presenters.acts import packet_of
from chat.presenters.dress import dress
from chat.presenters.files import file_packet, view_files
from chat.presenters.reactions import NOTHING_OWN
from chat.queries import Line
from chat.queries.files import find_message, is_taken_back
from chat.services.files import FilesSent, post_with_files
from chat.sockets.channel import Carrying, ClientId, Number, room, worn_by
from registry_core import live
from registry_core.sockets import Call, Payload, command


class SendFiles(Carrying, frozen=True, kw_only=True):
    """A message with files that were brought before; the text may be empty."""

    conversation_id: UUID
    client_id: ClientId
    files: Annotated[list[UUID], msgspec.Meta(min_length=1, max_length=MOST_FILES)]
    body: str = ""


class OneMessage(Payload, frozen=True):
    """A message by its place."""

    conversation_id: UUID
    number: Number


@command("message:send_files", SendFiles)
def send_files(call: Call, sent: SendFiles) -> Mapping[str, Any]:
    """Store a message with its files; acknowledged and pushed as any other."""
    access = queries.get_access(call.session, call.actor, sent.conversation_id)
    message, is_new = post_with_files(
        call.session,
        call.actor,
        FilesSent(sent.conversation_id, sent.client_id, sent.body, sent.files, sent.about),
        access=access,
    )
    if not is_new:
        return {"message": packet_of(call.session, call.actor, message.id)}
    packet = _packet(call, message)
    live.push(call.session, room(sent.conversation_id, access.epoch), "message:new", packet, skip=call.sid)
    return {"message": {**packet, "own": NOTHING_OWN}}


@command("message:files", OneMessage)
def show_files(call: Call, sent: OneMessage) -> Mapping[str, Any]:
    """Say how the files of a message stand: scanned, drawn small."""
    queries.get_access(call.session, call.actor, sent.conversation_id)
    message = find_message(call.session, sent.conversation_id, sent.number)
    if message is None or is_taken_back(message):
        return {"files": []}
    line = Line.of(message, "")
    return {"files": [file_packet(file) for file in dress(call.session, call.actor, [line]).files_of(line)]}


def _packet(call: Call, message: Message) -> dict[str, Any]:
    line = Line.of(message, call.name)
    worn = replace(worn_by(call, line), files=view_files(call.session, [message.id]))
    return message_packet(line, worn)
