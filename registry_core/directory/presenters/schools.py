"""What depends on a school, and what became of it, in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString
from sqlalchemy.orm import Session

from registry_core.directory.models import ChangeKind
from registry_core.directory.queries.weight import Weight, list_changes, weigh
from registry_core.orgs import queries as orgs
from registry_core.orgs.models import OrgUnit, UnitKind

CHANGES: Mapping[ChangeKind, LazyString] = {
    ChangeKind.OPENED: _l("设立"),
    ChangeKind.RENAMED: _l("更名"),
    ChangeKind.MOVED: _l("改隶"),
    ChangeKind.CODE_GIVEN: _l("学校标识码"),
    ChangeKind.MERGED: _l("并入"),
    ChangeKind.TOOK_IN: _l("接收"),
    ChangeKind.CLOSED: _l("撤销"),
}


@dataclass(frozen=True, slots=True)
class ChangeLine:
    """A line of a unit's history."""

    on: date
    what: str
    before: str
    after: str
    other: str | None
    reason: str
    by_list: bool


def view_history(session: Session, unit: OrgUnit) -> tuple[ChangeLine, ...]:
    """Present what became of a unit, the latest first."""
    return tuple(
        ChangeLine(one.on, str(CHANGES[one.kind]), one.before, one.after, other, one.reason, one.list_id is not None)
        for one, other in list_changes(session, unit)
    )


def tell_weight(weight: Weight) -> tuple[str, ...]:
    """Say what depends on a unit, a line for each sort; nothing where there is nothing."""
    told = (
        (weight.people, _("在任人员 %(count)s 人", count=weight.people)),
        (weight.below, _("教学点 %(count)s 个", count=weight.below)),
        (weight.managed, _("代管的学校 %(count)s 所", count=weight.managed)),
        (weight.bodies, _("机构 %(count)s 个", count=weight.bodies)),
    )
    return (*(text for count, text in told if count), *(one.text for one in weight.others))


def tell_weight_of(session: Session, unit: OrgUnit) -> tuple[str, ...]:
    """Say what depends on one unit."""
    return tell_weight(weigh(session, [unit])[unit.id])


def list_receivers(session: Session, school: OrgUnit) -> list[tuple[str, str]]:
    """List the schools beside a school that could take it in, as choices."""
    parent = school
    while parent.parent_id is not None and parent.kind in {UnitKind.SCHOOL, UnitKind.TEACHING_POINT}:
        parent = session.get_one(OrgUnit, parent.parent_id)
    beside = orgs.list_children(session, orgs.WHOLE_TREE, parent.id)
    return [(str(one.id), one.name) for one in beside if one.kind is UnitKind.SCHOOL and one.id != school.id]
