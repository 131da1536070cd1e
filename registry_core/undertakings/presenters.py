"""What the pages of undertakings show."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from flask_babel import format_date, get_locale
from flask_babel import gettext as _

from registry_core import clock
from registry_core.access.actors import Actor
from registry_core.access.roles import DEFINITIONS
from registry_core.rules.queries import Rule
from registry_core.undertakings.queries import Signer, list_open_purposes


def purpose_choices(actor: Actor, rule: Rule | None) -> list[tuple[str, str]]:
    """List the purposes that somebody may name, in the reader's language."""
    if rule is None:
        return []
    in_english = str(get_locale()) == "en"
    return [
        (purpose.code, purpose.name_en if in_english else purpose.name_zh)
        for purpose in list_open_purposes(actor, rule)
    ]


def role_name(signer: Signer) -> str:
    """Name the role of somebody."""
    return str(DEFINITIONS[signer.role].name)


def signer_header() -> tuple[str, ...]:
    """Name the columns of the list as a sheet."""
    return (_("姓名"), _("单位"), _("角色"), _("应签版本"), _("是否签署"), _("签署日期"), _("以前签过的版本"))


def signer_lines(signers: Iterable[Signer]) -> Iterator[tuple[str, ...]]:
    """Write the list as lines of a sheet."""
    for one in signers:
        day = format_date(clock.local(one.signed_at), "yyyy-MM-dd") if one.signed_at else ""
        signed = _("已签署") if one.signed_at else _("没有签署") if one.version else _("不需要")
        yield (one.name, one.unit_name, role_name(one), one.version, signed, day, one.former_version)
