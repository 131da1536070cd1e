"""A short chaos run: lines cut, processes killed, both servers restarted, and nothing is missing afterwards."""

from __future__ import annotations

from pathlib import Path

from tests.chaos.run import Size, run


def test_nothing_is_lost_doubled_or_out_of_order_while_everything_falls(tmp_path: Path) -> None:
    size = Size(messages=1_500, clients=20, disconnects=40, kills=3, rate=120.0, seed=4)
    outcome = run(size, tmp_path)
    assert outcome.verdict.is_sound, outcome.as_json()
    assert outcome.figures["acknowledged"] == size.messages
