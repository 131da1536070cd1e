"""A new account, opened by an administrator."""

from __future__ import annotations

from flask import flash, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from registry_core import web
from registry_core.access.actors import visible_units
from registry_core.access.models import Role
from registry_core.access.policies import givable_roles
from registry_core.forms import clean_text
from registry_core.people.forms import OpenForm
from registry_core.people.policies import OPEN_ACCOUNT
from registry_core.people.presenters.roles import name_roles
from registry_core.people.queries import units
from registry_core.people.services.opening import Opening, open_for
from registry_core.people.views.blueprint import LONGEST_WORDS, blueprint, chosen_unit_id


@blueprint.route("/people/new", methods=["GET", "POST"])
def open_account() -> ResponseReturnValue:
    """Choose a unit, then say who gets an account there and in which role."""
    unit = units.find_reached(web.session(), web.actor(), OPEN_ACCOUNT, chosen_unit_id())
    if unit is None:
        return _choose_unit()
    roles = name_roles(givable_roles(web.actor(), unit))
    form = OpenForm(role=request.args.get("role", ""))
    form.role.offer(roles)
    page = web.FormPage(form, "people/open_account.html", lambda: {"unit": unit, "roles": roles})
    if not page.is_sent():
        return page.render()
    account = open_for(web.session(), web.actor(), unit.id, opening=_read(form))
    flash(_("账号 %(name)s 已开通，用户名和一次性密码正在发出。", name=account.user_name), "success")
    return web.go(url_for("people.show_person", account_id=account.id))


def _choose_unit() -> ResponseReturnValue:
    words = clean_text(request.args.get("words", ""))[:LONGEST_WORDS]
    return render_template(
        "people/_choose_account_unit.html",
        words=words,
        found=units.search(web.session(), visible_units(web.actor(), OPEN_ACCOUNT), words),
        own=units.list_own(web.session(), web.actor(), OPEN_ACCOUNT),
    )


def _read(form: OpenForm) -> Opening:
    return Opening(
        form.name.data,
        form.mobile.data,
        form.email.data,
        Role(form.role.data),
        user_name=form.user_name.data,
        narrowed_to=form.narrowed_to.data,
    )
