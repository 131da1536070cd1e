"""The words of incidents in the reader's language."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from flask_babel import gettext as _
from flask_babel import ngettext

from registry_core.incidents.models import Incident, IncidentKind, IncidentState

TONES: Mapping[IncidentState, tuple[str, str]] = {
    IncidentState.OPEN: ("overdue", "alert-triangle"),
    IncidentState.HANDLED: ("waiting", "hourglass"),
    IncidentState.CLOSED: ("closed", "lock"),
}


def say_kind(kind: IncidentKind) -> str:
    """Name what happened."""
    return {IncidentKind.MISPLACED_MESSAGE: _("个人信息发错了地方")}[kind]


def say_state(state: IncidentState) -> str:
    """Name how far it has come."""
    return {
        IncidentState.OPEN: _("等待处置"),
        IncidentState.HANDLED: _("已处置，等待结案"),
        IncidentState.CLOSED: _("已结案"),
    }[state]


def say_what(incident: Incident) -> str:
    """Say in a sentence what happened, without any personal data."""
    return _SENTENCES[incident.kind](incident.details)


def _misplaced(details: Mapping[str, Any]) -> str:
    kinds = {"identity": _("证件号"), "mobile": _("手机号"), "bank_card": _("银行卡号")}
    parts = []
    found = [kinds[kind] for kind in details.get("kinds", ()) if kind in kinds]
    if found:
        parts.append(_("内容里有%(kinds)s", kinds=_("、").join(found)))
    files = int(details.get("files", 0))
    if files:
        parts.append(ngettext("附有 %(num)s 个文件", "附有 %(num)s 个文件", files))
    if details.get("is_stated"):
        parts.append(_("召回人说明里面有个人信息"))
    return _("一条消息发错了地方，已经召回：%(parts)s。", parts=_("；").join(parts))


_SENTENCES: dict[IncidentKind, Callable[[Mapping[str, Any]], str]] = {IncidentKind.MISPLACED_MESSAGE: _misplaced}
