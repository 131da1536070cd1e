"""The living page: every component in each state, with invented people; demonstration mode only."""

from __future__ import annotations

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

blueprint = Blueprint("ui", __name__)


@blueprint.get("/_ui")
def living_page() -> ResponseReturnValue:
    """Show every component."""
    return render_template("ui/living_page.html")
