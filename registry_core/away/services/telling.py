"""Telling people who are away, once, by the ways they have chosen: done by the clock.

Two steps. Looking for news asks the tellers for whom something has come, and puts those accounts on the look-out.
Looking out takes the accounts whose time has come, asks what of theirs is unread at this moment, and decides by
`policies.plan`. So what was read meanwhile is never told, a worker that was away catches up, and quiet hours put off.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Protocol
from uuid import UUID

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from registry_core import clock
from registry_core.away import queries
from registry_core.away.models import Lookout, NewsMark, PushSubscription, ToldWord, Way
from registry_core.away.notes import make_note, write_digest, write_sms
from registry_core.away.policies import HORIZON, Choice, Plan, Standing, Told, Urgency, plan
from registry_core.away.queries import Reachable
from registry_core.away.services.subscriptions import enqueue_push
from registry_core.calendars.queries import load_working_days
from registry_core.mail import enqueue_mail
from registry_core.notifications.unread import Unread, unread_tellers
from registry_core.sms import enqueue_sms

OVERLAP = timedelta(seconds=15)
"""Asked again: what was stored within it may have been committed after the last asking."""
LOOKED_AT_ONCE = 100
KEPT = HORIZON + timedelta(days=1)


class Presence(Protocol):
    """Who is connected (`chat.presence`, which lies above)."""

    def connected(self, account_ids: Iterable[UUID], at: datetime) -> frozenset[UUID] | None:
        """Name those of the accounts that are connected; None where nobody knows."""


def look_for_news(session: Session) -> None:
    """Put everybody on the look-out for whom something has come since the last time."""
    now = clock.now()
    mark = session.scalar(select(NewsMark).with_for_update())
    if mark is None:
        mark = NewsMark(id=1, asked_until=now)
        session.add(mark)
    since = max(mark.asked_until - OVERLAP, now - HORIZON)
    wanted = {one for teller in unread_tellers() for one in teller.list_accounts_with_news(session, since=since)}
    look_out_for(session, wanted, at=now)
    mark.asked_until = now


def look_out_for(session: Session, account_ids: Collection[UUID], *, at: datetime) -> None:
    """Put accounts on the look-out; who stands there already is looked at no later than this."""
    if not account_ids:
        return
    # In one order everywhere, so that two of these never wait for each other.
    add = insert(Lookout).values([{"account_id": one, "look_at": at} for one in sorted(account_ids)])
    earlier = func.least(Lookout.look_at, add.excluded.look_at)
    session.execute(add.on_conflict_do_update(index_elements=["account_id"], set_={"look_at": earlier}))


def look_out(session: Session, presence: Presence) -> bool:
    """Tell those whose time has come; say whether more may be waiting."""
    now = clock.now()
    rows = session.scalars(
        select(Lookout)
        .where(Lookout.look_at <= now)
        .order_by(Lookout.look_at)
        .limit(LOOKED_AT_ONCE)
        .with_for_update(skip_locked=True)
    ).all()
    if rows:
        waiting = {row.account_id: row for row in rows}
        plans = _Round(session, presence, now).tell(list(waiting))
        for account_id, row in waiting.items():
            made = plans.get(account_id)
            if made is None or made.look_at is None:
                session.delete(row)
            else:
                row.look_at = made.look_at
        session.flush()
    return len(rows) == LOOKED_AT_ONCE


def forget_told(session: Session) -> None:
    """Forget what was told so long ago that it is never told again."""
    session.execute(
        delete(ToldWord).where(ToldWord.told_at < clock.now() - KEPT).execution_options(synchronize_session=False)
    )


class _Round:
    """One look at some accounts: everything about all of them is read at once."""

    def __init__(self, session: Session, presence: Presence, now: datetime) -> None:
        self._session = session
        self._presence = presence
        self._now = now

    def tell(self, account_ids: list[UUID]) -> dict[UUID, Plan]:
        """Tell what is due, and say what was planned for whom."""
        people = queries.list_reachable(self._session, account_ids)
        unread = self._unread([one.account_id for one in people])
        people = [one for one in people if one.account_id in unread]
        standings, browsers = self._standings(people)
        plans: dict[UUID, Plan] = {}
        for one in people:
            made = plan(unread[one.account_id], standings[one.account_id], self._now)
            self._carry_out(one, made, browsers.get(one.account_id, []))
            plans[one.account_id] = made
        return plans

    def _unread(self, account_ids: list[UUID]) -> dict[UUID, list[Unread]]:
        found: dict[UUID, list[Unread]] = {}
        if account_ids:
            for teller in unread_tellers():
                for account_id, things in teller.list_unread(
                    self._session, account_ids, since=self._now - HORIZON
                ).items():
                    found.setdefault(account_id, []).extend(things)
        return found

    def _standings(self, people: list[Reachable]) -> tuple[dict[UUID, Standing], dict[UUID, list[PushSubscription]]]:
        session, ids = self._session, [one.account_id for one in people]
        choices = queries.list_choices(session, ids)
        told = queries.list_told(session, ids)
        browsers = queries.list_subscriptions(session, ids)
        urgencies = queries.list_urgencies(session, [one.account_id for one in people if one.mobile], at=self._now)
        # Nobody knows: then they are told as if they were away. A notice too many is better than one too few.
        connected = self._presence.connected(ids, self._now) or frozenset()
        days = load_working_days(session)
        standings = {
            one.account_id: Standing(
                choice=choices.get(one.account_id, Choice()),
                told=told.get(one.account_id, Told()),
                urgency=urgencies.get(one.account_id, Urgency()),
                working_days=days,
                is_connected=one.account_id in connected,
                subscribed_at=min((row.created_at for row in browsers.get(one.account_id, [])), default=None),
                has_mail=bool(one.email),
                has_mobile=bool(one.mobile),
            )
            for one in people
        }
        return standings, browsers

    def _carry_out(self, to: Reachable, made: Plan, browsers: Sequence[PushSubscription]) -> None:
        if made.push:
            note = make_note(to, made.push)
            for browser in browsers:
                enqueue_push(self._session, browser, note)
            self._note(to, Way.PUSH, made.push)
        if made.mail and to.email:
            enqueue_mail(self._session, write_digest(to, to.email, made.mail))
            self._note(to, Way.MAIL, made.mail)
        if made.sms and to.mobile:
            enqueue_sms(self._session, write_sms(to, to.mobile, made.sms))
            self._note(to, Way.SMS, made.sms)

    def _note(self, to: Reachable, way: Way, told: Sequence[Unread]) -> None:
        values = [{"account_id": to.account_id, "way": way, "thing": one.thing, "told_at": self._now} for one in told]
        self._session.execute(insert(ToldWord).values(values).on_conflict_do_nothing())
