"""Questions of people who cannot sign in: asked at the door, by a guest whose identity the desk checks."""

from __future__ import annotations

import re
from dataclasses import dataclass
from uuid import UUID

from flask_babel import force_locale
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from chat.presence import Presence
from helpdesk import policies
from helpdesk.errors import NotYourTicket, TextMissing, TooManyAtDoor
from helpdesk.models import Channel, StepKind, Ticket
from helpdesk.queries import tickets
from helpdesk.services.asking import Asker, Question, nearest_desk, open_ticket
from helpdesk.services.routing import route
from helpdesk.services.steps import add_step, move_screens
from registry_core import clock
from registry_core.access.actors import Actor
from registry_core.accounts.services import create_guest
from registry_core.orgs.queries import WHOLE_TREE, get_unit

OPEN_AT_ONCE = 30
"""So many open questions from the door one desk has at most: a flood must not bury those of its own people."""
LONGEST_CALLER = 80

_MAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_NUMBER = re.compile(r"\+?[\d -]{7,20}")


@dataclass(frozen=True, slots=True)
class Plea:
    """What somebody at the door says: who they are, at which unit, how to reach them."""

    name: str
    unit_id: UUID
    reach: str


def ask_at_door(session: Session, presence: Presence, plea: Plea, question: Question) -> Ticket:
    """Ask without being signed in: the question goes to the desk of the unit and may climb at once.

    Nobody there can fill in the record that a waiting question asks its asker for. The same `client_id` again gives
    the question that it made before.
    Raises UnitNotFound, NoDeskAbove, TooManyAtDoor.
    """
    known = tickets.find_at_door(session, question.client_id)
    if known is not None:
        return known
    unit = get_unit(session, WHOLE_TREE, plea.unit_id)
    if tickets.count_open_at_door(session, nearest_desk(session, unit.path).id) >= OPEN_AT_ONCE:
        raise TooManyAtDoor
    guest = create_guest(
        session,
        name=plea.name,
        email=plea.reach if _MAIL.fullmatch(plea.reach) else None,
        mobile=plea.reach if _NUMBER.fullmatch(plea.reach) else None,
    )
    asker = Asker(
        Actor(guest.id, ()), unit.id, unit.path, "", Channel.DOOR, f"{plea.name} {plea.reach}"[:LONGEST_CALLER]
    )
    ticket = open_ticket(session, asker, _worded(plea, question))
    ticket.may_climb = True
    session.flush()
    route(session, presence, ticket)
    return ticket


def check_identity(session: Session, actor: Actor, ticket_id: UUID, *, how: str) -> Ticket:
    """Write down that who answers has checked who asks at the door, and how.

    Raises QuestionNotFound, NotYourTicket, TextMissing.
    """
    if not how.strip():
        raise TextMissing
    ticket = tickets.get_ticket(session, actor, ticket_id, for_update=True)
    if not policies.is_handler(ticket, actor.account_id) or ticket.channel is not Channel.DOOR:
        raise NotYourTicket
    add_step(session, ticket, StepKind.IDENTITY_CHECKED, clock.now(), by=actor.account_id, how=how.strip())
    move_screens(session, ticket)
    return ticket


def _worded(plea: Plea, question: Question) -> Question:
    """Put before the words that nobody has checked who says so; the title of the question begins with it."""
    with force_locale("zh_Hans"):
        body = str(
            _l(
                "【身份未核实】登录不了：%(body)s\n\n姓名：%(name)s\n联系方式：%(reach)s",
                body=question.body.strip(),
                name=plea.name,
                reach=plea.reach,
            )
        )
    return Question(body, question.client_id, question.page, question.browser)
