"""Setting second factors up and taking them away; recovery codes."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import delete
from sqlalchemy.orm import Session

from registry_core import clock, outbox
from registry_core.access.actors import Actor
from registry_core.accounts import codes, demands, queries
from registry_core.accounts.errors import FactorDemanded, WrongCode
from registry_core.accounts.events import SecondFactorChanged
from registry_core.accounts.factors import FACTORS, RECOVERY, Factor, SetUp
from registry_core.accounts.models import Account, RecoveryCode, SecondFactor
from registry_core.accounts.services.sessions import end_sessions
from registry_core.accounts.services.trail import note_own
from registry_core.errors import NotFound

RECOVERY_CODES = 10
RECOVERY_GROUPS = 3


def begin_factor(session: Session, account_id: UUID, kind: str) -> SetUp:
    """Begin to set a second factor up.

    Raises NotFound for an unknown kind and for one that is set up already.
    """
    account = queries.get_account(session, account_id)
    if kind in queries.list_factor_kinds(session, account_id):
        raise NotFound
    return _factor(kind).begin(session, account)


def confirm_factor(
    session: Session,
    account_id: UUID,
    kind: str,
    *,
    answer: str,
    keep: UUID | None = None,
    going_on: UUID | None = None,
) -> tuple[str, ...]:
    """Finish setting a second factor up with its first right answer; return new recovery codes, to be shown once.

    Every other browser is signed out: whoever is in there has shown no second factor.
    Raises NotFound, WrongCode.
    """
    account = queries.get_account(session, account_id, for_update=True)
    row = queries.find_factor(session, account_id, kind, for_update=True)
    if row is None or row.confirmed_at is not None:
        raise NotFound
    if not _factor(kind).check(session, account, answer):
        raise WrongCode
    row.confirmed_at = clock.now()
    session.flush()
    end_sessions(session, account_id, keep=keep, going_on=going_on)
    note_own(session, account_id, "accounts.second_factor.added")
    outbox.record(session, SecondFactorChanged(account_id, is_on=True, at=clock.now()))
    return renew_recovery_codes(session, account)


def remove_factors(session: Session, actor: Actor) -> None:
    """Take the second factor of the actor away.

    Raises FactorDemanded where a role demands it.
    """
    account = queries.get_account(session, actor.account_id, for_update=True)
    if demands.demands_second_factor(session, account):
        raise FactorDemanded
    drop_factors(session, account)


def drop_factors(session: Session, account: Account) -> None:
    """Take every second factor and recovery code of an account away, as for a lost telephone."""
    had_any = bool(queries.list_factor_kinds(session, account.id))
    session.execute(delete(SecondFactor).where(SecondFactor.account_id == account.id))
    session.execute(delete(RecoveryCode).where(RecoveryCode.account_id == account.id))
    if had_any:
        note_own(session, account.id, "accounts.second_factor.removed")
        outbox.record(session, SecondFactorChanged(account.id, is_on=False, at=clock.now()))


def renew_own_recovery_codes(session: Session, actor: Actor) -> tuple[str, ...]:
    """Draw new recovery codes for the actor.

    Raises NotFound without a second factor.
    """
    if not queries.list_factor_kinds(session, actor.account_id):
        raise NotFound
    return renew_recovery_codes(session, queries.get_account(session, actor.account_id, for_update=True))


def renew_recovery_codes(session: Session, account: Account) -> tuple[str, ...]:
    """Draw ten recovery codes in place of those before; only their hashes are kept."""
    drawn = tuple(codes.draw_groups(RECOVERY_GROUPS) for _code in range(RECOVERY_CODES))
    session.execute(delete(RecoveryCode).where(RecoveryCode.account_id == account.id))
    session.add_all(
        RecoveryCode(account_id=account.id, code_hash=codes.hash_code(RECOVERY, code), created_at=clock.now())
        for code in drawn
    )
    session.flush()
    return drawn


def _factor(kind: str) -> Factor:
    found = next((factor for factor in FACTORS if factor.code == kind), None)
    if found is None:
        raise NotFound
    return found
