"""Refusals about undertakings and purposes."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from registry_core.errors import DomainError, Forbidden


class UndertakingNeeded(Forbidden):
    """Personal data of others are shown to who has promised to keep them."""

    code = "undertaking_needed"
    message = _l("查看别人的个人信息之前，请先阅读并签署保密承诺书。签署以后会回到您刚才的页面。")


class PurposeNeeded(Forbidden):
    """Personal data of others are shown to who has said what for."""

    code = "purpose_needed"
    message = _l("查看别人的个人信息之前，请先写明用途。写明以后会回到您刚才的页面。")


class TextChanged(DomainError):
    """The text has changed while it was being read."""

    code = "text_changed"
    message = _l("承诺书刚刚有了新的文本，请重新阅读后再签署。")


class PurposeNotOpen(DomainError):
    """The purpose stands on no list, or on none for the person's roles."""

    code = "purpose_not_open"
    status = 422
    message = _l("请从列表里选一项用途。")


class TooManySigners(DomainError):
    """More people than a sheet should hold."""

    code = "too_many_signers"
    status = 422
    message = _l("人数太多，一次导不完。请去掉“包括下级单位”，分单位导出。")
