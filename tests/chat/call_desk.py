"""What people do with calls, short; for the tests of calls."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from chat.events import CallMissed
from chat.models import CallKind, CallPart, Message, PartState
from chat.queries.calls import CallRow, read_call
from chat.services import calls, directs, groups, members
from chat.services.calls import CallPage
from tests.conftest import Cast

SCHOOL, COUNTY, TECHNICIAN, LEAD, CITY = "xuexiao_xueji", "xian_xueji", "xian_jishu", "xian_zhuguan", "shi_xueji"


@dataclass(slots=True)
class CallDesk:
    """What people do with calls, short; the clock stands unless it is moved."""

    session: Session
    cast: Cast
    now: datetime

    def direct(self, one: str, other: str) -> UUID:
        return directs.open_direct(self.session, self.cast.actor(one), self.cast.id(other))

    def group(self, *names: str) -> UUID:
        group = groups.make_group(self.session, self.cast.actor(names[0]), name="群")
        for name in names[1:]:
            members.add_member(self.session, self.cast.actor(names[0]), group, self.cast.id(name))
        return group

    def page(self, name: str, which: str = "") -> CallPage:
        return CallPage(f"page-{name}{which}", f"line-{name}{which}")

    def start(
        self, name: str, conversation_id: UUID, kind: CallKind = CallKind.VOICE, chosen: tuple[str, ...] = ()
    ) -> CallRow:
        people = [self.cast.id(one) for one in chosen]
        page = self.page(name)
        return calls.start_call(
            self.session, self.cast.actor(name), conversation_id, kind=kind, page=page, people=people
        )

    def accept(self, name: str, call: CallRow, which: str = "") -> CallRow:
        return calls.accept_call(self.session, self.cast.actor(name), call.id, page=self.page(name, which))

    def decline(self, name: str, call: CallRow) -> CallRow:
        return calls.decline_call(self.session, self.cast.actor(name), call.id)

    def leave(self, name: str, call: CallRow, which: str = "") -> CallRow:
        device = self.page(name, which).device
        return calls.leave_call(self.session, self.cast.actor(name), call.id, device=device)

    def lose_line(self, name: str, which: str = "") -> None:
        calls.note_lost_line(self.session, self.page(name, which).socket)

    def later(self, length: timedelta, *, here: bool = True) -> None:
        self.now += length
        everybody = set(self.session.scalars(select(CallPart.account_id))) if here else set[UUID]()
        calls.watch_calls(self.session, everybody)

    def look(self, call: CallRow) -> CallRow:
        return read_call(self.session, call.id)

    def state_of(self, name: str, call: CallRow) -> PartState:
        found = {one.account_id: one.state for one in self.look(call).people}
        return found[self.cast.id(name)]

    def notes(self, conversation_id: UUID) -> list[str]:
        rows = self.session.scalars(
            select(Message.body)
            .where(Message.conversation_id == conversation_id, Message.sender_id.is_(None))
            .order_by(Message.number)
        )
        return [body.replace("（演示）", "") for body in rows]

    def refuses(self, row: object, constraint: str) -> None:
        """Hold that the database does not take a row."""

        def store() -> None:
            with self.session.begin_nested():
                self.session.add(row)
                self.session.flush()

        with pytest.raises(IntegrityError, match=constraint):
            store()

    def missed(self) -> list[CallMissed]:
        rows = self.session.execute(
            text("SELECT args->'payload' FROM procrastinate_jobs WHERE args->>'event' LIKE '%CallMissed%' ORDER BY id")
        )
        return [CallMissed(UUID(row[0]["call_id"]), UUID(row[0]["account_id"])) for row in rows]
