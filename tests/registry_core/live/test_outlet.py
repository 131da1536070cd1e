"""Writing to one line: frames that are kept for one write, and their order beside others."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from gevent import socket

from registry_core.live.outlet import LARGEST_BACKLOG, Outlet

Ends = tuple[Outlet, socket.socket]


@pytest.fixture
def ends() -> Iterator[Ends]:
    """The sending side of a line, and the socket at its other end."""
    here, there = socket.socketpair()
    with here, there:
        there.settimeout(1.0)
        yield Outlet(here), there


def test_what_is_held_goes_out_in_one_write_and_in_its_order(ends: Ends) -> None:
    outlet, there = ends
    assert [outlet.hold(each) for each in (b"one ", b"two ", b"three")] == [True, False, False]
    there.settimeout(0.0)
    with pytest.raises(BlockingIOError):
        there.recv(100)
    there.settimeout(1.0)
    outlet.release()
    assert there.recv(100) == b"one two three"


def test_what_is_written_meanwhile_stands_behind_what_is_held(ends: Ends) -> None:
    outlet, there = ends
    outlet.hold(b"message ")
    outlet.post(b"answer")
    outlet.release()
    received = b""
    while len(received) < len(b"message answer"):
        received += there.recv(100)
    assert received == b"message answer"


def test_nothing_held_goes_out_behind_a_goodbye(ends: Ends) -> None:
    outlet, there = ends
    outlet.hold(b"message")
    outlet.takes = False
    outlet.write(b"goodbye")
    outlet.release()
    assert there.recv(100) == b"goodbye"


def test_who_reads_nothing_is_cut_although_frames_were_held(ends: Ends) -> None:
    outlet, _there = ends
    for _ in range(4):
        outlet.hold(bytes(LARGEST_BACKLOG // 2))
    outlet.release()
    assert outlet.is_dead
    outlet.hold(b"more")
    outlet.release()
    assert outlet.backlog == 0
