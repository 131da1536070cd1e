"""The results as tables on the screen: one server above the other, each beside Node and beside its own kind."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from typing import Protocol

from tests.benchmarks.chat_load.floor import Floor
from tests.benchmarks.chat_load.loads import Idle, Spread, Storm
from tests.benchmarks.chat_load.phases import Result

NODE, DIRECT = "node", "direct"


class Shown(Protocol):
    """What a run has found."""

    idle: list[Idle]
    storms: list[Storm]
    spreads: list[Spread]
    pairs: list[Result]
    floors: list[Floor]


def show(found: Shown) -> None:
    """Print everything: medians over the turns, and the ratios within the run."""
    print(f"{'load':<24}{'server':<9}{'a second':>10}{'to node':>9}{'to direct':>10}  more")
    for load in dict.fromkeys(one.load for one in found.pairs):
        show_pairs(load, [one for one in found.pairs if one.load == load])
    for size in dict.fromkeys(one.room for one in found.spreads):
        show_spreads(size, [one for one in found.spreads if one.room == size])
    node = {one.server: one.per_second for one in found.storms}.get(NODE)
    for storm in found.storms:
        line("storm of " + f"{storm.clients:,}", storm.server, storm.per_second, {NODE: node}, f"{storm.seconds} s")
    for idle in found.idle:
        line("idle, " + f"{idle.clients:,}", idle.server, idle.per_second, {}, f"{idle.kb_each} KB each")
    for one in found.floors:
        tail = f"p50 {one.commit_ms.p50} ms, p99 {one.commit_ms.p99} ms" if one.commit_ms else ""
        line(f"PostgreSQL, {one.connections} writing", "floor", one.messages_per_second, {}, tail)


def show_pairs(load: str, results: Sequence[Result]) -> None:
    """Print what was said in pairs under one load."""
    medians = {
        server: statistics.median(one.messages_per_second for one in results if one.server == server)
        for server in dict.fromkeys(one.server for one in results)
    }
    for server, median in medians.items():
        turns = [one for one in results if one.server == server and one.ack_ms]
        p50 = statistics.median(one.ack_ms.p50 for one in turns if one.ack_ms)
        p99 = statistics.median(one.ack_ms.p99 for one in turns if one.ack_ms)
        cpu = statistics.median(one.server_us_per_message for one in turns)
        cut = sum(one.lines_cut for one in turns)
        refused = sum(one.refused for one in turns)
        more = f"ack p50 {p50:.1f} p99 {p99:.1f} ms, {cpu:.0f} µs CPU each"
        if cut or refused:
            more += f", {refused} refused, {cut} lines cut"
        line(load, server, median, medians, more)


def show_spreads(size: int, spreads: Sequence[Spread]) -> None:
    """Print what a room of one size was told."""
    medians = {
        server: statistics.median(one.deliveries_per_second for one in spreads if one.server == server)
        for server in dict.fromkeys(one.server for one in spreads)
    }
    for server, median in medians.items():
        said = statistics.median(one.messages_per_second for one in spreads if one.server == server)
        p99 = max((one.seen_ms.p99 for one in spreads if one.server == server and one.seen_ms), default=0.0)
        line(f"room of {size:,}", server, median, medians, f"{said:.0f} messages/s, last one hears p99 {p99:.1f} ms")


def line(load: str, server: str, value: float, medians: Mapping[str, float | None], more: str) -> None:
    """Print one row."""
    shares = f"{share(value, medians, NODE):>9}{share(value, medians, DIRECT):>10}"
    print(f"{load:<24}{server:<9}{value:>10,.0f}{shares}  {more}")


def share(value: float, medians: Mapping[str, float | None], of: str) -> str:
    """Say which share of another server's figure this one is."""
    whole = medians.get(of)
    return f"{value / whole:.2f}" if whole else ""
