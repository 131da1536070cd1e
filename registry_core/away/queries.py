"""Reads of what people have chosen, of their browsers, and of everything that decides about telling them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.orm import Session

from registry_core import clock
from registry_core.access.actors import Actor
from registry_core.access.queries import list_standings
from registry_core.accounts.models import Account, BrowserSession
from registry_core.away.models import AwayChoice, PushSubscription, ToldWord, Way
from registry_core.away.policies import Choice, Told, Urgency, next_hour
from registry_core.notifications.kinds import WordKind
from registry_core.rules.queries import Spread, list_spread
from registry_core.rules.topics import UrgentWordRules

URGENT_WORDS = "urgent_words"


@dataclass(frozen=True, slots=True)
class Reachable:
    """Somebody who may get word, and the addresses that stand in the account."""

    account_id: UUID
    locale: str
    email: str | None
    mobile: str | None


def get_choice(session: Session, actor: Actor) -> Choice:
    """Get what the actor has chosen, or the house's own choice."""
    return list_choices(session, [actor.account_id]).get(actor.account_id, Choice())


def list_choices(session: Session, account_ids: Collection[UUID]) -> dict[UUID, Choice]:
    """List what accounts have chosen; who has chosen nothing is left out."""
    rows = session.scalars(select(AwayChoice).where(AwayChoice.account_id.in_(account_ids)))
    return {row.account_id: read_choice(row) for row in rows}


def read_choice(row: AwayChoice) -> Choice:
    """Read a kept choice as its value."""
    return Choice(
        switched_off=frozenset(row.switched_off),
        silence=None if row.silence_minutes is None else timedelta(minutes=row.silence_minutes),
        digest_hour=row.digest_hour,
        quiet_from=row.quiet_from,
        quiet_until=row.quiet_until,
        is_quiet_on_days_off=row.is_quiet_on_days_off,
        paused_until=row.paused_until,
    )


def list_reachable(session: Session, account_ids: Collection[UUID]) -> list[Reachable]:
    """List those of the accounts that are open; guests have no page that a word could lead to."""
    rows = session.execute(
        select(Account.id, Account.locale, Account.email, Account.mobile).where(
            Account.id.in_(account_ids),
            Account.closed_at.is_(None),
            Account.sealed_at.is_(None),
            Account.is_guest.is_(False),
        )
    )
    return [Reachable(*row) for row in rows]


def find_subscription(session: Session, subscription_id: UUID) -> PushSubscription | None:
    """Find a subscription whose browser is still signed in."""
    return session.scalar(
        select(PushSubscription)
        .join(BrowserSession, BrowserSession.id == PushSubscription.browser_session_id)
        .join(Account, Account.id == PushSubscription.account_id)
        .where(PushSubscription.id == subscription_id, _is_signed_in(clock.now()), Account.closed_at.is_(None))
    )


def find_own_subscription(session: Session, browser_session_id: UUID) -> PushSubscription | None:
    """Find the subscription of one browser."""
    return session.scalar(select(PushSubscription).where(PushSubscription.browser_session_id == browser_session_id))


def list_subscriptions(session: Session, account_ids: Collection[UUID]) -> dict[UUID, list[PushSubscription]]:
    """List the browsers of accounts that take notices and are still signed in, the oldest first."""
    found: dict[UUID, list[PushSubscription]] = {}
    rows = session.scalars(
        select(PushSubscription)
        .join(BrowserSession, BrowserSession.id == PushSubscription.browser_session_id)
        .where(PushSubscription.account_id.in_(account_ids), _is_signed_in(clock.now()))
        .order_by(PushSubscription.created_at)
    )
    for row in rows:
        found.setdefault(row.account_id, []).append(row)
    return found


def list_told(session: Session, account_ids: Collection[UUID]) -> dict[UUID, Told]:
    """List what accounts have been told; who has been told nothing is left out."""
    things: dict[UUID, dict[Way, set[str]]] = {}
    last: dict[UUID, dict[Way, datetime]] = {}
    rows = session.execute(
        select(ToldWord.account_id, ToldWord.way, ToldWord.thing, ToldWord.told_at).where(
            ToldWord.account_id.in_(account_ids)
        )
    )
    for account_id, way, thing, told_at in rows:
        things.setdefault(account_id, {}).setdefault(way, set()).add(thing)
        ways = last.setdefault(account_id, {})
        ways[way] = max(told_at, ways.get(way, told_at))
    return {
        account_id: Told({way: frozenset(names) for way, names in by_way.items()}, last[account_id])
        for account_id, by_way in things.items()
    }


def list_urgencies(session: Session, account_ids: Collection[UUID], *, at: datetime) -> dict[UUID, Urgency]:
    """List what the rules of their units mark urgent for accounts; who has no unit is left out.

    What goes together in one short message has been told at one instant, so instants are counted.
    """
    if not account_ids:
        return {}
    spread = list_spread(session, URGENT_WORDS, on=clock.local(at).date())
    began = next_hour(at, 0) - timedelta(days=1)
    sent: Mapping[UUID, int] = dict(
        session.execute(
            select(ToldWord.account_id, func.count(ToldWord.told_at.distinct()))
            .where(ToldWord.account_id.in_(account_ids), ToldWord.way == Way.SMS, ToldWord.told_at >= began)
            .group_by(ToldWord.account_id)
        ).all()
    )
    standings = list_standings(session, account_ids, at=at)
    found: dict[UUID, Urgency] = {}
    for account_id, standing in standings.items():
        rules = _rules_of(spread, sorted(held.unit_path for held in standing.assignments))
        if rules is not None:
            found[account_id] = _urgency(rules, sent.get(account_id, 0))
    return found


def find_urgent_rules(session: Session, actor: Actor) -> UrgentWordRules | None:
    """Find what the rule of the actor's unit marks urgent."""
    spread = list_spread(session, URGENT_WORDS, on=clock.local(clock.now()).date())
    return _rules_of(spread, [held.unit_path for held in actor.assignments])


def _rules_of(spread: Spread, paths: list[str]) -> UrgentWordRules | None:
    """Take the rule of the first unit: the highest of those where somebody holds a role."""
    rule = next((rule for path in paths if (rule := spread.at(path)) is not None), None)
    if rule is None:
        return None
    value: UrgentWordRules = rule.value
    return value


def _urgency(rules: UrgentWordRules, sent: int) -> Urgency:
    return Urgency(
        kinds=frozenset(WordKind(kind) for kind in rules.kinds),
        after=timedelta(minutes=rules.after_minutes),
        left_today=max(0, rules.most_a_day - sent),
    )


def _is_signed_in(at: datetime) -> ColumnElement[bool]:
    return and_(BrowserSession.ended_at.is_(None), BrowserSession.expires_at > at)
