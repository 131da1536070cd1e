"""A password that was lent after all: on record, changed by force after use, reported where it was not."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from portal.demonstration import PASSWORD
from registry_core import clock
from registry_core.accounts.models import Account
from registry_core.accounts.queries import find_pending, list_open_sessions
from registry_core.accounts.services import change_password, door, open_browser_session
from registry_core.accounts.services.callers import Caller
from registry_core.people.errors import LoanTooLong
from registry_core.people.models import LentPassword
from registry_core.people.services.lent_passwords import force_change, register_lent_password, report_kept
from tests.conftest import Cast
from tests.people_house import notices, react

LENDER = "xuexiao2_xueji"
CALLER = Caller("192.0.2.7", "Firefox")


def lend(session: Session, cast: Cast, *, days: int = 2) -> LentPassword:
    until = clock.now() + timedelta(days=days)
    return register_lent_password(session, cast.actor(LENDER), lent_to="姜若兰", purpose="外出培训", valid_until=until)


def owed(session: Session) -> door.Owed | None:
    token = door.knock(session, user_name=LENDER, password=PASSWORD, caller=CALLER)
    pending = find_pending(session, token, at=clock.now())
    assert pending is not None
    return door.what_is_owed(session, pending)


def test_it_is_on_record_and_the_system_administrator_is_told(session: Session, cast: Cast) -> None:
    lend(session, cast)
    react(session, "PasswordLent")
    assert notices(session, cast.id("xuexiao_xitong")) == ["password_lent"]


def test_when_its_time_is_up_everybody_is_signed_out_and_a_new_password_is_due(session: Session, cast: Cast) -> None:
    with clock.frozen(clock.now()) as time:
        lend(session, cast)
        open_browser_session(session, cast.id(LENDER))
        time.move(timedelta(days=2, seconds=-1))
        assert force_change(session) == 0
        assert len(list_open_sessions(session, cast.id(LENDER))) == 1
        time.move(timedelta(seconds=1))
        assert force_change(session) == 1
        assert list_open_sessions(session, cast.id(LENDER)) == []
        assert owed(session) is door.Owed.NEW_PASSWORD
        assert force_change(session) == 0


def test_who_has_changed_it_after_the_use_is_left_in_peace(session: Session, cast: Cast) -> None:
    with clock.frozen(clock.now()) as time:
        lend(session, cast)
        time.move(timedelta(days=2))
        change_password(session, cast.actor(LENDER), current=PASSWORD, new="春天的纸飞机-2041")
        force_change(session)
        time.move(timedelta(days=30))
        assert report_kept(session) == 0
        assert not session.get_one(Account, cast.id(LENDER)).must_change_password


def test_a_change_while_it_is_still_lent_does_not_count(session: Session, cast: Cast) -> None:
    with clock.frozen(clock.now()) as time:
        lend(session, cast)
        change_password(session, cast.actor(LENDER), current=PASSWORD, new="春天的纸飞机-2041")
        time.move(timedelta(days=2))
        force_change(session)
        assert session.get_one(Account, cast.id(LENDER)).must_change_password


def test_one_that_is_kept_is_reported_after_three_days_once(session: Session, cast: Cast) -> None:
    with clock.frozen(clock.now()) as time:
        lend(session, cast)
        time.move(timedelta(days=2))
        force_change(session)
        time.move(timedelta(days=3, seconds=-1))
        assert report_kept(session) == 0
        time.move(timedelta(seconds=1))
        assert report_kept(session) == 1
        assert report_kept(session) == 0
    react(session, "LentPasswordKept")
    assert notices(session, cast.id("xuexiao_xitong")) == ["lent_password_kept"]


@pytest.mark.parametrize("days", [0, 31])
def test_the_time_is_ahead_and_not_too_long(session: Session, cast: Cast, days: int) -> None:
    with pytest.raises(LoanTooLong):
        lend(session, cast, days=days)
