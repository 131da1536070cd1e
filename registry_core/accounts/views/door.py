"""The way in: user name and password, then what is still owed; sign-out and language."""

from __future__ import annotations

from flask import current_app, render_template, request, session, url_for
from flask.typing import ResponseReturnValue

from registry_core import clock, web
from registry_core.accounts import queries, rate_limits, services
from registry_core.accounts.errors import StepNotDue
from registry_core.accounts.factors import AuthenticatorApp
from registry_core.accounts.forms import CodeForm, LanguageForm, NewPasswordForm, PressForm, SignInForm, SignOutForm
from registry_core.accounts.models import PendingSignIn
from registry_core.accounts.presenters import view_set_up
from registry_core.accounts.services import door
from registry_core.accounts.services.door import Owed
from registry_core.accounts.views.blueprint import blueprint, caller, remember_device

YEAR_SECONDS = 365 * 24 * 3600
PENDING_KEY = "pending"
NEXT_KEY = "next"

STEPS = {
    Owed.CODE: "accounts.sign_in_code",
    Owed.NEW_PASSWORD: "accounts.sign_in_password",
    Owed.FACTOR: "accounts.sign_in_factor",
}


@blueprint.route("/sign-in", methods=["GET", "POST"])
def sign_in() -> ResponseReturnValue:
    """Take user name and password."""
    form = SignInForm(next=request.args.get("next"))
    if request.method == "GET" and web.visitor() is not None:
        return web.go(web.own_path(form.next.data))
    page = web.FormPage(form, "accounts/sign_in.html")
    if not page.is_sent():
        return page.render()
    with rate_limits.limited(web.store(), address=web.client_address()):
        token = door.knock(web.session(), user_name=form.user_name.data, password=form.password.data, caller=caller())
    # A cookie that somebody planted before must not become the signed-in one.
    session.clear()
    session[PENDING_KEY] = token
    session[NEXT_KEY] = web.own_path(form.next.data)
    return go_on(_pending())


@blueprint.route("/sign-in/code", methods=["GET", "POST"])
def sign_in_code() -> ResponseReturnValue:
    """Take the second factor."""
    pending = _pending(Owed.CODE)
    form = CodeForm()
    page = web.FormPage(form, "accounts/sign_in_code.html")
    if not page.is_sent():
        return page.render()
    with rate_limits.limited(web.store(), address=web.client_address()):
        door.show_code(web.session(), pending, answer=form.code.data, caller=caller())
    return go_on(pending)


@blueprint.route("/sign-in/password", methods=["GET", "POST"])
def sign_in_password() -> ResponseReturnValue:
    """Take a new password: the present one was given by somebody else or is too old."""
    pending = _pending(Owed.NEW_PASSWORD)
    form = NewPasswordForm()
    page = web.FormPage(form, "accounts/sign_in_password.html")
    if not page.is_sent():
        return page.render()
    door.replace_password(web.session(), pending, new=form.new.data)
    return go_on(pending)


@blueprint.route("/sign-in/second-factor", methods=["GET", "POST"])
def sign_in_factor() -> ResponseReturnValue:
    """Let somebody set up the second factor that their role demands."""
    pending = _pending(Owed.FACTOR)
    form = CodeForm()
    page = web.FormPage(form, "accounts/sign_in_factor.html", lambda: _set_up(pending))
    if not page.is_sent():
        return page.render()
    kind = AuthenticatorApp.code
    drawn = door.confirm_factor_at_door(web.session(), pending, kind, answer=form.code.data)
    return render_template("accounts/_recovery_codes.html", codes=drawn, go_on=url_for("accounts.sign_in_finish"))


@blueprint.post("/sign-in/finish")
def sign_in_finish() -> ResponseReturnValue:
    """Go on after the recovery codes: to what is owed next, or in."""
    web.require_valid(PressForm())
    return go_on(_pending())


@blueprint.post("/sign-out")
def sign_out() -> ResponseReturnValue:
    """End the session of this browser."""
    web.require_valid(SignOutForm())
    visitor = web.visitor()
    if visitor is not None:
        services.sign_out(web.session(), visitor.browser_session_id)
    session.clear()
    return web.go(url_for("accounts.sign_in"))


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


def go_on(pending: PendingSignIn) -> ResponseReturnValue:
    """Send the browser to what is owed next; where nothing is, open the door."""
    owed = door.what_is_owed(web.session(), pending)
    if owed is not None:
        return web.go(url_for(STEPS[owed]))
    entry = door.enter(web.session(), pending, caller=caller())
    target = web.own_path(session.get(NEXT_KEY))
    session.clear()
    session[web.SESSION_KEY] = entry.token
    return remember_device(web.go(target), entry.device_token)


def _pending(owed: Owed | None = None) -> PendingSignIn:
    """Return the sign-in that this browser has begun, if the step is the next one.

    Raises StepNotDue.
    """
    token = session.get(PENDING_KEY)
    pending = queries.find_pending(web.session(), token, at=clock.now()) if isinstance(token, str) else None
    if pending is None or (owed is not None and door.what_is_owed(web.session(), pending) is not owed):
        raise StepNotDue
    return pending


def _set_up(pending: PendingSignIn) -> dict[str, object]:
    return {"set_up": view_set_up(door.begin_factor_at_door(web.session(), pending, AuthenticatorApp.code))}
