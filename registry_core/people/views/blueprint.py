"""The blueprint that all pages about people hang on, and what several of them read from an address."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from uuid import UUID

from flask import Blueprint, request

from registry_core import clock

LONGEST_WORDS = 60

blueprint = Blueprint("people", __name__)


def chosen_unit_id() -> UUID | None:
    """Read which unit the address names."""
    return read_unit_id("unit")


def read_unit_id(name: str) -> UUID | None:
    """Read a unit out of one part of the address."""
    try:
        return UUID(request.args.get(name, ""))
    except ValueError:
        return None


def end_of(day: date) -> datetime:
    """Take the last day along: a role until the 31st is held on the 31st."""
    return datetime.combine(day + timedelta(days=1), time(), tzinfo=clock.BEIJING)
