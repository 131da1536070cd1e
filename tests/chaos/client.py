"""A client of the chaos run, written from docs/protocol.md alone: writes on whatever happens, and loses nothing.

It keeps what the page says that a client keeps: for each conversation what it has without a gap, and what was written
and not yet acknowledged, with its id; and the one cursor over all its conversations.
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections import Counter, deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any, NoReturn
from uuid import UUID

from tests.chaos.checker import Said, Witness, Written
from tests.chaos.line import Cut, Line, LineLost, Patience
from tests.chaos.waiting import until

FIRST_PAUSE_SECONDS = 0.4
LONGEST_PAUSE_SECONDS = 4.0
AGAIN_SECONDS = 1.0
NEWS_SECONDS = 20.0
# Who writes on while the line is gone stops somewhere: a person would.
UNSENT_AT_MOST = 20
# What is worth another try with the same id; any other refusal is a fault of one of both sides.
TRY_AGAIN = frozenset({"try_again", "failed"})


class Refused(Exception):
    """The house refused what it should have taken; the run ends with it."""


@dataclass(slots=True)
class Letter:
    """A message on its way."""

    client_id: str
    body: str
    tries: int = 0
    number: int | None = None


@dataclass(slots=True, eq=False)
class Talk:
    """One conversation as a client keeps it."""

    conversation_id: str
    may_write: bool = True
    whole: list[Said] = field(default_factory=list)
    ahead: dict[int, Said] = field(default_factory=dict)
    written: list[Letter] = field(default_factory=list)
    unsent: deque[Letter] = field(default_factory=deque)
    something_to_send: asyncio.Event = field(default_factory=asyncio.Event)
    told_otherwise: int = 0

    @property
    def is_whole(self) -> bool:
        """Whether nothing is known to be missing."""
        return not self.ahead

    def take(self, message: dict[str, Any]) -> None:
        """Keep a message that came in whatever way; one that is known changes nothing, but has to be the same."""
        said = said_in(message)
        known = self.whole[said.number - 1] if said.number <= len(self.whole) else self.ahead.get(said.number)
        if known is not None:
            self.told_otherwise += known != said
            return
        self.ahead[said.number] = said
        while (following := self.ahead.pop(len(self.whole) + 1, None)) is not None:
            self.whole.append(following)

    def write(self, letter: Letter) -> None:
        """Put a message among those to be sent."""
        self.written.append(letter)
        self.unsent.append(letter)
        self.something_to_send.set()


def said_in(message: dict[str, Any]) -> Said:
    """Read a message of the protocol; texts that many hold are kept once."""
    sender, client_id = message["sender_id"], message["client_id"]
    return Said(
        message["number"],
        sys.intern(sender) if sender else None,
        sys.intern(client_id) if client_id else None,
        sys.intern(message["body"]),
    )


@dataclass(frozen=True, slots=True)
class Person:
    """Who connects: the account, the cookie that proves it, conversations, and those in which they write."""

    account_id: str
    cookie: str
    conversations: tuple[str, ...]
    writes_in: tuple[str, ...]


@dataclass(slots=True)
class Tally:
    """What happened to the clients on the way."""

    acknowledged: int = 0
    sent_again: int = 0
    lines: int = 0
    lines_lost: int = 0
    cuts: Counter[Cut] = field(default_factory=Counter)
    refusals: Counter[str] = field(default_factory=Counter)
    ack_seconds: list[float] = field(default_factory=list)

    def has_reached(self, count: int) -> bool:
        """Whether so many messages are acknowledged."""
        return self.acknowledged >= count


class Client:
    """One person at one of the web processes."""

    def __init__(self, person: Person, ports: Sequence[int], random: Random, tally: Tally) -> None:
        self.person = person
        self.talks = {each: Talk(each, each in person.writes_in) for each in person.conversations}
        self.line: Line | None = None
        self.last_numbers: dict[str, int] = {}
        self.cut_after_sending: Cut | None = None
        self._ports = ports
        self._random = random
        self._tally = tally
        self._patience = Patience()
        self._turn = asyncio.Lock()
        self._cursor = ""
        self._has_news = False
        self._behind: set[str] = set()
        self._is_behind = asyncio.Event()

    @property
    def unsent(self) -> int:
        """How many messages are not acknowledged yet."""
        return sum(len(talk.unsent) for talk in self.talks.values())

    # ── writing ───────────────────────────────────────────────────────────────────────────────────────────────────────

    async def write(self, texts: Sequence[str], pause_seconds: float) -> None:
        """Write texts one after the other, with pauses of about so long, connected or not."""
        talks = [talk for talk in self.talks.values() if talk.may_write]
        for text in texts:
            await asyncio.sleep(self._random.uniform(0.0, 2 * pause_seconds))
            await until(lambda: self.unsent < UNSENT_AT_MOST)
            client_id = str(UUID(int=self._random.getrandbits(128), version=4))
            self._random.choice(talks).write(Letter(client_id, text))

    # ── the line ──────────────────────────────────────────────────────────────────────────────────────────────────────

    async def live(self) -> NoReturn:
        """Stay connected, through whatever comes, until cancelled. Raises Refused."""
        pause = FIRST_PAUSE_SECONDS
        while True:
            try:
                line = await Line.dial(self._random.choice(self._ports), self.person.cookie, self._hear, self._patience)
                self._tally.lines += 1
                await self._come_in(line)
                pause = FIRST_PAUSE_SECONDS
                await self._stay(line)
            except LineLost:
                self._tally.lines_lost += 1
            self.line = None
            await asyncio.sleep(pause * self._random.uniform(0.5, 1.0))
            pause = min(2 * pause, LONGEST_PAUSE_SECONDS)

    async def _come_in(self, line: Line) -> None:
        """Join every conversation with what is known of it, and ask for what changed elsewhere. Raises LineLost."""
        try:
            for talk in self.talks.values():
                await self._catch_up(line, talk, "conversation:join")
            await self._ask_news(line)
        except BaseException:
            line.cut(Cut.CLOSED)
            raise

    async def _stay(self, line: Line) -> None:
        """Send and listen until the line is lost. Raises LineLost."""
        self.line = line
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(line.until_lost())
                tasks.create_task(self._keep_whole(line))
                tasks.create_task(self._keep_news(line))
                for talk in self.talks.values():
                    if talk.may_write:
                        tasks.create_task(self._deliver(line, talk))
        except* LineLost:
            pass
        finally:
            self.line = None
            line.cut(Cut.CLOSED)
        raise LineLost

    def cut(self, how: Cut) -> bool:
        """Cut the line if there is one."""
        if self.line is None or self.line.lost.is_set():
            return False
        self.line.cut(how)
        self._tally.cuts[how] += 1
        return True

    def cut_now_if_due(self) -> None:
        """Cut the line that was to be cut at the next message, where none came any more."""
        if self.cut_after_sending is not None:
            how, self.cut_after_sending = self.cut_after_sending, None
            self.cut(how)

    # ── sending ───────────────────────────────────────────────────────────────────────────────────────────────────────

    async def _deliver(self, line: Line, talk: Talk) -> None:
        """Send what was written, the next message of a conversation only after the one before is safe."""
        while True:
            while talk.unsent:
                await self._send(line, talk, talk.unsent[0])
            talk.something_to_send.clear()
            await talk.something_to_send.wait()

    async def _send(self, line: Line, talk: Talk, letter: Letter) -> None:
        """Send one message, one at a time of this client's, as a page does. Raises LineLost, Refused."""
        async with self._turn:
            await self._send_now(line, talk, letter)

    async def _send_now(self, line: Line, talk: Talk, letter: Letter) -> None:
        self._tally.sent_again += letter.tries > 0
        letter.tries += 1
        began = time.perf_counter()
        payload = {"conversation_id": talk.conversation_id, "client_id": letter.client_id, "body": letter.body}
        waiting = line.tell("message:send", payload)
        if self.cut_after_sending is not None:
            how, self.cut_after_sending = self.cut_after_sending, None
            # Sometimes the message is still here, sometimes there, sometimes its acknowledgement is on its way.
            await asyncio.sleep(self._random.choice((0.0, 0.001, 0.005, 0.02)))
            self.cut(how)
        answer = await line.wait_for(waiting)
        if not answer["ok"]:
            await self._bear(answer["error"])
            return
        message = answer["message"]
        letter.number = message["number"]
        talk.unsent.popleft()
        self._tally.acknowledged += 1
        self._tally.ack_seconds.append(time.perf_counter() - began)
        self._take(talk, message)

    async def _bear(self, error: dict[str, str]) -> None:
        """Wait before another try with the same id. Raises Refused."""
        self._tally.refusals[error["code"]] += 1
        if error["code"] not in TRY_AGAIN:
            raise Refused(f"{self.person.account_id}: {error}")
        await asyncio.sleep(AGAIN_SECONDS)

    # ── hearing ───────────────────────────────────────────────────────────────────────────────────────────────────────

    def _hear(self, name: str, payload: Any) -> None:
        if name == "message:new":
            talk = self.talks.get(payload["conversation_id"])
            if talk is not None:
                self._take(talk, payload)
        elif name == "conversations:changed":
            self._has_news = True
            if payload["what"] == "members":
                self._mark_behind(payload["conversation_id"])

    def _take(self, talk: Talk, message: dict[str, Any]) -> None:
        talk.take(message)
        if not talk.is_whole:
            self._mark_behind(talk.conversation_id)

    def _mark_behind(self, conversation_id: str) -> None:
        if conversation_id in self.talks:
            self._behind.add(conversation_id)
            self._is_behind.set()

    async def _keep_whole(self, line: Line) -> None:
        """Ask for what came between whenever a number is missing; joining once more does no harm."""
        while True:
            await self._is_behind.wait()
            self._is_behind.clear()
            while self._behind:
                await self._catch_up(line, self.talks[self._behind.pop()], "conversation:join")

    async def _catch_up(self, line: Line, talk: Talk, name: str) -> None:
        is_more = True
        while is_more:
            asked = {"conversation_id": talk.conversation_id, "after": len(talk.whole)}
            page = await line.call(name, asked)
            if not page["ok"]:
                await self._bear(page["error"])
                continue
            for message in page["messages"]:
                talk.take(message)
            is_more, name = page["more"], "message:sync"

    async def _keep_news(self, line: Line) -> None:
        while True:
            await asyncio.sleep(NEWS_SECONDS * self._random.uniform(0.5, 1.5))
            if self._has_news:
                await self._ask_news(line)

    async def _ask_news(self, line: Line) -> None:
        """Ask by the one cursor which conversations have changed."""
        self._has_news = False
        answer = await line.call("conversations:sync", {"cursor": self._cursor})
        while not answer["ok"]:
            await self._bear(answer["error"])
            answer = await line.call("conversations:sync", {"cursor": self._cursor})
        self._cursor = answer["cursor"]
        for news in answer["conversations"]:
            self.last_numbers[news["conversation_id"]] = news["last_number"]

    # ── the end ───────────────────────────────────────────────────────────────────────────────────────────────────────

    async def settle(self) -> None:
        """Ask once more for everything, as often as it takes."""
        while True:
            line = self.line
            try:
                if line is not None:
                    for talk in self.talks.values():
                        await self._catch_up(line, talk, "message:sync")
                    await self._ask_news(line)
                    return
            except LineLost:
                pass
            await asyncio.sleep(FIRST_PAUSE_SECONDS)

    def witness(self) -> Witness:
        """Say what was written, promised and kept."""
        written = [
            Written(talk.conversation_id, letter.client_id, letter.body, letter.number)
            for talk in self.talks.values()
            for letter in talk.written
        ]
        return Witness(
            self.person.account_id,
            written,
            {each: tuple(talk.whole) for each, talk in self.talks.items()},
            sum(talk.told_otherwise for talk in self.talks.values()),
            dict(self.last_numbers),
        )
