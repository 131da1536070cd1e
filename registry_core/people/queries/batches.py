"""Reads of batches of accounts: everybody sees their own alone."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased, undefer

from registry_core import clock
from registry_core.access.actors import Actor
from registry_core.access.models import Delegation
from registry_core.accounts.models import Account
from registry_core.errors import NotFound
from registry_core.orgs.models import OrgUnit
from registry_core.people.models import (
    AccountBatch,
    BatchAccount,
    BatchState,
    Channel,
    CredentialDelivery,
    DeliveryState,
)
from registry_core.people.models.batches import DONE
from registry_core.people.policies import BATCH_KEPT, BATCH_PATIENCE
from registry_core.people.queries.loans import is_in_force

MOST_SHOWN = 100
AT_ONCE = 20


@dataclass(frozen=True, slots=True)
class Sending:
    """How many people of a batch have got their password, wait for it, or were not reached."""

    total: int
    arrived: int
    waiting: int

    @property
    def lost(self) -> int:
        """How many were not reached by any way."""
        return self.total - self.arrived - self.waiting

    @property
    def percent(self) -> int:
        """How much of the sending is done, of 100."""
        return 100 * (self.total - self.waiting) // max(self.total, 1)


def list_batches(session: Session, actor: Actor) -> list[AccountBatch]:
    """List the actor's own batches, the latest first."""
    own = AccountBatch.account_id == actor.account_id
    order = (AccountBatch.created_at.desc(), AccountBatch.id)
    return list(session.scalars(select(AccountBatch).where(own).order_by(*order).limit(MOST_SHOWN)))


def get_batch(session: Session, actor: Actor, batch_id: UUID, *, for_update: bool = False) -> AccountBatch:
    """Load one of the actor's own batches, without its content.

    Raises NotFound.
    """
    query = select(AccountBatch).where(AccountBatch.id == batch_id, AccountBatch.account_id == actor.account_id)
    if for_update:
        query = query.with_for_update().execution_options(populate_existing=True)
    found = session.scalar(query)
    if found is None:
        raise NotFound
    return found


def find_waiting(session: Session, batch_id: UUID) -> AccountBatch | None:
    """Lock a batch whose accounts are to be opened, and load its content; None for one that was dealt with."""
    query = select(AccountBatch).where(AccountBatch.id == batch_id, AccountBatch.state == BatchState.WAITING)
    query = query.options(undefer(AccountBatch.rows)).with_for_update().execution_options(populate_existing=True)
    return session.scalar(query)


def count_open(session: Session, actor: Actor) -> int:
    """Count the actor's batches that are neither applied nor dropped."""
    query = select(func.count()).where(AccountBatch.account_id == actor.account_id, AccountBatch.state.not_in(DONE))
    return session.scalar(query) or 0


def get_content(session: Session, actor: Actor, batch_id: UUID) -> AccountBatch:
    """Load one of the actor's own batches with the content that there is: rows, faults, numbers by unit and role.

    Raises NotFound.
    """
    content = (AccountBatch.rows, AccountBatch.faults, AccountBatch.summary)
    own = (AccountBatch.id == batch_id, AccountBatch.account_id == actor.account_id)
    query = select(AccountBatch).where(*own).options(*(undefer(one) for one in content))
    found = session.scalar(query.execution_options(populate_existing=True))
    if found is None:
        raise NotFound
    return found


def list_unreached(session: Session, batch_id: UUID) -> list[tuple[Account, OrgUnit]]:
    """List the people of a batch whom their password has reached by no way, and who have not got in otherwise."""
    way = aliased(CredentialDelivery)
    reached = (DeliveryState.SENT, DeliveryState.WAITING)
    query = (
        select(Account, OrgUnit)
        .join(BatchAccount, BatchAccount.account_id == Account.id)
        .join(CredentialDelivery, CredentialDelivery.account_id == Account.id)
        .join(OrgUnit, OrgUnit.id == CredentialDelivery.unit_id)
        .where(
            BatchAccount.batch_id == batch_id,
            CredentialDelivery.channel == Channel.SMS,
            Account.last_signed_in_at.is_(None),
            Account.closed_at.is_(None),
            ~select(way.id).where(way.account_id == Account.id, way.state.in_(reached)).exists(),
        )
        .distinct()
        .order_by(Account.name, Account.id)
        .limit(MOST_SHOWN)
    )
    return [(account, unit) for account, unit in session.execute(query)]


def list_stale(session: Session) -> list[AccountBatch]:
    """Lock some batches that nobody has touched for a week."""
    before = clock.now() - BATCH_KEPT
    last = func.coalesce(AccountBatch.ended_at, AccountBatch.created_at)
    kept = (BatchState.FAULTY, BatchState.CHECKED, BatchState.REFUSED)
    query = select(AccountBatch).where(AccountBatch.state.in_(kept), last < before)
    return list(session.scalars(query.limit(AT_ONCE).with_for_update(skip_locked=True)))


def list_late(session: Session) -> list[AccountBatch]:
    """Lock some batches that the worker has not got done."""
    before = clock.now() - BATCH_PATIENCE
    query = select(AccountBatch).where(AccountBatch.state == BatchState.WAITING, AccountBatch.asked_at < before)
    return list(session.scalars(query.limit(AT_ONCE).with_for_update(skip_locked=True)))


def count_sending(session: Session, batch_id: UUID) -> Sending:
    """Count whom the passwords of a batch have reached, by any way and any issue."""
    state = CredentialDelivery.state
    under_way = state.in_((DeliveryState.WAITING, DeliveryState.DELAYED))
    each = (
        select(
            func.bool_or(state == DeliveryState.SENT).label("arrived"),
            func.bool_or(under_way).label("waiting"),
        )
        .join(BatchAccount, BatchAccount.account_id == CredentialDelivery.account_id)
        .where(BatchAccount.batch_id == batch_id)
        .group_by(CredentialDelivery.account_id)
        .subquery()
    )
    total, arrived, waiting = session.execute(
        select(
            func.count(),
            func.count().filter(each.c.arrived),
            func.count().filter(each.c.waiting, ~each.c.arrived),
        ).select_from(each)
    ).one()
    return Sending(total, arrived, waiting)


def find_loan_id(session: Session, borrower_id: UUID, lender_id: UUID) -> UUID | None:
    """Find under which lending somebody may act for another now."""
    return session.scalar(
        select(Delegation.id)
        .where(Delegation.borrower_id == borrower_id, Delegation.lender_id == lender_id, is_in_force())
        .order_by(Delegation.valid_until.desc())
        .limit(1)
    )
