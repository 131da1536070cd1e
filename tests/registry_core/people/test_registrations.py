"""Open registration: nothing before the code, no account before the unit says so, no answer that tells who exists."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from registry_core import clock
from registry_core.access.errors import MayNotGive
from registry_core.access.models import Role
from registry_core.access.queries import list_held
from registry_core.access.services import end_role
from registry_core.accounts.models import Account
from registry_core.errors import Forbidden, NotFound
from registry_core.orgs.models import OrgUnit
from registry_core.people.errors import RegistrationNotOpen, WrongRegistrationCode
from registry_core.people.models import Channel, Registration, RegistrationState
from registry_core.people.queries.registrations import list_registrations
from registry_core.people.services.registrations import (
    Applicant,
    accept_registration,
    confirm_registration,
    forget_unconfirmed,
    refuse_registration,
    request_registration,
)
from tests.conftest import Cast
from tests.jobs_house import jobs
from tests.people_house import SCHOOL, notices, passwords_sent, react

APPLICANT = Applicant("秦岭", Channel.SMS, "13912345678", "五年级班主任")
_CODE = re.compile(r"\b[0-9]{6}\b")


@pytest.fixture
def school(cast: Cast) -> OrgUnit:
    return cast.unit(SCHOOL)


def texts_to(session: Session, address: str) -> list[str]:
    sent = [job.get("mail") or job.get("sms") for job in jobs(session)]
    return [one["text"] for one in sent if one and address in (one.get("to"), one.get("mobile"))]


def ask(session: Session, unit: OrgUnit, applicant: Applicant = APPLICANT) -> tuple[Registration, str]:
    registration = request_registration(session, unit.id, applicant=applicant)
    react(session, "RegistrationRequested")
    found = _CODE.search(texts_to(session, applicant.address)[-1])
    assert found
    return registration, found[0]


def confirmed(session: Session, unit: OrgUnit, applicant: Applicant = APPLICANT) -> Registration:
    registration, code = ask(session, unit, applicant)
    return confirm_registration(session, registration.id, code=code)


def count_accounts(session: Session) -> int:
    return session.scalar(select(func.count()).select_from(Account)) or 0


def test_the_unit_hears_of_it_only_once_the_address_is_confirmed(session: Session, cast: Cast, school: OrgUnit) -> None:
    before = count_accounts(session)
    registration, code = ask(session, school)
    assert list_registrations(session, cast.actor("xuexiao_xueji"), state=RegistrationState.OPEN) == []
    confirm_registration(session, registration.id, code=code)
    react(session, "RegistrationConfirmed")
    assert notices(session, cast.id("xuexiao_xueji")) == ["registration_waiting"]
    assert notices(session, cast.id("sheng_guanli")) == []
    assert count_accounts(session) == before


def test_where_a_unit_has_no_administrator_the_super_administrators_above_are_told(
    session: Session, cast: Cast, school: OrgUnit
) -> None:
    held, _unit = list_held(session, cast.id("xuexiao_xueji"))[0]
    end_role(session, held.id, at=held.valid_from + timedelta(microseconds=1))
    confirmed(session, school)
    react(session, "RegistrationConfirmed")
    assert notices(session, cast.id("xian_guanli")) == ["registration_waiting"]
    assert notices(session, cast.id("xian_xueji")) == []  # could not give a role there


def test_an_accepted_person_gets_the_role_and_a_password(session: Session, cast: Cast, school: OrgUnit) -> None:
    registration = confirmed(session, school)
    accept_registration(session, cast.actor("xuexiao_xueji"), registration.id, role=Role.ORDINARY_USER)
    react(session, "CredentialsIssued")
    assert set(passwords_sent(session)) == {"13912345678"}
    assert [held.role for held in cast.actor("ql5678").assignments] == [Role.ORDINARY_USER]


def test_a_refused_person_is_sent_the_reason_once_and_gets_no_account(
    session: Session, cast: Cast, school: OrgUnit
) -> None:
    before = count_accounts(session)
    registration = confirmed(session, school)
    refuse_registration(session, cast.actor("xuexiao_xueji"), registration.id, reason="不是本校教师")
    react(session, "RegistrationRefused")
    react(session, "RegistrationRefused")
    told = [text for text in texts_to(session, "13912345678") if "不是本校教师" in text]
    assert len(told) == 1
    assert count_accounts(session) == before


def test_a_code_works_once(session: Session, school: OrgUnit) -> None:
    registration, code = ask(session, school)
    confirm_registration(session, registration.id, code=code)
    with pytest.raises(WrongRegistrationCode):
        confirm_registration(session, registration.id, code=code)


def test_a_code_of_one_registration_does_not_confirm_another(session: Session, school: OrgUnit) -> None:
    _first, code = ask(session, school)
    other, _code = ask(session, school, Applicant("王五", Channel.EMAIL, "wang@example.cn", "家长"))
    if code != _code:
        with pytest.raises(WrongRegistrationCode):
            confirm_registration(session, other.id, code=code)


def test_after_five_wrong_codes_the_right_one_is_wrong_too(session: Session, school: OrgUnit) -> None:
    registration, code = ask(session, school)
    wrong = "000000" if code != "000000" else "111111"
    for _try in range(5):
        with pytest.raises(WrongRegistrationCode):
            confirm_registration(session, registration.id, code=wrong)
    with pytest.raises(WrongRegistrationCode):
        confirm_registration(session, registration.id, code=code)


def test_after_four_wrong_codes_the_right_one_is_right(session: Session, school: OrgUnit) -> None:
    registration, code = ask(session, school)
    wrong = "000000" if code != "000000" else "111111"
    for _try in range(4):
        with pytest.raises(WrongRegistrationCode):
            confirm_registration(session, registration.id, code=wrong)
    assert confirm_registration(session, registration.id, code=code).state is RegistrationState.OPEN


def test_a_code_lives_for_thirty_minutes(session: Session, school: OrgUnit) -> None:
    with clock.frozen(clock.now()) as time:
        registration, code = ask(session, school)
        time.move(timedelta(minutes=30))
        with pytest.raises(WrongRegistrationCode):
            confirm_registration(session, registration.id, code=code)


def test_nobody_is_flooded_with_codes(session: Session, school: OrgUnit) -> None:
    for _time in range(5):
        request_registration(session, school.id, applicant=APPLICANT)
    react(session, "RegistrationRequested")
    assert len(texts_to(session, "13912345678")) == 3


def test_the_owner_of_an_account_and_a_stranger_get_the_same_words(
    session: Session, cast: Cast, school: OrgUnit
) -> None:
    del cast
    known = Applicant("李晓芸", Channel.EMAIL, "xuexiao_xueji@demo.invalid", "教师")
    unknown = Applicant("李晓芸", Channel.EMAIL, "nobody@example.cn", "教师")
    for applicant in (known, unknown):
        ask(session, school, applicant)
    told = [_CODE.sub("", texts_to(session, one.address)[0]) for one in (known, unknown)]
    assert told[0] == told[1]


def test_a_neighbour_decides_nothing_and_a_registration_is_decided_once(
    session: Session, cast: Cast, school: OrgUnit
) -> None:
    registration = confirmed(session, school)
    for stranger in ("linqu_xueji", "xuexiao2_xueji", "xian_xueji"):
        with pytest.raises(NotFound):
            refuse_registration(session, cast.actor(stranger), registration.id, reason="不认识")
    with pytest.raises(Forbidden):
        refuse_registration(session, cast.actor("xian_jishu"), registration.id, reason="不认识")
    refuse_registration(session, cast.actor("xuexiao_xueji"), registration.id, reason="不认识")
    with pytest.raises(RegistrationNotOpen):
        accept_registration(session, cast.actor("sheng_guanli"), registration.id, role=Role.ORDINARY_USER)


def test_nobody_accepts_into_a_role_that_they_may_not_give(session: Session, cast: Cast, school: OrgUnit) -> None:
    registration = confirmed(session, school)
    with pytest.raises(MayNotGive):
        accept_registration(session, cast.actor("xuexiao_xueji"), registration.id, role=Role.SUPER_ADMINISTRATOR)


def test_an_unconfirmed_registration_is_forgotten_after_a_day(session: Session, school: OrgUnit) -> None:
    with clock.frozen(clock.now()) as time:
        request_registration(session, school.id, applicant=APPLICANT)
        kept = confirmed(session, school)
        time.move(timedelta(days=1))
        assert forget_unconfirmed(session) == 0
        time.move(timedelta(seconds=1))
        assert forget_unconfirmed(session) == 1
    assert session.scalars(select(Registration.id)).all() == [kept.id]
