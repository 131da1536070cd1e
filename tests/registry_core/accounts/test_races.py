"""Several at once at the door: every failure counts, and every code opens once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from portal.demonstration import PASSWORD
from registry_core import clock
from registry_core.accounts import queries, totp
from registry_core.accounts.errors import CountedRefusal
from registry_core.accounts.events import ResetRequested
from registry_core.accounts.factors import AuthenticatorApp
from registry_core.accounts.models import Account, PendingSignIn
from registry_core.accounts.services import door, factors, resets
from registry_core.accounts.services.callers import Caller
from registry_core.db import commit, new_id, rollback
from registry_core.rules.topics.people import PasswordRules
from tests.conftest import Cast

USER = "xuexiao_xueji"
CALLER = Caller("192.0.2.1", "Firefox")


def at_once(engine: Engine, times: int, act: Callable[[Session], object]) -> Counter[str]:
    """Do the same in as many transactions at once; count what came of it, as the entry point does it."""

    def attempt(_number: int) -> str:
        with Session(engine, expire_on_commit=False) as session:
            try:
                act(session)
            except CountedRefusal as refusal:
                commit(session)
                return refusal.code
            except LookupError:
                rollback(session)
                return "gone"
            commit(session)
            return "done"

    with ThreadPoolExecutor(times) as crowd:
        return Counter(crowd.map(attempt, range(times)))


def test_of_many_guesses_at_once_no_more_are_answered_than_one_after_the_other(engine: Engine, committed: Cast) -> None:
    del committed
    guesses = at_once(engine, 12, lambda session: door.knock(session, user_name=USER, password="wrong", caller=CALLER))
    attempts = PasswordRules().attempts
    assert guesses == {"wrong_password": attempts, "sign_in_paused": 12 - attempts}


def test_a_code_of_the_app_opens_once_though_it_is_shown_twice_at_once(engine: Engine, committed: Cast) -> None:
    account_id = committed.id(USER)
    with Session(engine) as session:
        secret = factors.begin_factor(session, account_id, AuthenticatorApp.code).secret
        before = totp.code_at(secret, clock.now() - timedelta(seconds=totp.STEP_SECONDS))
        factors.confirm_factor(session, account_id, AuthenticatorApp.code, answer=before)
        tokens = [door.knock(session, user_name=USER, password=PASSWORD, caller=CALLER) for _door in range(4)]
        commit(session)
    code = totp.code_at(secret, clock.now())
    together = Barrier(4)

    def show(session: Session) -> None:
        pending = queries.find_pending(session, tokens.pop(), at=clock.now())
        assert pending
        together.wait()
        # From different places: those from one place wait for each other already.
        door.show_code(session, pending, answer=code, caller=Caller(f"192.0.2.{pending.token_hash[:4]}"))

    assert at_once(engine, 4, show) == {"done": 1, "wrong_code": 3}


def test_a_code_from_a_mail_sets_one_password_though_it_is_sent_twice_at_once(engine: Engine, committed: Cast) -> None:
    del committed
    event = ResetRequested(USER, "email", new_id())
    with Session(engine) as session:
        issued = resets.issue_code(session, event)
        commit(session)
    assert issued
    new = iter(f"纸飞机飞过了第{number}朵白云" for number in "一二三四")

    def redeem(session: Session) -> None:
        resets.redeem(session, user_name=USER, code=issued[1], new=next(new), caller=CALLER)

    assert at_once(engine, 4, redeem) == {"done": 1, "wrong_reset_code": 3}


def test_a_sign_in_that_has_begun_opens_one_browser(engine: Engine, committed: Cast) -> None:
    account_id = committed.id(USER)
    with Session(engine) as session:
        token = door.knock(session, user_name=USER, password=PASSWORD, caller=CALLER)
        commit(session)

    def enter(session: Session) -> None:
        pending = queries.find_pending(session, token, at=clock.now())
        if pending is None:
            raise LookupError
        door.enter(session, pending, caller=CALLER)

    assert at_once(engine, 4, enter) == {"done": 1, "gone": 3}
    with Session(engine) as session:
        assert session.scalars(select(PendingSignIn)).all() == []
        assert session.get_one(Account, account_id).last_signed_in_at is not None
