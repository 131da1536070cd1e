"""Accounts from a sheet: checked when it comes, asked for by a person, opened by the worker, all or none.

Source: operation rules (file 003 annex 2), art. 18 (3).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

import msgspec
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from registry_core import clock, outbox
from registry_core.access.actors import Actor, Origin, require
from registry_core.access.queries import load_actor
from registry_core.access.roles import DEFINITIONS
from registry_core.accounts.models import Account
from registry_core.audit.services import note
from registry_core.audit.values import Change, FieldClass, Subject
from registry_core.errors import Forbidden
from registry_core.people import policies
from registry_core.people.columns import NEEDED, Column, find_columns, take_cells
from registry_core.people.errors import BatchNotReady, ColumnsWrong, NobodyInSheet, TooManyBatches
from registry_core.people.events import AccountsAsked
from registry_core.people.models import AccountBatch, BatchReason, BatchState
from registry_core.people.progress import Gauge
from registry_core.people.queries import batches as queries
from registry_core.people.queries.loans import find_loan_in_force, stand_in
from registry_core.people.services.batch_checks import NewPerson, check_lines, read_lines
from registry_core.people.services.batch_writing import write_people
from registry_core.sheets import Table

LONGEST_FILE_NAME = 200
_TURN = "account_batch"


def check_batch(session: Session, actor: Actor, table: Table, *, file_name: str) -> AccountBatch:
    """Check a sheet and keep it with its faults, if it has any; no account is opened.

    Raises Forbidden, ColumnsWrong, NobodyInSheet, TooManyBatches.
    """
    require(actor, policies.OPEN_ACCOUNT)
    if queries.count_open(session, actor) >= policies.BATCHES_OPEN:
        raise TooManyBatches
    rows = _read_rows(table)
    now = clock.now()
    checked = check_lines(session, actor, read_lines(rows), came_on=clock.local(now).date())
    batch = AccountBatch(
        account_id=actor.account_id,
        on_behalf_of_id=actor.on_behalf_of,
        file_name=file_name[:LONGEST_FILE_NAME],
        created_at=now,
        state=BatchState.FAULTY if checked.faults else BatchState.CHECKED,
        row_count=len(rows),
        people_count=len(checked.people),
        rows=rows,
        faults=[fault.kept() for fault in checked.faults],
        summary=_count(checked.people),
    )
    session.add(batch)
    session.flush()
    return batch


def ask_for_accounts(session: Session, actor: Actor, batch_id: UUID) -> AccountBatch:
    """Let the worker open the accounts of a checked batch.

    Raises Forbidden, NotFound, BatchNotReady.
    """
    require(actor, policies.OPEN_ACCOUNT)
    batch = queries.get_batch(session, actor, batch_id, for_update=True)
    if batch.state is not BatchState.CHECKED:
        raise BatchNotReady
    batch.ask(at=clock.now(), origin=msgspec.to_builtins(actor.origin) if actor.origin else None)
    session.flush()
    note(session, actor, "people.batch.asked", about=Subject("account_batch", batch.id))
    outbox.record(session, AccountsAsked(batch.id))
    return batch


def drop_batch(session: Session, actor: Actor, batch_id: UUID) -> AccountBatch:
    """Give a batch up and forget its content.

    Raises NotFound, BatchNotReady.
    """
    batch = queries.get_batch(session, actor, batch_id, for_update=True)
    if batch.state not in {BatchState.FAULTY, BatchState.CHECKED, BatchState.REFUSED}:
        raise BatchNotReady
    batch.drop(at=clock.now())
    session.flush()
    return batch


def open_accounts(session: Session, batch_id: UUID) -> None:
    """Open the accounts of a batch that somebody has asked for, all or none; a second call finds nothing to do.

    Rights, units, numbers and names are looked at once more: where one does not hold any more, nothing is opened and
    the batch says why.
    """
    # One batch after the other: two that name the same person would each see nothing amiss.
    session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(_TURN, 0))))
    batch = queries.find_waiting(session, batch_id)
    if batch is None or batch.rows is None:
        return
    actor = _find_actor(session, batch)
    if actor is None:
        _refuse(session, batch, BatchReason.RIGHTS)
        return
    came_on = clock.local(batch.created_at).date()
    checked = check_lines(session, actor, read_lines(batch.rows), came_on=came_on)
    if checked.faults:
        batch.refuse(BatchReason.ROWS, [fault.kept() for fault in checked.faults], at=clock.now())
        session.flush()
        return
    gauge = Gauge(batch.id, len(checked.people))
    gauge.note(0)
    write_people(session, actor, batch.id, checked.people, done=gauge.note)
    batch.people_count = len(checked.people)
    batch.apply(at=clock.now())
    session.flush()
    about = Subject("account_batch", batch.id)
    opened = {"accounts_opened": Change(None, batch.people_count, FieldClass.INTERNAL)}
    note(session, actor, "people.batch.applied", about=about, changes=opened)


def forget_batches(session: Session) -> bool:
    """Drop what nobody has touched for a week, and give up what the worker did not get done; say whether more waits."""
    now = clock.now()
    late, stale = queries.list_late(session), queries.list_stale(session)
    for batch in late:
        batch.refuse(BatchReason.LATE, at=now)
    for batch in stale:
        batch.drop(at=now)
    session.flush()
    return queries.AT_ONCE in {len(late), len(stale)}


def _count(people: Sequence[NewPerson]) -> list[list[object]]:
    """Count the roles by unit, from the top down, and by role in the order of the definitions."""
    counted = Counter((post.unit.path, post.unit.name, post.role) for person in people for post in person.posts)
    order = list(DEFINITIONS)
    return [
        [name, role.value, count]
        for (_path, name, role), count in sorted(counted.items(), key=lambda one: (one[0][0], order.index(one[0][2])))
    ]


def _refuse(session: Session, batch: AccountBatch, reason: BatchReason) -> None:
    batch.refuse(reason, at=clock.now())
    session.flush()


def _find_actor(session: Session, batch: AccountBatch) -> Actor | None:
    """Find who asked, with the rights of this moment; None for somebody who may not open accounts any more."""
    account = session.get_one(Account, batch.account_id)
    if account.closed_at or account.sealed_at:
        return None
    actor = load_actor(session, account.id, at=clock.now())
    if batch.on_behalf_of_id is not None:
        loan_id = queries.find_loan_id(session, account.id, batch.on_behalf_of_id)
        loan = find_loan_in_force(session, actor, loan_id) if loan_id else None
        if loan is None:
            return None
        actor = stand_in(actor, loan)
    try:
        require(actor, policies.OPEN_ACCOUNT)
    except Forbidden:
        return None
    return replace(actor, origin=msgspec.convert(batch.origin, Origin) if batch.origin else None)


def _read_rows(table: Table) -> list[list[object]]:
    """Put the rows of a table into the order of the columns.

    Raises ColumnsWrong, NobodyInSheet.
    """
    places, odd = find_columns(table.header)
    missing = [column.value for column in NEEDED if column not in places]
    if not {Column.MOBILE, Column.EMAIL} & places.keys():
        missing.append(Column.MOBILE.value)
    if odd or missing:
        raise ColumnsWrong.naming(odd, missing)
    if not table.rows:
        raise NobodyInSheet
    return [[row.number, take_cells(row.cells, places)] for row in table.rows]
