"""The words for states, levels and steps. One place, so that a step reads the same on every page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from flask_babel import gettext as _

from helpdesk.models import StepKind, TicketState, TicketStep
from registry_core.orgs.models import Level

TONES = {
    TicketState.RINGING: "waiting",
    TicketState.WAITING: "waiting",
    TicketState.TALKING: "talking",
    TicketState.RESOLVED: "solved",
    TicketState.CLOSED: "closed",
}

ICONS = {
    StepKind.ASKED: "message-circle-question",
    StepKind.RECORDED: "phone",
    StepKind.IDENTITY_CHECKED: "user-check",
    StepKind.RANG: "bell-ringing",
    StepKind.DECLINED: "bell-off",
    StepKind.RANG_OUT: "bell-off",
    StepKind.WITHDRAWN: "bell-off",
    StepKind.LEVEL_PASSED: "arrow-bar-up",
    StepKind.RECORD_OPENED: "clipboard-text",
    StepKind.RECORD_SUBMITTED: "clipboard-text",
    StepKind.WAITS: "hourglass",
    StepKind.ACCEPTED: "message-circle",
    StepKind.TAKEN: "message-circle",
    StepKind.PASSED_UP: "arrow-bar-up",
    StepKind.RETURNED: "arrow-back-up",
    StepKind.RELEASED: "refresh",
    StepKind.RESOLVED: "circle-check",
    StepKind.CONFIRMED: "check",
    StepKind.REOPENED: "refresh",
}


@dataclass(frozen=True, slots=True)
class Names:
    """Names of the people and desks that appear in steps."""

    people: Mapping[UUID, str]
    desks: Mapping[UUID, str]

    def person(self, account_id: UUID | str | None) -> str:
        """Name a person, or say 一位同事 where the name is not known."""
        if account_id is None:
            return _("一位同事")
        return self.people.get(UUID(str(account_id)), _("一位同事"))

    def desk(self, desk_id: UUID | str | None) -> str:
        """Name a desk."""
        if desk_id is None:
            return _("服务台")
        return self.desks.get(UUID(str(desk_id)), _("服务台"))


def level_label(level: Level) -> str:
    """Name a level in one character."""
    return {
        Level.SCHOOL: _("校"),
        Level.COUNTY: _("县"),
        Level.CITY: _("市"),
        Level.PROVINCE: _("省"),
        Level.MINISTRY: _("部"),
    }[level]


def state_label(state: TicketState) -> str:
    """Name the state of a question."""
    return {
        TicketState.RINGING: _("响铃中"),
        TicketState.WAITING: _("等候接待"),
        TicketState.TALKING: _("正在解答"),
        TicketState.RESOLVED: _("已答复"),
        TicketState.CLOSED: _("已解决"),
    }[state]


def passed_label(why: str) -> str:
    """Say why the search went past a desk."""
    return {
        "closed": _("未开放"),
        "nobody": _("没有同事可接"),
        "no_answer": _("没有接听"),
        "passed_up": _("已转上级"),
        "returned": _("已退回下级"),
    }.get(why, _("已问过"))


def step_text(step: TicketStep, names: Names) -> str:
    """Say a step in a sentence."""
    desk, person = names.desk(step.desk_id), names.person(step.actor_id)
    rung = names.person(step.details.get("account_id"))
    to_desk = names.desk(step.details.get("to_desk_id"))
    why = passed_label(str(step.details.get("why", "")))
    return {
        StepKind.ASKED: _("%(person)s 提问，由%(desk)s负责", person=person, desk=desk),
        StepKind.RECORDED: _("%(person)s 代为登记了这个问题", person=person),
        StepKind.IDENTITY_CHECKED: _(
            "%(person)s 核实了提问人的身份：%(how)s", person=person, how=step.details.get("how", "")
        ),
        StepKind.RANG: _("%(desk)s：正在呼叫 %(rung)s", desk=desk, rung=rung),
        StepKind.DECLINED: _("%(desk)s：%(rung)s 暂时不便接待", desk=desk, rung=rung),
        StepKind.RANG_OUT: _("%(desk)s：%(rung)s 没有接听", desk=desk, rung=rung),
        StepKind.WITHDRAWN: _("%(desk)s：%(rung)s 已离线，不再呼叫", desk=desk, rung=rung),
        StepKind.LEVEL_PASSED: _("%(desk)s：%(why)s", desk=desk, why=why),
        StepKind.RECORD_OPENED: _("%(desk)s 没有同事可接，请提问人留言", desk=desk),
        StepKind.RECORD_SUBMITTED: _("提问人已留言，问题可以一级一级往上找人"),
        StepKind.WAITS: _("暂时没有同事可接，在%(desk)s等候", desk=desk),
        StepKind.ACCEPTED: _("%(person)s（%(desk)s）接待了这个问题", person=person, desk=desk),
        StepKind.TAKEN: _("%(person)s（%(desk)s）从等候中接起了这个问题", person=person, desk=desk),
        StepKind.PASSED_UP: _("%(person)s 把问题转到%(to_desk)s", person=person, to_desk=to_desk),
        StepKind.RETURNED: _("%(person)s 附建议退回%(to_desk)s", person=person, to_desk=to_desk),
        StepKind.RELEASED: _("%(rung)s 已不在%(desk)s，重新呼叫", rung=rung, desk=desk),
        StepKind.RESOLVED: _("%(person)s 给出了答复", person=person),
        StepKind.CONFIRMED: _("提问人确认已解决"),
        StepKind.REOPENED: _("提问人表示还没解决，重新呼叫"),
    }[step.kind]
