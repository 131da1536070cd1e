"""What the rules demand of an account: of its password, and whether a second factor. The one place that asks them."""

from __future__ import annotations

from sqlalchemy.orm import Session

from registry_core import clock
from registry_core.access.queries import load_actor
from registry_core.accounts.models import Account
from registry_core.orgs.models import OrgUnit
from registry_core.orgs.queries import find_ministry, today
from registry_core.rules.errors import RuleMissing
from registry_core.rules.queries import find_rule
from registry_core.rules.topics.people import PasswordRules, SecondFactorRules

PASSWORDS = "passwords"
SECOND_FACTOR = "second_factor"


def password_rules(session: Session, account: Account | None) -> PasswordRules:
    """Say which rules hold for the password of an account; without one, those of the whole country.

    The door counts by the latter for everybody: a unit's own number would tell strangers which names exist.
    """
    home = load_actor(session, account.id, at=clock.now()).home if account else None
    unit = session.get(OrgUnit, home.unit_id) if home else find_ministry(session)
    found = _value(session, unit, PASSWORDS)
    return found if isinstance(found, PasswordRules) else PasswordRules()


def demands_second_factor(session: Session, account: Account) -> bool:
    """Say whether a role that the account holds now demands a second factor at its unit."""
    for held in load_actor(session, account.id, at=clock.now()).assignments:
        found = _value(session, session.get(OrgUnit, held.unit_id), SECOND_FACTOR)
        if isinstance(found, SecondFactorRules) and held.role in found.roles:
            return True
    return False


def _value(session: Session, unit: OrgUnit | None, topic: str) -> object:
    """Return what holds about a topic; None where no pack is loaded: people must be able to sign in and load one."""
    if unit is None:
        return None
    try:
        return find_rule(session, unit, topic, on=today()).value
    except RuleMissing:
        return None
