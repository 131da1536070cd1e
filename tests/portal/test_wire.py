"""JSON on the sockets, and how processes pass pushes to one another."""

from __future__ import annotations

import json
import threading
import time
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal import wire
from portal.live_queue import LiveQueue

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=10,
)


@settings(deadline=None)  # a busy machine is no fault
@given(JSON)
def test_the_wire_reads_what_it_writes_and_what_others_write(value: object) -> None:
    assert wire.loads(wire.dumps(value, separators=(",", ":"))) == value
    assert wire.loads(json.dumps(value)) == value
    assert json.loads(wire.dumps(value)) == value


def test_ids_and_instants_travel_as_text() -> None:
    sent = {"id": UUID(int=1), "at": datetime(2026, 11, 22, 3, tzinfo=UTC)}
    assert json.loads(wire.dumps(sent)) == {
        "id": "00000000-0000-0000-0000-000000000001",
        "at": "2026-11-22T03:00:00Z",
    }


@pytest.mark.parametrize("text", ['["\\ud83d"]', '["\\ud83d\\u4e2d"]', '["\\ude00 after"]'])
def test_half_an_emoji_becomes_a_question_mark(text: str) -> None:
    (read,) = wire.loads(text)
    assert "?" in read
    read.encode()


@pytest.mark.parametrize("text", ["", "{", "[1,]", "nonsense", '{"a":}'])
def test_what_is_no_json_is_a_value_error(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - Socket.IO catches exactly this
        wire.loads(text)


def listen(queue: LiveQueue, heard: list[bytes]) -> None:
    for data in queue._listen():
        heard.append(data)
        if data == b'{"method":"end"}':
            return


def test_what_one_process_pushes_the_other_hears(redis_url: str) -> None:
    first, second = LiveQueue(redis_url), LiveQueue(redis_url)
    first.json = second.json = wire  # as the Socket.IO server sets it
    heard: list[bytes] = []
    listener = threading.Thread(target=listen, args=(second, heard))
    listener.start()
    deadline = time.monotonic() + 10
    while not heard and time.monotonic() < deadline:
        first._publish({"method": "emit", "event": "queue:changed"})
        time.sleep(0.05)
    first._publish({"method": "end"})
    listener.join(10)
    assert json.loads(heard[0]) == {"method": "emit", "event": "queue:changed"}
    first.close()
    second.close()


def test_a_push_without_redis_is_given_up_at_once_and_rests(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    queue = LiveQueue(f"unix://{tmp_path}/nowhere.sock")
    queue.json = wire
    began = time.monotonic()
    for _push in range(1000):
        queue._publish({"method": "emit"})
    assert time.monotonic() - began < 1.0
    assert caplog.text.count("Redis does not answer") == 1
    queue.close()
