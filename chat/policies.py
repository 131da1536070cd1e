"""Who may read and write in a conversation.

Chat knows nothing of tickets. Who keeps a conversation for a purpose (the help desk, a course) installs a keeper at the
composition root; it answers for the right and hears of each message of a person in the same transaction.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from sqlalchemy import Select
from sqlalchemy.orm import Session

from chat.models import Message
from registry_core.access.actors import Actor
from registry_core.outbox import Due

USE_CONVERSATIONS = "chat:conversation:use"
START_CONVERSATIONS = "chat:conversation:start"
KEEP_GROUPS = "chat:group:keep"
SEE_NUMBERS = "chat:numbers:see"
REVEAL_NUMBERS = "chat:numbers:reveal"
RECALL_MESSAGES = "chat:message:recall"
"""Recall what people of one's unit and those below have posted in the wrong place; one's own everybody recalls."""

MESSAGE_FILES = "chat.message"
"""The use under which files of messages are brought (`chat.attachments`)."""


@dataclass(frozen=True, slots=True)
class Said:
    """A message that was just stored, and who had spoken last before it."""

    message: Message
    spoke_before: UUID | None


@dataclass(frozen=True, slots=True)
class Access:
    """What an actor may do in one conversation.

    `hear` tells its keeper of a stored message, before commit, and says what is due because of it later.
    `epoch` is part of its room's name: who must hear no more is left behind in the room of before. `shows_marks` says
    whether the others are told how far somebody has read: among hundreds everybody would hear of everybody.
    """

    may_read: bool
    may_write: bool
    hear: Callable[[Session, Said], Due | None] | None = None
    epoch: int = 0
    shows_marks: bool = True
    is_listed: bool = False
    """Whether it stands in the messenger's list."""
    page: str = ""
    """The path of this house under which the actor opens it."""


NO_ACCESS = Access(may_read=False, may_write=False)


Wanted = tuple[Actor, UUID]
"""Who asks, and for which conversation."""


class Keeper(Protocol):
    """Keeps conversations for a purpose."""

    def accesses(self, session: Session, wanted: Sequence[Wanted]) -> Sequence[Access | None]:
        """Say what each may do, in the same order; None where the conversation is not this keeper's.

        Messages of many people come in one transaction, so many are asked for at once.
        """

    def readable(self, session: Session, actor: Actor) -> Sequence[Select[UUID]]:
        """Select the conversations of this keeper that the actor may read at this moment: what `access` says of each.

        They are asked for together, for people with many; one may come several times.
        """

    def names(self, session: Session, actor: Actor, conversation_ids: Collection[UUID]) -> Mapping[UUID, str]:
        """Say what those of these conversations that are this keeper's are called, as the actor sees them."""


KNOWN_AT_MOST = 50_000

_keepers: list[Keeper] = []
_kept_by: dict[UUID, Keeper] = {}
"""Whose a conversation is, of those that this process was asked for: it stays with its keeper as long as it lives."""


def install_keepers(keepers: list[Keeper]) -> None:
    """Lay down who keeps conversations; the page is `portal/subscriptions.py`."""
    _keepers[:] = keepers
    _kept_by.clear()


def access_to(session: Session, actor: Actor, conversation_id: UUID) -> Access:
    """Ask the keepers what the actor may do in a conversation; one that nobody keeps is closed to all."""
    return accesses_to(session, [(actor, conversation_id)])[0]


def accesses_to(session: Session, wanted: Sequence[Wanted]) -> list[Access]:
    """Ask the keepers what each may do, as `access_to` does for one."""
    found: dict[int, Access] = {}
    for keeper in _keepers:
        places = [place for place, (_actor, one) in enumerate(wanted) if _kept_by.get(one, keeper) is keeper]
        open_places = [place for place in places if place not in found]
        if not open_places:
            continue
        answers = keeper.accesses(session, [wanted[place] for place in open_places])
        for place, answer in zip(open_places, answers, strict=True):
            if answer is not None:
                found[place] = answer
                _note_keeper(wanted[place][1], keeper)
    return [found.get(place, NO_ACCESS) for place in range(len(wanted))]


def _note_keeper(conversation_id: UUID, keeper: Keeper) -> None:
    if len(_kept_by) >= KNOWN_AT_MOST:
        _kept_by.clear()
    _kept_by[conversation_id] = keeper


def readable_by(session: Session, actor: Actor) -> list[Select[UUID]]:
    """Select, in parts, all conversations that the actor may read at this moment; one may come several times."""
    return [part for keeper in _keepers for part in keeper.readable(session, actor)]


def names_of(session: Session, actor: Actor, conversation_ids: Collection[UUID]) -> dict[UUID, str]:
    """Say what conversations that the actor may read are called."""
    names: dict[UUID, str] = {}
    for keeper in _keepers:
        names.update(keeper.names(session, actor, conversation_ids))
    return names
