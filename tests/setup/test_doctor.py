"""`./desk doctor` on a sound house and on one with faults, each of which it names with what to do."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Sink
from click.testing import CliRunner, Result

from portal.commands import seeding
from portal.commands.doctor import command
from portal.servers.postgres import private_postgres

VARIABLES = ("DATABASE_URL", "REDIS_URL", "DESK_MODE", "DESK_SECRET_KEY", "DESK_HOST", "DESK_PORT", "DESK_MAIL_HOST")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("DESK_VAR", str(tmp_path))
    monkeypatch.setenv("DESK_PORT", str(free_port()))
    return tmp_path


@pytest.fixture
def mail_port() -> Iterator[int]:
    server = Controller(Sink(), hostname="127.0.0.1", port=free_port())
    server.start()
    yield server.port
    server.stop()


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port


def ask() -> Result:
    return CliRunner().invoke(command)


def lines_about(result: Result, name: str) -> str:
    lines = result.output.splitlines()
    start = next(number for number, line in enumerate(lines) if name in line)
    return "\n".join(lines[start : start + 3])


@pytest.mark.usefixtures("folder")
def test_a_house_before_its_first_start_is_well() -> None:
    result = ask()
    assert result.exit_code == 0, result.output
    assert "PostgreSQL 18" in result.output
    assert "Valkey 9" in result.output
    assert "✗" not in result.output


def test_a_migrated_database_is_well_and_one_behind_is_a_fault(folder: Path) -> None:
    with private_postgres(folder / "postgres") as url:
        seeding.migrate(url)
    assert "✓ 数据库" in ask().output
    with private_postgres(folder / "postgres") as url:
        seeding.empty(url)
        seeding.migrate(url, "0001")
    result = ask()
    assert result.exit_code == 1
    assert "./desk db migrate" in lines_about(result, "✗ 数据库")


@pytest.mark.usefixtures("folder")
def test_servers_that_do_not_answer_are_named_with_their_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    port = free_port()
    monkeypatch.setenv("DATABASE_URL", f"postgresql+psycopg://desk@127.0.0.1:{port}/desk")
    monkeypatch.setenv("REDIS_URL", f"redis://127.0.0.1:{port}/0")
    result = ask()
    assert result.exit_code == 1
    assert "DATABASE_URL" in lines_about(result, "✗ 数据库")
    assert "REDIS_URL" in lines_about(result, "✗ Redis")


@pytest.mark.usefixtures("folder")
def test_a_taken_port_comes_with_a_free_one(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        monkeypatch.setenv("DESK_PORT", str(server.getsockname()[1]))
        result = ask()
    assert result.exit_code == 1
    assert "--port" in lines_about(result, "✗ 端口")


@pytest.mark.usefixtures("folder")
def test_production_without_secret_and_mail_is_a_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DESK_MODE", "production")
    result = ask()
    assert result.exit_code == 1
    assert "DESK_SECRET_KEY" in lines_about(result, "✗ 设置")
    monkeypatch.setenv("DESK_SECRET_KEY", "s" * 40)
    assert "DESK_MAIL_HOST" in lines_about(ask(), "✗ 邮件")


@pytest.mark.usefixtures("folder")
def test_a_mail_server_is_greeted(monkeypatch: pytest.MonkeyPatch, mail_port: int) -> None:
    monkeypatch.setenv("DESK_MAIL_HOST", "127.0.0.1")
    monkeypatch.setenv("DESK_MAIL_SENDER", "desk@example.cn")
    monkeypatch.setenv("DESK_MAIL_PORT", str(mail_port))
    assert f"✓ 邮件 mail：127.0.0.1:{mail_port}" in ask().output
    monkeypatch.setenv("DESK_MAIL_PORT", str(free_port()))
    result = ask()
    assert result.exit_code == 1
    assert "DESK_MAIL_HOST" in lines_about(result, "✗ 邮件")


def test_a_folder_that_cannot_be_used_is_named(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "file").touch()
    monkeypatch.setenv("DESK_VAR", str(folder / "file" / "var"))
    result = ask()
    assert result.exit_code == 1
    assert "DESK_VAR" in result.output
