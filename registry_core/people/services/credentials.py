"""User name and one-time password: issued, drawn by the worker, sent by e-mail and short message, sent again.

The password is drawn where it is sent from, so that it stands in no table; only its hash is kept.
Source: operation rules (file 003 annex 2), art. 18 (1) and (2).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy.orm import Session

from registry_core import clock, outbox
from registry_core.access.actors import Actor
from registry_core.accounts import codes
from registry_core.accounts.models import Account
from registry_core.accounts.queries import get_account
from registry_core.accounts.services.passwords import set_one_time_password
from registry_core.audit.services import note
from registry_core.audit.values import Subject
from registry_core.db import new_id
from registry_core.deliveries import Outcome
from registry_core.errors import Forbidden
from registry_core.people import policies
from registry_core.people.errors import ChoseOwnPassword, NowhereToSend
from registry_core.people.events import CredentialsIssued
from registry_core.people.models import Channel, CredentialDelivery, DeliveryState
from registry_core.people.queries import deliveries as queries

NO_ADDRESS = "no address"
REPLACED = "replaced"
LONGEST_REASON = 60
PASSWORD_GROUPS = 3


@dataclass(frozen=True, slots=True)
class Drawn:
    """A password that was just drawn, for whom, and the ways on which it goes."""

    account: Account
    password: str = field(repr=False)
    deliveries: tuple[CredentialDelivery, ...]


def awaits_first_password(account: Account) -> bool:
    """Say whether somebody has not chosen a password of their own yet."""
    return account.must_change_password and account.last_signed_in_at is None


def issue_credentials(session: Session, actor: Actor | None, account: Account, *, unit_id: UUID) -> None:
    """Let the worker draw a one-time password and send it by every way there is; each way leaves a row.

    Raises NowhereToSend.
    """
    if not account.email and not account.mobile:
        raise NowhereToSend
    issue_id = new_id()
    now = clock.now()
    for channel, address in ((Channel.EMAIL, account.email), (Channel.SMS, account.mobile)):
        delivery = CredentialDelivery(
            issue_id=issue_id,
            account_id=account.id,
            unit_id=unit_id,
            channel=channel,
            address=address or "",
            caused_by_id=actor.account_id if actor else None,
            created_at=now,
            state=DeliveryState.WAITING,
        )
        if not address:
            delivery.end(DeliveryState.FAILED, at=now, reason=NO_ADDRESS)
        session.add(delivery)
    session.flush()
    note(session, actor, "people.credentials.issued", about=Subject("account", account.id, unit_id))
    outbox.record(session, CredentialsIssued(issue_id))


def send_again(session: Session, actor: Actor, account_id: UUID, *, email: str | None, mobile: str | None) -> Account:
    """Send somebody who has not got in a new one-time password, to addresses that were put right; the old one is void.

    Raises NotFound, Forbidden, ChoseOwnPassword, NowhereToSend.
    """
    row = queries.get_latest(session, actor, account_id)
    if not policies.may_look_after(actor, queries.list_roles_held(session, account_id)):
        raise Forbidden
    account = get_account(session, account_id, for_update=True)
    if not awaits_first_password(account):
        raise ChoseOwnPassword
    account.email = email or None
    account.mobile = mobile or None
    issue_credentials(session, actor, account, unit_id=row.unit.id)
    return account


def draw_credentials(session: Session, issue_id: UUID) -> Drawn | None:
    """Draw the password of an issue; None where it was drawn before, or the person needs none any more."""
    waiting = queries.list_waiting(session, issue_id)
    if not waiting:
        return None
    account = get_account(session, waiting[0].account_id, for_update=True)
    now = clock.now()
    if account.closed_at or not awaits_first_password(account) or queries.has_later_issue(session, waiting[0]):
        for delivery in waiting:
            delivery.end(DeliveryState.FAILED, at=now, reason=REPLACED)
        return None
    password = codes.draw_groups(PASSWORD_GROUPS)
    set_one_time_password(session, account, password, until=now + policies.ONE_TIME_LIFE)
    for delivery in waiting:
        delivery.drawn_at = now
    session.flush()
    return Drawn(account, password, tuple(waiting))


def note_delivery(session: Session, outcome: Outcome) -> None:
    """Keep what came of a delivery; what has arrived stays so, whatever is said later."""
    delivery = session.get(CredentialDelivery, outcome.key, with_for_update=True)
    if delivery is None or delivery.state is DeliveryState.SENT:
        return
    if not outcome.reason:
        delivery.end(DeliveryState.SENT, at=clock.now())
        return
    state = DeliveryState.FAILED if outcome.is_final else DeliveryState.DELAYED
    delivery.end(state, at=clock.now(), reason=outcome.reason[:LONGEST_REASON])
