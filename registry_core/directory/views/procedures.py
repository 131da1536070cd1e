"""Applying for a code; the pages of merging and closing hand over to here where a procedure holds."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from flask import flash, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from registry_core import web
from registry_core.approvals.models import Application
from registry_core.directory.errors import NoProcedure
from registry_core.directory.forms import ApplyForm, CodeWishForm
from registry_core.directory.policies import APPLY, require_at
from registry_core.directory.presenters.procedures import may_apply_for_code, view_procedure
from registry_core.directory.queries.procedures import CODE, find_procedure
from registry_core.directory.queries.units import get_unit
from registry_core.directory.school_codes import CLASSES
from registry_core.directory.services import procedures as services
from registry_core.directory.views.blueprint import blueprint
from registry_core.orgs.models import OrgUnit
from registry_core.rules.queries import Rule


@blueprint.route("/units/<uuid:unit_id>/code/apply", methods=["GET", "POST"])
def apply_for_code(unit_id: UUID) -> ResponseReturnValue:
    """Apply for a code for a school that has none."""
    session, actor = web.session(), web.actor()
    school = get_unit(session, actor, unit_id)
    require_at(actor, APPLY, school)
    rule = find_procedure(session, school, CODE)
    if rule is None:
        raise NoProcedure
    form = CodeWishForm()
    page = web.FormPage(form, "directory/apply_for_code.html", lambda: _code_context(school, rule, form))
    if not page.is_sent():
        return page.render()
    papers = form.papers(rule.value.evidence)
    sent = services.apply_for_code(
        session, actor, unit_id, rule=rule, school_class=form.school_class.data, papers=papers
    )
    return go_to(sent)


def show_way(school: OrgUnit, rule: Rule | None, form: ApplyForm) -> Mapping[str, object]:
    """Make what a page shows of the procedure that holds; nothing where the act is direct."""
    if rule is None:
        return {"procedure": None}
    return {"procedure": view_procedure(web.session(), web.actor(), school, rule, form.evidence.safe())}


def go_to(application: Application) -> Response:
    """Go on to an application that has just been sent in."""
    flash(_("申请已提交，轮到谁办理、办到哪一步，都在这一页。"), "success")
    return web.go(url_for("approvals.show_application", application_id=application.id))


def _code_context(school: OrgUnit, rule: Rule, form: CodeWishForm) -> Mapping[str, object]:
    is_wanted = may_apply_for_code(web.session(), web.actor(), school)
    classes = [("", _("请选择")), *((code, f"{code} {label}") for code, label in CLASSES.items())]
    return {"unit": school, "is_wanted": is_wanted, "classes": classes, **show_way(school, rule, form)}
