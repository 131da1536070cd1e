"""The people of the chaos run and what they talk in: groups, pairs, and questions in which only the asker writes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from random import Random
from uuid import UUID

from sqlalchemy.orm import Session

from chat.models import Conversation, DirectTalk, Participant, TalkGroup
from registry_core.access.models import Role
from registry_core.db import new_id
from tests.benchmarks.chat_load.population import Population
from tests.chaos.client import Person

GROUP_OF = 10
TECHNICIAN_EACH = 10
"""Each tenth person is a technician, whom the next one asks a question."""


class Circle(Population):
    """Writes people and their conversations like those of the load."""

    def __init__(self, session: Session, secret_key: str, random: Random) -> None:
        super().__init__(session, secret_key)
        self._random = random
        self._reads: dict[UUID, list[str]] = defaultdict(list)
        self._writes: dict[UUID, list[str]] = defaultdict(list)

    def gather(self, count: int) -> list[Person]:
        """Make people who each belong to two groups and one pair, and some of whom ask a question."""
        people = [
            self._person(Role.REGISTRY_ADMINISTRATOR if place % TECHNICIAN_EACH else Role.TECHNICIAN)[0]
            for place in range(count)
        ]
        self._group_up(people)
        self._group_up(self._random.sample(people, count))
        for one, other in zip(people[0::2], people[1::2], strict=False):
            self._pair(one, other)
        for technician, asker in zip(people[0::TECHNICIAN_EACH], people[1::TECHNICIAN_EACH], strict=False):
            self._open(str(self._question(asker, technician)), [asker, technician], writers=[asker])
        return [
            Person(str(one), self._sign_in(one), tuple(self._reads[one]), tuple(self._writes[one])) for one in people
        ]

    def _group_up(self, people: Sequence[UUID]) -> None:
        for start in range(0, len(people), GROUP_OF):
            members = people[start : start + GROUP_OF]
            conversation_id = self._talk(members)
            self._row(
                TalkGroup,
                conversation_id=conversation_id,
                name=f"第{start // GROUP_OF}组",
                created_by_id=members[0],
                created_at=self._at,
            )

    def _pair(self, one: UUID, other: UUID) -> None:
        lower, higher = sorted((one, other))
        conversation_id = self._talk([one, other])
        self._row(
            DirectTalk,
            conversation_id=conversation_id,
            lower_id=lower,
            higher_id=higher,
            opened_by_id=one,
            is_answered=True,
        )

    def _talk(self, members: Sequence[UUID]) -> UUID:
        conversation_id = new_id()
        self._row(Conversation, id=conversation_id, created_at=self._at, last_number=0)
        for account_id in members:
            self._row(Participant, conversation_id=conversation_id, account_id=account_id, joined_at=self._at)
        self._open(str(conversation_id), members, writers=members)
        return conversation_id

    def _open(self, conversation_id: str, members: Sequence[UUID], *, writers: Sequence[UUID]) -> None:
        for account_id in members:
            self._reads[account_id].append(conversation_id)
        for account_id in writers:
            self._writes[account_id].append(conversation_id)
