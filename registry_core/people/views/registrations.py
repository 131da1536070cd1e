"""Open registration: two public pages, and those on which a unit's administrators decide."""

from __future__ import annotations

from uuid import UUID

from flask import flash, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from registry_core import web
from registry_core.access.models import Role
from registry_core.access.policies import givable_roles
from registry_core.accounts import rate_limits
from registry_core.audit.services import note_read
from registry_core.audit.values import Subject
from registry_core.forms import clean_text
from registry_core.orgs.queries import WHOLE_TREE, find_unit
from registry_core.people.forms import AcceptForm, RegisterForm, RegistrationCodeForm, TakeForm
from registry_core.people.models import Channel, RegistrationState
from registry_core.people.presenters.roles import name_roles
from registry_core.people.queries import registrations as queries
from registry_core.people.queries import units
from registry_core.people.services import registrations as services
from registry_core.people.views.blueprint import LONGEST_WORDS, blueprint, chosen_unit_id, read_unit_id

REGISTRATION_KEY = "registration"


@blueprint.route("/register", methods=["GET", "POST"])
def register() -> ResponseReturnValue:
    """Choose a unit, then ask for an account there; the answer is the same for who has one."""
    unit_id = chosen_unit_id()
    unit = find_unit(web.session(), WHOLE_TREE, unit_id) if unit_id else None
    if unit is None:
        return _choose_unit()
    form = RegisterForm()
    page = web.FormPage(form, "people/register.html", lambda: {"unit": unit})
    if not page.is_sent():
        return page.render()
    rate_limits.count_request(web.store(), rate_limits.REGISTER, address=web.client_address())
    applicant = services.Applicant(form.name.data, Channel(form.channel.data), form.address, form.wish.data)
    registration = services.request_registration(web.session(), unit.id, applicant=applicant)
    session[REGISTRATION_KEY] = str(registration.id)
    return web.go(url_for("people.confirm_registration"))


@blueprint.route("/register/confirm", methods=["GET", "POST"])
def confirm_registration() -> ResponseReturnValue:
    """Confirm the address with the code that was sent there."""
    form = RegistrationCodeForm()
    page = web.FormPage(form, "people/confirm_registration.html")
    if not page.is_sent():
        return page.render()
    with rate_limits.limited(web.store(), address=web.client_address()):
        services.confirm_registration(web.session(), _own_registration_id(), code=form.code.data)
    session.pop(REGISTRATION_KEY, None)
    return render_template("people/_registered.html")


@blueprint.get("/people/registrations")
def list_registrations() -> ResponseReturnValue:
    """Show the registrations of one state on which the reader decides."""
    asked = request.args.get("state", "")
    shown = {RegistrationState.OPEN, RegistrationState.ACCEPTED, RegistrationState.REFUSED}
    state = RegistrationState(asked) if asked in shown else RegistrationState.OPEN
    rows = queries.list_registrations(web.session(), web.actor(), state=state)
    return render_template("people/list_registrations.html", rows=rows, state=state)


@blueprint.get("/people/registrations/<uuid:registration_id>")
def show_registration(registration_id: UUID) -> ResponseReturnValue:
    """Show one registration with the forms to accept and to refuse it."""
    row = queries.get_registration(web.session(), web.actor(), registration_id)
    about = Subject("registration", row.registration.id, row.unit.id)
    note_read(web.session(), web.actor(), about=about, fields=("address",))
    is_open = row.registration.state is RegistrationState.OPEN
    return render_template("people/show_registration.html", row=row, is_open=is_open, roles=_roles(row))


@blueprint.post("/people/registrations/<uuid:registration_id>/accept")
def accept_registration(registration_id: UUID) -> ResponseReturnValue:
    """Open the account that was asked for."""
    row = queries.get_registration(web.session(), web.actor(), registration_id)
    form = AcceptForm()
    form.role.offer(_roles(row))
    web.require_valid(form)
    services.accept_registration(
        web.session(),
        web.actor(),
        registration_id,
        role=Role(form.role.data),
        user_name=form.user_name.data,
        narrowed_to=form.narrowed_to.data,
    )
    flash(_("账号已开通，用户名和一次性密码正在发出。"), "success")
    return web.go(url_for("people.list_registrations"))


@blueprint.post("/people/registrations/<uuid:registration_id>/refuse")
def refuse_registration(registration_id: UUID) -> ResponseReturnValue:
    """Refuse a registration."""
    form = TakeForm()
    web.require_valid(form)
    services.refuse_registration(web.session(), web.actor(), registration_id, reason=form.reason.data)
    flash(_("已退回，原因会发给申请人。"), "success")
    return web.go(url_for("people.list_registrations"))


def _choose_unit() -> ResponseReturnValue:
    words = clean_text(request.args.get("words", ""))[:LONGEST_WORDS]
    within = read_unit_id("within")
    if words or within:
        rate_limits.count_request(web.store(), rate_limits.FIND_UNITS, address=web.client_address())
    found = units.search(web.session(), WHOLE_TREE, words)
    branch = units.find_branch(web.session(), within) or units.find_branch(web.session(), None)
    return render_template("people/_choose_registration_unit.html", words=words, found=found, branch=branch)


def _own_registration_id() -> UUID | None:
    """Read from the cookie which registration this browser has begun; it is signed, so it names no other."""
    kept = session.get(REGISTRATION_KEY)
    return UUID(kept) if isinstance(kept, str) else None


def _roles(row: queries.RegistrationRow) -> list[tuple[str, str]]:
    givable = givable_roles(web.actor(), row.unit)
    first = [role for role in (Role.ORDINARY_USER,) if role in givable]
    return name_roles([*first, *(role for role in givable if role not in first)])
