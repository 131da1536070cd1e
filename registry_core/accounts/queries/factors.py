"""Reads about second factors and recovery codes."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from registry_core.accounts.models import (
    RecoveryCode,
    SecondFactor,
)


def find_factor(session: Session, account_id: UUID, kind: str, *, for_update: bool = False) -> SecondFactor | None:
    """Find a second factor of an account, confirmed or still being set up."""
    query = select(SecondFactor).where(SecondFactor.account_id == account_id, SecondFactor.kind == kind)
    return session.scalar(query.with_for_update().execution_options(populate_existing=True) if for_update else query)


def list_factor_kinds(session: Session, account_id: UUID) -> frozenset[str]:
    """Name the kinds of second factor that an account has confirmed."""
    return frozenset(
        session.scalars(
            select(SecondFactor.kind).where(
                SecondFactor.account_id == account_id, SecondFactor.confirmed_at.is_not(None)
            )
        )
    )


def find_recovery_code(session: Session, account_id: UUID, code_hash: str) -> RecoveryCode | None:
    """Find an unused recovery code, locked."""
    return session.scalar(
        select(RecoveryCode)
        .where(
            RecoveryCode.account_id == account_id, RecoveryCode.code_hash == code_hash, RecoveryCode.used_at.is_(None)
        )
        .with_for_update()
    )


def count_recovery_codes(session: Session, account_id: UUID) -> int:
    """Count the recovery codes that are left."""
    return session.scalars(
        select(func.count()).where(RecoveryCode.account_id == account_id, RecoveryCode.used_at.is_(None))
    ).one()
