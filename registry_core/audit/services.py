"""Writing the trail: acts are collected while a transaction runs and chained when it commits."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from itertools import groupby
from typing import Any

from sqlalchemy import event, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.orm import Session, SessionTransaction

from registry_core import clock
from registry_core.audit import queries
from registry_core.audit.entries import GENESIS, Entry, Head, sealed
from registry_core.audit.kept import clean, keep
from registry_core.audit.models import AuditEntry, AuditHead
from registry_core.audit.policies import chain_of
from registry_core.audit.values import NOTHING, Change, Changes, Doer, FieldClass, Subject, Taken
from registry_core.db import before_commit

READ = "audit.read"
TAKEN = "audit.taken"
"""Personal data taken along in a file: one entry for each person in it, beside the one of the export itself."""
PURPOSE = "purpose"
"""Where an entry of a look or an export keeps what it was for; no field of a person is called so."""
PEOPLE = "people"
READ_AGAIN_AFTER = timedelta(minutes=30)
"""Somebody who keeps a page open, or comes back to it, has looked once."""

ACT = re.compile(r"[a-z_]+(\.[a-z_]+)+")
_WAITING = "audit"


@dataclass(frozen=True, slots=True)
class _Noted:
    """An act that waits for its transaction to commit, with the savepoints that it would be undone with."""

    entry: Entry
    savepoints: tuple[SessionTransaction, ...]


def note(session: Session, actor: Doer | None, act: str, *, about: Subject, changes: Changes | None = None) -> None:
    """Note an act for the trail; it is chained when the transaction commits, and forgotten when it does not.

    Without an actor the house itself has acted. `act` is a dotted name, "accounts.password.changed"; its words stand
    in `portal/acts.py`. Old and new values are kept by the class of their field (`kept`).
    """
    _collect(session, _entry(actor, act, about, keep(about, changes or {})))


def note_read(session: Session, actor: Doer, *, about: Subject, fields: Collection[str]) -> None:
    """Note that somebody has looked at personal or sensitive fields of somebody else; oneself may look unseen."""
    if about.kind == "account" and about.id == actor.account_id:
        return
    read = _entry(actor, READ, about, _shown(actor, fields))
    has_just_read = any(noted.entry._replace(at=read.at) == read for noted in session.info.get(_WAITING, []))
    if not has_just_read and not queries.has_read(session, read, since=clock.now() - READ_AGAIN_AFTER):
        _collect(session, read)


def note_export(session: Session, actor: Doer, act: str, *, about: Subject, taken: Taken = NOTHING) -> None:
    """Note that somebody has taken data along, with the purpose, and one entry for each person whose data are in it."""
    counted = keep(about, {PEOPLE: Change(None, len(taken.people), FieldClass.INTERNAL)} if taken.people else {})
    _collect(session, _entry(actor, act, about, {**counted, **_stated(actor)}))
    shown = _shown(actor, taken.fields)
    for person in taken.people:
        if person.id != actor.account_id:
            _collect(session, _entry(actor, TAKEN, person, shown))


def _shown(actor: Doer, fields: Collection[str]) -> dict[str, Any]:
    return {field: {"class": FieldClass.PERSONAL.value} for field in sorted(fields)} | _stated(actor)


def _stated(actor: Doer) -> dict[str, Any]:
    if not actor.purpose:
        return {}
    return {PURPOSE: {"class": FieldClass.INTERNAL.value, "old": None, "new": clean(actor.purpose)}}


def _entry(actor: Doer | None, act: str, about: Subject, changes: dict[str, Any]) -> Entry:
    if not ACT.fullmatch(act):
        raise ValueError(f"not the dotted name of an act: {act!r}")
    account_id = actor.account_id if actor else None
    origin = actor.origin if actor else None
    home = actor.home if actor else None
    return Entry(
        chain=chain_of(account_id, f"{about.kind}:{about.id}"),
        number=0,
        at=clock.now(),
        act=act,
        account_id=account_id,
        on_behalf_of=actor.on_behalf_of if actor else None,
        address=clean(origin.address)[:64] if origin else "",
        device=clean(origin.browser)[:300] if origin else "",
        browser_session_id=origin.browser_session_id if origin else None,
        kind=about.kind,
        object_id=None if about.id is None else clean(str(about.id))[:100],
        unit_id=about.unit_id or (home.unit_id if home else None),
        label=clean(about.label)[:200],
        changes=changes,
        previous_hash=GENESIS,
    )


def _collect(session: Session, entry: Entry) -> None:
    waiting = session.info.setdefault(_WAITING, [])
    if not waiting:
        before_commit(session, partial(_write, session))
    waiting.append(_Noted(entry, _savepoints(session)))


def _savepoints(session: Session) -> tuple[SessionTransaction, ...]:
    held = []
    within = session.get_nested_transaction()
    while within is not None and within.nested:
        held.append(within)
        within = within.parent
    return tuple(held)


@event.listens_for(Session, "after_soft_rollback")
def _forget(session: Session, undone: SessionTransaction) -> None:
    """Forget what was noted within a savepoint that is rolled back, or within the whole transaction."""
    waiting: list[_Noted] = session.info.get(_WAITING, [])
    waiting[:] = [noted for noted in waiting if undone.nested and undone not in noted.savepoints]


def _write(session: Session) -> None:
    """Chain what was noted: the last thing that a transaction does, so that the heads are locked for a moment only.

    Heads are locked in the order of their chains: two transactions never wait for one another.
    """
    entries = [noted.entry for noted in session.info.pop(_WAITING, [])]
    session.flush()
    for chain, group in groupby(sorted(entries, key=lambda entry: entry.chain), key=lambda entry: entry.chain):
        _append(session, chain, list(group))


def _append(session: Session, chain: int, entries: list[Entry]) -> None:
    head = _lock_head(session, chain)
    linked = []
    for entry in entries:
        link = sealed(entry._replace(number=head.length + 1, previous_hash=head.hash))
        head = Head(link.number, link.hash)
        linked.append(link._asdict())
    connection = session.connection()
    connection.execute(insert(AuditEntry), linked)
    connection.execute(_MOVE.where(AuditHead.chain == chain).values(**head._asdict(), moved_at=clock.now()))


_HEAD = select(AuditHead.length, AuditHead.hash).with_for_update()
_MOVE = update(AuditHead)


def _lock_head(session: Session, chain: int) -> Head:
    query = _HEAD.where(AuditHead.chain == chain)
    found = session.connection().execute(query).one_or_none()
    if found is None:
        first = {"chain": chain, "length": 0, "hash": GENESIS, "moved_at": clock.now()}
        session.connection().execute(upsert(AuditHead).values(first).on_conflict_do_nothing())
        found = session.connection().execute(query).one()
    return Head(*found)
