"""The support directory: one unit's lines, entering them, the gaps of a region, stamps, rounds and the file."""

from __future__ import annotations

from uuid import UUID

from flask import flash, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from registry_core import sheets, web
from registry_core.directory.forms import ButtonForm, HolderForm, NewHolderForm, RoundForm, StampForm
from registry_core.directory.labels import POSTS
from registry_core.directory.models import OPERATING_POSTS, Post, posts_of
from registry_core.directory.policies import COLLECT, ENTER_CONTACTS, STAMP, require_at
from registry_core.directory.presenters.contacts import export_table, view_contacts, view_region
from registry_core.directory.queries.contacts import get_entry, get_listed_unit
from registry_core.directory.queries.units import get_unit
from registry_core.directory.services import contacts as services
from registry_core.directory.services import rounds
from registry_core.directory.views.blueprint import blueprint
from registry_core.orgs.errors import UnitNotFound
from registry_core.orgs.models import OrgUnit


@blueprint.get("/contacts")
def show_contacts() -> ResponseReturnValue:
    """Show who serves at a unit: the reader's own one, one within reach, or one above."""
    unit = get_listed_unit(web.session(), web.actor(), _chosen_unit_id())
    return render_template("directory/show_contacts.html", view=view_contacts(web.session(), web.actor(), unit))


@blueprint.get("/contacts/gaps")
def list_gaps() -> ResponseReturnValue:
    """Show what is missing in a region, as tiles and as a table."""
    region = get_unit(web.session(), web.actor(), _chosen_unit_id())
    only_gaps = bool(request.args.get("only"))
    view = view_region(web.session(), web.actor(), region, only_gaps=only_gaps)
    return render_template("directory/list_gaps.html", view=view, only_gaps=only_gaps)


@blueprint.get("/contacts/export")
def export_contacts() -> ResponseReturnValue:
    """Hand out the directory of a region as a file."""
    session, actor = web.session(), web.actor()
    region = get_unit(session, actor, _chosen_unit_id())
    content = sheets.write_csv(*export_table(session, actor, region))
    services.note_export(session, actor, region)
    return web.attachment(content, sheets.CSV, _("%(unit)s支持通讯录", unit=region.name) + ".csv")


@blueprint.route("/units/<uuid:unit_id>/contacts/new", methods=["GET", "POST"])
def enter_holder(unit_id: UUID) -> ResponseReturnValue:
    """Enter who holds a post."""
    unit = get_unit(web.session(), web.actor(), unit_id)
    require_at(web.actor(), ENTER_CONTACTS, unit)
    form = NewHolderForm(post=request.args.get("post"))
    posts = _posts(unit)
    form.post.offer(posts)
    page = web.FormPage(form, "directory/enter_holder.html", lambda: {"unit": unit, "posts": posts})
    if not page.is_sent():
        return page.render()
    services.enter_holder(web.session(), web.actor(), unit_id, post=Post(form.post.data), person=form.person())
    flash(_("%(name)s 已登记。", name=form.name.data), "success")
    return web.go(url_for("directory.show_contacts", unit=unit_id))


@blueprint.route("/contacts/<uuid:entry_id>/change", methods=["GET", "POST"])
def change_holder(entry_id: UUID) -> ResponseReturnValue:
    """Enter a post anew."""
    entry, unit = get_entry(web.session(), web.actor(), entry_id)
    require_at(web.actor(), ENTER_CONTACTS, unit)
    form = HolderForm(obj=entry)
    page = web.FormPage(
        form,
        "directory/change_holder.html",
        lambda: {
            "entry": entry,
            "unit": unit,
            "post": str(POSTS[entry.post]),
            "asks_duties": entry.post in OPERATING_POSTS,
        },
    )
    if not page.is_sent():
        return page.render()
    services.change_holder(web.session(), web.actor(), entry_id, person=form.person())
    flash(_("已保存，原来的登记留作记录。"), "success")
    return web.go(url_for("directory.show_contacts", unit=unit.id))


@blueprint.post("/contacts/<uuid:entry_id>/end")
def end_holder(entry_id: UUID) -> ResponseReturnValue:
    """Let somebody hold a post no more."""
    web.require_valid(ButtonForm())
    unit = services.end_holder(web.session(), web.actor(), entry_id)
    flash(_("已停用，记录仍然保留。"), "success")
    return web.go(url_for("directory.show_contacts", unit=unit.id))


@blueprint.route("/units/<uuid:unit_id>/contacts/stamp", methods=["GET", "POST"])
def stamp_contacts(unit_id: UUID) -> ResponseReturnValue:
    """Put on record that the directory of a city and its counties is right."""
    unit = get_unit(web.session(), web.actor(), unit_id)
    require_at(web.actor(), STAMP, unit)
    form = StampForm(signed_name=web.signed_in().name)
    page = web.FormPage(
        form,
        "directory/stamp_contacts.html",
        lambda: {"unit": unit, "view": view_region(web.session(), web.actor(), unit, only_gaps=True)},
    )
    if not page.is_sent():
        return page.render()
    made = services.stamp(web.session(), web.actor(), unit_id, signed_name=form.signed_name.data)
    told = (
        _("已确认，还有 %(gaps)s 处空缺，补齐后请再确认一次。", gaps=made.gaps)
        if made.gaps
        else _("已确认，没有空缺。")
    )
    flash(told, "success")
    return web.go(url_for("directory.list_gaps", unit=unit_id))


@blueprint.route("/units/<uuid:unit_id>/contacts/rounds/new", methods=["GET", "POST"])
def open_round(unit_id: UUID) -> ResponseReturnValue:
    """Collect the directory from all cities and counties of a province."""
    unit = get_unit(web.session(), web.actor(), unit_id)
    require_at(web.actor(), COLLECT, unit)
    rule = rounds.find_contact_rule(web.session(), unit)
    due_on = rounds.next_due_day(rule) if rule else None
    title = _("%(year)s 年支持通讯录收集", year=due_on.year) if due_on else ""
    form = RoundForm(title=title, due_on=due_on)
    page = web.FormPage(form, "directory/open_round.html", lambda: {"unit": unit, "rule": rule})
    if not page.is_sent():
        return page.render()
    rounds.open_round(web.session(), web.actor(), unit_id, title=form.title.data, due_on=form.last_day)
    flash(_("收集已发起，各市、县会在一分钟内收到通知，到期前还会提醒。"), "success")
    return web.go(url_for("directory.list_gaps", unit=unit_id))


@blueprint.post("/contacts/rounds/<uuid:round_id>/close")
def close_round(round_id: UUID) -> ResponseReturnValue:
    """Collect no more."""
    web.require_valid(ButtonForm())
    closed = rounds.close_round(web.session(), web.actor(), round_id)
    flash(_("这轮收集已结束，确认记录都保留着。"), "success")
    return web.go(url_for("directory.list_gaps", unit=closed.unit_id))


def _chosen_unit_id() -> UUID:
    """Return the unit of the address, else the reader's own.

    Raises UnitNotFound.
    """
    home = web.actor().home
    wished = request.args.get("unit") or (str(home.unit_id) if home else "")
    try:
        return UUID(wished)
    except ValueError as error:
        raise UnitNotFound from error


def _posts(unit: OrgUnit) -> list[tuple[str, str]]:
    return [(post.value, str(POSTS[post])) for post in posts_of(unit.level)]
