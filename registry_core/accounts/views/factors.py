"""Setting up and taking away the own second factor; recovery codes."""

from __future__ import annotations

from flask import flash, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from registry_core import web
from registry_core.accounts.factors import AuthenticatorApp
from registry_core.accounts.forms import CodeForm, PressForm
from registry_core.accounts.presenters import view_set_up
from registry_core.accounts.services import factors
from registry_core.accounts.views.blueprint import blueprint


@blueprint.route("/account/second-factor", methods=["GET", "POST"])
def set_up_factor() -> ResponseReturnValue:
    """Set up an authenticator app; its first code finishes it."""
    visitor = web.signed_in()
    account_id, kind = visitor.actor.account_id, AuthenticatorApp.code
    form = CodeForm()
    page = web.FormPage(
        form,
        "accounts/set_up_factor.html",
        lambda: {"set_up": view_set_up(factors.begin_factor(web.session(), account_id, kind))},
    )
    if not page.is_sent():
        return page.render()
    drawn = factors.confirm_factor(
        web.session(), account_id, kind, answer=form.code.data, keep=visitor.browser_session_id
    )
    return render_template("accounts/_recovery_codes.html", codes=drawn, go_on=None)


@blueprint.post("/account/second-factor/remove")
def remove_factor() -> ResponseReturnValue:
    """Take the second factor away."""
    web.require_valid(PressForm())
    factors.remove_factors(web.session(), web.actor())
    flash(_("二次验证已关掉，以后只用密码登录。"), "success")
    return web.go(url_for("accounts.show_account"))


@blueprint.post("/account/recovery-codes")
def renew_recovery_codes() -> ResponseReturnValue:
    """Draw new recovery codes; those before open nothing any more."""
    web.require_valid(PressForm())
    drawn = factors.renew_own_recovery_codes(web.session(), web.actor())
    return render_template("accounts/_recovery_codes.html", codes=drawn, go_on=None)
