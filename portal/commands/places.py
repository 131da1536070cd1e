"""Where commands keep things, and the servers that they use: the configured ones, or private ones under `var/`."""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from portal.preparation import BUILD
from portal.servers.ownership import ownership
from portal.servers.postgres import private_postgres
from portal.servers.valkey import private_valkey


@dataclass(frozen=True, slots=True)
class Servers:
    """The addresses of database and Redis, and which of them are private."""

    database_url: str
    redis_url: str

    def environment(self) -> dict[str, str]:
        """Return the variables that tell a child process of these servers."""
        return {"DATABASE_URL": self.database_url, "REDIS_URL": self.redis_url}


def data_directory() -> Path:
    """Return where databases, logs and mails are kept: `DESK_VAR`, by default `var/` beside the sources.

    Environment, stamps and measurements stay in `var/` beside the sources whatever `DESK_VAR` says.
    """
    return Path(os.environ.get("DESK_VAR") or BUILD).resolve()


def run_directory() -> Path:
    """Return where a running `./desk up` leaves its lock, its address and the notes of its children."""
    return data_directory() / "run"


def running_address() -> str | None:
    """Return the address of the `./desk up` that runs on these data, or None."""
    with ownership(run_directory()) as is_mine:
        address = run_directory() / "address"
        return None if is_mine or not address.exists() else address.read_text()


@contextmanager
def database(*, share: bool = True, wait_seconds: float = 0.0) -> Iterator[str]:
    """Yield the address of the database: `DATABASE_URL`, or the private server for as long as the block lasts."""
    configured = os.environ.get("DATABASE_URL")
    if configured:
        yield configured
        return
    with private_postgres(data_directory() / "postgres", share=share, wait_seconds=wait_seconds) as url:
        yield url


@contextmanager
def redis(*, share: bool = True, wait_seconds: float = 0.0) -> Iterator[str]:
    """Yield the address of Redis: `REDIS_URL`, or the private Valkey for as long as the block lasts."""
    configured = os.environ.get("REDIS_URL")
    if configured:
        yield configured
        return
    with private_valkey(data_directory() / "valkey", share=share, wait_seconds=wait_seconds) as url:
        yield url


@contextmanager
def servers(*, share: bool = True, wait_seconds: float = 0.0) -> Iterator[Servers]:
    """Yield both servers. The private ones are stopped at the end, Redis first."""
    with (
        database(share=share, wait_seconds=wait_seconds) as database_url,
        redis(share=share, wait_seconds=wait_seconds) as redis_url,
    ):
        yield Servers(database_url, redis_url)


def demonstration_secret() -> str:
    """Return the secret key of the demonstration, made once and kept where only its owner reads it."""
    place = data_directory() / "secret.key"
    if not place.exists():
        place.parent.mkdir(parents=True, exist_ok=True)
        unfinished = place.with_suffix(".new")
        unfinished.touch(mode=0o600)
        unfinished.write_text(secrets.token_urlsafe(48))
        unfinished.rename(place)
    return place.read_text().strip()
