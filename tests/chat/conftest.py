"""One question in hand: its asker and its answerer may write."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

import pytest
from sqlalchemy.orm import Session

from chat import services
from chat.models import Message
from chat.presence import Presence
from helpdesk.services import answering, asking
from helpdesk.services.asking import Question
from registry_core import clock
from registry_core.db import new_id
from registry_core.rules.loader import load_packs
from tests.chat.call_desk import CallDesk
from tests.conftest import Cast


@dataclass(frozen=True, slots=True)
class Talk:
    """A conversation, and who says something in it."""

    session: Session
    cast: Cast
    id: UUID

    def say(self, body: str, name: str = "xuexiao_xueji", client_id: str = "") -> Message:
        """Send a message."""
        return self.send(body, name, client_id)[0]

    def send(self, body: str, name: str = "xuexiao_xueji", client_id: str = "") -> tuple[Message, bool]:
        """Send a message and say whether it was new."""
        actor = self.cast.actor(name)
        return services.post_message(self.session, actor, self.id, client_id=client_id or str(new_id()), body=body)


@pytest.fixture
def talk(session: Session, cast: Cast, presence: Presence) -> Talk:
    """Question (message 1) and the house's note that somebody answers (message 2) stand there."""
    question = Question("学籍号重复了怎么办？", str(new_id()))
    ticket = asking.ask_question(session, presence, cast.actor("xuexiao_xueji"), question)
    answering.take_ticket(session, cast.actor("xian_jishu"), ticket.id)
    return Talk(session, cast, ticket.conversation_id)


@pytest.fixture
def desk(session: Session, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> CallDesk:
    load_packs(session)
    made = CallDesk(session, cast, clock.now())
    monkeypatch.setattr(clock, "now", lambda: made.now)
    return made
