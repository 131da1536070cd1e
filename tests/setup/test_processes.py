import os
import signal
import sys
import time
from pathlib import Path

import psutil
import pytest

from portal.servers.processes import FIRST_PAUSE_SECONDS, Supervisor
from portal.servers.programs import LARGEST_LOG, Program

STUBBORN = (
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); time.sleep(600)"
)


def program(folder: Path, name: str, script: str) -> Program:
    return Program(
        name=name,
        command=[sys.executable, "-c", script],
        notes=folder / "run",
        log=folder / "log" / f"{name}.log",
        folder=folder,
        stops=((signal.SIGTERM, 0.3), (signal.SIGKILL, 3.0)),
    )


def look_until(supervisor: Supervisor, starts: int, log: Path) -> None:
    deadline = time.monotonic() + 30
    while log.read_text().count("up") < starts:
        assert time.monotonic() < deadline
        supervisor.look()
        time.sleep(0.02)


def test_a_dying_program_is_started_again_after_a_growing_pause_and_it_is_said(tmp_path: Path) -> None:
    said: list[str] = []
    began = time.monotonic()
    dying = program(tmp_path, "web", "print('up', flush=True); raise SystemExit(3)")
    with Supervisor([dying], said.append) as supervisor:
        look_until(supervisor, 3, dying.log)
    assert time.monotonic() - began > FIRST_PAUSE_SECONDS * 3
    assert len(said) == 2
    assert "web" in said[0]
    assert "3" in said[0]


def test_a_killed_program_is_started_again(tmp_path: Path) -> None:
    said: list[str] = []
    web = program(tmp_path, "web", "import time; print('up', flush=True); time.sleep(600)")
    with Supervisor([web], said.append) as supervisor:
        look_until(supervisor, 1, web.log)
        assert web.process is not None
        os.kill(web.process.pid, signal.SIGKILL)
        look_until(supervisor, 2, web.log)
    assert "SIGKILL" in said[0]


def test_all_are_stopped_at_the_end_even_one_that_does_not_listen(tmp_path: Path) -> None:
    stubborn = program(tmp_path, "stubborn", STUBBORN)
    with Supervisor([stubborn], print) as supervisor:
        look_until(supervisor, 1, stubborn.log)
        assert stubborn.process is not None
        pid = stubborn.process.pid
        assert stubborn.note.exists()
    assert not psutil.pid_exists(pid)
    assert not stubborn.note.exists()


def test_what_a_crashed_run_left_behind_is_ended_at_the_next_start(tmp_path: Path) -> None:
    left = program(tmp_path, "web", STUBBORN)
    left.start()
    assert left.process is not None
    fresh = program(tmp_path, "web", STUBBORN)
    with Supervisor([fresh], print):
        assert not psutil.pid_exists(left.process.pid)
        assert fresh.is_running
    left.process.wait()


@pytest.mark.parametrize(("size", "is_moved"), [(LARGEST_LOG, False), (LARGEST_LOG + 1, True)])
def test_a_log_that_has_grown_large_is_put_aside(tmp_path: Path, size: int, *, is_moved: bool) -> None:
    quiet = program(tmp_path, "web", "pass")
    quiet.log.parent.mkdir()
    quiet.log.write_bytes(b"." * size)
    quiet.start()
    quiet.stop()
    assert quiet.log.with_name("web.log.old").exists() == is_moved
