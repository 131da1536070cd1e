"""What of the help desk hangs on units, told to the directory."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from helpdesk.models import Desk, Ticket, TicketState
from registry_core.directory.dependents import Dependent


def tell_of_units(session: Session, unit_ids: Collection[UUID]) -> dict[UUID, list[Dependent]]:
    """Tell of the desks of units, and of the questions from them that are not settled yet."""
    told: dict[UUID, list[Dependent]] = {}
    desks = session.execute(select(Desk.unit_id, Desk.name).where(Desk.unit_id.in_(unit_ids)))
    for unit_id, name in desks:
        told.setdefault(unit_id, []).append(Dependent(_("服务台：%(name)s", name=name), 1, "headset"))
    questions = session.execute(
        select(Ticket.unit_id, func.count())
        .where(Ticket.unit_id.in_(unit_ids), Ticket.state != TicketState.CLOSED)
        .group_by(Ticket.unit_id)
    )
    for unit_id, count in questions:
        text = _("还没有解决的提问 %(count)s 个", count=count)
        told.setdefault(unit_id, []).append(Dependent(text, count, "message-circle-question"))
    return told
