"""Refusals about rights. The general ones live in `registry_core.errors`."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from registry_core.errors import DomainError, Forbidden


class RoleAlreadyHeld(DomainError):
    """The account already holds this role at this unit for that time."""

    code = "role_already_held"
    message = _l("此人在该单位已有这个角色，不必重复授予。")


class RoleNotHeldHere(DomainError):
    """The role cannot be held at a unit of this level, or not without naming a grade or class."""

    code = "role_not_held_here"
    status = 422
    message = _l("这个角色不能设在该单位，请换一个角色或单位。")


class NarrowingMissing(DomainError):
    """A role for one grade or class was given without naming it, or another role with one."""

    code = "narrowing_missing"
    status = 422
    message = _l("年级或班级管理员要写明负责的年级或班级；其他角色不需要。")


class MayNotGive(Forbidden):
    """The actor's own roles do not reach so far as to give this role at this unit."""

    code = "may_not_give"
    message = _l("您不能授予或收回这个角色。请联系该单位的超级管理员，或由上级办理。")


class GivenToOneself(Forbidden):
    """Nobody gives themselves a role, whatever they may give to others."""

    code = "given_to_oneself"
    message = _l("不能给自己授予角色。请由本单位另一位超级管理员或上级办理。")


class DutiesConflict(DomainError):
    """One person may not hold both roles, or act in registry business while holding one of them."""

    code = "duties_conflict"
    message = _l("职责分离：系统管理员负责系统配置，不参与学籍业务管理（《关键业务操作说明》第五部分（一））。")


class NotQualified(Forbidden):
    """The role carries the permission, but only with a valid qualification."""

    code = "not_qualified"
    message = _l("这项工作要持证上岗：您还没有有效的合格证，或合格证已过期。请参加培训考核，或请上级先发临时许可。")


class NotFromHere(Forbidden):
    """The role carries the permission, but the unit has its registry business done at its own places only."""

    code = "not_from_here"
    message = _l("本单位的学籍业务只能在登记的计算机或地址上办理。请换到登记的计算机，或联系本单位的系统管理员。")


class LastAdministrator(DomainError):
    """The unit would be left without anybody who can give roles, and so would everything above it."""

    code = "last_administrator"
    message = _l("这是全国级最后一位超级管理员，不能收回。请先授予另一位。")


class NotOffered(DomainError):
    """A role of a later phase of article 19."""

    code = "role_not_offered"
    message = _l("这个角色属于后续阶段，目前还没有开放。")


class EndsBeforeItBegins(DomainError):
    """An end that lies in the past, or too far ahead."""

    code = "ends_before_it_begins"
    status = 422
    message = _l("结束日期要晚于今天，临时许可最长一年。请改一下日期。")


class LoanNotOpen(DomainError):
    """A request to lend a role that has been decided already, has run out or was ended."""

    code = "loan_not_open"
    message = _l("这条出借申请已经处理过或已到期，请刷新页面查看。")


class HandedOver(DomainError):
    """The role has a successor already."""

    code = "handed_over"
    message = _l("这个角色已经定了接任人，请刷新页面查看。要换人的，请先收回接任人的角色。")
