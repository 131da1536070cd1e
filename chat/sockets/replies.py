"""Socket commands for calling people by name (docs/protocol.md)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any
from uuid import UUID

import msgspec

from chat.presenters import initials
from chat.presenters.dress import levels_of
from chat.queries.replies import search_present
from chat.services.replies import may_call_all
from registry_core.sockets import Call, Payload, command

LONGEST_WORDS = 40


class Search(Payload, frozen=True):
    """Part of a name or its pinyin; empty for the first of all."""

    conversation_id: UUID
    words: Annotated[str, msgspec.Meta(max_length=LONGEST_WORDS)] = ""


@command("conversation:people", Search)
def search_people(call: Call, sent: Search) -> Mapping[str, Any]:
    """Search the others in a conversation, to call one of them in a message."""
    found = search_present(call.session, call.actor, sent.conversation_id, sent.words)
    levels = levels_of(call.session, {one.account_id for one in found}) if found else {}
    people = [
        {
            "account_id": str(one.account_id),
            "name": one.name,
            "initials": initials(one.name),
            "level": levels[one.account_id].value if one.account_id in levels else "",
        }
        for one in found
    ]
    return {"people": people, "may_call_all": may_call_all(call.session, call.actor, sent.conversation_id)}
