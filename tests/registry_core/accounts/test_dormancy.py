"""Accounts that nobody uses: told a fortnight before, sealed, and reopened by the level above."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from portal.demonstration import PASSWORD
from registry_core import clock
from registry_core.accounts import services
from registry_core.accounts.errors import AccountSealed, WrongPassword
from registry_core.accounts.models import Account, BrowserSession, PendingSignIn
from registry_core.accounts.policies import DORMANCY_NOTICE
from registry_core.accounts.services import door, resets
from registry_core.accounts.services.callers import Caller
from registry_core.accounts.services.dormancy import seal_dormant
from registry_core.clock import FrozenClock
from tests.conftest import Cast
from tests.jobs_house import jobs

REST = timedelta(days=180)
CALLER = Caller("192.0.2.1")


@pytest.fixture
def time() -> Iterator[FrozenClock]:
    with clock.frozen(clock.now() + timedelta(minutes=1)) as frozen:
        yield frozen


@pytest.fixture
def sleeper(time: FrozenClock, session: Session, cast: Cast) -> Account:
    """The registrar of a school, who signed in just now; everybody else has left."""
    account = session.get_one(Account, cast.id("xuexiao_xueji"))
    session.execute(update(Account).where(Account.id != account.id).values(closed_at=time.instant))
    account.last_signed_in_at = time.instant
    session.flush()
    return account


def knock(session: Session, password: str = PASSWORD) -> str:
    return door.knock(session, user_name="xuexiao_xueji", password=password, caller=CALLER)


def told(session: Session) -> int:
    return len(jobs(session, "DormancyNear"))


def test_nothing_happens_until_a_fortnight_before(session: Session, sleeper: Account, time: FrozenClock) -> None:
    time.move(REST - DORMANCY_NOTICE - timedelta(seconds=1))
    seal_dormant(session)
    assert told(session) == 0
    time.move(timedelta(days=1))
    seal_dormant(session)
    assert told(session) == 1
    assert sleeper.sealed_at is None


def test_an_account_is_told_once_and_sealed_after_its_rest(
    session: Session, sleeper: Account, time: FrozenClock
) -> None:
    time.move(REST - DORMANCY_NOTICE)
    for _day in range(14):
        seal_dormant(session)
        assert sleeper.sealed_at is None
        time.move(timedelta(days=1))
    seal_dormant(session)
    assert told(session) == 1
    assert sleeper.sealed_at == time.instant


def test_who_was_not_told_in_time_gets_the_whole_notice(session: Session, sleeper: Account, time: FrozenClock) -> None:
    time.move(REST * 3)
    seal_dormant(session)
    assert sleeper.sealed_at is None
    time.move(DORMANCY_NOTICE)
    seal_dormant(session)
    assert sleeper.sealed_at == time.instant


def test_a_browser_that_is_used_every_day_keeps_its_account_awake(
    session: Session, sleeper: Account, time: FrozenClock
) -> None:
    services.open_browser_session(session, sleeper.id)
    time.move(REST * 2)
    session.execute(update(BrowserSession).values(seen_at=time.instant))
    seal_dormant(session)
    time.move(DORMANCY_NOTICE)
    session.execute(update(BrowserSession).values(seen_at=time.instant))
    seal_dormant(session)
    assert sleeper.sealed_at is None
    assert told(session) == 0


def test_signing_in_after_the_notice_begins_the_rest_anew(
    session: Session, sleeper: Account, time: FrozenClock
) -> None:
    time.move(REST - DORMANCY_NOTICE)
    seal_dormant(session)
    time.move(DORMANCY_NOTICE - timedelta(days=1))
    pending = begin(session, sleeper)
    door.enter(session, pending, caller=CALLER)
    time.move(timedelta(days=2))
    seal_dormant(session)
    assert sleeper.sealed_at is None


def begin(session: Session, account: Account) -> PendingSignIn:
    account.password_changed_at = clock.now()
    knock(session)
    return session.scalars(select(PendingSignIn)).one()


def test_a_sealed_account_is_told_who_can_reopen_it_and_only_with_the_right_password(
    session: Session, sleeper: Account, time: FrozenClock
) -> None:
    sleeper.sealed_at = time.instant
    with pytest.raises(WrongPassword):
        knock(session, "not the password")
    with pytest.raises(AccountSealed) as refusal:
        knock(session)
    assert "雁塔区" in refusal.value.text


def test_sealing_ends_what_is_open(session: Session, sleeper: Account, time: FrozenClock) -> None:
    services.open_browser_session(session, sleeper.id)
    session.execute(update(BrowserSession).values(expires_at=time.instant + REST * 3))
    for _look in range(2):
        time.move(REST)
        seal_dormant(session)
    assert session.scalars(select(BrowserSession.ended_at)).one() == time.instant


def test_a_letter_of_the_level_above_reopens_it(
    session: Session, sleeper: Account, cast: Cast, time: FrozenClock
) -> None:
    sleeper.sealed_at = time.instant
    session.execute(update(Account).where(Account.user_name == "sheng_guanli").values(closed_at=None))
    letter = resets.give_letter(session, cast.actor("sheng_guanli"), sleeper.id, drops_factor=False)
    new = "春天的纸飞机-2041"
    resets.redeem(session, user_name="xuexiao_xueji", code=letter.code, new=new, caller=CALLER)
    assert knock(session, new)
    time.move(timedelta(days=2))
    seal_dormant(session)
    assert sleeper.sealed_at is None


def test_guests_and_closed_accounts_are_left_alone(session: Session, sleeper: Account, time: FrozenClock) -> None:
    guest = services.create_guest(session, name="王老师")
    sleeper.closed_at = time.instant
    for _look in range(2):
        time.move(REST)
        seal_dormant(session)
    assert guest.sealed_at is None
    assert told(session) == 0


def test_a_guest_opens_no_door(session: Session) -> None:
    guest = services.create_guest(session, name="王老师")
    for password in ("!", "", guest.user_name):
        with pytest.raises(WrongPassword):
            door.knock(session, user_name=guest.user_name, password=password, caller=CALLER)
