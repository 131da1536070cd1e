"""Refusals about incidents."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from registry_core.errors import DomainError, Forbidden, NotFound


class IncidentNotFound(NotFound):
    """No such incident, or one of a unit that the actor does not reach."""

    code = "incident_not_found"
    message = _l("没有找到这个事件，可能不在您的管理范围内。")


class IncidentMoved(DomainError):
    """Somebody else has written it down or closed it meanwhile."""

    code = "incident_moved"
    message = _l("这个事件刚刚有了变动，请刷新页面看看现在的情况。")


class OwnIncident(Forbidden):
    """Who caused an incident neither handles nor closes it, and does not look into what is sealed."""

    code = "own_incident"
    message = _l("这个事件与您本人有关，请由本单位的其他管理员或上级单位处置。")


class NothingSealed(NotFound):
    """There is no such piece of evidence."""

    code = "nothing_sealed"
    message = _l("没有找到这份留存的内容。")
