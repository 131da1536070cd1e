"""A code list with what it will change, or has changed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString
from sqlalchemy.orm import Session

from registry_core.directory.models import CodeList
from registry_core.directory.presenters.schools import tell_weight
from registry_core.directory.services.code_lists import Effect
from registry_core.orgs.models import OrgUnit

MOST_SHOWN = 200
KINDS: Mapping[str, LazyString] = {
    "closings": _l("撤销"),
    "codings": _l("更正或补登代码"),
    "renamings": _l("更名"),
    "moves": _l("改隶"),
    "additions": _l("新增"),
    "unchanged": _l("不变"),
}


@dataclass(frozen=True, slots=True)
class EffectLine:
    """One change, and what depends on it."""

    text: str
    depends: tuple[str, ...] = ()
    is_blocked: bool = False


@dataclass(frozen=True, slots=True)
class EffectGroup:
    """The changes of one kind: how many, and the first of them."""

    label: str
    count: int
    lines: tuple[EffectLine, ...]


@dataclass(frozen=True, slots=True)
class ListView:
    """A code list."""

    id: UUID
    unit_id: UUID
    unit_name: str
    file_name: str
    rows: int
    applied_at: datetime | None
    groups: tuple[EffectGroup, ...]
    digest: str
    is_blocked: bool
    changes_nothing: bool


def view_applied(code_list: CodeList, region: OrgUnit) -> ListView:
    """Present a list that has been applied, with what it did."""
    outcome = code_list.outcome or {}
    groups = tuple(EffectGroup(str(label), int(outcome.get(kind, 0)), ()) for kind, label in KINDS.items())
    return _view(code_list, region, groups)


def view_foreseen(session: Session, code_list: CodeList, region: OrgUnit, effect: Effect) -> ListView:
    """Present a list that waits, with what it will change and what depends on each school that it deletes."""
    plan, counts = effect.plan, effect.plan.counts
    parents = {one.school.id: session.get_one(OrgUnit, one.school.parent_id).name for one in plan.moves[:MOST_SHOWN]}
    blocked = {school.id for school in effect.blocked}
    # What cannot be done comes first: it has to be settled before anything else.
    closings = sorted(plan.closings, key=lambda school: school.id not in blocked)
    lines: dict[str, Iterable[EffectLine]] = {
        "closings": (
            EffectLine(school.name, tell_weight(effect.weights[school.id]), school.id in blocked)
            for school in closings[:MOST_SHOWN]
        ),
        "codings": (
            EffectLine(
                _(
                    "%(name)s：%(before)s → %(after)s",
                    name=one.school.name,
                    before=one.before or _("无代码"),
                    after=one.after,
                )
            )
            for one in plan.codings[:MOST_SHOWN]
        ),
        "renamings": (EffectLine(f"{one.before} → {one.after}") for one in plan.renamings[:MOST_SHOWN]),
        "moves": (
            EffectLine(
                _(
                    "%(name)s：%(before)s → %(after)s",
                    name=one.school.name,
                    before=parents[one.school.id],
                    after=one.department.name if one.department else "",
                )
            )
            for one in plan.moves[:MOST_SHOWN]
        ),
        "additions": (EffectLine(f"{one.code} {one.name}") for one in plan.additions[:MOST_SHOWN]),
    }
    groups = tuple(EffectGroup(str(label), counts[kind], tuple(lines.get(kind, ()))) for kind, label in KINDS.items())
    return _view(code_list, region, groups, digest=plan.digest, is_blocked=bool(blocked))


def _view(
    code_list: CodeList,
    region: OrgUnit,
    groups: tuple[EffectGroup, ...],
    *,
    digest: str = "",
    is_blocked: bool = False,
) -> ListView:
    return ListView(
        code_list.id,
        region.id,
        region.name,
        code_list.file_name,
        len(code_list.rows),
        code_list.applied_at,
        groups,
        digest,
        is_blocked,
        changes_nothing=not any(group.count for group in groups[:-1]),
    )
