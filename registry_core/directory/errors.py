"""Refusals of the directory; each message says what to do instead."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from registry_core.errors import DomainError, NotFound


class BodyNotFound(NotFound):
    """No such body, or it stands beside a unit outside the scope."""

    code = "body_not_found"
    message = _l("没有找到这个机构，可能不在您的管理范围内。请从单位页面重新进入。")


class MemberNotFound(NotFound):
    """No such seat in force within the scope."""

    code = "member_not_found"
    message = _l("没有找到这位成员，可能已经卸任。请刷新页面看看现任名单。")


class BodyExists(DomainError):
    """The unit has an open body of this kind and name."""

    code = "body_exists"
    message = _l("这个单位已经有同名的机构，请直接修改它，或换一个名称。")


class BodyIsClosed(DomainError):
    """Nothing changes about a body that has ceased to exist."""

    code = "body_is_closed"
    message = _l("这个机构已经撤销，记录只供查看。需要时请在单位页面新设一个。")


class LeaderExists(DomainError):
    """A body has one leader at a time."""

    code = "leader_exists"

    def __init__(self, name: str) -> None:
        super().__init__(_l("现任组长（负责人）是%(name)s，请先登记卸任，再登记新的人选。", name=name))
