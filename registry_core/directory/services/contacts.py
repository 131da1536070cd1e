"""The support directory: entering who holds a post, and a city's word that it is right.

Source: file 003 main part 3 and annex 2 articles 5, 6, 13 and 15; file 000 annex 2.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from registry_core import audit, clock
from registry_core.access.actors import Actor
from registry_core.audit import Change, FieldClass, Subject
from registry_core.directory.errors import AlreadyStamped, DutiesMissing, PostNotHere, StampNotHere
from registry_core.directory.models import OPERATING_POSTS, DirectoryEntry, DirectoryStamp, Post, posts_of
from registry_core.directory.policies import ENTER_CONTACTS, STAMP, may_stamp_for, require_at
from registry_core.directory.queries.contacts import Coverage, get_entry, list_coverage, list_region
from registry_core.directory.queries.rounds import find_round, list_stamps
from registry_core.directory.queries.units import get_unit
from registry_core.orgs import queries as orgs
from registry_core.orgs.models import OrgUnit, UnitKind


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who holds a post, and how to reach them; operating posts say the duties."""

    name: str
    office: str = ""
    phone: str = ""
    email: str = ""
    duties: str = ""


def enter_holder(session: Session, actor: Actor, unit_id: UUID, *, post: Post, person: Person) -> DirectoryEntry:
    """Enter who holds a post at a unit from today on.

    Raises UnitNotFound, Forbidden, PostNotHere, DutiesMissing.
    """
    unit = get_unit(session, actor, unit_id)
    require_at(actor, ENTER_CONTACTS, unit)
    if post not in posts_of(unit.level):
        raise PostNotHere
    entry = _enter(session, actor, unit, post, person)
    _note(session, actor, "directory.contact.entered", unit, Change(None, person.name, FieldClass.PERSONAL))
    return entry


def change_holder(session: Session, actor: Actor, entry_id: UUID, *, person: Person) -> DirectoryEntry:
    """Enter a post anew, with another person or another number; the entry before it ends today.

    Raises EntryNotFound, Forbidden, DutiesMissing.
    """
    before, unit = get_entry(session, actor, entry_id)
    require_at(actor, ENTER_CONTACTS, unit)
    entry = _enter(session, actor, unit, before.post, person)
    before.end(orgs.today())
    session.flush()
    _note(session, actor, "directory.contact.changed", unit, Change(before.name, person.name, FieldClass.PERSONAL))
    return entry


def end_holder(session: Session, actor: Actor, entry_id: UUID) -> OrgUnit:
    """Let somebody hold a post no more, and say at which unit.

    Raises EntryNotFound, Forbidden.
    """
    entry, unit = get_entry(session, actor, entry_id)
    require_at(actor, ENTER_CONTACTS, unit)
    entry.end(orgs.today())
    session.flush()
    _note(session, actor, "directory.contact.ended", unit, Change(entry.name, None, FieldClass.PERSONAL))
    return unit


def stamp(session: Session, actor: Actor, unit_id: UUID, *, signed_name: str) -> DirectoryStamp:
    """Put on record, with name and time, that the directory of a unit and its counties is right as it stands.

    Gaps do not prevent it: they are counted and shown. Within a round the same contents are stamped once.
    Raises UnitNotFound, Forbidden, StampNotHere, AlreadyStamped.
    """
    unit = get_unit(session, actor, unit_id)
    if not may_stamp_for(unit):
        raise StampNotHere
    require_at(actor, STAMP, unit)
    # Two people who stamp at once: the second sees the stamp of the first.
    session.refresh(unit, with_for_update={"key_share": True})
    coverage = list_answered_for(session, unit)
    contents = [line for one in coverage for line in _lines(one)]
    last, under_way = list_stamps(session, [unit.id]).get(unit.id), find_round(session, unit)
    is_new_round = last is None or (under_way is not None and last.stamped_at < under_way.opened_at)
    if not is_new_round and last is not None and last.contents == contents:
        raise AlreadyStamped
    made = DirectoryStamp(
        unit_id=unit.id,
        signed_name=signed_name.strip(),
        stamped_by_id=actor.account_id,
        stamped_at=clock.now(),
        gaps=sum(one.gaps for one in coverage),
        contents=contents,
    )
    session.add(made)
    session.flush()
    audit.note(session, actor, "directory.stamped", about=Subject("unit", unit.id, unit.id, unit.name))
    return made


def note_export(session: Session, actor: Actor, unit: OrgUnit) -> None:
    """Put on record that somebody has taken the directory of a region away as a file."""
    audit.note_export(session, actor, "directory.exported", about=Subject("unit", unit.id, unit.id, unit.name))


def list_answered_for(session: Session, unit: OrgUnit) -> tuple[Coverage, ...]:
    """List what a unit stamps: its own lines and those of the departments below it."""
    departments = [one for one in list_region(session, unit) if one.kind is UnitKind.AUTHORITY]
    return list_coverage(session, departments)


def _enter(session: Session, actor: Actor, unit: OrgUnit, post: Post, person: Person) -> DirectoryEntry:
    if post in OPERATING_POSTS and not person.duties:
        raise DutiesMissing
    entry = DirectoryEntry(
        unit_id=unit.id,
        post=post,
        name=person.name,
        office=person.office,
        phone=person.phone,
        email=person.email,
        duties=person.duties,
        since=orgs.today(),
        entered_by_id=actor.account_id,
    )
    session.add(entry)
    session.flush()
    return entry


def _lines(one: Coverage) -> list[dict[str, Any]]:
    posts = [
        {
            "unit": one.unit.name,
            "post": post.value,
            "name": holder.name,
            "office": holder.office,
            "phone": holder.phone,
            "email": holder.email,
            "duties": holder.duties,
        }
        for post, held in one.holders.items()
        for holder in held
    ]
    bodies = [
        {"unit": one.unit.name, "body": kind.value, "name": body.name, "host": body.host_name, "phone": body.phone}
        for kind, body in sorted(one.bodies.items())
    ]
    return posts + bodies


def _note(session: Session, actor: Actor, act: str, unit: OrgUnit, name: Change) -> None:
    audit.note(session, actor, act, about=Subject("unit", unit.id, unit.id, unit.name), changes={"name": name})
