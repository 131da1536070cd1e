"""Refusals of the help desk."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from registry_core.errors import DomainError, Forbidden, InvalidInput, NotFound, TooManyRequests


class QuestionNotFound(NotFound):
    """No such question within the actor's reach."""

    code = "question_not_found"
    message = _l("没有找到这个问题，可能编号有误，或不在您的管理范围内。")


class OfferNotFound(NotFound):
    """No such offer for this technician."""

    code = "offer_not_found"
    message = _l("没有找到这次响铃，可能不是发给您的。")


class DeskNotFound(NotFound):
    """No such desk within the actor's reach."""

    code = "desk_not_found"
    message = _l("没有找到这个服务台，或不在您的管理范围内。")


class NoDeskAbove(DomainError):
    """There is no desk at all on the way from the asker's unit to the ministry."""

    code = "no_desk"
    message = _l("您的单位到教育部这一路上还没有开设服务台，请联系上级学籍管理部门。")


class NoUnit(Forbidden):
    """The asker holds no role at any unit."""

    code = "no_unit"
    message = _l("您的账号还没有关联单位，暂时不能提问。请联系本单位管理员。")


class OfferGone(DomainError):
    """The offer no longer rings."""

    code = "offer_gone"
    message = _l("这次响铃已经结束，问题已转给其他同事。")

    @classmethod
    def taken_by(cls, name: str) -> OfferGone:
        """Say who has it."""
        return cls(_l("这个问题已由%(name)s接待。", name=name))


class TicketNotOpen(DomainError):
    """The question is not in a state in which this can be done."""

    code = "ticket_not_open"
    message = _l("这个问题的状态已经变化，不能再这样操作。请刷新后查看。")


class NotYourTicket(Forbidden):
    """Only who is answering may do this."""

    code = "not_your_ticket"
    message = _l("只有正在接待这个问题的同事才能这样操作。")


class NoHigherTier(DomainError):
    """Nobody stands above."""

    code = "no_higher_tier"
    message = _l("上面已经没有更高一级的服务台了，请在本级给出答复。")


class NothingToReturnTo(DomainError):
    """No lower desk had the question before."""

    code = "nothing_to_return_to"
    message = _l("这个问题没有经过下级服务台，无法退回。")


class TextMissing(InvalidInput):
    """A summary, advice, answer or reason is empty."""

    code = "text_missing"
    message = _l("请先写明内容，再继续。")


class OwnQuestion(Forbidden):
    """Nobody answers an own question."""

    code = "own_question"
    message = _l("这是您自己提的问题，请由其他同事接待。")


class NoOwnDesk(Forbidden):
    """Who would write a call down answers at no desk on the way up from the caller."""

    code = "no_own_desk"
    message = _l("您所在的单位还没有开设服务台，暂时不能登记来电。请联系上级学籍管理部门。")


class RequesterNotFound(InvalidInput):
    """The person named in a recorded call is not within the desk's area."""

    code = "requester_not_found"
    message = _l("没有在您的服务范围内找到这位提问人，请重新选择。")


class TooManyAtDoor(TooManyRequests):
    """The desk has more questions from the door than it can look at."""

    message = _l("这个单位的服务台现在收到的求助太多，请过一会儿再试，或直接打上级学籍管理部门的电话。")
