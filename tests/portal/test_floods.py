"""Somebody floods the house: they are slowed down by their own network, and others do not notice. Both transports."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from uuid import uuid4

import pytest
from websocket import WebSocketTimeoutException

from portal.servers.valkey import private_valkey
from tests.conftest import Cast
from tests.portal.protocol_house import ASKER, COLLEAGUE, TECHNICIAN, House, said, send
from tests.portal.test_web_process import Process
from tests.protocol_client import Line

# At five a second: twenty at once, and a quarter more, now and in the long run, of which Redis is not asked.
AT_ONCE = 25
A_SECOND = 6.25
BURST = 45
FLOOD = 20_000
LONG = "灌" * 1_000


@pytest.fixture(params=[("direct", 5), ("stock", 5)], ids=["direct", "stock"])
def house(request: pytest.FixtureRequest, committed: Cast, database_url: str, tmp_path: Path) -> Iterator[House]:
    """A process on each transport, with the rate that it has by default or another."""
    del committed
    transport, sends = request.param
    with private_valkey(tmp_path / "valkey") as redis_url:
        environment = {
            "DATABASE_URL": database_url,
            "REDIS_URL": redis_url,
            "DESK_TRANSPORT": transport,
            "DESK_SENDS_PER_SECOND": str(sends),
            "DESK_MODE": "demonstration",
            "DESK_SECRET_KEY": "k" * 32,
            "DESK_VAR": str(tmp_path),
            "DESK_LOG_LEVEL": "WARNING",
        }
        process = Process(environment, tmp_path / "web.log")
        house = House(process)
        yield house
        house.lines.close()
        process.close()


def tell(line: Line, conversation: str, body: str) -> int:
    """Send a message and wait for nothing."""
    return line.send("message:send", {"conversation_id": conversation, "client_id": str(uuid4()), "body": body})


def flood(line: Line, conversation: str) -> int:
    """Send without listening until the network takes no more, and say how many messages it took."""
    for told in range(FLOOD):
        try:
            tell(line, conversation, LONG)
        except WebSocketTimeoutException:
            return told
    return FLOOD


def test_a_burst_is_slowed_down_and_all_of_it_is_stored_in_its_order(house: House) -> None:
    conversation = house.question()
    line = house.line(ASKER)
    began = time.monotonic()
    numbers = [tell(line, conversation, f"第{place}句") for place in range(BURST)]
    assert all(line.answer(number)["ok"] for number in numbers)
    took = time.monotonic() - began
    assert took > (BURST - AT_ONCE) / A_SECOND - 0.5
    assert said(line, conversation)[-BURST:] == [f"第{place}句" for place in range(BURST)]


def test_from_who_floods_nothing_more_is_read_and_others_go_on(house: House) -> None:
    conversation, elsewhere = house.question(), house.direct(TECHNICIAN, COLLEAGUE)
    other, flooder = house.line(TECHNICIAN), house.line(ASKER)
    flooder.narrow(send_buffer=16_384, seconds=2.0)
    assert flood(flooder, conversation) < FLOOD
    began = time.monotonic()
    send(other, elsewhere, "还在吗？")
    assert time.monotonic() - began < 3.0


@pytest.mark.parametrize("house", [("direct", 2)], indirect=True)
def test_who_sends_over_many_lines_at_once_is_asked_to_come_again_and_loses_nothing(house: House) -> None:
    conversation = house.question()
    lines = [house.line(ASKER) for _ in range(24)]
    with ThreadPoolExecutor(max_workers=len(lines)) as people:
        sent = [
            {"conversation_id": conversation, "client_id": str(uuid4()), "body": f"第{place}句"} for place in range(24)
        ]
        first = list(people.map(lambda line, one: line.call("message:send", one), lines, sent))
        refused = [answer["error"] for answer in first if not answer["ok"]]
        assert {error["code"] for error in refused} == {"too_fast"}
        assert all(4 < error["retry_after"] < 10 for error in refused)
        again = people.map(lambda line, one: line.ask("message:send", one), lines, sent)
        assert all(answer["ok"] for answer in again)
    assert sorted(said(lines[0], conversation)[-24:]) == sorted(one["body"] for one in sent)
