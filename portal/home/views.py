"""The workbench."""

from __future__ import annotations

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from portal.home.presenters import view_workbench
from registry_core import web

blueprint = Blueprint("home", __name__)


@blueprint.get("/")
def workbench() -> ResponseReturnValue:
    """Show what waits for the person, and nothing else."""
    view = view_workbench(web.session(), web.actor())
    return render_template(
        "home/workbench.html", waiting=view.waiting, my_questions=view.my_questions, actor=web.actor()
    )
