"""What pages and refusals say of registered places."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from uuid import UUID

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString
from sqlalchemy import select
from sqlalchemy.orm import Session

from registry_core.access.actors import Actor, Bar
from registry_core.orgs.models import OrgUnit
from registry_core.workplaces.queries import Limit, list_limits, list_shut, registry_assignments


def list_bars(session: Session, actor: Actor) -> tuple[Bar, ...]:
    """List the units whose registry business the actor cannot do from where they are, each with why and what to do."""
    shut = list_shut(session, actor)
    names = _names(session, shut)
    return tuple(Bar(unit_id, _refusal(names[unit_id], limit)) for unit_id, limit in shut.items())


def tell_limits(session: Session, actor: Actor) -> Mapping[UUID, str]:
    """Say of each unit of somebody's roles that it is limited: for who reads why another person may or may not."""
    limits = list_limits(session, registry_assignments(actor))
    names = _names(session, limits)
    return {
        unit_id: _("只能在%(unit)s登记的计算机或地址上办理（%(ground)s）。", unit=names[unit_id], ground=ground(limit))
        for unit_id, limit in limits.items()
    }


def ground(limit: Limit) -> str:
    """Say on what the limit stands: the rule with its clause, or the unit's own decision."""
    if limit.rule is None:
        return _("本单位自己设定")
    return _("%(pack)s：%(clause)s", pack=limit.rule.pack_name, clause=limit.rule.clause)


def _refusal(unit: str, limit: Limit) -> LazyString:
    if limit.rule is None:
        return _l(
            "%(unit)s规定学籍业务只能在登记的计算机或地址上办理。"
            "请换到登记的计算机，或请本单位的系统管理员（没有的，请超级管理员）登记这台计算机；"
            "情况紧急的，请上级临时放开。提问和其他功能不受影响。",
            unit=unit,
        )
    return _l(
        "%(unit)s的学籍业务只能在登记的计算机或地址上办理（%(pack)s：%(clause)s）。"
        "请换到登记的计算机，或请本单位的系统管理员（没有的，请超级管理员）登记这台计算机；"
        "情况紧急的，请上级临时放开。提问和其他功能不受影响。",
        unit=unit,
        pack=limit.rule.pack_name,
        clause=limit.rule.clause,
    )


def _names(session: Session, unit_ids: Collection[UUID]) -> dict[UUID, str]:
    if not unit_ids:
        return {}
    rows = session.execute(select(OrgUnit.id, OrgUnit.name).where(OrgUnit.id.in_(list(unit_ids))))
    return {row.id: row.name for row in rows}
