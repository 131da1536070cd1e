"""Socket commands of the channel and of the messenger; importing them declares them."""

from __future__ import annotations

from chat.sockets import acts, calls, channel, coming_in, drafts, files, inbox, reactions, recalls, replies
from chat.sockets.channel import Join, Mark, Send, Typing, room

__all__ = [
    "Join",
    "Mark",
    "Send",
    "Typing",
    "acts",
    "calls",
    "channel",
    "coming_in",
    "drafts",
    "files",
    "inbox",
    "reactions",
    "recalls",
    "replies",
    "room",
]
