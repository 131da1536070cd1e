"""The words of a notice in the reader's language."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from babel.dates import format_skeleton
from flask_babel import get_locale
from flask_babel import gettext as _

from registry_core.notifications.models import Notice


class NoticeKind(StrEnum):
    """What a notice is about; `details` carry what its sentence needs.

    About questions, all: `title` of the question. answered, resolved: `asked_on` (day in China, ISO 8601). passed_up,
    returned, waiting: `desk`, the name of the desk that passed, returned or has it. About the own account: nothing.
    contacts_due: `title` of the round, `unit`, `due_on`.
    About applications: `name_zh` and `name_en` of the procedure, and `about`, what it is about.
    step_overdue_nearby: `name_zh` and `name_en`, `unit` whose step it is, `due_on`.
    file_infected: `name` of the file; file_infected_nearby: also `unit` and `person` who brought it.
    About who gets in: `unit`, the name of the unit, and `name` of the person.
    About a role taken over: `unit`, and `since` (day in China, ISO 8601).
    About lent roles: `unit`, `name` of the lender, `borrower`.
    call_missed: `name` of who called, `kind` (voice, video).
    incident_opened: `unit`, `number` of the incident. message_reported: `name` of who had sent it.
    mentioned: `name` of who wrote, `talk` (what the conversation is called).
    """

    ANSWERED = "answered"
    RESOLVED = "resolved"
    PASSED_UP = "passed_up"
    RETURNED = "returned"
    REOPENED = "reopened"
    WAITING = "waiting"
    NEW_DEVICE = "new_device"
    PASSWORD_CHANGED = "password_changed"  # noqa: S105 - the name of a kind
    FACTOR_ON = "factor_on"
    FACTOR_OFF = "factor_off"
    LETTER_GIVEN = "letter_given"
    DORMANCY_NEAR = "dormancy_near"
    STEP_WAITING = "step_waiting"
    STEP_OVERDUE = "step_overdue"
    STEP_OVERDUE_NEARBY = "step_overdue_nearby"
    APPLICATION_RETURNED = "application_returned"
    APPLICATION_APPROVED = "application_approved"
    APPLICATION_REJECTED = "application_rejected"
    CONTACTS_DUE = "contacts_due"
    FILE_INFECTED = "file_infected"
    FILE_INFECTED_NEARBY = "file_infected_nearby"
    ADMINISTRATOR_REPORTED = "administrator_reported"
    REPORT_BOUND = "report_bound"
    REPORT_REFUSED = "report_refused"
    ADMINISTRATOR_BOUND = "administrator_bound"
    REGISTRY_ADMINISTRATOR_APPOINTED = "registry_administrator_appointed"
    REGISTRATION_WAITING = "registration_waiting"
    ROLE_TAKEN_OVER = "role_taken_over"
    PASSWORD_LENT = "password_lent"  # noqa: S105 - the name of a kind
    LENT_PASSWORD_KEPT = "lent_password_kept"  # noqa: S105 - the name of a kind
    LOAN_ASKED = "loan_asked"
    LOAN_CONSENTED = "loan_consented"
    LOAN_REFUSED = "loan_refused"
    CALL_MISSED = "call_missed"
    INCIDENT_OPENED = "incident_opened"
    MESSAGE_REPORTED = "message_reported"
    MENTIONED = "mentioned"


@dataclass(frozen=True, slots=True)
class NoticeRow:
    """A notice as the page shows it."""

    text: str
    url: str
    at: datetime
    is_read: bool


def present(notice: Notice) -> NoticeRow:
    """Put a notice into words."""
    sentence = _SENTENCES.get(notice.kind, _other)
    return NoticeRow(sentence(notice.details), notice.url, notice.created_at, notice.read_at is not None)


def say_day(day: date) -> str:
    """Say a day as people do: 6月3日, June 3."""
    return format_skeleton("MMMMd", day, locale=get_locale() or "zh_Hans")


def _answered(details: Mapping[str, Any]) -> str:
    day = say_day(date.fromisoformat(details["asked_on"]))
    return _("您 %(day)s 提的问题有答复了：%(title)s", day=day, title=details["title"])


def _resolved(details: Mapping[str, Any]) -> str:
    day = say_day(date.fromisoformat(details["asked_on"]))
    return _("您 %(day)s 提的问题有了书面答复，请看看是否解决了：%(title)s", day=day, title=details["title"])


def _passed_up(details: Mapping[str, Any]) -> str:
    return _("%(desk)s 转来一个问题，请您接待：%(title)s", desk=details["desk"], title=details["title"])


def _returned(details: Mapping[str, Any]) -> str:
    return _("%(desk)s 退回了您转上去的问题，并附了建议：%(title)s", desk=details["desk"], title=details["title"])


def _reopened(details: Mapping[str, Any]) -> str:
    return _("提问人说还没有解决，请您再看看：%(title)s", title=details["title"])


def _waiting(details: Mapping[str, Any]) -> str:
    return _("有问题在 %(desk)s 等待接待：%(title)s", desk=details["desk"], title=details["title"])


def _new_device(details: Mapping[str, Any]) -> str:
    del details
    return _("您的账号在一台新设备上登录了，请看看是不是您本人。")


def _password_changed(details: Mapping[str, Any]) -> str:
    del details
    return _("您的密码已经修改，其他设备上的登录已全部结束。")


def _factor_on(details: Mapping[str, Any]) -> str:
    del details
    return _("您的账号打开了二次验证。")


def _factor_off(details: Mapping[str, Any]) -> str:
    del details
    return _("您的账号取消了二次验证，请看看是不是您本人做的。")


def _letter_given(details: Mapping[str, Any]) -> str:
    del details
    return _("上级单位为您做了一封重设密码的信。不是您本人去办的，请马上联系上级单位。")


def _dormancy_near(details: Mapping[str, Any]) -> str:
    del details
    return _("您的账号很久没有登录，差一点就会封存。")


def _step_waiting(details: Mapping[str, Any]) -> str:
    return _("有一份申请等您办理：%(application)s", application=_application(details))


def _step_overdue(details: Mapping[str, Any]) -> str:
    return _("有一份申请过了办理期限，请您过问：%(application)s", application=_application(details))


def _step_overdue_nearby(details: Mapping[str, Any]) -> str:
    return _(
        "%(unit)s有一份“%(procedure)s”过了办理期限（%(day)s），请联系他们，看看需要什么帮助。",
        unit=details["unit"],
        procedure=_procedure(details),
        day=say_day(date.fromisoformat(details["due_on"])),
    )


def _application_returned(details: Mapping[str, Any]) -> str:
    return _("您的申请被退回，请补正后再提交：%(application)s", application=_application(details))


def _application_approved(details: Mapping[str, Any]) -> str:
    return _("您的申请已通过：%(application)s", application=_application(details))


def _application_rejected(details: Mapping[str, Any]) -> str:
    return _("您的申请没有通过，请看看原因：%(application)s", application=_application(details))


def _application(details: Mapping[str, Any]) -> str:
    return _("%(procedure)s（%(about)s）", procedure=_procedure(details), about=details["about"])


def _procedure(details: Mapping[str, Any]) -> str:
    locale = get_locale()
    is_english = locale is not None and locale.language == "en"
    return str(details["name_en"] if is_english else details["name_zh"])


def _administrator_reported(details: Mapping[str, Any]) -> str:
    return _("%(unit)s上报了超级管理员%(name)s，请核对后绑定账号。", unit=details["unit"], name=details["name"])


def _report_bound(details: Mapping[str, Any]) -> str:
    return _("%(unit)s上报的超级管理员%(name)s已绑定账号。", unit=details["unit"], name=details["name"])


def _report_refused(details: Mapping[str, Any]) -> str:
    return _("%(unit)s上报的超级管理员%(name)s没有通过核对，请看看原因。", unit=details["unit"], name=details["name"])


def _administrator_bound(details: Mapping[str, Any]) -> str:
    return _("您的账号已绑定为%(unit)s的超级管理员。", unit=details["unit"])


def _registry_administrator_appointed(details: Mapping[str, Any]) -> str:
    return _("%(unit)s指定了学籍管理员%(name)s，特此上报。", unit=details["unit"], name=details["name"])


def _registration_waiting(details: Mapping[str, Any]) -> str:
    return _("%(name)s申请在%(unit)s开账号，请确认或退回。", unit=details["unit"], name=details["name"])


def _contacts_due(details: Mapping[str, Any]) -> str:
    day = say_day(date.fromisoformat(details["due_on"]))
    return _(
        "%(title)s：请在 %(day)s前补齐并确认%(unit)s的通讯录。", title=details["title"], day=day, unit=details["unit"]
    )


def _file_infected(details: Mapping[str, Any]) -> str:
    return _(
        "您上传的“%(name)s”查出病毒，已经锁住，谁也打不开。请先给电脑杀毒，再上传干净的文件。", name=details["name"]
    )


def _file_infected_nearby(details: Mapping[str, Any]) -> str:
    return _(
        "%(unit)s的%(person)s上传的“%(name)s”查出病毒，文件已经锁住。请检查这位同事用的电脑。",
        unit=details["unit"],
        person=details["person"],
        name=details["name"],
    )


def _role_taken_over(details: Mapping[str, Any]) -> str:
    day = say_day(date.fromisoformat(details["since"]))
    return _("您从 %(day)s 起接任%(unit)s的岗位，请尽快参加培训考核。", day=day, unit=details["unit"])


def _password_lent(details: Mapping[str, Any]) -> str:
    return _("%(name)s登记了把密码借给%(borrower)s使用。", name=details["name"], borrower=details["borrower"])


def _lent_password_kept(details: Mapping[str, Any]) -> str:
    return _(
        "%(name)s借给%(borrower)s的密码用完后还没有修改，请督促。", name=details["name"], borrower=details["borrower"]
    )


def _loan_asked(details: Mapping[str, Any]) -> str:
    return _(
        "%(unit)s的%(name)s申请请%(borrower)s代为办理，要您事先同意。",
        unit=details["unit"],
        name=details["name"],
        borrower=details["borrower"],
    )


def _loan_consented(details: Mapping[str, Any]) -> str:
    return _("%(name)s请%(borrower)s代办的申请已同意。", name=details["name"], borrower=details["borrower"])


def _loan_refused(details: Mapping[str, Any]) -> str:
    return _(
        "%(name)s请%(borrower)s代办的申请没有同意，请看看原因。", name=details["name"], borrower=details["borrower"]
    )


def _call_missed(details: Mapping[str, Any]) -> str:
    if details["kind"] == "video":
        return _("%(name)s刚才给您打过视频通话，您没有接到。点这里回电。", name=details["name"])
    return _("%(name)s刚才给您打过语音通话，您没有接到。点这里回电。", name=details["name"])


def _mentioned(details: Mapping[str, Any]) -> str:
    return _("%(name)s在“%(talk)s”里提到了您，点这里看。", name=details["name"], talk=details["talk"])


def _incident_opened(details: Mapping[str, Any]) -> str:
    return _("%(unit)s有一起信息安全事件（%(number)s），请处置。", unit=details["unit"], number=details["number"])


def _message_reported(details: Mapping[str, Any]) -> str:
    return _("有人举报%(name)s的一条消息发错了地方，请看看要不要召回。", name=details["name"])


def _other(details: Mapping[str, Any]) -> str:
    del details
    return _("有一件与您有关的事有了变化，请点开看看。")


_SENTENCES: dict[str, Callable[[Mapping[str, Any]], str]] = {
    NoticeKind.ANSWERED: _answered,
    NoticeKind.RESOLVED: _resolved,
    NoticeKind.PASSED_UP: _passed_up,
    NoticeKind.RETURNED: _returned,
    NoticeKind.REOPENED: _reopened,
    NoticeKind.WAITING: _waiting,
    NoticeKind.NEW_DEVICE: _new_device,
    NoticeKind.PASSWORD_CHANGED: _password_changed,
    NoticeKind.FACTOR_ON: _factor_on,
    NoticeKind.FACTOR_OFF: _factor_off,
    NoticeKind.LETTER_GIVEN: _letter_given,
    NoticeKind.DORMANCY_NEAR: _dormancy_near,
    NoticeKind.STEP_WAITING: _step_waiting,
    NoticeKind.STEP_OVERDUE: _step_overdue,
    NoticeKind.STEP_OVERDUE_NEARBY: _step_overdue_nearby,
    NoticeKind.APPLICATION_RETURNED: _application_returned,
    NoticeKind.APPLICATION_APPROVED: _application_approved,
    NoticeKind.APPLICATION_REJECTED: _application_rejected,
    NoticeKind.CONTACTS_DUE: _contacts_due,
    NoticeKind.FILE_INFECTED: _file_infected,
    NoticeKind.FILE_INFECTED_NEARBY: _file_infected_nearby,
    NoticeKind.ADMINISTRATOR_REPORTED: _administrator_reported,
    NoticeKind.REPORT_BOUND: _report_bound,
    NoticeKind.REPORT_REFUSED: _report_refused,
    NoticeKind.ADMINISTRATOR_BOUND: _administrator_bound,
    NoticeKind.ROLE_TAKEN_OVER: _role_taken_over,
    NoticeKind.PASSWORD_LENT: _password_lent,
    NoticeKind.LENT_PASSWORD_KEPT: _lent_password_kept,
    NoticeKind.LOAN_ASKED: _loan_asked,
    NoticeKind.LOAN_CONSENTED: _loan_consented,
    NoticeKind.LOAN_REFUSED: _loan_refused,
    NoticeKind.CALL_MISSED: _call_missed,
    NoticeKind.INCIDENT_OPENED: _incident_opened,
    NoticeKind.MESSAGE_REPORTED: _message_reported,
    NoticeKind.MENTIONED: _mentioned,
    NoticeKind.REGISTRATION_WAITING: _registration_waiting,
    NoticeKind.REGISTRY_ADMINISTRATOR_APPOINTED: _registry_administrator_appointed,
}
