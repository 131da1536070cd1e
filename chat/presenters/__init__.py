"""What pages and sockets show of conversations."""

from __future__ import annotations

from chat.presenters.conversations import (
    ConversationView,
    MessageView,
    initials,
    levels_of,
    message_packet,
    view_conversation,
)

__all__ = ["ConversationView", "MessageView", "initials", "levels_of", "message_packet", "view_conversation"]
