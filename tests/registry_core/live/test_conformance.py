"""The WebSocket protocol (RFC 6455) as the transport speaks it, also to those who break it."""

from __future__ import annotations

import pytest
from websockets.frames import Opcode

from tests.registry_core.live.conftest import Lines
from tests.registry_core.live.raw_line import KEY, frame, text

NORMAL, PROTOCOL_ERROR, INVALID_DATA, TOO_BIG = 1000, 1002, 1007, 1009
LARGE = 1_000_001


def test_a_message_in_fragments_with_a_ping_between_arrives_whole(dial: Lines, direct_server: int) -> None:
    line = dial(direct_server)
    line.send(
        frame(Opcode.TEXT, b'421["ec', fin=False),
        frame(Opcode.PING, b"hi"),
        frame(Opcode.CONT, b'ho","fr', fin=False),
        frame(Opcode.CONT, b'ag"]'),
    )
    assert line.until(Opcode.PONG) == b"hi"
    assert line.answer(1) == "frag"


def test_a_closing_frame_is_answered_with_the_same_code(dial: Lines, direct_server: int) -> None:
    line = dial(direct_server)
    line.send(frame(Opcode.CLOSE, NORMAL.to_bytes(2, "big") + b"bye"))
    assert line.close_code() == NORMAL
    with pytest.raises(ConnectionError):
        line.receive()


@pytest.mark.parametrize(
    ("frames", "code"),
    [
        ([frame(Opcode.TEXT, b"\xff\xfe")], INVALID_DATA),
        ([frame(Opcode.TEXT, b"42", mask=False)], PROTOCOL_ERROR),
        ([frame(Opcode.TEXT, b"4" * LARGE)], TOO_BIG),
        (
            [
                frame(Opcode.TEXT, b"4", fin=False),
                frame(Opcode.CONT, b"x" * (LARGE // 2), fin=False),
                frame(Opcode.CONT, b"x" * (LARGE // 2)),
            ],
            TOO_BIG,
        ),
        ([frame(Opcode.CONT, b"x")], PROTOCOL_ERROR),
        ([b"\x83\x80\0\0\0\0"], PROTOCOL_ERROR),
        ([frame(Opcode.TEXT, b"4", fin=False), frame(Opcode.TEXT, b"4")], PROTOCOL_ERROR),
    ],
    ids=["bad UTF-8", "unmasked", "too big", "too big in fragments", "stray continuation", "reserved", "unfinished"],
)
def test_who_breaks_the_protocol_is_told_why_and_cut(
    dial: Lines, direct_server: int, frames: list[bytes], code: int
) -> None:
    line = dial(direct_server)
    line.send(*frames)
    assert line.close_code() == code
    with pytest.raises(ConnectionError):
        line.receive()


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec_WebSocket_Version": "8"},
        {"Sec_WebSocket_Key": "abc"},
        {"Origin": "http://evil.example"},
    ],
    ids=["version", "key", "origin"],
)
def test_a_handshake_that_is_wrong_is_refused_and_leaves_nobody_behind(
    dial: Lines, direct_server: int, headers: dict[str, str]
) -> None:
    watcher = dial(direct_server)
    before = watcher.call(1, "count", None)
    for _attempt in range(3):
        refused = dial.ask(direct_server, **headers)
        assert refused.head.split(" ")[1] in {"400", "426"}
        refused.close()
    assert watcher.call(2, "count", None) == before


def test_the_key_is_answered_as_the_standard_says(dial: Lines, direct_server: int) -> None:
    line = dial.ask(direct_server)
    assert KEY == "dGhlIHNhbXBsZSBub25jZQ=="
    assert "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=" in line.head  # the example of RFC 6455, 1.3


def test_many_commands_in_one_piece_are_answered_in_their_order(dial: Lines, direct_server: int) -> None:
    line = dial(direct_server)
    line.send(*(text(f'42{number}["echo",{number}]') for number in range(500)))
    assert [line.answer(number) for number in range(500)] == list(range(500))
