"""The application with every page, without any server behind it."""

from __future__ import annotations

import pytest
from flask import Flask

from registry_core import web
from tests.portal_house import make_app, make_settings


@pytest.fixture(scope="session")
def whole_app() -> Flask:
    """The application of a demonstration, which has every page; nothing may ask its database."""
    nothing = web.Runtime(None, None, None)  # type: ignore[arg-type]  # the routes are looked at, never called
    return make_app(make_settings("postgresql+psycopg://nowhere/nothing"), nothing)
