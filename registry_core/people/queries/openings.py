"""What a sheet of new accounts is checked against: units by code and name, numbers, addresses and names in use."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import Session

from registry_core import clock
from registry_core.access.actors import Actor, visible_units
from registry_core.access.models import RoleAssignment
from registry_core.access.policies import MANAGE_PEOPLE, SEE_PEOPLE
from registry_core.accounts.models import Account
from registry_core.orgs.models import OrgUnit, OrgUnitCode
from registry_core.orgs.queries import code_clause, open_clause, today
from registry_core.people.policies import OPEN_ACCOUNT


def map_codes(session: Session, actor: Actor, codes: Collection[str]) -> dict[str, OrgUnit]:
    """Find open units within the actor's reach by the codes that they bear today."""
    rows = session.execute(
        select(OrgUnitCode.code, OrgUnit)
        .join(OrgUnit, OrgUnit.id == OrgUnitCode.unit_id)
        .where(OrgUnitCode.code.in_(codes), code_clause(today()), _within(actor))
    )
    return {row.code: row[1] for row in rows}


def map_names(session: Session, actor: Actor, names: Collection[str]) -> dict[str, list[OrgUnit]]:
    """Find open units within the actor's reach by their whole names; several may bear the same."""
    found: dict[str, list[OrgUnit]] = {}
    for unit in session.scalars(select(OrgUnit).where(OrgUnit.name.in_(names), _within(actor))):
        found.setdefault(unit.name, []).append(unit)
    return found


def find_only_own(session: Session, actor: Actor) -> OrgUnit | None:
    """Find the unit at which the actor opens accounts; None for somebody with several."""
    own = actor.units(OPEN_ACCOUNT)
    return session.get(OrgUnit, next(iter(own))) if len(own) == 1 else None


def list_reached(session: Session, actor: Actor, *, limit: int) -> list[tuple[OrgUnit, str | None]]:
    """List the units within the actor's reach with their codes, from the top down."""
    rows = session.execute(
        select(OrgUnit, func.min(OrgUnitCode.code))
        .outerjoin(OrgUnitCode, and_(OrgUnitCode.unit_id == OrgUnit.id, code_clause(today())))
        .where(_within(actor))
        .group_by(OrgUnit.id)
        .order_by(OrgUnit.path)
        .limit(limit)
    )
    return [(unit, code) for unit, code in rows]


def list_known_mobiles(session: Session, actor: Actor, mobiles: Collection[str]) -> set[str]:
    """Name those of the numbers that belong to somebody who holds a role within the actor's reach."""
    found = session.scalars(_of_known(actor, select(Account.mobile)).where(Account.mobile.in_(mobiles)))
    return {mobile for mobile in found if mobile}


def list_known_emails(session: Session, actor: Actor, emails: Collection[str]) -> set[str]:
    """Name those of the addresses, in small letters, that belong to somebody within the actor's reach."""
    lower = func.lower(Account.email)
    return set(session.scalars(_of_known(actor, select(lower)).where(lower.in_(emails))))


def list_taken(session: Session, user_names: Collection[str]) -> set[str]:
    """Name those of the user names, in small letters, that are in use anywhere."""
    lower = func.lower(Account.user_name)
    return set(session.scalars(select(lower).where(lower.in_(user_names))))


def choose_user_names(session: Session, stems: Sequence[str], *, besides: Collection[str]) -> list[str]:
    """Choose a free user name for each stem, of which some may be the same; none of those `besides`."""
    taken = {*besides, *list_taken(session, {*stems})}
    clashing = [stem for stem, count in Counter(stems).items() if count > 1 or stem in taken]
    if clashing:
        # One pass over the table: asking for each number of each stem would be thousands of questions.
        lower = func.lower(Account.user_name)
        taken |= set(session.scalars(select(lower).where(func.regexp_replace(lower, "-[0-9]+$", "").in_(clashing))))
    last = dict.fromkeys(stems, 1)
    return [_next_free(stem, taken, last) for stem in stems]


def _next_free(stem: str, taken: set[str], last: dict[str, int]) -> str:
    chosen = stem
    while chosen in taken:
        last[stem] += 1
        chosen = f"{stem}-{last[stem]}"
    taken.add(chosen)
    return chosen


def _of_known(actor: Actor, query: Select[Any]) -> Select[Any]:
    return (
        query.join(RoleAssignment, RoleAssignment.account_id == Account.id)
        .join(OrgUnit, OrgUnit.id == RoleAssignment.unit_id)
        .where(
            Account.closed_at.is_(None),
            # Roles that begin later too: the person of yesterday's sheet has an account already.
            or_(RoleAssignment.valid_until.is_(None), RoleAssignment.valid_until > clock.now()),
            visible_units(actor, SEE_PEOPLE).clause(OrgUnit.path),
        )
        .distinct()
    )


def _within(actor: Actor) -> ColumnElement[bool]:
    """Limit units to the open ones at which the actor opens accounts and looks after people."""
    return and_(
        open_clause(today()),
        visible_units(actor, OPEN_ACCOUNT).clause(OrgUnit.path),
        visible_units(actor, MANAGE_PEOPLE).clause(OrgUnit.path),
    )
