"""Administrators reported upward: who may report, who binds, what the level above cannot do."""

from __future__ import annotations

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from registry_core.access.errors import GivenToOneself
from registry_core.access.models import Role
from registry_core.access.services import grant_role
from registry_core.accounts.errors import UserNameTaken
from registry_core.accounts.models import Account
from registry_core.errors import Forbidden, NotFound
from registry_core.people.errors import (
    AlreadyReported,
    HasAdministrator,
    NoLevelAbove,
    NotACandidate,
    ReportNotOpen,
)
from registry_core.people.models import ReportState
from registry_core.people.queries.reports import list_candidates, list_reports
from registry_core.people.services.reports import (
    Person,
    bind_administrator,
    refuse_report,
    report_administrator,
)
from tests.conftest import Cast
from tests.people_house import EMPTY_COUNTY, EMPTY_SCHOOL, NEWCOMER, notices, passwords_sent, react, report_county


def account_of(session: Session, user_name: str) -> Account:
    return session.scalars(select(Account).where(Account.user_name == user_name)).one()


def test_a_reported_person_becomes_super_administrator_of_the_unit_once_bound(session: Session, cast: Cast) -> None:
    report = report_county(session, cast)
    bound = bind_administrator(session, cast.actor("bu_guanli"), report.id, account_id=None, user_name="qinling")
    held = cast.actor("qinling").assignments
    assert bound.state is ReportState.BOUND
    assert [(one.role, one.unit_id) for one in held] == [(Role.SUPER_ADMINISTRATOR, cast.unit(EMPTY_COUNTY).id)]


def test_the_level_above_is_told_and_the_reporter_hears_what_came_of_it(session: Session, cast: Cast) -> None:
    grant_role(
        session, account_id=cast.id("shi_xueji"), unit_id=cast.unit(EMPTY_COUNTY).id, role=Role.SUPER_ADMINISTRATOR
    )
    report = report_administrator(session, cast.actor("shi_xueji"), cast.unit(EMPTY_COUNTY).id, person=NEWCOMER)
    react(session, "AdministratorReported")
    assert notices(session, cast.id("shi_guanli")) == ["administrator_reported"]
    assert notices(session, cast.id("sheng_guanli")) == []  # the city is nearer
    refuse_report(session, cast.actor("shi_guanli"), report.id, reason="手机号是座机")
    react(session, "ReportDecided")
    assert notices(session, cast.id("shi_xueji")) == ["report_refused"]


def test_a_unit_does_not_bind_whom_it_has_reported_itself(session: Session, cast: Cast) -> None:
    report = report_administrator(session, cast.actor("sheng_guanli"), cast.unit("陕西省").id, person=NEWCOMER)
    with pytest.raises(Forbidden):
        bind_administrator(session, cast.actor("sheng_guanli"), report.id, account_id=None, user_name="qinling")


def test_a_level_above_reports_for_a_school_that_has_nobody(session: Session, cast: Cast) -> None:
    report = report_administrator(session, cast.actor("sheng_guanli"), cast.unit(EMPTY_SCHOOL).id, person=NEWCOMER)
    assert report.unit_id == cast.unit(EMPTY_SCHOOL).id


def test_a_unit_with_an_administrator_is_not_reported_for_from_above(session: Session, cast: Cast) -> None:
    with pytest.raises(HasAdministrator):
        report_administrator(session, cast.actor("bu_guanli"), cast.unit("陕西省").id, person=NEWCOMER)


def test_the_ministry_has_nobody_above_to_report_to(session: Session, cast: Cast) -> None:
    with pytest.raises(NoLevelAbove):
        report_administrator(session, cast.actor("bu_guanli"), cast.unit("教育部").id, person=NEWCOMER)


def test_a_unit_of_another_province_does_not_exist(session: Session, cast: Cast) -> None:
    with pytest.raises(NotFound):
        report_administrator(session, cast.actor("sheng_guanli"), cast.unit("武昌区").id, person=NEWCOMER)
    grant_role(
        session, account_id=cast.id("linsheng_jishu"), unit_id=cast.unit("湖北省").id, role=Role.SUPER_ADMINISTRATOR
    )
    report = report_county(session, cast)
    with pytest.raises(NotFound):
        bind_administrator(session, cast.actor("linsheng_guanli"), report.id, account_id=None, user_name="qinling")


def test_a_registry_administrator_reports_nobody(session: Session, cast: Cast) -> None:
    with pytest.raises(Forbidden):
        report_administrator(session, cast.actor("sheng_xueji"), cast.unit(EMPTY_COUNTY).id, person=NEWCOMER)


def test_the_same_person_is_reported_once(session: Session, cast: Cast) -> None:
    report_county(session, cast)
    with pytest.raises(AlreadyReported):
        report_county(session, cast)


def test_a_decided_report_is_not_decided_again(session: Session, cast: Cast) -> None:
    report = report_county(session, cast)
    refuse_report(session, cast.actor("bu_guanli"), report.id, reason="查无此人")
    with pytest.raises(ReportNotOpen):
        bind_administrator(session, cast.actor("bu_guanli"), report.id, account_id=None, user_name="qinling")


def test_only_an_account_that_fits_the_person_can_be_bound(session: Session, cast: Cast) -> None:
    report = report_county(session, cast)
    with pytest.raises(NotACandidate):
        bind_administrator(
            session, cast.actor("bu_guanli"), report.id, account_id=cast.id("linsheng_jishu"), user_name=""
        )


def test_an_account_with_the_reported_address_is_found_and_keeps_its_password(session: Session, cast: Cast) -> None:
    known = account_of(session, "xian_jishu")
    before = known.password_hash
    report = report_county(session, cast, Person("张国强", "13912345678", "XIAN_JISHU@demo.invalid"))
    assert known in list_candidates(session, cast.actor("bu_guanli"), report)
    bind_administrator(session, cast.actor("bu_guanli"), report.id, account_id=known.id, user_name="")
    react(session, "CredentialsIssued")
    react(session, "ReportDecided")
    assert known.password_hash == before
    assert passwords_sent(session) == {}
    assert notices(session, known.id) == ["administrator_bound"]


def test_nobody_binds_a_report_to_their_own_account(session: Session, cast: Cast) -> None:
    report = report_county(session, cast, Person("黄承志", "13912345678", "bu_guanli@demo.invalid"))
    with pytest.raises(GivenToOneself):
        bind_administrator(session, cast.actor("bu_guanli"), report.id, account_id=cast.id("bu_guanli"), user_name="")


def test_a_new_account_never_goes_without_a_user_name(session: Session, cast: Cast) -> None:
    report = report_county(session, cast)
    bind_administrator(session, cast.actor("bu_guanli"), report.id, account_id=None, user_name="")
    assert account_of(session, "ql5678").name == "秦岭"


def test_a_user_name_in_use_is_refused(session: Session, cast: Cast) -> None:
    report = report_county(session, cast)
    with pytest.raises(UserNameTaken):
        bind_administrator(session, cast.actor("bu_guanli"), report.id, account_id=None, user_name="Shi_Xueji")


def test_a_neighbour_sees_no_report(session: Session, cast: Cast) -> None:
    report_county(session, cast)
    grant_role(
        session, account_id=cast.id("linsheng_jishu"), unit_id=cast.unit("湖北省").id, role=Role.SUPER_ADMINISTRATOR
    )
    assert list_reports(session, cast.actor("linsheng_guanli"), state=ReportState.OPEN) == []
    assert len(list_reports(session, cast.actor("sheng_guanli"), state=ReportState.OPEN)) == 1
