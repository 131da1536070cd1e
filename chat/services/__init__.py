"""Writes of the channel; those of the messenger stand in modules of their own."""

from __future__ import annotations

from chat.services.messages import (
    Post,
    Posted,
    add_participant,
    checked_body,
    mark,
    move_marks,
    open_conversation,
    post_message,
    post_messages,
    post_note,
    this_transaction,
)

__all__ = [
    "Post",
    "Posted",
    "add_participant",
    "checked_body",
    "mark",
    "move_marks",
    "open_conversation",
    "post_message",
    "post_messages",
    "post_note",
    "this_transaction",
]
