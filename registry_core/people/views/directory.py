"""The directory of people, one person, the roles of the house, and why I may or may not."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from flask import flash, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from registry_core import clock, web
from registry_core.access import services
from registry_core.access.actors import permissions, visible_units
from registry_core.access.models import QualificationKind, Role
from registry_core.access.policies import SEE_PEOPLE, givable_roles
from registry_core.access.roles import DEFINITIONS
from registry_core.access.services import Permit, Post
from registry_core.accounts.models import Account
from registry_core.audit.services import note_export, note_read
from registry_core.audit.values import Subject, Taken
from registry_core.orgs.models import Level, OrgUnit
from registry_core.orgs.queries import get_unit
from registry_core.people import queries
from registry_core.people.errors import TooManyPeople
from registry_core.people.forms import QualifyForm, RoleForm, TakeForm
from registry_core.people.presenters.explaining import explain_all, level_name, qualification_name
from registry_core.people.presenters.people import people_header, people_lines, read_record, view_person
from registry_core.people.presenters.roles import list_families, list_for_all, name_roles
from registry_core.people.views.blueprint import blueprint, chosen_unit_id, end_of
from registry_core.sheets import XLSX, write_workbook

LAST_PAGE = 10_000
MOST_EXPORTED = 20_000


@blueprint.get("/people")
def list_people() -> ResponseReturnValue:
    """Show who holds which role within the reader's reach."""
    page = min(max(1, request.args.get("page", 1, type=int)), LAST_PAGE)
    wanted = _wanted()
    people, has_more = queries.list_people(web.session(), web.actor(), wanted, page=page)
    return render_template(
        "people/list_people.html",
        people=people,
        wanted=wanted,
        page=page,
        has_more=has_more,
        roles=name_roles(tuple(DEFINITIONS)),
        role_names=dict(name_roles(tuple(DEFINITIONS))),
    )


@blueprint.get("/people/export")
def export_people() -> ResponseReturnValue:
    """Hand out who holds which role within the reader's reach, as a workbook."""
    wanted = _wanted()
    people, has_more = queries.list_people(web.session(), web.actor(), wanted, size=MOST_EXPORTED)
    if has_more:
        raise TooManyPeople
    taken = Taken([Subject("account", one.account_id, one.unit_id) for one in people], ("name", "user_name", "role"))
    note_export(web.session(), web.actor(), "people.exported", about=Subject("people", None), taken=taken)
    content = write_workbook(_("人员与账号"), people_header(), people_lines(people))
    return web.attachment(content, XLSX, _("人员与账号") + ".xlsx")


def _wanted() -> queries.Wanted:
    text, role = request.args.get("q", "").strip()[:60], request.args.get("role", "")
    return queries.Wanted(
        text, Role(role) if role in set(Role) else None, with_below=bool(request.args.get("below")), unit=_wanted_unit()
    )


def _wanted_unit() -> OrgUnit | None:
    wished = chosen_unit_id()
    return None if wished is None else get_unit(web.session(), visible_units(web.actor(), SEE_PEOPLE), wished)


@blueprint.get("/people/<uuid:account_id>")
def show_person(account_id: UUID) -> ResponseReturnValue:
    """Show a person's roles and certificates, past ones included, and why they may or may not."""
    account = queries.get_person(web.session(), web.actor(), account_id)
    place = queries.find_place(web.session(), web.actor(), account.id)
    note_read(web.session(), web.actor(), about=Subject("account", account.id, place), fields=("mobile", "email"))
    return render_template("people/show_person.html", **_person_context(account), take_form=TakeForm())


@blueprint.route("/people/<uuid:account_id>/roles", methods=["GET", "POST"])
def give_role(account_id: UUID) -> ResponseReturnValue:
    """Give a person a role."""
    account = queries.get_person(web.session(), web.actor(), account_id)
    units = queries.list_units_to_give_at(web.session(), web.actor(), account.id)
    offered = {role for unit in units for role in givable_roles(web.actor(), unit)}
    choices = {
        "units": [(str(unit.id), unit.name) for unit in units],
        "roles": [("", _("请选择角色")), *name_roles([role for role in DEFINITIONS if role in offered])],
    }
    form = RoleForm()
    form.unit.offer(choices["units"])
    form.role.offer(choices["roles"])
    page = web.FormPage(form, "people/give_role.html", lambda: {"person": account, **choices})
    if not page.is_sent():
        return page.render()
    post = Post(
        UUID(form.unit.data),
        Role(form.role.data),
        form.narrowed_to.data or None,
        end_of(form.until.data) if form.until.data else None,
    )
    services.give_role(web.session(), web.actor(), account.id, post)
    flash(_("角色已授予，立即生效。"), "success")
    return web.go(url_for("people.show_person", account_id=account.id))


@blueprint.post("/people/roles/<uuid:assignment_id>/end")
def take_role(assignment_id: UUID) -> ResponseReturnValue:
    """End a role."""
    form = TakeForm()
    web.require_valid(form)
    assignment = services.take_role(web.session(), web.actor(), assignment_id, reason=form.reason.data)
    flash(_("角色已收回，立即生效。"), "success")
    return web.go(url_for("people.show_person", account_id=assignment.account_id))


@blueprint.route("/people/<uuid:account_id>/permits", methods=["GET", "POST"])
def qualify(account_id: UUID) -> ResponseReturnValue:
    """Let somebody work without a certificate until a date."""
    account = queries.get_person(web.session(), web.actor(), account_id)
    form = QualifyForm(until=clock.local(clock.now()).date() + timedelta(days=90))
    choices = {
        "kinds": [(kind.value, qualification_name(kind)) for kind in QualificationKind],
        "levels": [("", _("各级")), *((level.value, level_name(level)) for level in Level)],
    }
    form.kind.offer(choices["kinds"])
    form.level.offer(choices["levels"])
    page = web.FormPage(form, "people/qualify.html", lambda: {"person": account, **choices})
    if not page.is_sent():
        return page.render()
    permit = Permit(
        QualificationKind(form.kind.data),
        form.reason.data,
        end_of(form.last_day),
        Level(form.level.data) if form.level.data else None,
    )
    services.qualify_provisionally(web.session(), web.actor(), account.id, permit)
    flash(_("临时许可已发放，立即生效。"), "success")
    return web.go(url_for("people.show_person", account_id=account.id))


@blueprint.post("/people/permits/<uuid:qualification_id>/revoke")
def revoke(qualification_id: UUID) -> ResponseReturnValue:
    """Take a certificate or a permit back."""
    form = TakeForm()
    web.require_valid(form)
    one = services.revoke_qualification(web.session(), web.actor(), qualification_id, reason=form.reason.data)
    flash(_("已收回，立即生效。"), "success")
    return web.go(url_for("people.show_person", account_id=one.account_id))


@blueprint.get("/people/role-definitions")
def show_roles() -> ResponseReturnValue:
    """Show what each role is for and what it may do."""
    return render_template("people/show_roles.html", families=list_families(), everybody=list_for_all())


@blueprint.get("/account/rights")
def show_rights() -> ResponseReturnValue:
    """Show the reader what they may do, and why or why not."""
    account = queries.get_person(web.session(), web.actor(), web.actor().account_id)
    return render_template("people/show_rights.html", **_person_context(account))


def _person_context(account: Account) -> dict[str, object]:
    bars = web.actor().bars if account.id == web.actor().account_id else ()
    record = read_record(web.session(), account.id, bars=bars)
    return {
        "person": view_person(web.session(), web.actor(), account, record),
        "explanations": explain_all(record, permissions()),
    }
