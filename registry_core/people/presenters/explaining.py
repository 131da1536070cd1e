"""Why somebody may do something, or why not, in words: for the person and for whoever looks after them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from flask_babel import format_date
from flask_babel import gettext as _

from registry_core.access.actors import Actor, Right, right_of
from registry_core.access.models import Qualification, QualificationKind, RoleAssignment
from registry_core.access.roles import CONFLICTS, DEFINITIONS
from registry_core.orgs.models import Level, OrgUnit
from registry_core.people.presenters.days import last_day

Held = Sequence[tuple[RoleAssignment, OrgUnit]]


@dataclass(frozen=True, slots=True)
class Explanation:
    """One permission: whether it is there, and the sentences that say why or why not and what to do."""

    permission: str
    name: str
    is_allowed: bool
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Record:
    """All that somebody holds and ever held, as the explanation needs it."""

    actor: Actor
    roles: Held
    qualifications: Sequence[Qualification]
    at: datetime
    limits: Mapping[UUID, str] = field(default_factory=dict)
    """By unit: that its registry business is limited to registered places, in words."""


def explain(record: Record, permission: str) -> Explanation:
    """Say why somebody may use a permission, or why not."""
    right = right_of(permission)
    is_allowed = record.actor.may(permission)
    reasons = _why(record, permission, right) if is_allowed else _why_not(record, right)
    return Explanation(permission, str(right.name), is_allowed, tuple(reasons))


def explain_all(record: Record, permissions: Iterable[str]) -> list[Explanation]:
    """Explain many permissions, those that are there first."""
    return sorted((explain(record, one) for one in permissions), key=lambda one: (not one.is_allowed, one.name))


def _why(record: Record, permission: str, right: Right) -> list[str]:
    carrying = {(held.role, held.unit_id) for held in record.actor.carrying(permission)}
    sentences = [
        _("在%(unit)s担任%(role)s%(until)s。", unit=unit.name, role=_name(held), until=_until(held.valid_until))
        for held, unit in record.roles
        if _is_held(held, record.at) and (held.role, unit.id) in carrying
    ]
    if right.is_registry:
        where = {unit_id for _role, unit_id in carrying}
        sentences += [words for unit_id, words in record.limits.items() if unit_id in where]
    if right.qualification is not None:
        sentences += [
            _(
                "持有%(kind)s，有效期到 %(date)s。",
                kind=qualification_name(one.kind),
                date=_day(one.valid_until),
            )
            for one in record.qualifications
            if one.kind is right.qualification and _is_valid(one, record.at)
        ]
    return sentences


def _why_not(record: Record, right: Right) -> list[str]:
    holding = [(held, unit) for held, unit in record.roles if held.role in right.roles and _is_held(held, record.at)]
    if not holding:
        return [*_former(record, right), _needed(right)]
    if right.is_registry and record.actor.is_barred_from_registry:
        return [str(CONFLICTS[0].rule)]
    if right.is_registry and record.actor.bars:
        shut = {unit.id for _held, unit in holding}
        return [str(bar.words) for bar in record.actor.bars if bar.unit_id in shut]
    sentences = []
    if all(unit.level not in right.levels for _held, unit in holding):
        sentences.append(_("这项权限只在%(levels)s使用。", levels=_listed(level_name(one) for one in right.levels)))
    if right.qualification is not None:
        sentences.append(_missing_qualification(record, right.qualification))
    return sentences


def _former(record: Record, right: Right) -> list[str]:
    return [
        _(
            "曾在%(unit)s担任%(role)s，%(date)s结束%(reason)s。",
            unit=unit.name,
            role=_name(held),
            date=_day(held.valid_until),
            reason=_("（%(reason)s）", reason=held.end_reason) if held.end_reason else "",
        )
        for held, unit in record.roles
        if held.role in right.roles and held.valid_until is not None and held.valid_until <= record.at
    ]


def _needed(right: Right) -> str:
    names = [str(definition.name) for role, definition in DEFINITIONS.items() if role in right.roles]
    return _("需要担任：%(roles)s。由本单位的超级管理员或上级授予。", roles=_listed(names))


def _missing_qualification(record: Record, kind: QualificationKind) -> str:
    last = next((one for one in record.qualifications if one.kind is kind), None)
    name = qualification_name(kind)
    if last is None:
        return _("要持证上岗：还没有%(kind)s。请参加培训考核，或请上级先发临时许可。", kind=name)
    if last.revoked_at is not None:
        return _(
            "%(kind)s已于 %(date)s 收回（%(reason)s）。请与上级联系。",
            kind=name,
            date=format_date(last.revoked_at),
            reason=last.revoke_reason or "",
        )
    if last.valid_until <= record.at:
        return _(
            "%(kind)s已于 %(date)s 到期。请参加复训，或请上级续发。",
            kind=name,
            date=_day(last.valid_until),
        )
    level = level_name(last.level or Level.SCHOOL)
    return _("%(kind)s只用于%(level)s及以下，不够这一级使用。", kind=name, level=level)


def qualification_name(kind: QualificationKind) -> str:
    """Name a kind of certificate."""
    return {
        QualificationKind.ANSWERING: _("答疑上岗证"),
        QualificationKind.REGISTRY: _("学籍管理上岗证"),
    }[kind]


def level_name(level: Level) -> str:
    """Name a level of the tree."""
    return {
        Level.MINISTRY: _("部级"),
        Level.PROVINCE: _("省级"),
        Level.CITY: _("地市级"),
        Level.COUNTY: _("区县级"),
        Level.SCHOOL: _("学校级"),
    }[level]


def _listed(names: Iterable[str]) -> str:
    return _("、").join(names)


def _name(held: RoleAssignment) -> str:
    name = str(DEFINITIONS[held.role].name)
    return _("%(role)s（%(part)s）", role=name, part=held.narrowed_to) if held.narrowed_to else name


def _until(until: datetime | None) -> str:
    return _("，到 %(date)s 为止", date=_day(until)) if until else ""


def _is_held(held: RoleAssignment, at: datetime) -> bool:
    return held.valid_from <= at and (held.valid_until is None or held.valid_until > at)


def _is_valid(one: Qualification, at: datetime) -> bool:
    return one.valid_from <= at < one.valid_until and one.revoked_at is None


def _day(until: datetime) -> str:
    return format_date(last_day(until))
