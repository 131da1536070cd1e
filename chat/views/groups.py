"""Groups: made by hand or by rule, their members and owners."""

from __future__ import annotations

from uuid import UUID

from flask import flash, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import select

from chat.forms import GroupForm, OwnerForm, PersonForm, PressForm, RuleGroupForm
from chat.models import Reach
from chat.policies import KEEP_GROUPS
from chat.services import groups, members
from chat.services.groups import Membership
from chat.views.blueprint import blueprint, done, read_id
from registry_core import web
from registry_core.access.models import Role
from registry_core.access.roles import DEFINITIONS
from registry_core.orgs.models import OrgUnit


@blueprint.route("/groups/new", methods=["GET", "POST"])
def make_group() -> ResponseReturnValue:
    """Make a group by hand; people are added on its page."""
    form = GroupForm()
    page = web.FormPage(form, "chat/make_group.html")
    if not page.is_sent():
        return page.render()
    conversation_id = groups.make_group(
        web.session(), web.actor(), name=form.name.data, is_read_only=form.is_read_only.data
    )
    flash(_("群建好了。请在成员里加同事。"), "success")
    return web.go(url_for("chat.show_conversation", conversation_id=conversation_id))


@blueprint.route("/groups/by-rule", methods=["GET", "POST"])
def make_group_by_rule() -> ResponseReturnValue:
    """Make a group whose members follow their roles."""
    form = RuleGroupForm()
    units = _units()
    form.unit_id.offer(units)
    roles = [(role.value, str(definition.name)) for role, definition in DEFINITIONS.items()]
    page = web.FormPage(form, "chat/make_group_by_rule.html", lambda: {"units": units, "roles": roles})
    if not page.is_sent():
        return page.render()
    wanted = frozenset(Role(role) for role in form.roles.data or ())
    membership = Membership(read_id(form.unit_id.data), wanted, Reach(form.reach.data))
    conversation_id = groups.make_group_by_rule(
        web.session(), web.actor(), name=form.name.data, membership=membership, is_read_only=form.is_read_only.data
    )
    flash(_("群建好了，成员会在几秒内自动加入，以后跟着角色更新。"), "success")
    return web.go(url_for("chat.show_conversation", conversation_id=conversation_id))


@blueprint.post("/<uuid:conversation_id>/settings")
def set_group(conversation_id: UUID) -> ResponseReturnValue:
    """Change a group's name and who writes."""
    form = GroupForm()
    web.require_valid(form)
    groups.set_group(
        web.session(), web.actor(), conversation_id, name=form.name.data, is_read_only=form.is_read_only.data
    )
    return done(conversation_id)


@blueprint.post("/<uuid:conversation_id>/members")
def add_member(conversation_id: UUID) -> ResponseReturnValue:
    """Take somebody into a group."""
    form = PersonForm()
    web.require_valid(form)
    members.add_member(web.session(), web.actor(), conversation_id, read_id(form.account_id.data))
    return done(conversation_id)


@blueprint.post("/<uuid:conversation_id>/members/remove")
def remove_member(conversation_id: UUID) -> ResponseReturnValue:
    """Take somebody out of a group."""
    form = PersonForm()
    web.require_valid(form)
    members.remove_member(web.session(), web.actor(), conversation_id, read_id(form.account_id.data))
    return done(conversation_id)


@blueprint.post("/<uuid:conversation_id>/owners")
def set_owner(conversation_id: UUID) -> ResponseReturnValue:
    """Make a member an owner, or no longer."""
    form = OwnerForm()
    web.require_valid(form)
    account_id = read_id(form.account_id.data)
    members.set_owner(web.session(), web.actor(), conversation_id, account_id, is_owner=form.is_owner.data)
    return done(conversation_id)


@blueprint.post("/<uuid:conversation_id>/leave")
def leave_group(conversation_id: UUID) -> ResponseReturnValue:
    """Leave a group."""
    web.require_valid(PressForm())
    members.leave_group(web.session(), web.actor(), conversation_id)
    flash(_("您已退出这个群。"), "success")
    return web.go(url_for("chat.list_conversations"))


def _units() -> list[tuple[str, str]]:
    own = web.actor().units(KEEP_GROUPS)
    rows = web.session().execute(select(OrgUnit.id, OrgUnit.name).where(OrgUnit.id.in_(own)).order_by(OrgUnit.path))
    return [(str(unit_id), name) for unit_id, name in rows]
