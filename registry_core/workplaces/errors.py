"""Refusals about registered computers and addresses."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from registry_core.errors import DomainError, Forbidden


class LocksOneselfOut(DomainError):
    """Nobody switches the limit on from a place that would then be shut."""

    code = "locks_oneself_out"
    message = _l("您现在用的计算机和地址都还没有登记，打开限制会把自己关在外面。请先登记这台计算机，再打开。")


class LastPlace(DomainError):
    """The last computer or address of a unit whose registry business is limited."""

    code = "last_place"
    message = _l("这是最后一处登记，停用以后本单位谁也办不了学籍业务。请先登记另一处，或先关闭限制。")


class DemandedByRule(DomainError):
    """The unit cannot switch off what a rule pack demands."""

    code = "demanded_by_rule"
    message = _l("这项限制是规则要求的，本单位不能关闭。情况紧急的，请上级单位的管理员临时放开。")


class OnlyFromAbove(Forbidden):
    """Lifting the limit in an emergency is for the level above."""

    code = "only_from_above"
    message = _l("临时放开要由上级单位的系统管理员或超级管理员办理。请联系上级，说明情况。")


class NotANetwork(DomainError):
    """What was typed is no address and no range of addresses, or one that holds half the world."""

    code = "not_a_network"
    status = 422
    message = _l(
        "请填一个地址或一段地址，例如 61.150.43.7 或 61.150.43.0/24。"
        "范围最大到 /16（IPv6 到 /48），再大就起不到限制作用。"
    )


class RangeAlreadyThere(DomainError):
    """The range stands on the list."""

    code = "range_already_there"
    message = _l("这段地址已经登记过了，不必重复登记。")


class LiftedTooLong(DomainError):
    """An end that lies in the past or too far ahead."""

    code = "lifted_too_long"
    status = 422
    message = _l("请填今天或以后的日期，一次最多放开 30 天。到期自动恢复限制。")
