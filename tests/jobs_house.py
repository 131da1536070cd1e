"""What waits for the worker in the test's own transaction."""

from __future__ import annotations

from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session


def jobs(session: Session, event: str | None = None) -> list[dict[str, Any]]:
    """The arguments of every job in the order of their making, if wished of the reactions to one event alone."""
    rows = session.scalars(text("SELECT args FROM procrastinate_jobs ORDER BY id")).all()
    return [row for row in rows if event is None or row.get("event") == event]
