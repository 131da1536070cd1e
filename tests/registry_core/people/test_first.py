"""The first administrator of an empty installation: one code, one day, once."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from click.testing import CliRunner
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from portal.commands.admin import command
from registry_core import clock
from registry_core.access.models import Role
from registry_core.access.queries import load_actor
from registry_core.accounts.errors import OneTimePasswordExpired
from registry_core.accounts.queries import find_pending, get_account
from registry_core.accounts.services import door
from registry_core.accounts.services.callers import Caller
from registry_core.audit.models import AuditEntry
from registry_core.people.errors import FirstCodeWaits, MinistryMissing, NotTheFirst
from registry_core.people.services.first import FirstAdministrator, appoint_first
from tests.conftest import Cast, build_small_tree, empty
from tests.people_house import NEWCOMER

CALLER = Caller("192.0.2.7", "Firefox")
PASSWORD = "春天的纸飞机-2041"


@pytest.fixture
def tree(session: Session) -> Session:
    """A tree in which nobody has an account."""
    build_small_tree(session)
    return session


def sign_in(session: Session, first: FirstAdministrator) -> str:
    return door.knock(session, user_name=first.account.user_name, password=first.code, caller=CALLER)


def test_the_code_lets_the_first_administrator_in_to_choose_a_password(tree: Session) -> None:
    first = appoint_first(tree, person=NEWCOMER)
    pending = find_pending(tree, sign_in(tree, first), at=clock.now())
    assert pending is not None
    assert door.what_is_owed(tree, pending) is door.Owed.NEW_PASSWORD
    held = load_actor(tree, first.account.id, at=clock.now()).assignments
    assert [(one.role, one.unit_level.value) for one in held] == [(Role.SUPER_ADMINISTRATOR, "ministry")]


def test_the_code_is_good_for_a_day(tree: Session) -> None:
    with clock.frozen(clock.now()) as time:
        first = appoint_first(tree, person=NEWCOMER)
        time.move(timedelta(hours=24, seconds=-1))
        assert sign_in(tree, first)
        time.move(timedelta(seconds=1))
        with pytest.raises(OneTimePasswordExpired):
            sign_in(tree, first)


def test_while_a_code_waits_there_is_no_other(tree: Session) -> None:
    appoint_first(tree, person=NEWCOMER)
    with pytest.raises(FirstCodeWaits):
        appoint_first(tree, person=NEWCOMER)


def test_a_code_that_ran_out_unused_is_replaced_with_its_account(tree: Session) -> None:
    with clock.frozen(clock.now()) as time:
        first = appoint_first(tree, person=NEWCOMER)
        time.move(timedelta(hours=24))
        second = appoint_first(tree, person=NEWCOMER)
        assert get_account(tree, first.account.id).closed_at is not None
        assert load_actor(tree, first.account.id, at=clock.now()).assignments == ()
        assert sign_in(tree, second)


def test_once_somebody_administrates_the_ministry_nobody_else_is_the_first(tree: Session) -> None:
    with clock.frozen(clock.now()) as time:
        first = appoint_first(tree, person=NEWCOMER)
        pending = find_pending(tree, sign_in(tree, first), at=clock.now())
        assert pending is not None
        door.replace_password(tree, pending, new=PASSWORD)
        time.move(timedelta(days=30))
        with pytest.raises(NotTheFirst):
            appoint_first(tree, person=NEWCOMER)


def test_a_demonstration_has_its_administrator_already(session: Session, cast: Cast) -> None:
    del cast
    with pytest.raises(NotTheFirst):
        appoint_first(session, person=NEWCOMER)


def test_without_a_tree_there_is_nothing_to_administrate(session: Session) -> None:
    with pytest.raises(MinistryMissing):
        appoint_first(session, person=NEWCOMER)


@pytest.mark.parametrize(
    "wrong", [{"--mobile": "02987654321"}, {"--email": "qinling"}, {"--name": ""}, {"--user-name": "秦 岭"}]
)
def test_the_command_refuses_what_cannot_be_right(wrong: dict[str, str]) -> None:
    right = {"--name": "秦岭", "--email": "qinling@example.cn", "--mobile": "13912345678"}
    arguments = [part for pair in {**right, **wrong}.items() for part in pair]
    assert CliRunner().invoke(command, ["first", *arguments]).exit_code == 2


def test_the_command_prints_a_code_that_opens_the_door(
    engine: Engine, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", database_url)
    with Session(engine) as opened:
        build_small_tree(opened)
        opened.commit()
    try:
        arguments = ["first", "--name", "秦岭", "--email", "qinling@example.cn", "--mobile", "13912345678"]
        answer = CliRunner().invoke(command, arguments)
        code = re.search(r"(?:[0-9A-Z]{4}-){3}[0-9A-Z]{4}", answer.output)
        assert code, answer.output
        with Session(engine) as opened:
            assert door.knock(opened, user_name="ql5678", password=code[0], caller=CALLER)
            acts = opened.scalars(select(AuditEntry.act)).all()
            assert "people.first_administrator.appointed" in acts
    finally:
        empty(engine)
