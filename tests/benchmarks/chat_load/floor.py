"""What the same write costs PostgreSQL alone: take the conversation's next number, insert the message, commit."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

import psycopg
from sqlalchemy import make_url

from registry_core.db import new_id
from tests.benchmarks.chat_load.phases import Times, times_of

WRITE = """
WITH counted AS (
    UPDATE conversation SET last_number = last_number + 1 WHERE id = %(conversation)s RETURNING last_number
)
INSERT INTO message (id, conversation_id, number, sender_id, client_id, kind, body, sent_at)
SELECT %(id)s, %(conversation)s, last_number, %(sender)s, %(client)s, 'text', %(body)s, now() FROM counted
"""


@dataclass(frozen=True, slots=True)
class Floor:
    """What PostgreSQL takes from so many connections, each sending the next message when the last one is safe."""

    connections: int
    messages_per_second: float
    commit_ms: Times | None


def measure(database_url: str, rooms: Sequence[tuple[UUID, UUID]], body: str, seconds: float) -> Floor:
    """Write into conversations, given with a sender each, one thread and connection for each of them."""
    address = make_url(database_url).set(drivername="postgresql").render_as_string(hide_password=False)
    times: list[float] = []
    end = time.perf_counter() + seconds

    def write(conversation_id: UUID, sender_id: UUID) -> None:
        with psycopg.connect(address, autocommit=True) as link:
            while time.perf_counter() < end:
                began = time.perf_counter()
                values = {"conversation": conversation_id, "sender": sender_id, "body": body}
                link.execute(WRITE, {**values, "id": new_id(), "client": str(new_id())})
                times.append(time.perf_counter() - began)

    threads = [threading.Thread(target=write, args=room) for room in rooms]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return Floor(len(rooms), round(len(times) / seconds, 1), times_of(times))
