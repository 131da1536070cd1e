"""Reads of the audit trail, each limited to the actor's scope, page by page from the latest entry back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, Select, String, cast, func, or_, select, true, tuple_
from sqlalchemy.orm import Session, aliased

from registry_core.access.actors import Actor, visible_units
from registry_core.accounts.models import Account
from registry_core.audit.models import AuditEntry
from registry_core.audit.policies import AUDIT
from registry_core.audit.services import READ, TAKEN
from registry_core.errors import InvalidInput
from registry_core.orgs.models import CodeScheme, Level, OrgUnit
from registry_core.orgs.queries import find_unit_by_code, search_units, subtree_clause

PAGE = 50

Doer = aliased(Account)
Lender = aliased(Account)


class Place(NamedTuple):
    """Where in the trail a page ends; the next one goes on behind it."""

    at: datetime
    chain: int
    number: int

    def to_text(self) -> str:
        """Write the place into an address."""
        return f"{self.at.isoformat()}~{self.chain}~{self.number}"

    @classmethod
    def from_text(cls, text: str) -> Place:
        """Read the place out of an address.

        Raises InvalidInput.
        """
        try:
            at, chain, number = text.split("~")
            return cls(datetime.fromisoformat(at), int(chain), int(number))
        except ValueError as error:
            raise InvalidInput from error


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is looked for; what is left empty does not limit."""

    person: str = ""
    kind: str = ""
    object_id: str = ""
    act: str = ""
    unit_path: str | None = None
    since: datetime | None = None
    until: datetime | None = None


class Found(NamedTuple):
    """An entry with the names of who, for whom and where, and of the person whose account it is about."""

    entry: AuditEntry
    name: str | None
    lender: str | None
    unit: str | None
    subject: str | None


class Page(NamedTuple):
    """So many entries, and where the next page begins; None when this is the last."""

    rows: Sequence[Found]
    next: Place | None


def search(session: Session, actor: Actor, wanted: Wanted, *, behind: Place | None = None) -> Page:
    """Search the trail of the units in the actor's scope, latest first."""
    return _page(session, _entries().where(_in_scope(actor), *_limits(wanted)), behind)


def list_looks(session: Session, actor: Actor, *, behind: Place | None = None) -> Page:
    """List who has looked at the actor's own personal data or taken them along, latest first."""
    about_me = (
        AuditEntry.kind == "account",
        AuditEntry.object_id == str(actor.account_id),
        AuditEntry.act.in_((READ, TAKEN)),
    )
    return _page(session, _entries().where(*about_me), behind)


def find_unit(session: Session, actor: Actor, text: str) -> OrgUnit | None:
    """Find a unit of the actor's scope by its code or by parts of its name."""
    scope = visible_units(actor, AUDIT)
    by_code = (find_unit_by_code(session, scheme, text) for scheme in CodeScheme)
    coded = next((unit for unit in by_code if unit is not None and scope.covers(unit.path)), None)
    return coded or next(iter(search_units(session, scope, text, limit=1)), None)


def _entries() -> Select[AuditEntry, str | None, str | None, str | None]:
    return (
        select(AuditEntry, Doer.name, Lender.name, OrgUnit.name)
        .outerjoin(Doer, Doer.id == AuditEntry.account_id)
        .outerjoin(Lender, Lender.id == AuditEntry.on_behalf_of)
        .outerjoin(OrgUnit, OrgUnit.id == AuditEntry.unit_id)
    )


def _in_scope(actor: Actor) -> ColumnElement[bool]:
    """Limit to the actor's units; what belongs to no unit (a stranger's sign-in) is for the top of the tree alone."""
    units = actor.units(AUDIT)
    if any(held.unit_level is Level.MINISTRY and held.unit_id in units for held in actor.assignments):
        return true()
    return _below(visible_units(actor, AUDIT).clause(OrgUnit.path))


def _below(inside: ColumnElement[bool]) -> ColumnElement[bool]:
    return AuditEntry.unit_id.in_(select(OrgUnit.id).where(inside))


def _limits(wanted: Wanted) -> list[ColumnElement[bool]]:
    limits = [
        getattr(AuditEntry, name) == value
        for name, value in (("kind", wanted.kind), ("object_id", wanted.object_id), ("act", wanted.act))
        if value
    ]
    if wanted.person:
        limits.append(_by_person(wanted.person))
    if wanted.unit_path:
        limits.append(_below(subtree_clause(wanted.unit_path)))
    if wanted.since:
        limits.append(AuditEntry.at >= wanted.since)
    if wanted.until:
        limits.append(AuditEntry.at < wanted.until)
    return limits


def _by_person(person: str) -> ColumnElement[bool]:
    """Limit to what somebody did, or had done in the own name; found by user name, name or identifier."""
    accounts = select(Account.id).where(
        or_(func.lower(Account.user_name) == person.lower(), Account.name == person, cast(Account.id, String) == person)
    )
    return or_(AuditEntry.account_id.in_(accounts), AuditEntry.on_behalf_of.in_(accounts))


def _page(
    session: Session, query: Select[AuditEntry, str | None, str | None, str | None], behind: Place | None
) -> Page:
    order = (AuditEntry.at, AuditEntry.chain, AuditEntry.number)
    if behind is not None:
        query = query.where(tuple_(*order) < tuple_(*behind))
    rows = session.execute(query.order_by(*(column.desc() for column in order)).limit(PAGE + 1)).all()
    names = _name_accounts(session, [row[0] for row in rows[:PAGE]])
    found = [Found(*row, names.get(row[0].object_id)) for row in rows[:PAGE]]
    last = found[-1].entry if len(rows) > PAGE else None
    return Page(found, Place(last.at, last.chain, last.number) if last else None)


def _name_accounts(session: Session, entries: Sequence[AuditEntry]) -> dict[str | None, str]:
    """Name the accounts that entries are about, by the identifier as the trail keeps it."""
    about = {entry.object_id for entry in entries if entry.kind == "account" and entry.object_id}
    known = [UUID(one) for one in about if _is_uuid(one)]
    rows = session.execute(select(Account.id, Account.name).where(Account.id.in_(known)))
    return {str(row.id): row.name for row in rows}


def _is_uuid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True
