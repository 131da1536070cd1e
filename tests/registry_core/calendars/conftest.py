"""The application, for the pages of the calendar."""

from __future__ import annotations

from tests.portal.conftest import app, browser, shared_app, signed_in

__all__ = ["app", "browser", "shared_app", "signed_in"]
