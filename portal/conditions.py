"""What a permission asks for beyond a role: a registered place, and for personal data an undertaking and a purpose.

Pages and socket commands ask alike, so this stands beside both gates.
"""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy.orm import Session

from registry_core.access.actors import Actor, require, right_of
from registry_core.undertakings import services as undertakings
from registry_core.workplaces.presenters import list_bars


def bar(session: Session, actor: Actor) -> Actor:
    """Let an actor know of the units whose registry business cannot be done from where they are."""
    bars = list_bars(session, actor)
    return replace(actor, bars=bars) if bars else actor


def require_all(session: Session, actor: Actor, permission: str, *, is_export: bool = False) -> Actor:
    """Check a permission with all that it asks for; return who acts, with the purpose that they have stated.

    Raises Forbidden, NotQualified, DutiesConflict, NotFromHere, UndertakingNeeded, PurposeNeeded.
    """
    require(actor, permission)
    if not (is_export or right_of(permission).reads_personal):
        return actor
    return undertakings.require_ready(session, actor, is_export=is_export)
