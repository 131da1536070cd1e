"""`python -m portal.worker` on the real house: settings, jobs, clock, an orderly end."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from registry_core.db import make_sessions, transaction
from registry_core.mail import Mail, enqueue_mail
from registry_core.sms import Sms, enqueue_sms
from tests.conftest import ROOT, Cast
from tests.portal.worker.conftest import count_jobs, wait_for


def start(log: Path, **settings: str) -> subprocess.Popen[bytes]:
    """Start the worker with these settings alone."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("DESK_")}
    with log.open("wb") as output:
        return subprocess.Popen(
            [sys.executable, "-m", "portal.worker"], env={**environment, **settings}, cwd=ROOT, stderr=output
        )


@contextmanager
def at_work(log: Path, **settings: str) -> Iterator[subprocess.Popen[bytes]]:
    """Run the worker for a while and end it in order."""
    process = start(log, **settings)
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(10)


@pytest.fixture
def settings(database_url: str, redis_url: str, tmp_path: Path) -> dict[str, str]:
    return {
        "DESK_MODE": "demonstration",
        "DATABASE_URL": database_url,
        "REDIS_URL": redis_url,
        "DESK_VAR": str(tmp_path),
    }


def test_the_worker_sends_what_was_committed_and_leaves_in_order(
    engine: Engine, committed: Cast, settings: dict[str, str], tmp_path: Path
) -> None:
    account_id = committed.id("xuexiao_xueji")
    with transaction(make_sessions(engine)) as session:
        enqueue_mail(session, Mail("li@example.org", "有答复了", "请点开：", account_id))
        enqueue_sms(session, Sms("13812345678", "有答复了", account_id))
    log = tmp_path / "log"
    with at_work(log, **settings) as process:
        wait_for(lambda: count_jobs(engine) == 0 and "clock runs in this worker" in log.read_text())
        wait_for(lambda: count_workers(engine) == 1)
    assert process.returncode == 0
    assert count_workers(engine) == 0
    assert len(list((tmp_path / "mail").glob("*.eml"))) == 1
    written = log.read_text()
    assert "138****5678" in written
    assert "li@example.org" not in written
    assert "tick failed" not in written


def test_a_worker_without_redis_still_works(
    engine: Engine, committed: Cast, settings: dict[str, str], tmp_path: Path
) -> None:
    with transaction(make_sessions(engine)) as session:
        enqueue_mail(session, Mail("li@example.org", "有答复了", "请点开：", committed.id("xuexiao_xueji")))
    log = tmp_path / "log"
    with at_work(log, **{**settings, "REDIS_URL": "redis://127.0.0.1:1/0"}) as process:
        wait_for(lambda: count_jobs(engine) == 0)
    assert process.returncode == 0
    assert "tick failed" not in log.read_text()


def test_faulty_settings_name_the_variable_and_start_nothing(settings: dict[str, str], tmp_path: Path) -> None:
    log = tmp_path / "log"
    process = start(log, **{**settings, "DESK_MODE": "production", "DESK_SECRET_KEY": ""})
    assert process.wait(10) == 2
    assert "DESK_SECRET_KEY" in log.read_text()


def count_workers(engine: Engine) -> int:
    with engine.connect() as connection:
        found: int = connection.scalars(text("SELECT count(*) FROM procrastinate_workers")).one()
        return found
