"""Letters that reset a password in person: found, given, printed once."""

from __future__ import annotations

from uuid import UUID

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue

from registry_core import clock, web
from registry_core.accounts import queries
from registry_core.accounts.forms import LetterForm
from registry_core.accounts.services import resets
from registry_core.accounts.views.blueprint import blueprint
from registry_core.forms import clean_text
from registry_core.links import whole_address

LONGEST_WORDS = 60


@blueprint.route("/letters", methods=["GET", "POST"])
def letters() -> ResponseReturnValue:
    """Find somebody of the level below and print them a letter; its code is shown this once."""
    visitor = web.signed_in()
    form = LetterForm()
    page = web.FormPage(form, "accounts/letters.html", _found)
    if not page.is_sent():
        return page.render()
    letter = resets.give_letter(
        web.session(), visitor.actor, UUID(form.account_id.data), drops_factor=form.drops_factor.data
    )
    # Not the address that this request came by: what is on paper must lead to the house and nowhere else.
    address = whole_address(url_for("accounts.reset"))
    return render_template("accounts/_letter.html", letter=letter, giver=visitor.name, at=clock.now(), address=address)


def _found() -> dict[str, object]:
    words = clean_text(request.args.get("words", ""))[:LONGEST_WORDS]
    people = queries.search_people_below(web.session(), web.actor(), words, at=clock.now()) if words else []
    return {"words": words, "people": people}
