"""What of the help desk hangs on a unit, told to the directory."""

from __future__ import annotations

from collections.abc import Iterator

from flask_babel import gettext as _
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from helpdesk.models import Desk, Ticket, TicketState
from registry_core.directory.dependents import Dependent
from registry_core.orgs.models import OrgUnit


def tell_of_unit(session: Session, unit: OrgUnit) -> Iterator[Dependent]:
    """Tell of the unit's desk, and of the questions from the unit that are not settled yet."""
    name = session.scalar(select(Desk.name).where(Desk.unit_id == unit.id))
    if name is not None:
        yield Dependent(_("服务台：%(name)s", name=name), 1, "headset")
    open_questions = session.scalar(
        select(func.count()).where(Ticket.unit_id == unit.id, Ticket.state != TicketState.CLOSED)
    )
    count = open_questions or 0
    yield Dependent(_("还没有解决的提问 %(count)s 个", count=count), count, "message-circle-question")
