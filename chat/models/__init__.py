"""Tables of the channel and of the messenger that stands on it."""

from __future__ import annotations

from chat.models.calls import MOST_IN_CALL, CallEnd, CallKind, CallPart, CallState, PartState, TalkCall
from chat.models.channel import (
    LONGEST_CLIENT_ID,
    LONGEST_MESSAGE,
    Conversation,
    Message,
    MessageKind,
    Participant,
)
from chat.models.messenger import LONGEST_NAME, MOST_MEMBERS, DirectTalk, Reach, TalkGroup

__all__ = [
    "LONGEST_CLIENT_ID",
    "LONGEST_MESSAGE",
    "LONGEST_NAME",
    "MOST_IN_CALL",
    "MOST_MEMBERS",
    "CallEnd",
    "CallKind",
    "CallPart",
    "CallState",
    "Conversation",
    "DirectTalk",
    "Message",
    "MessageKind",
    "PartState",
    "Participant",
    "Reach",
    "TalkCall",
    "TalkGroup",
]
