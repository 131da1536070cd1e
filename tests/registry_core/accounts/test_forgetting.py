"""What the clock clears out at the door: beginnings whose time is over, devices that cannot come back."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from registry_core import clock
from registry_core.accounts import jobs
from registry_core.accounts.models import KnownDevice, PendingSignIn
from registry_core.accounts.policies import DEVICE_KNOWN, PENDING
from registry_core.clock import FrozenClock
from tests.conftest import Cast


@pytest.fixture
def time() -> Iterator[FrozenClock]:
    with clock.frozen(datetime(2026, 6, 3, 1, 0, tzinfo=UTC)) as frozen:
        yield frozen


def tokens(session: Session, model: type[PendingSignIn | KnownDevice]) -> list[str]:
    return sorted(session.scalars(select(model.token_hash)))


def test_a_beginning_is_forgotten_when_its_time_is_over_and_not_before(
    session: Session, cast: Cast, time: FrozenClock
) -> None:
    for token, age in (("old", PENDING), ("new", PENDING - timedelta(seconds=1))):
        begun = clock.now() - age
        session.add(
            PendingSignIn(
                account_id=cast.id("xian_jishu"), token_hash=token, created_at=begun, expires_at=begun + PENDING
            )
        )
    session.flush()
    jobs.forget_pending(session, None)
    assert tokens(session, PendingSignIn) == ["new"]
    time.move(timedelta(seconds=1))
    jobs.forget_pending(session, None)
    assert tokens(session, PendingSignIn) == []


def test_a_device_is_forgotten_once_its_cookie_is_gone_whenever_it_was_made(
    session: Session, cast: Cast, time: FrozenClock
) -> None:
    for token, unused in (("old", DEVICE_KNOWN + timedelta(seconds=1)), ("kept", DEVICE_KNOWN)):
        session.add(
            KnownDevice(
                account_id=cast.id("xian_jishu"),
                token_hash=token,
                browser="Firefox",
                created_at=time.instant - 2 * DEVICE_KNOWN,
                seen_at=time.instant - unused,
            )
        )
    session.flush()
    jobs.forget_devices(session, None)
    assert tokens(session, KnownDevice) == ["kept"]
