"""Tables of the channel and of the messenger that stands on it."""

from __future__ import annotations

from chat.models.acts import MessageRevision, RevisionAct
from chat.models.calls import MOST_IN_CALL, CallEnd, CallKind, CallPart, CallState, PartState, TalkCall
from chat.models.channel import (
    LONGEST_CLIENT_ID,
    LONGEST_MESSAGE,
    LONGEST_QUOTE,
    Conversation,
    Message,
    MessageKind,
    Participant,
)
from chat.models.drafts import Draft
from chat.models.files import MOST_FILES, MessageFile
from chat.models.messenger import LONGEST_NAME, MOST_MEMBERS, DirectTalk, Reach, TalkGroup
from chat.models.reactions import MOST_PINS, MOST_REACTIONS, MessagePin, MessageReaction, MessageStar
from chat.models.recalls import MisplacedReport, Recall, RecallReach, ReportState
from chat.models.replies import MOST_MENTIONS, MessageMention
from chat.models.search import TERM_INDEXES

__all__ = [
    "LONGEST_CLIENT_ID",
    "LONGEST_MESSAGE",
    "LONGEST_NAME",
    "LONGEST_QUOTE",
    "MOST_FILES",
    "MOST_IN_CALL",
    "MOST_MEMBERS",
    "MOST_MENTIONS",
    "MOST_PINS",
    "MOST_REACTIONS",
    "TERM_INDEXES",
    "CallEnd",
    "CallKind",
    "CallPart",
    "CallState",
    "Conversation",
    "DirectTalk",
    "Draft",
    "Message",
    "MessageFile",
    "MessageKind",
    "MessageMention",
    "MessagePin",
    "MessageReaction",
    "MessageRevision",
    "MessageStar",
    "MisplacedReport",
    "PartState",
    "Participant",
    "Reach",
    "Recall",
    "RecallReach",
    "ReportState",
    "RevisionAct",
    "TalkCall",
    "TalkGroup",
]
