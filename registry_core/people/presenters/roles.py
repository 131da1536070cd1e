"""The roles of the house on one page: what each is for, who gives it, and what it may do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask_babel import gettext as _

from registry_core.access.actors import permissions, right_of
from registry_core.access.models import Role
from registry_core.access.roles import DEFINITIONS, Family
from registry_core.orgs.models import Level
from registry_core.people.presenters.explaining import level_name, qualification_name


@dataclass(frozen=True, slots=True)
class RightLine:
    """A permission as the page of roles names it, with what it asks for beside the role."""

    name: str
    condition: str


@dataclass(frozen=True, slots=True)
class RoleCard:
    """One role."""

    role: str
    name: str
    duty: str
    clause: str
    levels: str
    given_by: str
    is_offered: bool
    rights: tuple[RightLine, ...]


@dataclass(frozen=True, slots=True)
class FamilyOfRoles:
    """Roles that belong together."""

    name: str
    roles: tuple[RoleCard, ...]


def family_name(family: Family) -> str:
    """Name a family of roles."""
    return {
        Family.PLATFORM: _("平台账号"),
        Family.REGISTRY: _("学籍业务"),
        Family.SUPPORT: _("服务台"),
        Family.TRAINING: _("培训"),
        Family.ANNOUNCEMENTS: _("公告"),
        Family.REPORTS: _("月报"),
        Family.READERS: _("其他读者"),
    }[family]


def list_families() -> list[FamilyOfRoles]:
    """Present all roles by family, in the order of the definitions."""
    return [
        FamilyOfRoles(
            family_name(family),
            tuple(_card(role) for role, definition in DEFINITIONS.items() if definition.family is family),
        )
        for family in Family
    ]


def list_for_all() -> list[str]:
    """Name what every role may do."""
    return [str(right_of(permission).name) for permission in permissions() if _is_for_all(permission)]


def name_roles(roles: Sequence[Role]) -> list[tuple[str, str]]:
    """Pair roles with their names, for a choice."""
    return [(role.value, str(DEFINITIONS[role].name)) for role in roles]


def _is_for_all(permission: str) -> bool:
    right = right_of(permission)
    return right.roles == frozenset(Role) and right.qualification is None


def _card(role: Role) -> RoleCard:
    definition = DEFINITIONS[role]
    return RoleCard(
        role.value,
        str(definition.name),
        str(definition.duty),
        str(definition.clause),
        _levels(definition.levels),
        _("、").join(str(DEFINITIONS[one].name) for one in DEFINITIONS if one in definition.given_by),
        definition.is_offered,
        tuple(
            _right(permission)
            for permission in permissions()
            if role in right_of(permission).roles and not _is_for_all(permission)
        ),
    )


def _right(permission: str) -> RightLine:
    right = right_of(permission)
    conditions = []
    if right.qualification is not None:
        conditions.append(_("须持%(kind)s", kind=qualification_name(right.qualification)))
    if right.levels != frozenset(Level):
        conditions.append(_("仅%(levels)s", levels=_levels(right.levels)))
    return RightLine(str(right.name), _("，").join(conditions))


def _levels(levels: frozenset[Level]) -> str:
    if levels == frozenset(Level):
        return _("各级")
    return _("、").join(level_name(level) for level in Level if level in levels)
