"""Sign-in, sign-out, password and language."""

from __future__ import annotations

from flask import Blueprint, current_app, flash, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from registry_core import web
from registry_core.accounts import attempts, services
from registry_core.accounts.forms import LanguageForm, PasswordForm, SignInForm, SignOutForm

YEAR_SECONDS = 365 * 24 * 3600

blueprint = Blueprint("accounts", __name__)


@blueprint.route("/sign-in", methods=["GET", "POST"])
def sign_in() -> ResponseReturnValue:
    """Let a person in with user name and password."""
    form = SignInForm(next=request.args.get("next"))
    if request.method == "GET" and web.visitor() is not None:
        return web.go(web.own_path(form.next.data))
    page = web.FormPage(form, "accounts/sign_in.html")
    if not page.is_sent():
        return page.render()
    with attempts.limited(web.store(), address=web.client_address(), user_name=form.user_name.data):
        token = services.sign_in(
            web.session(), user_name=form.user_name.data, password=form.password.data, browser=web.browser_name()
        )
    # A cookie that somebody planted before must not become the signed-in one.
    session.clear()
    session[web.SESSION_KEY] = token
    return web.go(web.own_path(form.next.data))


@blueprint.post("/sign-out")
def sign_out() -> ResponseReturnValue:
    """End the session of this browser."""
    web.require_valid(SignOutForm())
    visitor = web.visitor()
    if visitor is not None:
        services.sign_out(web.session(), visitor.browser_session_id)
    session.clear()
    return web.go(url_for("accounts.sign_in"))


@blueprint.route("/account/password", methods=["GET", "POST"])
def password() -> ResponseReturnValue:
    """Change the own password; every other browser is signed out."""
    form = PasswordForm()
    page = web.FormPage(form, "accounts/password.html")
    if not page.is_sent():
        return page.render()
    visitor = web.signed_in()
    services.change_password(
        web.session(), visitor.actor, current=form.current.data, new=form.new.data, keep=visitor.browser_session_id
    )
    flash(_("密码已修改，其他设备上的登录已全部退出。"), "success")
    return web.go(url_for("home.workbench"))


@blueprint.post("/language")
def language() -> ResponseReturnValue:
    """Choose the language of the pages, for this browser and, when signed in, for the account."""
    form = LanguageForm()
    web.require_valid(form)
    visitor = web.visitor()
    if visitor is not None:
        services.choose_locale(web.session(), visitor.actor, form.language.data)
    answer = web.go(web.own_path(form.next.data))
    answer.set_cookie(
        web.LANGUAGE_COOKIE,
        form.language.data,
        max_age=YEAR_SECONDS,
        httponly=True,
        samesite="Lax",
        secure=current_app.config["SESSION_COOKIE_SECURE"],
    )
    return answer
