"""What the direct transport does with readers that do not read, rooms, goodbyes and neighbours."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest
from websockets.frames import Opcode

from portal.servers.valkey import private_valkey
from registry_core.live import driver
from tests.registry_core.live.conftest import Lines, room_server
from tests.registry_core.live.raw_line import RawLine, frame, text

FILLING = 100_000


def join(line: RawLine, room: str) -> None:
    assert line.call(1, "conversation:join", {"conversation_id": room})["ok"]


def filled(line: RawLine) -> int:
    """Receive the next event of a broadcast, and say its number."""
    while not (data := line.until(Opcode.TEXT)).startswith(b'42["filled"'):
        pass
    return int(json.loads(data[2:])[1]["number"])


def read_to_the_end(line: RawLine) -> None:
    while True:
        line.receive()


def wait_for(line: RawLine, clients: int, *, lines: int | None = None) -> None:
    deadline = time.monotonic() + 30.0
    number, count = 1_000, None
    while time.monotonic() < deadline:
        number += 1
        count = line.call(number, "count", None)
        if count["clients"] == clients and lines in {None, count["lines"]}:
            return
        time.sleep(0.1)
    raise AssertionError(count)


def test_one_who_does_not_read_is_cut_and_nobody_else_waits_for_it(dial: Lines, direct_server: int) -> None:
    sender, reader = dial(direct_server), dial(direct_server)
    sleeper = dial(direct_server, receive_buffer=4_096)
    for line in (sender, reader, sleeper):
        join(line, "slow")
    for number in range(2, 32):
        assert sender.call(number, "broadcast", {"room": "slow", "size": FILLING, "times": 2})["ok"]
        assert [filled(reader) for _event in range(2)] == [0, 1]
    wait_for(sender, 2, lines=2)
    with pytest.raises((ConnectionError, OSError)):
        read_to_the_end(sleeper)


def test_what_a_slow_reader_left_over_arrives_whole_and_in_order(dial: Lines, direct_server: int) -> None:
    sender, slow = dial(direct_server), dial(direct_server, receive_buffer=4_096)
    for line in (sender, slow):
        join(line, "left over")
    assert sender.call(2, "broadcast", {"room": "left over", "size": 60_000, "times": 12})["ok"]
    assert [filled(slow) for _event in range(12)] == list(range(12))


def test_a_room_of_several_slices_keeps_the_order_for_everybody(dial: Lines, direct_server: int) -> None:
    lines = [dial(direct_server) for _line in range(30)]
    for line in lines:
        join(line, "order")
    for line in lines[:5]:
        line.send(text('4299["broadcast",{"room":"order","size":10,"times":200}]'))
    seen = [[filled(line) for _event in range(1_000)] for line in lines]
    assert all(one == seen[0] for one in seen)


def test_binary_goes_out_as_it_is_to_all(dial: Lines, any_server: int) -> None:
    line = dial(any_server)
    join(line, "binary")
    assert line.call(2, "broadcast", {"room": "binary", "size": 5, "times": 1, "binary": True})["ok"] is True


def test_who_goes_without_a_word_leaves_nothing_behind(dial: Lines, any_server: int) -> None:
    watcher = dial(any_server)
    wait_for(watcher, 1)
    lines = [dial(any_server) for _line in range(40)]
    for line in lines[:20]:
        line.close()
    for line in lines[20:]:
        line.send(frame(Opcode.CLOSE, b"\x03\xe8"))
    wait_for(watcher, 1)


def test_who_is_sent_away_hears_of_it(dial: Lines, any_server: int) -> None:
    line = dial(any_server)
    line.send(text('42["kick"]'))
    assert line.until(Opcode.TEXT) == b"41"


def test_two_processes_share_their_rooms(dial: Lines, tmp_path: Path) -> None:
    with (
        private_valkey(tmp_path / "valkey") as redis_url,
        room_server("direct", redis_url) as first,
        room_server("direct", redis_url) as second,
    ):
        here, there = dial(first), dial(second)
        for line in (here, there):
            join(line, "both")
        time.sleep(1.0)  # both processes have to have subscribed
        assert here.call(2, "broadcast", {"room": "both", "size": 10, "times": 50})["ok"]
        assert [filled(there) for _event in range(50)] == list(range(50))


def test_another_version_of_a_library_leaves_the_stock_transport(monkeypatch: pytest.MonkeyPatch) -> None:
    assert driver.find_strangers() == []
    monkeypatch.setitem(driver.MADE_FOR, "gevent", "1.0")
    assert driver.find_strangers() == ["gevent"]
    assert driver.install(server=None) is False
