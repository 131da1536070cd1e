"""The application in tests: on the test's own transaction, with a browser that knows how to sign in."""

from __future__ import annotations

import re
from pathlib import Path

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine
from sqlalchemy.orm import Session, sessionmaker
from werkzeug.test import TestResponse

from portal.app import create_app
from portal.config import Mode, SendingRates, Settings
from portal.demonstration import PASSWORD
from registry_core import web
from registry_core.store import Redis

SECRET_KEY = "a key for tests that nobody else knows"
CSRF = re.compile(r'name="csrf_token" value="([^"]+)"')


def make_settings(
    database_url: str, redis_url: str = "", *, mode: Mode = Mode.DEMONSTRATION, var: Path | None = None
) -> Settings:
    """Settings of a demonstration on test servers; without Redis each process pushes for itself."""
    return Settings(
        database_url=database_url,
        redis_url=redis_url,
        secret_key=SECRET_KEY,
        mode=mode,
        var=var or Path("var"),
        # Tests write faster than people.
        rates=SendingRates(sends=0),
    )


def make_app(settings: Settings, runtime: web.Runtime) -> Flask:
    """The application on a runtime of the test."""
    app = create_app(settings, runtime=runtime)
    app.testing = True
    return app


def runtime_on(session: Session, engine: Engine, store: Redis) -> web.Runtime:
    """A runtime whose transactions are savepoints within the test's own, rolled back with it."""
    sessions = sessionmaker(session.connection(), join_transaction_mode="create_savepoint", expire_on_commit=False)
    return web.Runtime(engine, sessions, store)


class Browser:
    """A browser: keeps its cookie and fills in the token of the form that it has open."""

    def __init__(self, app: Flask) -> None:
        self.client: FlaskClient = app.test_client()

    def get(self, path: str, **more: str) -> TestResponse:
        """Open a page; `more` are headers with underscores. Read to its end, so that no file stays open."""
        return self.client.get(path, headers=_headers(more), buffered=True)

    def post(
        self, path: str, fields: dict[str, str] | None = None, *, page: str | None = None, **more: str
    ) -> TestResponse:
        """Send a form, with the token of the page that carries it."""
        data = {"csrf_token": self.token(page or "/sign-in"), **(fields or {})}
        return self.client.post(path, data=data, headers=_headers(more))

    def token(self, page: str = "/sign-in") -> str:
        """The token of a page against forged requests."""
        answer = self.client.get(page, follow_redirects=True)
        found = CSRF.search(answer.text)
        assert found, answer.text[:500]
        return found[1]

    def sign_in(self, user_name: str, password: str = PASSWORD, *, to: str = "") -> TestResponse:
        """Sign in; `to` is where the door should lead."""
        return self.post("/sign-in", {"user_name": user_name, "password": password, "next": to})


def _headers(named: dict[str, str]) -> dict[str, str]:
    return {name.replace("_", "-"): value for name, value in named.items()}
