"""The door: a few come in at a time, in their order, and nobody waits there for ever."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask

from portal import doors
from portal.app import SOCKET_GATE
from portal.doors import COMING_IN, Door, TryAgain
from portal.permissions import SOCKET_COMMANDS
from portal.sockets import SocketGate
from tests.portal.protocol_house import ASKER
from tests.portal.test_sockets import NOBODY, Page
from tests.portal_house import Browser

PATIENCE_SECONDS = 20


def test_so_many_come_in_at_once_and_no_more() -> None:
    door, inside, most = Door(2), threading.Semaphore(0), threading.Event()
    go, count, seen = threading.Event(), [0], []
    lock = threading.Lock()

    def come_in() -> None:
        with door.passing():
            with lock:
                count[0] += 1
                seen.append(count[0])
                if count[0] == 2:
                    most.set()
            inside.release()
            assert go.wait(PATIENCE_SECONDS)
            with lock:
                count[0] -= 1

    with ThreadPoolExecutor(max_workers=8) as people:
        came = [people.submit(come_in) for _ in range(8)]
        assert most.wait(PATIENCE_SECONDS)
        go.set()
        for one in came:
            one.result(PATIENCE_SECONDS)
    assert max(seen) == 2
    assert len(seen) == 8


def test_a_place_is_given_back_also_after_a_fault() -> None:
    door = Door(1)
    for _time in range(3):
        with pytest.raises(ZeroDivisionError), door.passing():
            raise ZeroDivisionError


def test_who_waits_too_long_is_asked_to_come_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doors, "LONGEST_WAIT_SECONDS", 0.01)
    door = Door(1)
    with door.passing(), pytest.raises(TryAgain), door.passing():
        pytest.fail("nobody else may come in")


# ── at the sockets ────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def crowded(app: Flask, monkeypatch: pytest.MonkeyPatch) -> SocketGate:
    """A gate at whose door all places are taken, once a page has come in."""
    monkeypatch.setattr(doors, "LONGEST_WAIT_SECONDS", 0.01)
    monkeypatch.setattr(doors, "CONNECTING_SECONDS", 0.01)
    gate: SocketGate = app.extensions[SOCKET_GATE]
    monkeypatch.setattr(gate, "door", Door(1))
    return gate


def test_while_the_door_is_crowded_who_is_inside_goes_on(
    app: Flask, crowded: SocketGate, signed_in: Callable[[str], Browser]
) -> None:
    page = Page(app, signed_in(ASKER))
    sent = {"conversation_id": str(NOBODY), "client_id": "1", "body": "x"}
    with crowded.door.passing():
        assert page.code("message:send", sent) == "conversation_not_found"
        assert page.call("presence:beat", {})["ok"]
        assert page.code("conversations:sync", {}) == "try_again"
        assert page.code("conversation:join", {"conversation_id": str(NOBODY)}) == "try_again"
        assert not Page(app, signed_in(ASKER)).is_open
    assert page.call("conversations:sync", {})["ok"]
    assert Page(app, signed_in(ASKER)).is_open


def test_what_comes_in_through_the_door_are_commands_of_the_house() -> None:
    assert set(SOCKET_COMMANDS) >= COMING_IN
