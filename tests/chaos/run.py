"""The chaos run: people write, everything is cut and killed around them, then it is quiet, and the judge looks.

Written beside the system: it starts the programs of the house as they are, knows them through docs/protocol.md and the
tables, and ends only what it has started itself.
"""

from __future__ import annotations

import asyncio
import os
import secrets
import time
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from random import Random

from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from registry_core.db import make_engine
from tests.chaos.checker import Fault, Said, Stored, Verdict, check
from tests.chaos.client import Client, Person, Tally
from tests.chaos.faults import Schedule, disconnect, plan, strike
from tests.chaos.house import House, furnished, inhabited
from tests.chaos.line import Line
from tests.chaos.people import Circle
from tests.chaos.waiting import until

STALLED_SECONDS = 120.0
CALM_SECONDS = 20.0
WORDS = ("转学", "学籍", "核办", "材料", "学校", "催办", "毕业", "休学", "照片", "家长", "请问", "谢谢")


@dataclass(frozen=True, slots=True)
class Size:
    """How much of everything."""

    messages: int = 100_000
    clients: int = 200
    disconnects: int = 1_000
    kills: int = 20
    rate: float = 120.0
    seed: int = 1


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of it."""

    size: Size
    verdict: Verdict
    figures: Mapping[str, object]

    def as_json(self) -> dict[str, object]:
        """Put it into plain values."""
        return {
            "size": asdict(self.size),
            "is_sound": self.verdict.is_sound,
            "faults": {fault.value: self.verdict.counts[fault] for fault in Fault},
            "examples": {fault.value: words for fault, words in self.verdict.examples.items()},
            **self.figures,
        }


class Stalled(RuntimeError):
    """Nothing was acknowledged for far too long."""


def run(size: Size, folder: Path, say: Callable[[str], None] = print) -> Outcome:
    """Start a house in a folder, let everything happen, and judge.

    Raises Stalled, and in groups DidNotStart and Refused.
    """
    random, secret = Random(size.seed), secrets.token_urlsafe(32)
    folder.mkdir(parents=True, exist_ok=True)
    with furnished(folder) as house:
        engine = make_engine(house.postgres.url)
        try:
            with Session(engine) as session, session.begin():
                circle = Circle(session, secret, random)
                people = circle.gather(size.clients)
                circle.store()
            with inhabited(house, folder, secret):
                drama = Drama(size, house, people, random, say)
                asyncio.run(drama.play())
            stored = read(engine)
        finally:
            engine.dispose()
    verdict = check([client.witness() for client in drama.clients], stored)
    return Outcome(size, verdict, drama.figures(stored))


class Drama:
    """The clients, the blows, and the quiet afterwards."""

    def __init__(
        self, size: Size, house: House, people: Sequence[Person], random: Random, say: Callable[[str], None]
    ) -> None:
        self.size, self.house, self.say = size, house, say
        self.tally = Tally()
        # The last message of each is kept for the quiet afterwards.
        self.schedule: Schedule = plan(size.messages - size.clients, size.disconnects, size.kills, random)
        ports = list(house.ports.values())
        self.clients = [Client(one, ports, Random(random.random()), self.tally) for one in people]
        self._random = random
        self._seconds: dict[str, float] = {}
        self._behind = 0

    async def play(self) -> None:
        """Let everything happen."""
        for name in self.house.programs:
            await self.house.wait_for(name)
        living = [asyncio.create_task(client.live()) for client in self.clients]
        guards = [asyncio.create_task(self._watch())]
        try:
            acts = asyncio.create_task(self._act())
            done, _rest = await asyncio.wait([acts, *living, *guards], return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        finally:
            for task in (*living, *guards, acts):
                task.cancel()
            await asyncio.gather(*living, *guards, acts, return_exceptions=True)
            Line.hang_up()
            await asyncio.sleep(0.1)

    async def _act(self) -> None:
        texts = self._texts()
        pause = self.size.clients / self.size.rate
        began = time.monotonic()
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(strike(self.schedule, self.house, self.tally))
            tasks.create_task(disconnect(self.schedule, self.clients, self.tally, self._random))
            for client, own in zip(self.clients, texts, strict=True):
                tasks.create_task(client.write(own[:-1], pause))
        for client in self.clients:
            client.cut_now_if_due()
        self._note("writing", began)
        began = time.monotonic()
        await self._drain()
        self._note("draining", began)
        # What is said now goes over lines that have seen all of it: each has to come by itself, nobody asks.
        began = time.monotonic()
        await asyncio.gather(*(client.write(own[-1:], 1.0) for client, own in zip(self.clients, texts, strict=True)))
        await self._drain()
        await self._calm()
        self._note("calm", began)
        self._behind = self._count_behind()
        await asyncio.gather(*(client.settle() for client in self.clients))

    def _texts(self) -> list[list[str]]:
        """Make everybody's messages: no two are alike, some have lines."""
        each, more = divmod(self.size.messages, len(self.clients))
        return [
            [
                f"{place}号第{number}条{self._random.choice('，；。')}"
                + self._random.choice(("", "\n")).join(self._random.choices(WORDS, k=self._random.randint(1, 12)))
                for number in range(each + (place < more))
            ]
            for place in range(len(self.clients))
        ]

    async def _drain(self) -> None:
        """Wait until everybody's last message is acknowledged."""
        await until(lambda: not any(client.unsent for client in self.clients))

    async def _calm(self) -> None:
        """Give the last pushes some time to arrive."""
        await until(lambda: not self._count_behind(), CALM_SECONDS)

    def _count_behind(self) -> int:
        """Count conversations of clients in which somebody else of the house already holds more."""
        furthest: dict[str, tuple[int, int]] = defaultdict(lambda: (0, 0))
        held = [(talk.conversation_id, talk.extent) for client in self.clients for talk in client.talks.values()]
        for conversation, (number, change) in held:
            most = furthest[conversation]
            furthest[conversation] = max(most[0], number), max(most[1], change)
        return sum(extent != furthest[conversation] for conversation, extent in held)

    async def _watch(self) -> None:
        """Tell how it goes, and end it when nothing goes on any more. Raises Stalled."""
        before, since, told = -1, time.monotonic(), 0
        while True:
            await asyncio.sleep(1.0)
            now = self.tally.acknowledged
            if now != before or now == self.size.messages:
                before, since = now, time.monotonic()
            elif time.monotonic() - since > STALLED_SECONDS:
                raise Stalled(f"{now} messages acknowledged, and none for {STALLED_SECONDS:g} s")
            if now * 10 // self.size.messages > told:
                told = now * 10 // self.size.messages
                up, cut = sum(client.line is not None for client in self.clients), self.tally.cuts.total()
                self.say(f"{now:>8} acknowledged, {up} lines up, {cut} cut, load {os.getloadavg()[0]:.1f}")

    def _note(self, what: str, began: float) -> None:
        self._seconds[what] = round(time.monotonic() - began, 1)
        self.say(f"{what}: {self._seconds[what]} s")

    def figures(self, stored: Stored) -> dict[str, object]:
        """Say in numbers what happened on the way."""
        tally, times = self.tally, sorted(self.tally.ack_seconds)
        return {
            "seconds": self._seconds,
            "acknowledged": tally.acknowledged,
            "acknowledged_per_second": round(tally.acknowledged / max(self._seconds.get("writing", 1), 0.1), 1),
            "stored": sum(map(len, stored.messages.values())),
            "conversations": len(stored.counters),
            "histories": sum(len(client.talks) for client in self.clients),
            "messages_in_histories": sum(len(talk.whole) for client in self.clients for talk in client.talks.values()),
            "changed": tally.changed,
            "changes_too_late": tally.too_late,
            "sent_again": tally.sent_again,
            "refusals_borne": dict(tally.refusals),
            "lines": tally.lines,
            "lines_lost": tally.lines_lost,
            "disconnects": {how.value: count for how, count in tally.cuts.items()},
            "blows": [asdict(blow) for blow in self.schedule.blows],
            "behind_before_asking": self._behind,
            "ack_ms": {
                f"p{share}": round(times[min(len(times) - 1, len(times) * share // 100)] * 1000, 1)
                for share in (50, 95, 99, 100)
            },
            "load_average": os.getloadavg(),
        }


def read(engine: Engine) -> Stored:
    """Read what the database holds, as plain values."""
    messages: dict[str, list[Said]] = defaultdict(list)
    with engine.connect() as connection:
        rows = connection.execute(
            text(
                "SELECT conversation_id::text, number, sender_id::text, client_id, body, change,"
                " taken_back_at IS NOT NULL FROM message ORDER BY conversation_id, number"
            )
        )
        for conversation, *said in rows:
            messages[conversation].append(Said(*said))
        revisions: dict[str, list[tuple[int, int]]] = defaultdict(list)
        for conversation, change, number in connection.execute(
            text(
                "SELECT made.conversation_id::text, made.change, message.number"
                " FROM message_revision AS made JOIN message ON message.id = made.message_id"
            )
        ):
            revisions[conversation].append((change, number))
        counters = connection.execute(text("SELECT id::text, last_number, last_change FROM conversation")).all()
        return Stored(messages, {row[0]: row[1] for row in counters}, revisions, {row[0]: row[2] for row in counters})
