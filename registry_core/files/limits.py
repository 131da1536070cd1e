"""How large files may be and of which types: by the rules of the unit, else by what the house assumes."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.orm import Session

from registry_core.access.actors import Actor
from registry_core.orgs.models import OrgUnit
from registry_core.orgs.queries import today
from registry_core.rules.errors import RuleMissing
from registry_core.rules.queries import find_rule

TOPIC = "files"
MEGABYTE = 1_000_000


@dataclass(frozen=True, slots=True)
class Limits:
    """The largest size in bytes, and the endings of names that are taken."""

    max_bytes: int
    types: tuple[str, ...]


ASSUMED = Limits(20 * MEGABYTE, ("pdf", "jpg", "jpeg", "png", "webp", "docx", "xlsx", "csv", "txt"))
"""Until rules are loaded; no source says anything."""


def limits_for(session: Session, actor: Actor) -> Limits:
    """Say what holds at the actor's unit today."""
    unit = session.get(OrgUnit, actor.home.unit_id) if actor.home else None
    if unit is None:
        return ASSUMED
    try:
        rule = find_rule(session, unit, TOPIC, on=today())
    except RuleMissing:
        return ASSUMED
    return Limits(rule.value.max_mb * MEGABYTE, tuple(rule.value.types))
