"""Checking what others have entered: accept it, or send it back with a reason."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from registry_core import clock
from registry_core.access.actors import Actor, require
from registry_core.access.models import Role
from registry_core.accounts.models import Account
from registry_core.audit import services as audit
from registry_core.audit.values import Change, FieldClass
from registry_core.orgs.models import OrgUnit
from registry_core.records import queries
from registry_core.records.errors import OwnEntry, ReturnWithoutReason
from registry_core.records.models import EnteredChange, EntryAct, EntryState, UnitRecord
from registry_core.records.policies import CHECK_RECORDS
from registry_core.records.queries.duties import Duties
from registry_core.records.services.saving import Signed, leave, subject, write


@dataclass(frozen=True, slots=True)
class Checked:
    """How many changes were checked; how many others had dealt with, and how many no longer fit their record."""

    done: int
    passed_over: int
    outdated: int = 0


def accept_entries(session: Session, actor: Actor, change_ids: Collection[UUID]) -> Checked:
    """Let entered changes take effect, with both names in the history.

    A change of a field that has become something else since it was entered stays where it is: it has to go back.
    Raises Forbidden, DutiesConflict, OwnEntry.
    """
    waiting = _hold(session, actor, change_ids)
    names = _names(session, waiting)
    done = sum(_accept(session, actor, change, names[change.entered_by_id]) for change in waiting)
    session.flush()
    return Checked(done, len(set(change_ids)) - len(waiting), len(waiting) - done)


def return_entries(session: Session, actor: Actor, change_ids: Collection[UUID], *, reason: str) -> Checked:
    """Send entered changes back to who entered them, with a reason; nothing of them is lost.

    Raises Forbidden, DutiesConflict, OwnEntry, ReturnWithoutReason.
    """
    if not reason.strip():
        raise ReturnWithoutReason
    waiting = _hold(session, actor, change_ids)
    names = _names(session, waiting)
    for change in waiting:
        _decide(change, actor, EntryState.RETURNED, reason=reason.strip())
        record, unit = _place(session, change)
        by = {"entered_by": Change(None, names[change.entered_by_id], FieldClass.INTERNAL)}
        audit.note(session, actor, "records.entry.returned", about=subject(unit, record), changes=by)
    session.flush()
    return Checked(len(waiting), len(set(change_ids)) - len(waiting))


def is_outdated(change: EnteredChange, record: UnitRecord) -> bool:
    """Say whether a field of a change has become something else since it was entered, or its teacher has left."""
    return record.left_at is not None or any(
        record.values.get(name) not in (old, change.new[name]) for name, old in change.old.items()
    )


def move_stranded(session: Session) -> int:
    """Let changes whose only checker has gone wait for whoever stands in by rule; returns how many moved."""
    posts = select(EnteredChange).where(EnteredChange.state == EntryState.WAITING)
    duties = Duties(session)
    moved = 0
    for change in session.scalars(posts.order_by(EnteredChange.id).with_for_update(skip_locked=True)):
        if duties.is_manned(change.check_unit_id, Role(change.check_role), change.parties):
            continue
        record, unit = _place(session, change)
        division = duties.of_record(unit, record.entity)
        if division is None:
            continue
        desk = duties.find_desk(unit, division, change.parties)
        if (desk.unit.id, desk.role.value) != (change.check_unit_id, change.check_role):
            change.wait_at(desk.unit.id, desk.role, named_unit_id=division.checked_at.id)
            moved += 1
    session.flush()
    return moved


def _hold(session: Session, actor: Actor, change_ids: Collection[UUID]) -> list[EnteredChange]:
    """Lock the changes that wait for the actor's check; nobody checks their own entry, whatever else they may do."""
    require(actor, CHECK_RECORDS)
    waiting, own = queries.hold_entries(session, actor, change_ids)
    if own:
        raise OwnEntry(own[0].pack_name, own[0].clause)
    return list(waiting)


def _accept(session: Session, actor: Actor, change: EnteredChange, entered_by: str) -> bool:
    record, unit = _place(session, change)
    if is_outdated(change, record):
        return False
    signed = Signed(change.entered_by_id, actor.account_id, entered_by)
    _decide(change, actor, EntryState.ACCEPTED)
    # Written before the teacher leaves: what is still open about the record is given up then.
    session.flush()
    if change.act is EntryAct.LEAVE:
        leave(session, actor, unit, record, signed=signed)
        return True
    values = {name: value for name, value in change.new.items() if value != record.values.get(name)}
    if values:
        write(session, actor, unit, record, values, signed=signed)
    return True


def _decide(change: EnteredChange, actor: Actor, state: EntryState, *, reason: str = "") -> None:
    change.decide(state, clock.now(), by=(actor.account_id, actor.on_behalf_of), reason=reason)


def _place(session: Session, change: EnteredChange) -> tuple[UnitRecord, OrgUnit]:
    return session.get_one(UnitRecord, change.record_id), session.get_one(OrgUnit, change.unit_id)


def _names(session: Session, changes: Iterable[EnteredChange]) -> dict[UUID, str]:
    ids = {change.entered_by_id for change in changes}
    return {row[0]: row[1] for row in session.execute(select(Account.id, Account.name).where(Account.id.in_(ids)))}
