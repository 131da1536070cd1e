"""What goes wrong, and when: laid out by a seed, and due when so many messages have been acknowledged."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from itertools import cycle, islice
from random import Random

from tests.chaos.client import Client, Tally
from tests.chaos.house import WEB, WORKER, House
from tests.chaos.line import Cut
from tests.chaos.waiting import until

FIRST_SHARE, LAST_SHARE = 0.03, 0.95
VALKEY, POSTGRES = "valkey", "postgres"
# Two web processes in turn, each fifth time the worker.
VICTIMS = (WEB[0], WEB[1], WORKER, WEB[0], WEB[1])


@dataclass(frozen=True, slots=True)
class Blow:
    """A part of the house that falls when so many messages are acknowledged, and how long it stays away."""

    at: int
    victim: str
    pause_seconds: float


@dataclass(frozen=True, slots=True)
class Schedule:
    """All that goes wrong in one run."""

    cuts: Sequence[int]
    blows: Sequence[Blow]


def plan(messages: int, disconnects: int, kills: int, random: Random) -> Schedule:
    """Spread cuts, kills and one restart of each server over the messages."""
    cuts = sorted(random.randint(int(messages * FIRST_SHARE), int(messages * LAST_SHARE)) for _ in range(disconnects))
    victims = list(islice(cycle(VICTIMS), kills))
    random.shuffle(victims)
    for server in (VALKEY, POSTGRES):
        victims.insert(random.randint(0, len(victims)), server)
    step = messages * (LAST_SHARE - FIRST_SHARE) / len(victims)
    blows = [
        Blow(int(messages * FIRST_SHARE + (place + random.random()) * step), victim, random.uniform(0.0, 3.0))
        for place, victim in enumerate(victims)
    ]
    return Schedule(cuts, blows)


async def strike(schedule: Schedule, house: House, tally: Tally) -> None:
    """Let each blow fall at its time; return when everything has come back. Raises DidNotStart."""
    async with asyncio.TaskGroup() as falling:
        for blow in schedule.blows:
            await until(partial(tally.has_reached, blow.at))
            if blow.victim == VALKEY:
                falling.create_task(house.restart_valkey(blow.pause_seconds))
            elif blow.victim == POSTGRES:
                falling.create_task(house.restart_postgres(blow.pause_seconds))
            else:
                falling.create_task(house.kill(blow.victim, blow.pause_seconds))


async def disconnect(schedule: Schedule, clients: Sequence[Client], tally: Tally, random: Random) -> None:
    """Cut lines at their times: half of them in the middle of sending, in one of three ways each."""
    ways = list(Cut)
    for at in schedule.cuts:
        await until(partial(tally.has_reached, at))
        await until(lambda: _cut(random.choice(clients), random.choice(ways), in_sending=random.random() < 0.5))


def _cut(client: Client, how: Cut, *, in_sending: bool) -> bool:
    if not in_sending:
        return client.cut(how)
    if client.cut_after_sending is not None:
        return False
    client.cut_after_sending = how
    return True
