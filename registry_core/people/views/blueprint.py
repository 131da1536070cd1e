"""The blueprint that all pages about people hang on, and what several of them read from an address."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, request

LONGEST_WORDS = 60

blueprint = Blueprint("people", __name__)


def chosen_unit_id() -> UUID | None:
    """Read which unit the address names."""
    try:
        return UUID(request.args.get("unit", ""))
    except ValueError:
        return None
