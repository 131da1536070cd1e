"""What happened to groups, in calls, and in what people say."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from registry_core.events import Event


@dataclass(frozen=True, slots=True)
class GroupLaidDown(Event):
    """A group by rule was made; who belongs to it is to be written down."""

    conversation_id: UUID


@dataclass(frozen=True, slots=True)
class CallMissed(Event):
    """A call is over that somebody did not get: nobody answered in time, or they spoke with somebody else."""

    call_id: UUID
    account_id: UUID


@dataclass(frozen=True, slots=True)
class PeopleMentioned(Event):
    """A message calls people by name, or everybody in its group; who has not read it by now gets a notice."""

    conversation_id: UUID
    number: int


@dataclass(frozen=True, slots=True)
class MisplacedReported(Event):
    """A reader has put a message before the administrators of its sender, as posted in the wrong place."""

    report_id: UUID


@dataclass(frozen=True, slots=True)
class MessageRecalled(Event):
    """A message was recalled; whoever keeps words of it elsewhere lets go of them."""

    message_id: UUID
    conversation_id: UUID
    number: int
