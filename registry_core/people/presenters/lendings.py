"""What was lent, as its page and its sheet show it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString
from sqlalchemy.orm import Session

from registry_core import clock
from registry_core.access.actors import Actor
from registry_core.access.roles import DEFINITIONS
from registry_core.people.models import LentPassword
from registry_core.people.presenters.days import last_day
from registry_core.people.presenters.loans import state_of
from registry_core.people.queries.lendings import (
    MOST_SHOWN,
    Lent,
    LentPasswordRow,
    LentRole,
    Sought,
    list_lent_passwords,
    list_lent_roles,
)

SORTS: Mapping[Lent, LazyString] = {
    Lent.RUNNING: _l("正在代办"),
    Lent.WAITING: _l("等待同意"),
    Lent.ENDED: _l("已结束"),
    Lent.REFUSED: _l("没有同意"),
    Lent.PASSWORDS: _l("借出的密码"),
    Lent.KEPT: _l("到期没改的密码"),
}
_LOANS: Mapping[str, tuple[str, LazyString, str]] = {
    "waiting": ("waiting", _l("等待同意"), "hourglass"),
    "coming": ("waiting", _l("还没开始"), "clock"),
    "active": ("talking", _l("正在代办"), "user-check"),
    "refused": ("closed", _l("没有同意"), "circle-x"),
    "ended": ("closed", _l("已结束"), "lock"),
}


@dataclass(frozen=True, slots=True)
class LendingLine:
    """Something that was lent: who, to whom, what, what for, how long, and what became of it."""

    at: datetime
    owner: str
    unit_name: str
    borrower: str
    what: str
    is_password: bool
    purpose: str
    since: date
    until: date
    tone: str
    state: str
    icon: str
    detail: str


def list_lines(session: Session, actor: Actor, sought: Sought, *, limit: int = MOST_SHOWN) -> list[LendingLine]:
    """Present what was lent where the actor watches over it, the latest first."""
    roles = [_role_line(one) for one in list_lent_roles(session, actor, sought, limit=limit)]
    passwords = [_password_line(one) for one in list_lent_passwords(session, actor, sought, limit=limit)]
    return sorted([*roles, *passwords], key=lambda line: line.at, reverse=True)[:limit]


def lending_header() -> tuple[str, ...]:
    """Name the columns of the sheet."""
    return (
        _("登记时间"), _("出借人"), _("单位"), _("借给谁"), _("借出的是"), _("用途"),
        _("开始"), _("截止"), _("状态"), _("说明"),
    )  # fmt: skip


def lending_cells(lines: Iterable[LendingLine]) -> Iterator[tuple[str, ...]]:
    """Write the lines of the sheet."""
    for line in lines:
        at = f"{clock.local(line.at):%Y-%m-%d %H:%M}"
        days = (line.since.isoformat(), line.until.isoformat())
        who = (line.owner, line.unit_name, line.borrower)
        yield (at, *who, line.what, line.purpose, *days, line.state, line.detail)


def _role_line(one: LentRole) -> LendingLine:
    loan = one.row.loan
    tone, state, icon = _LOANS[state_of(loan)]
    return LendingLine(
        loan.asked_at,
        one.row.lender,
        one.row.unit.name,
        one.row.borrower,
        str(DEFINITIONS[one.row.role].name),
        is_password=False,
        purpose=loan.purpose,
        since=clock.local(loan.valid_from).date(),
        until=last_day(loan.valid_until),
        tone=tone,
        state=str(state),
        icon=icon,
        detail=_tell_consent(one),
    )


def _tell_consent(one: LentRole) -> str:
    loan = one.row.loan
    if loan.refuse_reason:
        return _("原因：%(reason)s", reason=loan.refuse_reason)
    told = [_("%(name)s同意", name=one.consenter)] if one.consenter else []
    if loan.ended_at is not None and loan.ended_at < loan.valid_until:
        told.append(_("%(day)s 提前结束", day=clock.local(loan.ended_at).date().isoformat()))
    return _("，").join(told)


def _password_line(one: LentPasswordRow) -> LendingLine:
    lent = one.lent
    tone, state, icon = _password_state(lent, one.owner.password_changed_at)
    return LendingLine(
        lent.registered_at,
        one.owner.name,
        one.unit_name,
        lent.lent_to,
        _("密码"),
        is_password=True,
        purpose=lent.purpose,
        since=clock.local(lent.registered_at).date(),
        until=last_day(lent.valid_until),
        tone=tone,
        state=state,
        icon=icon,
        detail=_("已通知管理员") if lent.reported_at else "",
    )


def _password_state(lent: LentPassword, changed_at: datetime) -> tuple[str, str, str]:
    if changed_at >= lent.valid_until:
        return "solved", _("已改密码"), "circle-check"
    if clock.now() < lent.valid_until:
        return "waiting", _("还在借出"), "hourglass"
    return "overdue", _("到期没改，下次登录必须改"), "alert-triangle"
