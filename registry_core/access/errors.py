"""Refusals about rights. The general ones live in `registry_core.errors`."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from registry_core.errors import DomainError


class RoleAlreadyHeld(DomainError):
    """The account already holds this role at this unit for that time."""

    code = "role_already_held"
    message = _l("此人在该单位已有这个角色，不必重复授予。")
