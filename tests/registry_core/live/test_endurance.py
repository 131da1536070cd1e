"""A storm and a long day: everybody comes back at once, thousands come and go, and nothing stays behind."""

from __future__ import annotations

import socket
import struct
from concurrent.futures import ThreadPoolExecutor

from websockets.frames import Opcode

from tests.registry_core.live.conftest import Lines
from tests.registry_core.live.raw_line import RawLine, connect, frame
from tests.registry_core.live.test_transport import filled, join, wait_for

CROWD = 300
AT_ONCE = 20
ROUNDS = 40
KEPT_KB = 20
"""What of each may still be held: pings keep a client until its next one is due. An open line holds 34 KB and more."""


def cut(line: RawLine) -> None:
    """End a line by a reset, as a router that lost its mind does."""
    line.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    line.close()


def test_who_all_come_back_at_once_all_get_in_and_hear_everything(dial: Lines, any_server: int) -> None:
    watcher = dial(any_server)
    join(watcher, "storm")
    with ThreadPoolExecutor(50) as pool:
        before = list(pool.map(lambda _place: connect(any_server), range(CROWD)))
        for line in before:
            cut(line)
        lines = list(pool.map(lambda _place: connect(any_server), range(CROWD)))
        list(pool.map(lambda line: join(line, "storm"), lines))
        wait_for(watcher, CROWD + 1)
        assert watcher.call(2, "broadcast", {"room": "storm", "size": 100, "times": 20})["ok"]
        heard = list(pool.map(lambda line: [filled(line) for _event in range(20)], lines))
    assert heard == [list(range(20))] * CROWD
    for line in lines:
        line.close()
    wait_for(watcher, 1)


def come_and_go(port: int) -> None:
    """Let some come, talk, and go: some by a reset, some without a word, some with a goodbye."""
    lines = [connect(port) for _line in range(AT_ONCE)]
    for line in lines:
        join(line, "day")
    assert lines[0].call(2, "broadcast", {"room": "day", "size": 2_000, "times": 20})["ok"]
    for line in lines[1:]:
        assert [filled(line) for _event in range(20)] == list(range(20))
    for place, line in enumerate(lines):
        if place % 3 == 0:
            cut(line)
            continue
        if place % 3 == 1:
            line.send(frame(Opcode.CLOSE, b"\x03\xe8"))
        line.close()


def test_thousands_come_and_go_and_nothing_stays(dial: Lines, any_server: int) -> None:
    watcher = dial(any_server)
    for _round in range(ROUNDS // 4):
        come_and_go(any_server)
    wait_for(watcher, 1)
    before = watcher.call(1, "weigh", None)["memory_kb"]
    for _round in range(ROUNDS):
        come_and_go(any_server)
    wait_for(watcher, 1)
    assert watcher.call(1, "weigh", None)["memory_kb"] - before < ROUNDS * AT_ONCE * KEPT_KB
