"""The browsers that take notices: each for as long as it is signed in."""

from __future__ import annotations

from uuid import UUID

from flask_babel import force_locale
from flask_babel import gettext as _
from sqlalchemy import delete, or_, select
from sqlalchemy.orm import Session

from registry_core import clock, outbox
from registry_core.access.actors import Actor
from registry_core.accounts.models import Account, BrowserSession
from registry_core.away import queries
from registry_core.away.errors import NotSubscribed, PushServiceUnknown
from registry_core.away.models import PushSubscription
from registry_core.away.notes import PushNote, write_note
from registry_core.away.services.choices import look_soon
from registry_core.db import new_id
from registry_core.errors import InvalidInput
from registry_core.webpush.cipher import BrowserKeys
from registry_core.webpush.destinations import destinations


def subscribe(
    session: Session, actor: Actor, browser_session_id: UUID, *, endpoint: str, p256dh: str, auth: str
) -> PushSubscription:
    """Let a browser take notices for the actor; what it had subscribed before, for whomever, is replaced.

    Raises PushServiceUnknown, InvalidInput.
    """
    if not destinations().allows(endpoint):
        raise PushServiceUnknown
    try:
        BrowserKeys.read(p256dh, auth)
    except ValueError:
        raise InvalidInput from None
    session.execute(
        delete(PushSubscription).where(
            or_(PushSubscription.browser_session_id == browser_session_id, PushSubscription.endpoint == endpoint)
        )
    )
    subscription = PushSubscription(
        id=new_id(),
        account_id=actor.account_id,
        browser_session_id=browser_session_id,
        endpoint=endpoint,
        p256dh=p256dh,
        auth=auth,
        created_at=clock.now(),
    )
    session.add(subscription)
    session.flush()
    look_soon(session, actor.account_id)
    return subscription


def unsubscribe(session: Session, browser_session_id: UUID) -> None:
    """Let a browser take no more notices."""
    session.execute(delete(PushSubscription).where(PushSubscription.browser_session_id == browser_session_id))


def forget_subscription(session: Session, subscription_id: UUID) -> None:
    """Forget a subscription that its push service says is gone."""
    session.execute(delete(PushSubscription).where(PushSubscription.id == subscription_id))


def forget_ended(session: Session) -> None:
    """Forget the subscriptions of browsers that are not signed in any more; nothing is sent to them already."""
    now = clock.now()
    ended = select(BrowserSession.id).where(or_(BrowserSession.ended_at.is_not(None), BrowserSession.expires_at <= now))
    session.execute(
        delete(PushSubscription)
        .where(PushSubscription.browser_session_id.in_(ended))
        .execution_options(synchronize_session=False)
    )


def try_push(session: Session, actor: Actor, browser_session_id: UUID) -> None:
    """Send a notice to the actor's own browser, to see whether one comes.

    Raises NotSubscribed.
    """
    subscription = queries.find_own_subscription(session, browser_session_id)
    if subscription is None:
        raise NotSubscribed
    account = session.get_one(Account, actor.account_id)
    with force_locale(account.locale):
        note = PushNote(_("提醒可以收到"), _("以后有新消息，就会像这样提醒您。"), "/account/word", 0, "try")
    enqueue_push(session, subscription, note)


def enqueue_push(session: Session, subscription: PushSubscription, note: PushNote) -> None:
    """Let the worker send a notice to one browser; the job holds neither its address nor its keys."""
    outbox.enqueue(
        session, outbox.SEND_PUSH, subscription_id=str(subscription.id), payload=write_note(note), topic=note.topic
    )
