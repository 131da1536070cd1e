"""账号与安全: password, second factor, sessions and history on one page, and the proof of who one is."""

from __future__ import annotations

from uuid import UUID

from flask import flash, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from registry_core import clock, web
from registry_core.accounts import demands, queries, rate_limits, services
from registry_core.accounts.forms import ConfirmForm, EndSessionForm, PasswordForm, PressForm
from registry_core.accounts.presenters import view_account
from registry_core.accounts.services import door, sessions
from registry_core.accounts.views.blueprint import blueprint, caller


@blueprint.get("/account")
def show_account() -> ResponseReturnValue:
    """Show the own account."""
    visitor = web.signed_in()
    view = view_account(web.session(), visitor.actor, current=visitor.browser_session_id, at=clock.now())
    return render_template("accounts/show_account.html", view=view)


@blueprint.route("/account/password", methods=["GET", "POST"])
def password() -> ResponseReturnValue:
    """Change the own password; every other browser is signed out."""
    form = PasswordForm()
    page = web.FormPage(form, "accounts/password.html", lambda: {"min_length": _min_length()})
    if not page.is_sent():
        return page.render()
    visitor = web.signed_in()
    services.change_password(
        web.session(), visitor.actor, current=form.current.data, new=form.new.data, keep=visitor.browser_session_id
    )
    flash(_("密码已修改，其他设备上的登录已全部退出。"), "success")
    return web.go(url_for("home.workbench"))


@blueprint.route("/account/confirm", methods=["GET", "POST"])
def confirm() -> ResponseReturnValue:
    """Take a fresh proof of who one is before an act of weight."""
    visitor = web.signed_in()
    form = ConfirmForm(next=request.args.get("next"))
    has_factor = bool(queries.list_factor_kinds(web.session(), visitor.actor.account_id))
    page = web.FormPage(form, "accounts/confirm.html", lambda: {"has_factor": has_factor})
    if not page.is_sent():
        return page.render()
    with rate_limits.limited(web.store(), address=web.client_address()):
        token = door.confirm_identity(
            web.session(),
            visitor.actor.account_id,
            visitor.browser_session_id,
            answer=form.answer.data,
            caller=caller(),
        )
    session[web.SESSION_KEY] = token
    return web.go(web.own_path(form.next.data, url_for("accounts.show_account")))


@blueprint.post("/account/sessions/end")
def end_session() -> ResponseReturnValue:
    """End one of the own browser sessions."""
    form = EndSessionForm()
    web.require_valid(form)
    sessions.end_own_session(web.session(), web.actor(), UUID(form.session_id.data))
    flash(_("那台设备已经退出登录。"), "success")
    return web.go(url_for("accounts.show_account"))


@blueprint.post("/account/sessions/end-others")
def end_other_sessions() -> ResponseReturnValue:
    """End every own browser session but this one."""
    web.require_valid(PressForm())
    visitor = web.signed_in()
    sessions.end_sessions(web.session(), visitor.actor.account_id, keep=visitor.browser_session_id)
    flash(_("其他设备上的登录已全部退出。"), "success")
    return web.go(url_for("accounts.show_account"))


def _min_length() -> int:
    account = queries.get_account(web.session(), web.actor().account_id)
    return demands.password_rules(web.session(), account).min_length
