"""Health for supervisors and load balancers."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from http import HTTPStatus
from pathlib import Path

from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Blueprint, jsonify
from flask.typing import ResponseReturnValue
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from registry_core import web
from registry_core.store import Redis, RedisError

MIGRATIONS = Path(__file__).resolve().parents[2] / "migrations"
GOOD, BAD, DEGRADED = "ok", "unavailable", "degraded"

blueprint = Blueprint("health", __name__)


@dataclass(frozen=True, slots=True)
class Health:
    """How the parts are; the house is ready while the database is there with all its tables."""

    database: str
    migrations: str
    redis: str

    @property
    def is_ready(self) -> bool:
        """Say whether pages can be served. Without Redis they are slower and less live, no more."""
        return self.database == GOOD and self.migrations == GOOD


@blueprint.get("/healthz")
def alive() -> ResponseReturnValue:
    """Say that the process answers; asks nothing of anybody."""
    return jsonify(status=GOOD)


@blueprint.get("/readyz")
def ready() -> ResponseReturnValue:
    """Say whether pages can be served."""
    runtime = web.runtime()
    health = examine(runtime.engine, runtime.store)
    status = BAD if not health.is_ready else GOOD if health.redis == GOOD else DEGRADED
    code = HTTPStatus.OK if health.is_ready else HTTPStatus.SERVICE_UNAVAILABLE
    return jsonify(status=status, database=health.database, migrations=health.migrations, redis=health.redis), code


def examine(engine: Engine, store: Redis) -> Health:
    """Look at the database, its migrations and Redis."""
    redis = GOOD if _answers(store) else DEGRADED
    try:
        with engine.connect() as connection:
            reached = MigrationContext.configure(connection).get_current_heads()
    except SQLAlchemyError:
        return Health(BAD, BAD, redis)
    return Health(GOOD, GOOD if set(reached) == newest() else "behind", redis)


@cache
def newest() -> frozenset[str]:
    """Name the migrations that this version of the house needs."""
    return frozenset(ScriptDirectory(str(MIGRATIONS)).get_heads())


def _answers(store: Redis) -> bool:
    try:
        store.ping()
    except RedisError:
        return False
    return True
