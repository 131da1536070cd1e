"""Refusals about applications; each message says what to do instead."""

from __future__ import annotations

from collections.abc import Sequence

from flask_babel import lazy_gettext as _l

from registry_core.errors import DomainError, Forbidden, InvalidInput, NotFound


class ApplicationNotFound(NotFound):
    """No such application, or the actor has no part in it."""

    code = "application_not_found"
    message = _l("没有找到这份申请，可能已不在您的办理范围内。请从“等我办理”或“我的申请”里打开。")


class AlreadyRunning(DomainError):
    """The same thing is being applied for already."""

    code = "already_running"
    message = _l("同样的申请正在办理中，不用再提交一份。请在“我的申请”里查看进度。")


class EvidenceMissing(InvalidInput):
    """Something that has to be attached is not there."""

    code = "evidence_missing"

    def __init__(self, names: Sequence[str]) -> None:
        super().__init__(_l("还缺少证明材料：%(names)s。请附上后再提交。", names="、".join(names)))


class NothingToDecide(DomainError):
    """By the rules no step of the procedure applies to these facts."""

    code = "nothing_to_decide"
    message = _l("按现行规则，这种情况没有需要审批的环节，无法提交。请联系上级学籍管理员核对规则。")


class StepGone(DomainError):
    """Somebody was faster, or the application has moved on."""

    code = "step_gone"

    def __init__(self, name: str | None = None) -> None:
        if name is None:
            super().__init__(_l("这个环节已经办过了，请刷新页面查看最新进度。"))
        else:
            super().__init__(_l("%(name)s 刚刚办过这个环节，请刷新页面查看最新进度。", name=name))


class OwnApplication(Forbidden):
    """Nobody decides what they applied for or entered. Source: file 003 annex 1 part 5; file 002 article 18."""

    code = "own_application"
    message = _l("这份申请是您本人提交或代为录入的，按“谁录入谁不审批”的规定，要由其他人办理。")


class NotYourStep(Forbidden):
    """Others decide this step."""

    code = "not_your_step"
    message = _l("这个环节不由您办理，您可以查看进度。")


class NotOwnSide(Forbidden):
    """The procedure begins at one unit, and whoever applies does not serve there in the post that it names."""

    code = "not_own_side"

    def __init__(self, unit: str, role: str) -> None:
        super().__init__(
            _l("按流程，这项申请由%(unit)s的%(role)s提出，您不能代为提交。请联系他们办理。", unit=unit, role=role)
        )


class ReasonMissing(InvalidInput):
    """Who sends something back or turns it down says why."""

    code = "reason_missing"
    message = _l("退回或不同意时，请写明原因，让申请人知道怎么改。")


class AnswersMissing(InvalidInput):
    """The approval brings something about for which the last decider has to fill something in."""

    code = "answers_missing"

    def __init__(self, about: str, names: Sequence[str]) -> None:
        super().__init__(
            _l(
                "同意“%(about)s”时要填写：%(names)s。请打开这份申请，填好后再提交。",
                about=about,
                names="、".join(names),
            )
        )


class NotReturned(DomainError):
    """Only what came back can be sent again."""

    code = "not_returned"
    message = _l("这份申请没有被退回，不用重新提交。请刷新页面查看最新进度。")


class NotApplicant(Forbidden):
    """Only the applicant withdraws and sends again."""

    code = "not_applicant"
    message = _l("只有申请人或代为录入的人可以撤回或重新提交。")


class TooLateToWithdraw(DomainError):
    """The step until which one may withdraw has been decided, or everything has."""

    code = "too_late_to_withdraw"
    message = _l("这份申请已办到不能撤回的环节。如确实需要停办，请联系正在办理的单位。")
