"""Reads of the support directory: who holds which post, from roles where they are given and from entries elsewhere."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from registry_core import clock
from registry_core.access.actors import Actor, visible_units
from registry_core.access.models import Role, RoleAssignment
from registry_core.access.queries import held_at
from registry_core.accounts.models import Account
from registry_core.directory.errors import EntryNotFound
from registry_core.directory.models import DirectoryEntry, Post, posts_of
from registry_core.directory.policies import SEE_UNITS
from registry_core.orgs import queries as orgs
from registry_core.orgs.errors import UnitNotFound
from registry_core.orgs.models import Body, BodyKind, Level, OrgUnit, UnitKind, lineage

POST_OF_ROLE: Mapping[Role, Post] = {
    Role.REGISTRY_LEADER: Post.REGISTRY_LEADER,
    Role.REGISTRY_ADMINISTRATOR: Post.REGISTRY_ADMINISTRATOR,
    Role.TECHNICIAN: Post.TECHNICIAN,
    Role.TRAINER: Post.TRAINING,
    Role.REPORT_OWNER: Post.MONTHLY_REPORT,
}
NEEDED_BODIES = (BodyKind.LEADING_GROUP, BodyKind.SERVICE_CENTRE)


@dataclass(frozen=True, slots=True)
class Holder:
    """Who holds a post: by a role in this house (`account_id`), or by an entry (`entry_id`)."""

    name: str
    office: str
    phone: str
    email: str
    duties: str = ""
    account_id: UUID | None = None
    entry_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Coverage:
    """One unit in the directory: who holds each post that its level has, and the two bodies that it names."""

    unit: OrgUnit
    holders: Mapping[Post, tuple[Holder, ...]]
    bodies: Mapping[BodyKind, Body]

    @property
    def missing_posts(self) -> tuple[Post, ...]:
        """The posts that nobody holds."""
        return tuple(post for post, held in self.holders.items() if not held)

    @property
    def missing_bodies(self) -> tuple[BodyKind, ...]:
        """The bodies that are not named; a school needs none."""
        needed = () if self.unit.level is Level.SCHOOL else NEEDED_BODIES
        return tuple(kind for kind in needed if kind not in self.bodies)

    @property
    def gaps(self) -> int:
        """How much is missing."""
        return len(self.missing_posts) + len(self.missing_bodies)


def get_listed_unit(session: Session, actor: Actor, unit_id: UUID) -> OrgUnit:
    """Get a unit whose contacts the actor may read: within reach, or above an own one, whom one has to be able to call.

    Raises UnitNotFound.
    """
    above = {path for held in actor.carrying(SEE_UNITS) for path in lineage(held.unit_path)}
    unit = session.scalar(
        select(OrgUnit).where(
            OrgUnit.id == unit_id,
            or_(visible_units(actor, SEE_UNITS).clause(OrgUnit.path), OrgUnit.path.in_(above)),
        )
    )
    if unit is None:
        raise UnitNotFound
    return unit


def get_entry(session: Session, actor: Actor, entry_id: UUID) -> tuple[DirectoryEntry, OrgUnit]:
    """Get an entry in force within the actor's reach, and hold it.

    Raises EntryNotFound.
    """
    row = session.execute(
        select(DirectoryEntry, OrgUnit)
        .join(OrgUnit, OrgUnit.id == DirectoryEntry.unit_id)
        .where(DirectoryEntry.id == entry_id, DirectoryEntry.until.is_(None))
        .where(visible_units(actor, SEE_UNITS).clause(OrgUnit.path))
        .with_for_update(of=DirectoryEntry)
    ).first()
    if row is None:
        raise EntryNotFound
    return row[0], row[1]


def list_region(session: Session, region: OrgUnit) -> Sequence[OrgUnit]:
    """List the departments of a region in the order of the tree; of a county and a school also what hangs below."""
    inside = (
        OrgUnit.kind.in_([UnitKind.AUTHORITY, UnitKind.SCHOOL])
        if region.level in {Level.COUNTY, Level.SCHOOL}
        else OrgUnit.kind == UnitKind.AUTHORITY
    )
    return session.scalars(
        select(OrgUnit)
        .where(orgs.subtree_clause(region.path), inside, orgs.open_clause(orgs.today()))
        .order_by(OrgUnit.path)
    ).all()


def list_coverage(session: Session, units: Sequence[OrgUnit]) -> tuple[Coverage, ...]:
    """Say for each of the units who holds which post."""
    ids = [unit.id for unit in units]
    held: dict[tuple[UUID, Post], list[Holder]] = {}
    for unit_id, post, holder in [*_by_role(session, ids), *_by_entry(session, ids)]:
        held.setdefault((unit_id, post), []).append(holder)
    bodies: dict[UUID, dict[BodyKind, Body]] = {}
    for body in session.scalars(
        select(Body).where(Body.unit_id.in_(ids), Body.kind.in_(NEEDED_BODIES), Body.closed_on.is_(None))
    ):
        bodies.setdefault(body.unit_id, {})[body.kind] = body
    return tuple(
        Coverage(
            unit,
            {post: tuple(held.get((unit.id, post), ())) for post in posts_of(unit.level)},
            bodies.get(unit.id, {}),
        )
        for unit in units
    )


def _by_role(session: Session, unit_ids: Sequence[UUID]) -> list[tuple[UUID, Post, Holder]]:
    rows = session.execute(
        select(RoleAssignment.unit_id, RoleAssignment.role, Account.id, Account.name, Account.mobile, Account.email)
        .join(Account, Account.id == RoleAssignment.account_id)
        .where(RoleAssignment.unit_id.in_(unit_ids), RoleAssignment.role.in_(POST_OF_ROLE))
        .where(held_at(clock.now()), Account.closed_at.is_(None))
        .order_by(Account.name, Account.id)
    )
    return [
        (row[0], POST_OF_ROLE[row[1]], Holder(row[3], "", row[4] or "", row[5] or "", account_id=row[2]))
        for row in rows
    ]


def _by_entry(session: Session, unit_ids: Sequence[UUID]) -> list[tuple[UUID, Post, Holder]]:
    entries = session.scalars(
        select(DirectoryEntry)
        .where(DirectoryEntry.unit_id.in_(unit_ids), DirectoryEntry.until.is_(None))
        .order_by(DirectoryEntry.name, DirectoryEntry.id)
    )
    return [
        (one.unit_id, one.post, Holder(one.name, one.office, one.phone, one.email, one.duties, entry_id=one.id))
        for one in entries
    ]
