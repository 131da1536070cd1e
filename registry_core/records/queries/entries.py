"""Reads of entered changes: what waits for somebody's check, and what somebody has entered."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Select, false, func, not_, or_, select, tuple_
from sqlalchemy.orm import Session, aliased

from registry_core.access.actors import Actor
from registry_core.accounts.models import Account
from registry_core.orgs.models import OrgUnit
from registry_core.records.models import OPEN_ENTRIES, EnteredChange, Entity, EntryState, UnitRecord
from registry_core.records.policies import CHECK_RECORDS, acting_ids

_CHECKING_UNIT, _NAMED_UNIT = aliased(OrgUnit), aliased(OrgUnit)
_DECIDER, _LENDER = aliased(Account), aliased(Account)
Told = Select[EnteredChange, UnitRecord, OrgUnit, str, str, str, str, str]


@dataclass(frozen=True, slots=True)
class Entry:
    """An entered change with its record, its unit, and the names of who entered it and who is to check it.

    `named_unit` is the unit that should check where another stands in; `returned_by` who sent it back.
    """

    change: EnteredChange
    record: UnitRecord
    unit: OrgUnit
    entered_by: str
    entered_for: str
    check_unit: str
    named_unit: str
    returned_by: str


@dataclass(frozen=True, slots=True)
class Counted:
    """How many changes wait for somebody's check and how many came back to them, and since when the first of them."""

    to_check: int
    waits_since: datetime | None
    returned: int
    returned_since: datetime | None


def list_to_check(session: Session, actor: Actor, *, limit: int) -> list[Entry]:
    """List the changes that wait for somebody's check, oldest first; nothing that they entered themselves."""
    query = _told().where(*_waits_for(actor)).order_by(EnteredChange.entered_at, EnteredChange.id).limit(limit)
    return _entries(session, query)


def list_own_entries(session: Session, actor: Actor, *, limit: int) -> list[Entry]:
    """List what somebody has entered and has not taken effect: what came back first, then oldest first."""
    query = _told().where(EnteredChange.entered_by_id == actor.account_id, EnteredChange.state.in_(OPEN_ENTRIES))
    returned_first = (EnteredChange.state == EntryState.RETURNED).desc()
    return _entries(session, query.order_by(returned_first, EnteredChange.entered_at).limit(limit))


def list_entries_of(session: Session, record: UnitRecord) -> list[Entry]:
    """List the open changes of a record, oldest first."""
    query = _told().where(EnteredChange.record_id == record.id, EnteredChange.state.in_(OPEN_ENTRIES))
    return _entries(session, query.order_by(EnteredChange.entered_at, EnteredChange.id))


def list_new_teachers(session: Session, unit: OrgUnit, entity: Entity) -> list[Entry]:
    """List the teachers of a unit whose record waits for its first check."""
    query = _told().where(
        EnteredChange.unit_id == unit.id,
        EnteredChange.state.in_(OPEN_ENTRIES),
        UnitRecord.entity == entity,
        UnitRecord.version == 1,
    )
    return _entries(session, query.order_by(EnteredChange.entered_at, EnteredChange.id))


def count_entries(session: Session, actor: Actor) -> Counted:
    """Count what waits for somebody's check, and what came back to them."""
    counted = func.count(), func.min(EnteredChange.entered_at), func.min(EnteredChange.decided_at)
    to_check, waits_since, _never = session.execute(select(*counted).where(*_waits_for(actor))).one()
    mine = EnteredChange.entered_by_id == actor.account_id
    returned, _sent, returned_since = session.execute(
        select(*counted).where(mine, EnteredChange.state == EntryState.RETURNED)
    ).one()
    return Counted(to_check, waits_since, returned, returned_since)


def find_own_entry(session: Session, actor: Actor, record: UnitRecord) -> EnteredChange | None:
    """Find the open change of a record that somebody has entered, for the same lender if any; there is at most one."""
    return session.scalar(
        select(EnteredChange).where(
            EnteredChange.record_id == record.id,
            EnteredChange.entered_by_id == actor.account_id,
            EnteredChange.entered_for_id.is_not_distinct_from(actor.on_behalf_of),
            EnteredChange.state.in_(OPEN_ENTRIES),
        )
    )


def hold_entries(
    session: Session, actor: Actor, change_ids: Collection[UUID]
) -> tuple[Sequence[EnteredChange], Sequence[EnteredChange]]:
    """Lock the records of some changes; return those that wait for one's check, and those that one entered oneself.

    In one order for all: two who do so never deadlock.
    """
    records = select(EnteredChange.record_id).where(EnteredChange.id.in_(change_ids))
    session.scalars(
        select(UnitRecord.id).where(UnitRecord.id.in_(records)).order_by(UnitRecord.id).with_for_update()
    ).all()
    named = select(EnteredChange).where(EnteredChange.id.in_(change_ids)).order_by(EnteredChange.entered_at)
    # Asked for under the locks: what somebody else has dealt with meanwhile is no longer among them.
    fresh = named.execution_options(populate_existing=True)
    own = [change for change in session.scalars(fresh) if not acting_ids(actor).isdisjoint(change.parties)]
    return session.scalars(fresh.where(*_waits_for(actor))).all(), own


def _waits_for(actor: Actor) -> tuple[ColumnElement[bool], ...]:
    posts = [(one.unit_id, one.role.value) for one in actor.carrying(CHECK_RECORDS)]
    ids = acting_ids(actor)
    return (
        EnteredChange.state == EntryState.WAITING,
        tuple_(EnteredChange.check_unit_id, EnteredChange.check_role).in_(posts) if posts else false(),
        EnteredChange.entered_by_id.not_in(ids),
        or_(EnteredChange.entered_for_id.is_(None), not_(EnteredChange.entered_for_id.in_(ids))),
    )


def _told() -> Told:
    return (
        select(
            EnteredChange,
            UnitRecord,
            OrgUnit,
            Account.name,
            func.coalesce(_LENDER.name, ""),
            _CHECKING_UNIT.name,
            func.coalesce(_NAMED_UNIT.name, ""),
            func.coalesce(_DECIDER.name, ""),
        )
        .join(UnitRecord, UnitRecord.id == EnteredChange.record_id)
        .join(OrgUnit, OrgUnit.id == EnteredChange.unit_id)
        .join(Account, Account.id == EnteredChange.entered_by_id)
        .join(_CHECKING_UNIT, _CHECKING_UNIT.id == EnteredChange.check_unit_id)
        .join(_LENDER, _LENDER.id == EnteredChange.entered_for_id, isouter=True)
        .join(_NAMED_UNIT, _NAMED_UNIT.id == EnteredChange.named_unit_id, isouter=True)
        .join(_DECIDER, _DECIDER.id == EnteredChange.decided_by_id, isouter=True)
    )


def _entries(session: Session, query: Told) -> list[Entry]:
    return [Entry(*row) for row in session.execute(query)]
