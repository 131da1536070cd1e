"""A client of the chaos run, written from docs/protocol.md alone: writes on whatever happens, and loses nothing.

It keeps what the page says that a client keeps: for each conversation what it has without a gap, and what was written
and not yet acknowledged, with its id; and the one cursor over all its conversations.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any, NoReturn
from uuid import UUID

from tests.chaos.checker import Witness
from tests.chaos.line import Cut, Line, LineLost, Patience
from tests.chaos.talk import Act, Letter, Talk
from tests.chaos.waiting import until

FIRST_PAUSE_SECONDS = 0.4
LONGEST_PAUSE_SECONDS = 4.0
AGAIN_SECONDS = 1.0
NEWS_SECONDS = 20.0
# Who writes on while the line is gone stops somewhere: a person would.
UNSENT_AT_MOST = 20
# What is worth another try with the same id; any other refusal is a fault of one of both sides.
TRY_AGAIN = frozenset({"try_again", "failed", "too_fast"})
# A change may come too late where everything was down for long: then it is none.
TOO_LATE = frozenset({"too_late_to_edit", "too_late_to_take_back"})
# So often somebody changes one of their last messages after writing one, and takes it back instead of editing it.
CHANGED_SHARE = 0.15
TAKEN_BACK_SHARE = 0.3
LAST_ONES = 5
# No digits: what looks like the number of a person would be covered.
SIGNS = "甲乙丙丁戊己庚辛壬癸子丑寅卯辰巳"


class Refused(Exception):
    """The house refused what it should have taken; the run ends with it."""


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
    changed: int = 0
    too_late: int = 0
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
            talk = self._random.choice(talks)
            talk.write(Letter(client_id, text))
            if self._random.random() < CHANGED_SHARE:
                self._change_something(talk)

    def _change_something(self, talk: Talk) -> None:
        """Edit or take back one of the last messages that are safe."""
        own = [one for one in talk.written[-LAST_ONES:] if one.number is not None and not one.is_taken_back]
        if own:
            is_edit = self._random.random() >= TAKEN_BACK_SHARE
            # No two texts of a run are alike.
            text = "改成" + "".join(self._random.choices(SIGNS, k=16)) if is_edit else None
            talk.alter(Act(self._random.choice(own), text))

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
        """Join all conversations with what is known of them, and ask for what changed elsewhere. Raises LineLost."""
        try:
            await self._join_all(line)
        except BaseException:
            line.cut(Cut.CLOSED)
            raise

    async def _join_all(self, line: Line) -> None:
        self._has_news = False
        asked = {"conversations": [talk.asked for talk in self.talks.values()], "cursor": self._cursor}
        answer = await self._ask(line, "conversations:join", asked)
        self._take_news(answer["news"])
        for talk, page in zip(self.talks.values(), answer["conversations"], strict=True):
            if "error" in page:
                raise Refused(f"{self.person.account_id}: {page}")
            if talk.take_page(page):
                await self._catch_up(line, talk, "message:sync")

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

    async def _send(self, line: Line, talk: Talk, what: Letter | Act) -> None:
        """Send a message or a change, one at a time of this client's, as a page does. Raises LineLost, Refused."""
        async with self._turn:
            if isinstance(what, Letter):
                await self._send_now(line, talk, what)
            else:
                await self._change_now(line, talk, what)

    async def _change_now(self, line: Line, talk: Talk, act: Act) -> None:
        self._tally.sent_again += act.tries > 0
        act.tries += 1
        payload = {"conversation_id": talk.conversation_id, "number": act.letter.number}
        name = "message:take-back" if act.body is None else "message:edit"
        answer = await line.call(name, payload if act.body is None else {**payload, "body": act.body})
        if answer["ok"]:
            act.change = answer["message"]["change"]
            self._tally.changed += 1
            self._take_change(talk, answer["message"])
        elif answer["error"]["code"] in TOO_LATE:
            act.is_refused, act.letter.is_taken_back = True, False
            self._tally.too_late += 1
        else:
            await self._bear(answer["error"])
            return
        talk.unsent.popleft()

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

    async def _bear(self, error: dict[str, Any]) -> None:
        """Wait before another try with the same id. Raises Refused."""
        self._tally.refusals[error["code"]] += 1
        if error["code"] not in TRY_AGAIN:
            raise Refused(f"{self.person.account_id}: {error}")
        await asyncio.sleep(error.get("retry_after", AGAIN_SECONDS))

    # ── hearing ───────────────────────────────────────────────────────────────────────────────────────────────────────

    def _hear(self, name: str, payload: Any) -> None:
        if name == "message:new":
            talk = self.talks.get(payload["conversation_id"])
            if talk is not None:
                self._take(talk, payload)
        elif name == "message:changed":
            talk = self.talks.get(payload["conversation_id"])
            if talk is not None:
                self._take_change(talk, payload)
        elif name == "conversations:changed":
            self._has_news = True
            if payload["what"] == "members":
                self._mark_behind(payload["conversation_id"])

    def _take(self, talk: Talk, message: dict[str, Any]) -> None:
        talk.take(message)
        if not talk.is_whole:
            self._mark_behind(talk.conversation_id)

    def _take_change(self, talk: Talk, message: dict[str, Any]) -> None:
        talk.take_change(message)
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
                talk = self.talks[self._behind.pop()]
                await self._catch_up(line, talk, "conversation:join")
                if not talk.is_whole:  # the answer was older than what came meanwhile
                    await asyncio.sleep(FIRST_PAUSE_SECONDS)
                    self._mark_behind(talk.conversation_id)

    async def _catch_up(self, line: Line, talk: Talk, name: str) -> None:
        while talk.take_page(await self._ask(line, name, talk.asked)):
            name = "message:sync"

    async def _ask(self, line: Line, name: str, asked: dict[str, Any]) -> dict[str, Any]:
        """Ask as often as it takes. Raises LineLost, Refused."""
        while True:
            answer = await line.call(name, asked)
            if answer["ok"]:
                return answer
            await self._bear(answer["error"])

    async def _keep_news(self, line: Line) -> None:
        while True:
            await asyncio.sleep(NEWS_SECONDS * self._random.uniform(0.5, 1.5))
            if self._has_news:
                await self._ask_news(line)

    async def _ask_news(self, line: Line) -> None:
        """Ask by the one cursor which conversations have changed."""
        self._has_news = False
        self._take_news(await self._ask(line, "conversations:sync", {"cursor": self._cursor}))

    def _take_news(self, answer: dict[str, Any]) -> None:
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
        """Say what was written, changed, promised and kept."""
        talks = self.talks.values()
        return Witness(
            self.person.account_id,
            [written for talk in talks for written in talk.testify()],
            {talk.conversation_id: tuple(talk.whole) for talk in talks},
            sum(talk.told_otherwise for talk in talks),
            dict(self.last_numbers),
            [changed for talk in talks for changed in talk.testify_changes()],
            {talk.conversation_id: talk.changes for talk in talks},
        )
