"""Open registration: asked for at the door, the address confirmed by a code, accepted or refused by the unit.

Whether an account exists already changes no answer: until an administrator accepts, accounts are not looked at.
Source: operation rules (file 003 annex 2), art. 18 (3).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import delete
from sqlalchemy.orm import Session

from registry_core import clock, outbox
from registry_core.access.actors import Actor, require
from registry_core.access.models import Role
from registry_core.accounts import codes
from registry_core.audit.services import note
from registry_core.audit.values import Subject
from registry_core.errors import NotFound
from registry_core.orgs.queries import WHOLE_TREE, find_unit
from registry_core.people import policies
from registry_core.people.errors import RegistrationNotOpen, WrongRegistrationCode
from registry_core.people.events import RegistrationConfirmed, RegistrationRefused, RegistrationRequested
from registry_core.people.models import Channel, Registration, RegistrationState
from registry_core.people.queries import registrations as queries
from registry_core.people.queries.registrations import RegistrationRow
from registry_core.people.services.opening import Opening, open_for

CODE = "registration"
CODE_DIGITS = 6


@dataclass(frozen=True, slots=True)
class Applicant:
    """Somebody at the door: who, reached how, and what for."""

    name: str
    channel: Channel
    address: str
    wish: str


def request_registration(session: Session, unit_id: UUID, *, applicant: Applicant) -> Registration:
    """Ask for an account at a unit; a code goes to the address, and nobody hears of it before it was typed in.

    Raises NotFound.
    """
    unit = find_unit(session, WHOLE_TREE, unit_id)
    if unit is None:
        raise NotFound
    now = clock.now()
    registration = Registration(
        unit_id=unit.id,
        name=applicant.name,
        channel=applicant.channel,
        address=applicant.address,
        wish=applicant.wish,
        created_at=now,
        expires_at=now + policies.REGISTRATION_CODE_LIFE,
        state=RegistrationState.UNCONFIRMED,
    )
    session.add(registration)
    session.flush()
    outbox.record(session, RegistrationRequested(registration.id))
    return registration


def draw_code(session: Session, registration_id: UUID) -> tuple[Registration, str] | None:
    """Draw the code of a registration; None where it was drawn before, or the address has got too many."""
    registration = session.get(Registration, registration_id, with_for_update=True)
    if registration is None or registration.code_hash or registration.state is not RegistrationState.UNCONFIRMED:
        return None
    an_hour_ago = clock.now() - timedelta(hours=1)
    if queries.count_codes(session, registration.address, since=an_hour_ago) >= policies.CODES_AN_HOUR:
        return None
    code = codes.draw_digits(CODE_DIGITS)
    registration.code_hash = codes.hash_code(f"{CODE} {registration.id}", code)
    session.flush()
    return registration, code


def confirm_registration(session: Session, registration_id: UUID | None, *, code: str) -> Registration:
    """Confirm the address with the code, once; then the unit's administrators hear of it.

    Raises WrongRegistrationCode, which keeps the counted try.
    """
    registration = session.get(Registration, registration_id, with_for_update=True) if registration_id else None
    if registration is None or not _is_confirmable(registration):
        raise WrongRegistrationCode
    if registration.code_hash != codes.hash_code(f"{CODE} {registration.id}", code):
        registration.tries += 1
        session.flush()
        raise WrongRegistrationCode
    registration.confirm(at=clock.now())
    session.flush()
    outbox.record(session, RegistrationConfirmed(registration.id))
    return registration


def accept_registration(
    session: Session, actor: Actor, registration_id: UUID, *, role: Role, user_name: str = "", narrowed_to: str = ""
) -> Registration:
    """Open the account that somebody asked for, in a role that the actor may give, and send the password.

    Raises Forbidden, NotFound, RegistrationNotOpen, and what `open_for` raises.
    """
    row = _open_registration(session, actor, registration_id)
    registration = row.registration
    is_sms = registration.channel is Channel.SMS
    opening = Opening(
        registration.name,
        registration.address if is_sms else "",
        "" if is_sms else registration.address,
        role,
        user_name=user_name,
        narrowed_to=narrowed_to,
    )
    account = open_for(session, actor, row.unit.id, opening=opening)
    registration.accept(account.id, by=actor.account_id, at=clock.now())
    session.flush()
    note(session, actor, "people.registration.accepted", about=_subject(row))
    return registration


def refuse_registration(session: Session, actor: Actor, registration_id: UUID, *, reason: str) -> Registration:
    """Refuse a registration; the reason is sent to the person.

    Raises Forbidden, NotFound, RegistrationNotOpen.
    """
    row = _open_registration(session, actor, registration_id)
    row.registration.refuse(reason, by=actor.account_id, at=clock.now())
    session.flush()
    note(session, actor, "people.registration.refused", about=_subject(row))
    outbox.record(session, RegistrationRefused(row.registration.id))
    return row.registration


def forget_unconfirmed(session: Session) -> int:
    """Delete the registrations whose address nobody has confirmed; say how many."""
    old = clock.now() - policies.UNCONFIRMED_KEPT
    forgotten = session.scalars(
        delete(Registration)
        .where(Registration.state == RegistrationState.UNCONFIRMED, Registration.created_at < old)
        .returning(Registration.id)
    )
    return len(forgotten.all())


def _is_confirmable(registration: Registration) -> bool:
    return (
        registration.state is RegistrationState.UNCONFIRMED
        and registration.tries < policies.CODE_TRIES
        and clock.now() < registration.expires_at
    )


def _open_registration(session: Session, actor: Actor, registration_id: UUID) -> RegistrationRow:
    require(actor, policies.DECIDE_REGISTRATION)
    row = queries.get_registration(session, actor, registration_id, for_update=True)
    if row.registration.state is not RegistrationState.OPEN:
        raise RegistrationNotOpen
    return row


def _subject(row: RegistrationRow) -> Subject:
    return Subject("registration", row.registration.id, row.unit.id, row.unit.name)
