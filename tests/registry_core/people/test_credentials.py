"""User name and one-time password: both ways, once, for 72 hours, on record, and again when lost."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from registry_core import clock
from registry_core.access.models import Role
from registry_core.access.services import grant_role
from registry_core.accounts import passwords
from registry_core.accounts.errors import OneTimePasswordExpired, WrongPassword
from registry_core.accounts.models import Account
from registry_core.accounts.queries import find_pending
from registry_core.accounts.services import door
from registry_core.accounts.services.accounts import open_account
from registry_core.accounts.services.callers import Caller
from registry_core.deliveries import Outcome
from registry_core.errors import Forbidden, NotFound
from registry_core.people.errors import ChoseOwnPassword, NowhereToSend
from registry_core.people.models import Channel, CredentialDelivery, DeliveryState
from registry_core.people.queries.deliveries import list_deliveries
from registry_core.people.services.credentials import issue_credentials, note_delivery, send_again
from tests.conftest import Cast
from tests.people_house import COUNTY, SCHOOL, passwords_sent, react

CALLER = Caller("192.0.2.7", "Firefox")
MAIL, MOBILE = "qinling@example.cn", "13912345678"


@pytest.fixture
def newcomer(session: Session, cast: Cast) -> Account:
    """Somebody with a role and without a password."""
    account = open_account(session, user_name="qinling", name="秦岭", email=MAIL, mobile=MOBILE)
    grant_role(session, account_id=account.id, unit_id=cast.unit(SCHOOL).id, role=Role.ORDINARY_USER)
    issue_credentials(session, cast.actor("xuexiao_xueji"), account, unit_id=cast.unit(SCHOOL).id)
    return account


def rows(session: Session, account: Account) -> list[CredentialDelivery]:
    query = select(CredentialDelivery).where(CredentialDelivery.account_id == account.id)
    return list(session.scalars(query.order_by(CredentialDelivery.created_at, CredentialDelivery.channel)))


def test_the_same_password_goes_out_by_mail_and_short_message_and_opens_the_door(
    session: Session, newcomer: Account
) -> None:
    react(session, "CredentialsIssued")
    sent = passwords_sent(session)
    assert set(sent) == {MAIL, MOBILE}
    assert sent[MAIL] == sent[MOBILE]
    token = door.knock(session, user_name="qinling", password=sent[MAIL], caller=CALLER)
    pending = find_pending(session, token, at=clock.now())
    assert pending is not None
    assert door.what_is_owed(session, pending) is door.Owed.NEW_PASSWORD
    assert newcomer.password_hash != sent[MAIL]


def test_before_a_password_is_drawn_nothing_opens_the_account(session: Session, newcomer: Account) -> None:
    for guess in ("", newcomer.password_hash):
        with pytest.raises(WrongPassword):
            door.knock(session, user_name="qinling", password=guess, caller=CALLER)


def test_a_one_time_password_opens_for_72_hours_and_not_longer(session: Session, newcomer: Account) -> None:
    del newcomer
    with clock.frozen(clock.now()) as time:
        react(session, "CredentialsIssued")
        password = passwords_sent(session)[MAIL]
        time.move(timedelta(hours=72, seconds=-1))
        assert door.knock(session, user_name="qinling", password=password, caller=CALLER)
        time.move(timedelta(seconds=1))
        with pytest.raises(OneTimePasswordExpired):
            door.knock(session, user_name="qinling", password=password, caller=CALLER)
        with pytest.raises(WrongPassword):  # who does not know it is told nothing
            door.knock(session, user_name="qinling", password="something else", caller=CALLER)


def test_the_chosen_password_does_not_expire_with_the_one_time_one(session: Session, newcomer: Account) -> None:
    react(session, "CredentialsIssued")
    token = door.knock(session, user_name="qinling", password=passwords_sent(session)[MAIL], caller=CALLER)
    pending = find_pending(session, token, at=clock.now())
    assert pending is not None
    door.replace_password(session, pending, new="春天的纸飞机-2041")
    assert newcomer.one_time_until is None
    with clock.frozen(clock.now() + timedelta(days=4)):
        assert door.knock(session, user_name="qinling", password="春天的纸飞机-2041", caller=CALLER)


def test_a_reaction_that_runs_twice_sends_one_password(session: Session, newcomer: Account) -> None:
    react(session, "CredentialsIssued")
    first, hashed = passwords_sent(session), newcomer.password_hash
    react(session, "CredentialsIssued")
    assert passwords_sent(session) == first
    assert newcomer.password_hash == hashed


def test_what_came_of_each_way_is_on_record(session: Session, newcomer: Account) -> None:
    by_mail, by_sms = rows(session, newcomer)
    note_delivery(session, Outcome(by_mail.id))
    note_delivery(session, Outcome(by_sms.id, "HTTP 400"))
    assert (by_mail.state, by_mail.reason) == (DeliveryState.SENT, None)
    assert (by_sms.state, by_sms.reason) == (DeliveryState.FAILED, "HTTP 400")
    note_delivery(session, Outcome(by_mail.id, "HTTP 400"))
    assert by_mail.state is DeliveryState.SENT


def test_a_delayed_delivery_may_still_arrive(session: Session, newcomer: Account) -> None:
    by_mail = rows(session, newcomer)[0]
    note_delivery(session, Outcome(by_mail.id, "TimeoutError", is_final=False))
    assert by_mail.state is DeliveryState.DELAYED
    note_delivery(session, Outcome(by_mail.id))
    assert (by_mail.state, by_mail.reason) == (DeliveryState.SENT, None)


def test_lost_ones_are_listed_until_sent_again_with_a_new_password(
    session: Session, cast: Cast, newcomer: Account
) -> None:
    school = cast.actor("xuexiao_xueji")
    with clock.frozen(clock.now()) as time:
        react(session, "CredentialsIssued")
        old = passwords_sent(session)[MOBILE]
        note_delivery(session, Outcome(rows(session, newcomer)[0].id, "recipient 550"))
        lost, _more = list_deliveries(session, school, only_lost=True)
        assert [row.delivery.reason for row in lost] == ["recipient 550"]
        time.move(timedelta(minutes=5))
        send_again(session, school, newcomer.id, email="qin.ling@example.cn", mobile=MOBILE)
        react(session, "CredentialsIssued")
    assert list_deliveries(session, school, only_lost=True)[0] == []
    new = passwords_sent(session)
    assert new["qin.ling@example.cn"] != old
    assert not passwords.verify(newcomer.password_hash, old)


def test_a_way_without_an_address_is_told_as_lost_once_nothing_else_can_arrive(session: Session, cast: Cast) -> None:
    account = open_account(session, user_name="qinling", name="秦岭", mobile=MOBILE)
    issue_credentials(session, None, account, unit_id=cast.unit(SCHOOL).id)
    keeper = cast.actor("xuexiao_xueji")
    assert list_deliveries(session, keeper, only_lost=True) == ([], False)
    sms = session.scalars(select(CredentialDelivery).where(CredentialDelivery.channel == Channel.SMS)).one()
    sms.end(DeliveryState.FAILED, at=clock.now(), reason="HTTP 400")
    session.flush()
    lost, _more = list_deliveries(session, keeper, only_lost=True)
    assert {(row.delivery.channel.value, row.delivery.reason) for row in lost} == {
        ("email", "no address"),
        ("sms", "HTTP 400"),
    }


def test_an_account_without_any_address_is_refused(session: Session, cast: Cast) -> None:
    account = open_account(session, user_name="qinling", name="秦岭")
    with pytest.raises(NowhereToSend):
        issue_credentials(session, None, account, unit_id=cast.unit(SCHOOL).id)


def test_who_has_chosen_a_password_gets_no_other_from_outside(session: Session, cast: Cast, newcomer: Account) -> None:
    newcomer.must_change_password = False
    with pytest.raises(ChoseOwnPassword):
        send_again(session, cast.actor("xuexiao_xueji"), newcomer.id, email=MAIL, mobile=None)


def test_a_password_is_not_redirected_by_who_may_not_give_the_role(session: Session, cast: Cast) -> None:
    boss = open_account(session, user_name="boss", name="秦岭", email=MAIL, mobile=MOBILE)
    grant_role(session, account_id=boss.id, unit_id=cast.unit(COUNTY).id, role=Role.SUPER_ADMINISTRATOR)
    issue_credentials(session, None, boss, unit_id=cast.unit(COUNTY).id)
    with pytest.raises(Forbidden):
        send_again(session, cast.actor("xian_xueji"), boss.id, email="mine@example.cn", mobile=None)
    assert boss.email == MAIL


def test_deliveries_of_another_unit_do_not_exist(session: Session, cast: Cast, newcomer: Account) -> None:
    neighbour = cast.actor("linqu_xueji")
    assert list_deliveries(session, neighbour, only_lost=False)[0] == []
    with pytest.raises(NotFound):
        send_again(session, neighbour, newcomer.id, email=MAIL, mobile=None)
