"""What it costs the house to let a client in: connecting, then joining its conversations one by one or all at once.

Processor time of the entry point of the sockets with everything below it, in this process and without the network:
what a web process that was killed costs the others is this, times the pages that it had. Prints a table and writes
`coming.json`.
"""

from __future__ import annotations

import argparse
import os
import secrets
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from functools import partial
from random import Random
from typing import Any

from flask_socketio.test_client import SocketIOTestClient
from sqlalchemy import event
from sqlalchemy.orm import Session

from portal.app import create_app
from portal.config import SendingRates, Settings
from registry_core import web
from registry_core.db import make_engine, make_sessions
from registry_core.store import make_store
from tests.benchmarks.timing import ROOT, describe, write
from tests.chaos.client import Person
from tests.chaos.people import Circle

WARM_UP = 20


class Meter:
    """Processor time and questions to the database, by what was done."""

    def __init__(self, engine: Any) -> None:
        self.spent: dict[str, list[float]] = defaultdict(lambda: [0.0, 0.0, 0.0])
        self._asked = 0
        event.listen(engine, "before_cursor_execute", self._count)

    def _count(self, *_what: object) -> None:
        self._asked += 1

    def take(self, name: str, act: Callable[[], Any]) -> Any:
        """Do something and write down what it took."""
        asked, began = self._asked, time.process_time()
        result = act()
        for place, more in enumerate((1, time.process_time() - began, self._asked - asked)):
            self.spent[name][place] += more
        return result


def main(argv: list[str]) -> int:
    """Run it; option `--clients`."""
    parser = argparse.ArgumentParser(prog="./desk bench coming", description=__doc__)
    parser.add_argument("--clients", type=int, default=180)
    clients = parser.parse_args(argv).clients
    engine, secret = make_engine(os.environ["DATABASE_URL"]), secrets.token_urlsafe(32)
    with Session(engine) as session, session.begin():
        circle = Circle(session, secret, Random(1))
        people = circle.gather(WARM_UP + clients)
        circle.store()
    settings = Settings(os.environ["DATABASE_URL"], "", secret, var=ROOT / "var", rates=SendingRates(0, 0, 0))
    app = create_app(settings, runtime=web.Runtime(engine, make_sessions(engine), make_store(os.environ["REDIS_URL"])))
    meter = Meter(engine)
    _come_in(app, people[:WARM_UP], meter)
    meter.spent.clear()
    _come_in(app, people[WARM_UP:], meter)
    _show(meter, clients, engine)
    return 0


def _come_in(app: Any, people: Sequence[Person], meter: Meter) -> None:
    for one in people:
        connect = partial(app.extensions["socketio"].test_client, app, headers={"Cookie": one.cookie})
        page = meter.take("connecting", connect)
        for conversation in one.conversations:
            _call(page, meter, "conversation:join", {"conversation_id": conversation, "changes_after": 0})
        _call(page, meter, "conversations:sync", {"cursor": ""})
        wanted = [{"conversation_id": each, "changes_after": 0} for each in one.conversations]
        _call(page, meter, "conversations:join", {"conversations": wanted, "cursor": ""})


def _call(page: SocketIOTestClient, meter: Meter, name: str, sent: dict[str, Any]) -> None:
    answer = meter.take(name, lambda: page.emit(name, sent, callback=True))
    assert answer["ok"], answer


def _show(meter: Meter, clients: int, engine: Any) -> None:
    rows = {
        name: {"a client, ms": round(seconds / clients * 1000, 2), "questions": round(asked / clients, 1)}
        for name, (_count, seconds, asked) in meter.spent.items()
    }
    for name, row in rows.items():
        print(f"{name:<24}{row['a client, ms']:>10} ms{row['questions']:>8} questions")
    connecting, one_by_one, news, at_once = (row["a client, ms"] for row in rows.values())
    ratio = round((connecting + at_once) / (connecting + one_by_one + news), 2)
    print(f"all at once, by one by one: {ratio}")
    write("coming", {**describe(engine), "clients": clients, "rows": rows, "ratio": ratio})
