"""Whose a conversation is: asked of all keepers once, and of its own from then on."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from uuid import UUID

import pytest
from sqlalchemy import Select
from sqlalchemy.orm import Session

from chat import policies
from chat.policies import NO_ACCESS, Access, Wanted, access_to, accesses_to, install_keepers
from portal.subscriptions import KEEPERS
from registry_core.access.actors import Actor
from registry_core.db import new_id

OPEN = Access(may_read=True, may_write=True)


class Keeper:
    """Keeps some conversations, and remembers what it was asked."""

    def __init__(self, *kept: UUID) -> None:
        self.kept = set(kept)
        self.asked: list[UUID] = []

    def accesses(self, _session: Session, wanted: Sequence[Wanted]) -> list[Access | None]:
        """Open what is kept."""
        self.asked += [one for _actor, one in wanted]
        return [OPEN if one in self.kept else None for _actor, one in wanted]

    def readable(self, _session: Session, _actor: Actor) -> Sequence[Select[UUID]]:
        """Select nothing."""
        return ()

    def names(self, _session: Session, _actor: Actor, _conversation_ids: Collection[UUID]) -> Mapping[UUID, str]:
        """Name nothing."""
        return {}


@pytest.fixture(autouse=True)
def _the_house_keeps_on() -> Iterator[None]:
    yield
    install_keepers(KEEPERS)


def test_who_keeps_a_conversation_is_asked_alone_from_then_on(session: Session) -> None:
    question, talk, stranger = new_id(), new_id(), new_id()
    actor = Actor(new_id(), ())
    first, second = Keeper(question), Keeper(talk)
    install_keepers([first, second])
    wanted = [(actor, one) for one in (talk, question, stranger)]
    assert accesses_to(session, wanted) == [OPEN, OPEN, NO_ACCESS]
    assert (first.asked, second.asked) == ([talk, question, stranger], [talk, stranger])
    first.asked.clear()
    second.asked.clear()
    assert accesses_to(session, wanted) == [OPEN, OPEN, NO_ACCESS]
    # What nobody keeps may be opened later: everybody is asked again.
    assert (first.asked, second.asked) == ([question, stranger], [talk, stranger])
    second.kept.clear()
    assert access_to(session, actor, talk) == NO_ACCESS


def test_no_more_is_remembered_than_fits(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(policies, "KNOWN_AT_MOST", 2)
    kept = [new_id() for _ in range(5)]
    install_keepers([Keeper(*kept[:2]), Keeper(*kept[2:])])
    wanted = [(Actor(new_id(), ()), one) for one in kept]
    for _ in range(2):
        assert accesses_to(session, wanted) == [OPEN] * 5
