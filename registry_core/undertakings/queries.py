"""Reads: what somebody still has to sign or state, what they have, and who has signed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from registry_core import clock
from registry_core.access.actors import Actor, visible_units
from registry_core.access.models import Role, RoleAssignment
from registry_core.access.queries import held_at
from registry_core.accounts.models import Account
from registry_core.orgs.models import OrgUnit
from registry_core.orgs.queries import today
from registry_core.rules.queries import Rule, Spread, list_spread
from registry_core.rules.topics import Purpose
from registry_core.undertakings.models import PurposeStatement, Undertaking, UndertakingText
from registry_core.undertakings.policies import SEE_UNDERTAKINGS, UNDERTAKING, hash_text, reading_roles

MOST_ROLES = 20_000


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which signers are looked for: with those of the units below, or only those who have not signed."""

    with_below: bool = False
    only_missing: bool = False


@dataclass(frozen=True, slots=True)
class Signer:
    """Somebody who reads personal data, with the signature of the text that holds where they work."""

    account_id: UUID
    name: str
    unit_name: str
    role: Role
    version: str
    """The version that is to be signed; empty where no rule asks for any."""
    signed_at: datetime | None
    former_version: str
    """The latest version signed before, if it is another one."""


def find_rule_for(session: Session, actor: Actor, topic: str) -> Rule | None:
    """Find the rule of the unit that stands for a person; None where none says anything."""
    home = actor.home
    return list_spread(session, topic, on=today()).at(home.unit_path) if home else None


def has_signed(session: Session, account_id: UUID, text_hash: str) -> bool:
    """Say whether somebody has signed a text."""
    found = session.scalar(
        select(Undertaking.id)
        .join(UndertakingText, UndertakingText.id == Undertaking.text_id)
        .where(Undertaking.account_id == account_id, UndertakingText.text_hash == text_hash)
    )
    return found is not None


def find_due(session: Session, actor: Actor) -> Rule | None:
    """Find the text that a person still has to sign."""
    rule = find_rule_for(session, actor, UNDERTAKING)
    return None if rule is None or has_signed(session, actor.account_id, hash_text(rule.value)) else rule


def list_open_purposes(actor: Actor, rule: Rule) -> tuple[Purpose, ...]:
    """List the purposes that a person may name; who stands in no group of the list may name any of it."""
    purposes: tuple[Purpose, ...] = rule.value.open_to(frozenset(held.role for held in actor.assignments))
    return purposes or rule.value.purposes


def find_statement(session: Session, actor: Actor, rule: Rule) -> PurposeStatement | None:
    """Find the purpose that a person has stated for now: today, or in this browser session, as the rule asks."""
    mine = select(PurposeStatement).where(
        PurposeStatement.account_id == actor.account_id,
        PurposeStatement.code.in_([purpose.code for purpose in list_open_purposes(actor, rule)]),
    )
    if rule.value.asked == "each_day":
        mine = mine.where(PurposeStatement.stated_at >= datetime.combine(today(), time(), tzinfo=clock.BEIJING))
    else:
        browser = actor.origin.browser_session_id if actor.origin else None
        mine = mine.where(PurposeStatement.browser_session_id == browser)
    return session.scalar(mine.order_by(PurposeStatement.stated_at.desc(), PurposeStatement.id.desc()).limit(1))


def list_own(session: Session, account_id: UUID) -> list[tuple[Undertaking, UndertakingText, str]]:
    """List what somebody has signed, with the unit at which they worked then, the latest first."""
    rows = session.execute(
        select(Undertaking, UndertakingText, OrgUnit.name)
        .join(UndertakingText, UndertakingText.id == Undertaking.text_id)
        .join(OrgUnit, OrgUnit.id == Undertaking.unit_id)
        .where(Undertaking.account_id == account_id)
        .order_by(Undertaking.signed_at.desc())
    )
    return [(row[0], row[1], row[2]) for row in rows]


def list_statements(session: Session, account_id: UUID, *, limit: int = 50) -> Sequence[PurposeStatement]:
    """List the purposes that somebody has stated, the latest first."""
    return session.scalars(
        select(PurposeStatement)
        .where(PurposeStatement.account_id == account_id)
        .order_by(PurposeStatement.stated_at.desc(), PurposeStatement.id.desc())
        .limit(limit)
    ).all()


def list_signers(session: Session, actor: Actor, wanted: Wanted) -> tuple[list[Signer], bool]:
    """List who reads personal data within the actor's reach, by unit and name; say whether there are more."""
    scope = visible_units(actor, SEE_UNDERTAKINGS)
    limits = [scope.clause(OrgUnit.path), RoleAssignment.role.in_(reading_roles()), held_at(clock.now())]
    if not wanted.with_below:
        limits.append(OrgUnit.id.in_(actor.units(SEE_UNDERTAKINGS)))
    rows = session.execute(
        select(Account.id, Account.name, OrgUnit.path, OrgUnit.name, RoleAssignment.role)
        .join(RoleAssignment, RoleAssignment.account_id == Account.id)
        .join(OrgUnit, OrgUnit.id == RoleAssignment.unit_id)
        .where(*limits, Account.closed_at.is_(None))
        .order_by(OrgUnit.path, Account.name, Account.id, RoleAssignment.role)
        .limit(MOST_ROLES + 1)
    ).all()
    # Who holds several roles is asked where the lowest of them is held, as `Actor.home` says.
    people = {row[0]: row for row in rows[:MOST_ROLES]}
    signed = _list_signed(session, people)
    spread = list_spread(session, UNDERTAKING, on=today())
    signers = [_signer(row, spread, signed.get(row[0], [])) for row in people.values()]
    return [one for one in signers if one.signed_at is None or not wanted.only_missing], len(rows) > MOST_ROLES


def _list_signed(session: Session, account_ids: Iterable[UUID]) -> dict[UUID, list[tuple[str, str, datetime]]]:
    """List hash, version and instant of what each has signed, the latest first."""
    rows = session.execute(
        select(Undertaking.account_id, UndertakingText.text_hash, UndertakingText.version, Undertaking.signed_at)
        .join(UndertakingText, UndertakingText.id == Undertaking.text_id)
        .where(Undertaking.account_id.in_(list(account_ids)))
        .order_by(Undertaking.signed_at.desc())
    )
    found: dict[UUID, list[tuple[str, str, datetime]]] = {}
    for row in rows:
        found.setdefault(row[0], []).append((row[1], row[2], row[3]))
    return found


def _signer(row: Sequence[object], spread: Spread, signed: Sequence[tuple[str, str, datetime]]) -> Signer:
    account_id, name, path, unit_name, role = row
    rule = spread.at(str(path))
    wanted = hash_text(rule.value) if rule else ""
    signed_at = next((at for text_hash, _version, at in signed if text_hash == wanted), None)
    former = next((version for text_hash, version, _at in signed if text_hash != wanted), "")
    return Signer(
        account_id,  # type: ignore[arg-type]  # the columns of the query above, in its order
        str(name),
        str(unit_name),
        Role(str(role)),
        rule.value.version if rule else "",
        signed_at,
        former,
    )
