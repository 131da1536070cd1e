"""Accounts below the pages: making them, hashing, sessions."""

from __future__ import annotations

import pytest
from argon2 import PasswordHasher
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from registry_core import clock, live
from registry_core.accounts import passwords, queries, services
from registry_core.accounts.errors import UserNameTaken, WeakPassword
from registry_core.accounts.models import Account, BrowserSession
from registry_core.accounts.services import door
from registry_core.accounts.services.callers import Caller
from registry_core.db import commit, new_id
from registry_core.errors import NotFound
from registry_core.sockets import SIGNED_OUT, browser_room
from tests.conftest import Cast

PASSWORD = "三只小猫在屋顶上-7"


@pytest.fixture
def account(session: Session) -> Account:
    return services.create_account(session, user_name="wang_fang", name="王芳", password=PASSWORD)


def knock(session: Session, password: str = PASSWORD) -> str:
    return door.knock(session, user_name="wang_fang", password=password, caller=Caller("192.0.2.1"))


def test_an_account_is_found_by_its_name_in_any_case(session: Session, account: Account) -> None:
    assert queries.find_account_by_name(session, "WANG_FANG") is account
    assert queries.find_account_by_name(session, "wang") is None


@pytest.mark.usefixtures("account")
def test_a_user_name_is_given_once_whatever_its_case(session: Session) -> None:
    with pytest.raises(UserNameTaken):
        services.create_account(session, user_name="Wang_Fang", name="王芳芳", password=PASSWORD)


def test_an_account_begins_with_a_password_that_follows_the_rules(session: Session) -> None:
    with pytest.raises(WeakPassword):
        services.create_account(session, user_name="wang_fang", name="王芳", password="wang_fang123")


def test_a_password_is_stored_as_argon2id_and_never_as_itself(account: Account) -> None:
    assert account.password_hash.startswith("$argon2id$")
    assert PASSWORD not in account.password_hash


def test_an_outdated_hash_is_made_again_at_the_next_sign_in(session: Session, account: Account) -> None:
    old = PasswordHasher(time_cost=1, memory_cost=8192, parallelism=1).hash(PASSWORD)
    session.execute(update(Account).where(Account.id == account.id).values(password_hash=old))
    session.expire_all()
    assert passwords.is_outdated(old)
    knock(session)
    assert not passwords.is_outdated(account.password_hash)
    assert passwords.verify(account.password_hash, PASSWORD)


def test_something_that_is_no_hash_opens_nothing() -> None:
    assert not passwords.verify("!", PASSWORD)


def test_a_token_leads_to_the_person_and_to_the_roles_of_this_moment(session: Session, cast: Cast) -> None:
    token = services.open_browser_session(session, cast.id("xian_jishu"))
    known = queries.find_signed_in(session, token, at=clock.now())
    assert known
    assert known.name == "张国强（演示）"
    assert known.actor == cast.actor("xian_jishu")


def test_a_person_without_roles_is_known_and_reaches_nothing(session: Session, account: Account) -> None:
    known = queries.find_signed_in(session, services.open_browser_session(session, account.id), at=clock.now())
    assert known
    assert known.actor.assignments == ()


def test_another_token_leads_nowhere(session: Session, account: Account) -> None:
    services.open_browser_session(session, account.id)
    assert queries.find_signed_in(session, "another", at=clock.now()) is None


def test_closing_an_account_ends_its_sessions_and_tells_its_pages(session: Session, account: Account) -> None:
    token = services.open_browser_session(session, account.id)
    told: list[tuple[str, str]] = []
    live.install_emitter(lambda event, _payload, room, _skip: told.append((event, room)))
    services.close_account(session, account.id)
    commit(session)
    ended = session.scalars(select(BrowserSession)).one()
    assert ended.ended_at is not None
    assert told == [(SIGNED_OUT, browser_room(ended.id))]
    assert queries.find_signed_in(session, token, at=clock.now()) is None


def test_an_unknown_account_does_not_exist(session: Session) -> None:
    with pytest.raises(NotFound):
        queries.get_account(session, new_id())
