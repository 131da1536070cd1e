"""The words for states, clocks, roles and places of approvals; each is said in one place."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from flask_babel import get_locale, ngettext
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from registry_core.access.models import Role
from registry_core.access.roles import DEFINITIONS
from registry_core.accounts.models import Account
from registry_core.approvals.models import ApplicationState, DecisionKind, Step
from registry_core.calendars.working_days import WorkingDays
from registry_core.notifications.presenters import say_day
from registry_core.orgs.models import OrgUnit

TONES = {
    ApplicationState.OPEN: "talking",
    ApplicationState.RETURNED: "waiting",
    ApplicationState.APPROVED: "solved",
    ApplicationState.REJECTED: "overdue",
    ApplicationState.WITHDRAWN: "closed",
}
STATE_ICONS = {
    ApplicationState.OPEN: "hourglass",
    ApplicationState.RETURNED: "arrow-back-up",
    ApplicationState.APPROVED: "circle-check",
    ApplicationState.REJECTED: "circle-x",
    ApplicationState.WITHDRAWN: "lock",
}


@dataclass(frozen=True, slots=True)
class ClockView:
    """How long there is still: a badge, and the day in words."""

    tone: str
    icon: str
    text: str
    due: str


@dataclass(frozen=True, slots=True)
class Names:
    """Names of the people and units that a page speaks of."""

    people: Mapping[UUID, str]
    units: Mapping[UUID, str]

    def person(self, account_id: UUID | None) -> str:
        """Name a person."""
        return self.people.get(account_id, "") if account_id else ""

    def unit(self, unit_id: UUID | None) -> str:
        """Name a unit."""
        return self.units.get(unit_id, "") if unit_id else ""


def load_names(session: Session, people: Iterable[UUID | None], units: Iterable[UUID | None]) -> Names:
    """Load the names of people and units, each in one round trip."""
    accounts = session.execute(select(Account.id, Account.name).where(Account.id.in_(set(filter(None, people)))))
    places = session.execute(select(OrgUnit.id, OrgUnit.name).where(OrgUnit.id.in_(set(filter(None, units)))))
    return Names({row.id: row.name for row in accounts}, {row.id: row.name for row in places})


def say_clock(step: Step, calendar: WorkingDays, today: date) -> ClockView:
    """Say how many working days are left."""
    if step.is_due_provisional:
        return ClockView("waiting", "calendar-time", _("期限待定"), _("落在尚未公布日历的年份，公布后自动算出"))
    if step.due_on is None:
        return ClockView("closed", "clock", _("没有期限"), "")
    due = _("%(day)s 到期", day=say_day(step.due_on))
    if step.due_on < today:
        return ClockView("overdue", "alert-triangle", _say_late(step.due_on, calendar, today), due)
    if not calendar.is_published(today, step.due_on):
        return ClockView("talking", "clock", due, "")
    left = calendar.count(today, step.due_on)
    if not left:
        return ClockView("waiting", "clock", _("今天到期"), due)
    text = ngettext("还剩 %(num)s 个工作日", "还剩 %(num)s 个工作日", left)
    return ClockView("waiting" if left == 1 else "talking", "clock", text, due)


def _say_late(due_on: date, calendar: WorkingDays, today: date) -> str:
    late = calendar.count(due_on, today) if calendar.is_published(due_on, today) else 0
    # Over the weekend after its day a step is late, and no working day has passed.
    return ngettext("超期 %(num)s 个工作日", "超期 %(num)s 个工作日", late) if late else _("已超期")


def say_state(state: ApplicationState) -> str:
    """Name the state of an application."""
    return {
        ApplicationState.OPEN: _("办理中"),
        ApplicationState.RETURNED: _("退回补正"),
        ApplicationState.APPROVED: _("已通过"),
        ApplicationState.REJECTED: _("未通过"),
        ApplicationState.WITHDRAWN: _("已撤回"),
    }[state]


def say_decision(kind: DecisionKind, person: str, step: str) -> str:
    """Say what somebody decided about a step."""
    return {
        DecisionKind.APPROVE: _("%(person)s 同意（%(step)s）", person=person, step=step),
        DecisionKind.RETURN: _("%(person)s 退回补正（%(step)s）", person=person, step=step),
        DecisionKind.REJECT: _("%(person)s 不同意（%(step)s）", person=person, step=step),
        DecisionKind.WITHDRAW: _("%(person)s 撤回了申请", person=person),
    }[kind]


def say_person(names: Names, account_id: UUID, on_behalf_of_id: UUID | None) -> str:
    """Name who acted, and for whom when a right was lent."""
    if on_behalf_of_id is None:
        return names.person(account_id)
    return _("%(person)s（代 %(other)s）", person=names.person(account_id), other=names.person(on_behalf_of_id))


def say_moved(step: Step, names: Names) -> str:
    """Say why somebody else decides than the procedure names; empty where nothing was moved."""
    if step.moved_from_id is None:
        return ""
    return _(
        "%(named)s除申请人和录入人以外没有人可以审批，按“谁录入谁不审批”的规定，改由%(unit)s的%(role)s办理。",
        named=names.unit(step.moved_from_id),
        unit=names.unit(step.unit_id),
        role=role_name(step.role),
    )


def role_name(role: str) -> str:
    """Name a role."""
    return str(DEFINITIONS[Role(role)].name)


def in_language(zh: str, en: str) -> str:
    """Choose between a Chinese and an English name by the reader's language."""
    locale = get_locale()
    return en if locale is not None and locale.language == "en" else zh
