"""Who may be found and written to: the rule of one's unit as a part of a query (topic `messaging`)."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, literal_column, null, or_, select, true
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from chat.policies import START_CONVERSATIONS
from registry_core import clock
from registry_core.access.actors import Actor, Assignment
from registry_core.access.models import Role, RoleAssignment
from registry_core.access.queries import held_at
from registry_core.accounts.models import Account
from registry_core.accounts.spelling import typed
from registry_core.orgs.models import Level, OrgUnit, lineage
from registry_core.orgs.queries import subtree_clause, today
from registry_core.rules.errors import RuleMissing
from registry_core.rules.queries import find_rule
from registry_core.rules.topics.messaging import Circle, MessagingRules

MOST_FOUND = 50
TECHNICIANS = (Role.TECHNICIAN, Role.DESK_LEAD)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Whom one looks for: part of a name or its pinyin, part of a unit's name, a role, a level."""

    words: str = ""
    unit_words: str = ""
    role: Role | None = None
    level: Level | None = None


@dataclass(frozen=True, slots=True)
class Colleague:
    """Somebody found, with the role and unit that they were found by."""

    account_id: UUID
    name: str
    role: Role
    unit_id: UUID
    unit_name: str
    unit_path: str
    level: Level


def reach_of(session: Session, actor: Actor) -> ColumnElement[bool]:
    """Limit assignments to those of people to whom the actor may write of their own accord."""
    reaches = [_reach(session, held) for held in actor.carrying(START_CONVERSATIONS)]
    if not reaches:
        return OrgUnit.id.is_(None)
    return and_(or_(*reaches), held_at(clock.now()), RoleAssignment.account_id != actor.account_id, _may_be_found())


def _may_be_found() -> ColumnElement[bool]:
    return and_(Account.closed_at.is_(None), Account.sealed_at.is_(None), Account.is_guest.is_(False))


def _reach(session: Session, held: Assignment) -> ColumnElement[bool]:
    rules = messaging_rules(session, held.unit_id)
    if held.role in rules.without:
        return OrgUnit.id.is_(None)
    circles = [_circle(held, circle) for circle in rules.circles(held.unit_level)]
    return and_(or_(OrgUnit.id.is_(None), *circles), RoleAssignment.role.not_in(rules.without))


def messaging_rules(session: Session, unit_id: UUID) -> MessagingRules:
    """Say what holds at a unit; without any pack what the house chose."""
    unit = session.get_one(OrgUnit, unit_id)
    try:
        found = find_rule(session, unit, "messaging", on=today()).value
    except RuleMissing:
        return MessagingRules()
    return found if isinstance(found, MessagingRules) else MessagingRules()


def _circle(held: Assignment, circle: Circle) -> ColumnElement[bool]:
    above = lineage(held.unit_path)
    parent = above[-2] if len(above) > 1 else ""
    clauses: dict[Circle, ColumnElement[bool]] = {
        "own_unit": OrgUnit.id == held.unit_id,
        "unit_above": OrgUnit.path == parent,
        "technicians_above": and_(OrgUnit.path.in_(above), RoleAssignment.role.in_(TECHNICIANS)),
        "units_above": OrgUnit.path.in_(above),
        "units_below": subtree_clause(held.unit_path),
        "neighbours": and_(OrgUnit.parent_path == parent, OrgUnit.level == held.unit_level),
        "same_level": OrgUnit.level == held.unit_level,
        "everybody": true(),
    }
    return clauses[circle]


def may_write_to(session: Session, actor: Actor, account_id: UUID) -> bool:
    """Say whether the actor may begin to write to somebody, by the roles that both hold at this moment."""
    found = session.scalar(
        select(RoleAssignment.id)
        .join(OrgUnit, OrgUnit.id == RoleAssignment.unit_id)
        .join(Account, Account.id == RoleAssignment.account_id)
        .where(RoleAssignment.account_id == account_id, reach_of(session, actor))
        .limit(1)
    )
    return found is not None


def search_people(session: Session, actor: Actor, wanted: Wanted, *, limit: int = MOST_FOUND) -> list[Colleague]:
    """Search people to whom the actor may write; one line each, of several roles the nearest to the top.

    The same words find a name by any part of it, by the beginning of its pinyin or of its initials.
    """
    limits = [reach_of(session, actor), *_limits(wanted)]
    nearest = (
        select(
            Account.id,
            Account.name,
            RoleAssignment.role,
            OrgUnit.id.label("unit_id"),
            OrgUnit.name.label("unit_name"),
            OrgUnit.path,
            OrgUnit.level,
        )
        .join(RoleAssignment, RoleAssignment.account_id == Account.id)
        .join(OrgUnit, OrgUnit.id == RoleAssignment.unit_id)
        .where(*limits)
        .ext(distinct_on(Account.id))
        .order_by(Account.id, OrgUnit.path, RoleAssignment.role)
        .subquery()
    )
    rows = session.execute(
        select(nearest).order_by(nearest.c.path, func.pinyin_key(nearest.c.name), nearest.c.id).limit(limit)
    )
    return [Colleague(*row) for row in rows]


def _limits(wanted: Wanted) -> list[ColumnElement[bool]]:
    limits: list[ColumnElement[bool]] = []
    if wanted.words:
        # Materialised: with LIMIT in sight the planner would walk everybody within reach and test each name on the way.
        matches = select(Account.id).where(named(wanted.words)).cte("matches")
        limits.append(Account.id.in_(select(matches.prefix_with("MATERIALIZED", dialect="postgresql").c.id)))
    limits += [func.strpos(func.lower(OrgUnit.name), part) > 0 for part in wanted.unit_words.lower().split()]
    if wanted.role is not None:
        limits.append(RoleAssignment.role == wanted.role)
    if wanted.level is not None:
        limits.append(OrgUnit.level == wanted.level)
    return limits


def named(words: str) -> ColumnElement[bool]:
    """Limit a query to accounts whose name has these words in it, or is spelled with them."""
    plain = "".join(words.lower().split())
    # Spelled exactly as the index has it: one entry for each character, then the characters in their order.
    characters: ColumnElement[list[str]] = literal_column("string_to_array(lower(account.name), NULL::text)")
    by_name = and_(
        characters.op("@>")(func.string_to_array(plain, null())), func.strpos(func.lower(Account.name), plain) > 0
    )
    spelling = typed(words)
    return or_(by_name, Account.name_keys.contains([spelling])) if spelling else by_name
