"""What pages and sockets show of conversations."""

from __future__ import annotations

from chat.presenters.conversations import (
    ConversationView,
    MessageView,
    initials,
    message_packet,
    view_conversation,
)
from chat.presenters.dress import Dress, levels_of, own_level

__all__ = [
    "ConversationView",
    "Dress",
    "MessageView",
    "initials",
    "levels_of",
    "message_packet",
    "own_level",
    "view_conversation",
]
