"""What waits for a person, in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from flask import url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import select
from sqlalchemy.orm import Session

from chat.queries import count_unread
from helpdesk import policies
from helpdesk.models import Desk, DeskMember, Offer, Ticket, TicketState
from helpdesk.presenters.questions import QuestionRow, list_rows
from helpdesk.queries import tickets
from registry_core.access.actors import Actor
from registry_core.access.models import Role
from registry_core.approvals.policies import DECIDE
from registry_core.approvals.queries import inbox
from registry_core.people.policies import BIND_ADMINISTRATOR, DECIDE_REGISTRATION, OPEN_ACCOUNT
from registry_core.people.queries import deliveries, loans, registrations, reports
from registry_core.records.policies import CHECK_RECORDS
from registry_core.records.queries import count_entries

MOST_NAMED = 3


@dataclass(frozen=True, slots=True)
class WaitingItem:
    """One thing that waits for the reader."""

    title: str
    detail: str
    url: str
    icon: str
    tone: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Workbench:
    """The whole page: what waits, and the own open questions."""

    waiting: tuple[WaitingItem, ...]
    my_questions: tuple[QuestionRow, ...]


def view_workbench(session: Session, actor: Actor) -> Workbench:
    """Read what waits for a person: applications, who wants in, ringing offers, talks, questions, answers."""
    mine = tickets.list_own_questions(session, actor, open_only=True) if actor.may(policies.ASK) else []
    waiting = [_to_confirm(ticket) for ticket in mine if ticket.state is TicketState.RESOLVED]
    if actor.may(policies.HANDLE):
        waiting = [*_offers(session, actor), *_talks(session, actor), *_at_my_desks(session, actor), *waiting]
    first = (*_approvals(session, actor), *_checks(session, actor), *_people(session, actor))
    return Workbench((*first, *waiting), list_rows(session, actor, mine))


def _checks(session: Session, actor: Actor) -> list[WaitingItem]:
    """Say how many entered changes wait for the reader's check, and how many of the own ones came back."""
    if not actor.may(CHECK_RECORDS):
        return []
    found = count_entries(session, actor)
    items = [
        (
            ngettext("有 %(num)s 份录入的改动等您核对", "有 %(num)s 份录入的改动等您核对", found.to_check),
            _("核对无误后才写进档案"),
            "checks",
            found.waits_since,
        ),
        (
            ngettext("您录入的 %(num)s 份改动被退回", "您录入的 %(num)s 份改动被退回", found.returned),
            _("改好后再送去核对"),
            "arrow-back-up",
            found.returned_since,
        ),
    ]
    url = url_for("records.list_checks")
    return [WaitingItem(title, more, url, icon, "waiting", at) for title, more, icon, at in items if at]


def _approvals(session: Session, actor: Actor) -> list[WaitingItem]:
    """Say in one line how many applications wait for a decision, and whether any is overdue."""
    first = inbox.list_waiting(session, actor, limit=1) if actor.may(DECIDE) else []
    if not first:
        return []
    count, overdue = inbox.count_waiting(session, actor)
    late = ngettext("其中 %(num)s 份已超期", "其中 %(num)s 份已超期", overdue)
    return [
        WaitingItem(
            ngettext("有 %(num)s 份申请等您办理", "有 %(num)s 份申请等您办理", count),
            late if overdue else _("都在期限内"),
            url_for("approvals.inbox"),
            "inbox",
            "overdue" if overdue else "waiting",
            first[0].Step.opened_at,
        )
    ]


def _people(session: Session, actor: Actor) -> list[WaitingItem]:
    """Say in one line each who wants an account, who is to be bound, who wants to lend, whose password got lost."""
    return [
        *_registrations(session, actor),
        *_reports(session, actor),
        *_loans(session, actor),
        *_lost_passwords(session, actor),
    ]


def _registrations(session: Session, actor: Actor) -> list[WaitingItem]:
    rows = registrations.list_waiting_for(session, actor) if actor.may(DECIDE_REGISTRATION) else []
    if not rows:
        return []
    words = ngettext("有 %(num)s 个人申请开账号，等您确认", "有 %(num)s 个人申请开账号，等您确认", len(rows))
    at = rows[0].registration.confirmed_at or rows[0].registration.created_at
    names = _names([row.registration.name for row in rows])
    return [WaitingItem(words, names, url_for("people.list_registrations"), "user", "waiting", at)]


def _reports(session: Session, actor: Actor) -> list[WaitingItem]:
    rows = reports.list_waiting_for(session, actor) if actor.may(BIND_ADMINISTRATOR) else []
    if not rows:
        return []
    words = ngettext("有 %(num)s 位超级管理员等您核对绑定", "有 %(num)s 位超级管理员等您核对绑定", len(rows))
    names = _names([f"{row.report.name} · {row.unit.name}" for row in rows])
    at = rows[0].report.reported_at
    return [WaitingItem(words, names, url_for("people.list_reports"), "stairs-up", "waiting", at)]


def _loans(session: Session, actor: Actor) -> list[WaitingItem]:
    if not {Role.SYSTEM_ADMINISTRATOR, Role.SUPER_ADMINISTRATOR} & {held.role for held in actor.assignments}:
        return []
    rows = loans.list_to_consent(session, actor)
    if not rows:
        return []
    words = ngettext("有 %(num)s 份代办申请等您同意", "有 %(num)s 份代办申请等您同意", len(rows))
    names = _names([row.lender for row in rows])
    return [WaitingItem(words, names, url_for("people.list_loans"), "user-check", "waiting", rows[0].loan.asked_at)]


def _lost_passwords(session: Session, actor: Actor) -> list[WaitingItem]:
    if not actor.may(OPEN_ACCOUNT):
        return []
    rows, _more = deliveries.list_deliveries(session, actor, only_lost=True, only_own=True)
    if not rows:
        return []
    people = list(dict.fromkeys(row.account.name for row in rows))
    words = ngettext("有 %(num)s 个人没有收到账号密码", "有 %(num)s 个人没有收到账号密码", len(people))
    at = rows[0].delivery.ended_at or rows[0].delivery.created_at
    return [WaitingItem(words, _names(people), url_for("people.list_deliveries"), "send", "overdue", at)]


def _names(names: Sequence[str]) -> str:
    shown = _("、").join(names[:MOST_NAMED])
    return _("%(names)s等", names=shown) if len(names) > MOST_NAMED else shown


def _to_confirm(ticket: Ticket) -> WaitingItem:
    return WaitingItem(
        ticket.title,
        _("已有答复，请看看是否解决了"),
        url_for("helpdesk.show_question", ticket_id=ticket.id),
        "circle-check",
        "solved",
        ticket.resolved_at or ticket.asked_at,
    )


def _offers(session: Session, actor: Actor) -> list[WaitingItem]:
    ringing = tickets.list_ringing_for(session, actor.account_id)
    return [_offer(session, offer) for offer in ringing]


def _offer(session: Session, offer: Offer) -> WaitingItem:
    ticket = session.get_one(Ticket, offer.ticket_id)
    return WaitingItem(
        ticket.title, _("正在为您响铃"), url_for("helpdesk.console"), "bell-ringing", "waiting", offer.created_at
    )


def _talks(session: Session, actor: Actor) -> list[WaitingItem]:
    talks = [one for one in tickets.list_in_hand(session, actor) if one.state is TicketState.TALKING]
    unread = count_unread(session, actor.account_id, [one.conversation_id for one in talks])
    return [_talk(one) for one in talks if unread.get(one.conversation_id)]


def _talk(ticket: Ticket) -> WaitingItem:
    return WaitingItem(
        ticket.title, _("有新消息等您回复"), _console(ticket), "message-circle", "talking", ticket.asked_at
    )


def _at_my_desks(session: Session, actor: Actor) -> list[WaitingItem]:
    desks: Sequence[Desk] = session.scalars(
        select(Desk)
        .join(DeskMember, DeskMember.desk_id == Desk.id)
        .where(DeskMember.account_id == actor.account_id, Desk.unit_id.in_(actor.units(policies.HANDLE)))
    ).all()
    names = {desk.id: desk.name for desk in desks}
    waiting = [one for one in tickets.list_at_desks(session, list(names)) if one.state is TicketState.WAITING]
    return [
        WaitingItem(
            ticket.title,
            _("在%(desk)s等候接待", desk=names[ticket.custody_desk_id]),
            _console(ticket),
            "hourglass",
            "waiting",
            ticket.asked_at,
        )
        for ticket in waiting
    ]


def _console(ticket: Ticket) -> str:
    return url_for("helpdesk.console", ticket_id=ticket.id)
