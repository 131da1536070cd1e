"""Where the chains end is written outside the database once a day, and the command checks the trail against it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import text
from sqlalchemy.orm import Session, sessionmaker

from portal.commands.audit import command
from registry_core import audit, clock
from registry_core.audit import heads, jobs
from registry_core.audit.heads import HeadsUnreadable
from registry_core.audit.queries import list_heads
from registry_core.db import new_id, transaction
from tests.registry_core.audit.conftest import Person

MORNING = datetime(2026, 9, 1, 1, tzinfo=UTC)


def act(sessions: sessionmaker[Session], times: int = 3) -> None:
    for _time in range(times):
        with transaction(sessions) as session:
            audit.note(session, Person(new_id()), "accounts.renamed", about=audit.Subject("account", "1"))


def publish(sessions: sessionmaker[Session], place: Path) -> Path | None:
    with sessions() as session:
        return heads.publish(session, place)


def test_heads_are_published_once_a_day_on_one_line(sessions: sessionmaker[Session], tmp_path: Path) -> None:
    act(sessions)
    with clock.frozen(MORNING) as hands:
        first = publish(sessions, tmp_path)
        assert first
        line = first.read_text()
        act(sessions)
        assert publish(sessions, tmp_path) is None
        assert first.read_text() == line
        # Nine in the evening in UTC is the next day in China.
        hands.move(timedelta(hours=20))
        assert publish(sessions, tmp_path) == tmp_path / "2026-09-02.json"
    told = json.loads(line)
    assert told["day"] == "2026-09-01"
    assert sum(chain["length"] for chain in told["chains"].values()) == 3
    assert line.count("\n") == 1


def test_what_was_published_is_read_back(sessions: sessionmaker[Session], tmp_path: Path) -> None:
    act(sessions)
    publish(sessions, tmp_path)
    with sessions() as session:
        assert heads.read(tmp_path) == {chain: [head] for chain, head in list_heads(session).items()}


def test_a_day_that_two_processes_publish_at_once_is_written_once(tmp_path: Path) -> None:
    file = tmp_path / "2026-09-01.json"
    assert heads._write_once(file, b"first")
    assert not heads._write_once(file, b"second")
    assert file.read_bytes() == b"first"
    assert list(tmp_path.iterdir()) == [file]


@pytest.mark.parametrize("content", [b"", b"{", b"\xff", b'{"day":"2026-09-01","at":"2026-09-01T00:00:00Z"}'])
def test_a_damaged_file_is_named(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "2026-09-01.json").write_bytes(content)
    with pytest.raises(HeadsUnreadable, match="heads_unreadable") as refused:
        heads.read(tmp_path)
    assert "2026-09-01.json" in refused.value.text


def test_a_folder_that_is_not_there_yet_holds_nothing(tmp_path: Path) -> None:
    assert heads.read(tmp_path / "none") == {}


def test_the_worker_publishes_into_the_folder_of_the_settings(
    sessions: sessionmaker[Session], tmp_path: Path, kept_folder: None
) -> None:
    del kept_folder
    act(sessions)
    heads.install_folder(tmp_path / "outside")
    with sessions() as session:
        jobs.publish_heads(session, None)
        jobs.publish_heads(session, None)
    assert len(list((tmp_path / "outside").iterdir())) == 1


@pytest.fixture
def kept_folder() -> Iterator[None]:
    before = list(heads._folder)
    yield
    heads._folder[:] = before


# ── the command ───────────────────────────────────────────────────────────────────────────────────────────────────────


class Terminal:
    """Somebody who runs `./desk audit` on the test's database."""

    def __init__(self, database_url: str, place: Path) -> None:
        self.environment = {"DATABASE_URL": database_url, "DESK_AUDIT_HEADS": str(place)}

    def run(self, *arguments: str) -> Result:
        return CliRunner().invoke(command, arguments, env=self.environment)


@pytest.fixture
def terminal(database_url: str, tmp_path: Path) -> Terminal:
    return Terminal(database_url, tmp_path)


def test_the_command_says_that_all_is_well_and_how_fast(sessions: sessionmaker[Session], terminal: Terminal) -> None:
    act(sessions, 30)
    assert terminal.run("publish").exit_code == 0
    checked = terminal.run("verify")
    assert checked.exit_code == 0, checked.output
    assert "30 条" in checked.output
    assert "entries per second" in checked.output
    assert "1 天" in checked.output


def test_the_command_names_the_first_broken_entry(sessions: sessionmaker[Session], terminal: Terminal) -> None:
    act(sessions, 8)
    with sessions() as session:
        session.execute(text("SET LOCAL session_replication_role = replica"))
        chain = session.scalar(text("SELECT min(chain) FROM audit_entry"))
        session.execute(text("UPDATE audit_entry SET label = '假' WHERE chain = :chain"), {"chain": chain})
        session.commit()
    checked = terminal.run("verify")
    assert checked.exit_code == 1
    assert f"链 {chain} 第 1 条" in checked.output
    assert "被改动过" in checked.output


def test_the_command_misses_what_was_emptied_after_it_was_published(
    sessions: sessionmaker[Session], terminal: Terminal
) -> None:
    act(sessions)
    terminal.run("publish")
    with sessions() as session:
        session.execute(text("SET LOCAL session_replication_role = replica"))
        session.execute(text("TRUNCATE audit_entry, audit_head"))
        session.commit()
    checked = terminal.run("verify")
    assert checked.exit_code == 1
    assert "不见了" in checked.output


def test_publishing_twice_a_day_says_so(sessions: sessionmaker[Session], terminal: Terminal) -> None:
    act(sessions)
    terminal.run("publish")
    again = terminal.run("publish")
    assert again.exit_code == 0
    assert "已经公布" in again.output
