"""What the check of a sheet of new accounts finds: by row and column, with nothing opened."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask_babel import LazyString
from sqlalchemy.orm import Session

from registry_core import clock
from registry_core.access.models import Role
from registry_core.accounts.models import Account
from registry_core.people.columns import TO_MEND, Column, find_columns
from registry_core.people.errors import BatchNotReady, ColumnsWrong, NobodyInSheet
from registry_core.people.faults import Fault, FaultKind, read_fault
from registry_core.people.models import BatchState
from registry_core.people.presenters.batches import FAULTS, fault_text, faulty_sheet, present_summary, template_sheets
from registry_core.people.queries.batches import get_content
from registry_core.people.queries.openings import list_reached
from registry_core.people.services.batch_checks import plain_mobile
from registry_core.people.services.batches import ask_for_accounts, check_batch
from registry_core.people.services.opening import Opening, open_for
from registry_core.sheets import read_table, write_csv, write_sheets
from tests.conftest import Cast
from tests.people_house import COUNTY, SCHOOL
from tests.registry_core.people.batch_house import QIAN, QIN, Row, check, faults, sheet

HEAD = "xuexiao_xueji"
BOSS = "xian_guanli"
OTHER_SCHOOL = "西安市雁塔区第二小学（演示）"
AWAY = "湖北省"


def only_faults(session: Session, cast: Cast, *rows: Row, by: str = HEAD) -> list[tuple[int, Column, str]]:
    batch = check(session, cast, by, *rows)
    found = faults(session, cast, by, batch)
    assert batch.state is (BatchState.FAULTY if found else BatchState.CHECKED)
    return found


@pytest.mark.parametrize(
    ("change", "column", "kind"),
    [
        ({Column.NAME: ""}, Column.NAME, "name_missing"),
        ({Column.NAME: "长" * 61}, Column.NAME, "name_long"),
        ({Column.MOBILE: "1391234567"}, Column.MOBILE, "mobile_wrong"),
        ({Column.MOBILE: "029-88888888"}, Column.MOBILE, "mobile_wrong"),
        ({Column.MOBILE: ""}, Column.MOBILE, "nowhere_to_send"),
        ({Column.EMAIL: "qinling@"}, Column.EMAIL, "email_wrong"),
        ({Column.EMAIL: "a@b@example.cn"}, Column.EMAIL, "email_wrong"),
        ({Column.UNIT_CODE: "999999"}, Column.UNIT_CODE, "unit_unknown"),
        ({Column.UNIT_NAME: "没有这个学校"}, Column.UNIT_NAME, "unit_unknown"),
        ({Column.UNIT_NAME: AWAY}, Column.UNIT_NAME, "unit_unknown"),
        ({Column.UNIT_CODE: "420000"}, Column.UNIT_CODE, "unit_unknown"),
        ({Column.UNIT_NAME: COUNTY}, Column.UNIT_NAME, "unit_unknown"),
        ({Column.ROLE: ""}, Column.ROLE, "role_missing"),
        ({Column.ROLE: "校长"}, Column.ROLE, "role_unknown"),
        ({Column.ROLE: "教师"}, Column.ROLE, "role_not_offered"),
        ({Column.ROLE: "部门查询用户"}, Column.ROLE, "role_not_here"),
        ({Column.ROLE: "超级管理员"}, Column.ROLE, "role_not_given"),
        ({Column.ROLE: "班级管理员"}, Column.NARROWED_TO, "narrowing_missing"),
        ({Column.NARROWED_TO: "2024级"}, Column.NARROWED_TO, "narrowing_needless"),
        ({Column.ROLE: "班级管理员", Column.NARROWED_TO: "长" * 41}, Column.NARROWED_TO, "narrowing_long"),
        ({Column.USER_NAME: "q"}, Column.USER_NAME, "user_name_wrong"),
        ({Column.USER_NAME: "SHI_XUEJI"}, Column.USER_NAME, "user_name_taken"),
        ({Column.SINCE: "明天"}, Column.SINCE, "date_wrong"),
        ({Column.SINCE: "2026-02-30"}, Column.SINCE, "date_wrong"),
        ({Column.SINCE: "2001-01-01"}, Column.SINCE, "since_past"),
        ({Column.SINCE: "2099-01-01"}, Column.SINCE, "since_far"),
        ({Column.UNTIL: "2001-01-01"}, Column.UNTIL, "until_early"),
    ],
)
def test_each_fault_is_named_at_its_cell(change: Row, column: Column, kind: str, session: Session, cast: Cast) -> None:
    assert only_faults(session, cast, {**QIN, **change}) == [(2, column, kind)]


def test_a_sheet_with_one_fault_is_opened_by_nobody(session: Session, cast: Cast) -> None:
    batch = check(session, cast, HEAD, QIN, {**QIAN, Column.ROLE: "校长"})
    with pytest.raises(BatchNotReady):
        ask_for_accounts(session, cast.actor(HEAD), batch.id)


def test_the_unit_is_named_by_code_or_name_or_left_empty_by_who_has_one(session: Session, cast: Cast) -> None:
    rows = (
        {**QIN, Column.UNIT_CODE: "610113", Column.ROLE: "普通用户"},
        {**QIAN, Column.UNIT_NAME: SCHOOL},
        {Column.NAME: "赵一", Column.MOBILE: "13700000001", Column.ROLE: "普通用户"},
    )
    batch = check(session, cast, BOSS, *rows)
    assert faults(session, cast, BOSS, batch) == []
    summary = present_summary(get_content(session, cast.actor(BOSS), batch.id))
    assert [(row.unit, row.count) for row in summary] == [(COUNTY, 2), (SCHOOL, 1)]


def test_a_code_and_a_name_of_different_units_contradict_each_other(session: Session, cast: Cast) -> None:
    row = {**QIN, Column.UNIT_CODE: "610113", Column.UNIT_NAME: SCHOOL, Column.ROLE: "普通用户"}
    assert only_faults(session, cast, row, by=BOSS) == [(2, Column.UNIT_NAME, "unit_unlike")]


def test_of_two_units_with_one_name_the_code_is_asked_for(session: Session, cast: Cast) -> None:
    cast.unit(OTHER_SCHOOL).rename(SCHOOL)
    session.flush()
    row = {**QIN, Column.UNIT_NAME: SCHOOL}
    assert only_faults(session, cast, row, by=BOSS) == [(2, Column.UNIT_NAME, "unit_ambiguous")]


def test_a_registry_administrator_opens_at_the_own_unit_alone(session: Session, cast: Cast) -> None:
    row = {**QIN, Column.UNIT_NAME: SCHOOL}
    assert only_faults(session, cast, row, by="xian_xueji") == [(2, Column.ROLE, "role_not_given")]
    assert only_faults(session, cast, row, by=BOSS) == []


def test_numbers_and_addresses_come_once_in_a_sheet(session: Session, cast: Cast) -> None:
    first = {**QIN, Column.EMAIL: "one@example.cn"}
    rows = (
        first,
        {**first, Column.NAME: "别人", Column.EMAIL: "ONE@example.cn"},
        {**QIAN, Column.MOBILE: "139 1234 5678"},
    )
    assert only_faults(session, cast, *rows) == [
        (3, Column.MOBILE, "mobile_twice"),
        (3, Column.EMAIL, "email_twice"),
        (4, Column.MOBILE, "mobile_twice"),
    ]


def test_who_has_an_account_within_reach_gets_no_second_one(session: Session, cast: Cast) -> None:
    known = Opening("秦岭", "13912345678", "QinLing@example.cn", Role.ORDINARY_USER)
    open_for(session, cast.actor(HEAD), cast.unit(SCHOOL).id, opening=known)
    rows = ({**QIN, Column.NAME: "同号"}, {**QIAN, Column.EMAIL: "qinling@EXAMPLE.cn"})
    assert only_faults(session, cast, *rows) == [
        (2, Column.MOBILE, "mobile_known"),
        (3, Column.EMAIL, "email_known"),
    ]


def test_whether_somebody_out_of_reach_has_an_account_is_not_told(session: Session, cast: Cast) -> None:
    account = session.get_one(Account, cast.id("linsheng_xueji"))
    account.mobile = "13912345678"
    session.flush()
    assert only_faults(session, cast, QIN) == []


def test_roles_that_one_person_may_not_hold_together_are_refused(session: Session, cast: Cast) -> None:
    rows = (
        {**QIN, Column.UNIT_NAME: COUNTY, Column.ROLE: "系统管理员"},
        {**QIN, Column.UNIT_NAME: SCHOOL, Column.ROLE: "学校用户"},
        {**QIN, Column.UNIT_NAME: COUNTY, Column.ROLE: "普通用户"},
        {**QIN, Column.UNIT_NAME: COUNTY, Column.ROLE: "普通用户"},
    )
    batch = check(session, cast, BOSS, *rows)
    assert faults(session, cast, BOSS, batch) == [
        (3, Column.ROLE, "roles_conflict"),
        (5, Column.ROLE, "role_twice"),
    ]
    conflict = get_content(session, cast.actor(BOSS), batch.id).faults[0]
    assert "系统管理员负责系统配置，不参与学籍业务管理" in fault_text(read_fault(conflict))


def test_user_names_come_once_and_are_the_same_for_one_person(session: Session, cast: Cast) -> None:
    named = {**QIN, Column.USER_NAME: "qin.ling"}
    rows = (
        named,
        {**QIAN, Column.USER_NAME: "QIN.LING"},
        {**named, Column.ROLE: "普通用户", Column.USER_NAME: "qin"},
        {**QIN, Column.ROLE: "学生"},
    )
    assert only_faults(session, cast, *rows) == [
        (3, Column.USER_NAME, "user_name_twice"),
        (4, Column.USER_NAME, "user_name_unlike"),
    ]


def test_a_role_may_begin_today_and_end_on_the_day_on_which_it_begins(session: Session, cast: Cast) -> None:
    today = clock.local(clock.now()).date()
    row = {**QIN, Column.SINCE: f"{today:%Y.%m.%d}", Column.UNTIL: f"{today:%Y%m%d}"}
    assert only_faults(session, cast, row) == []
    ends_before = {**row, Column.SINCE: (today + timedelta(days=1)).isoformat()}
    assert only_faults(session, cast, ends_before) == [(2, Column.UNTIL, "until_early")]


@pytest.mark.parametrize("typed", ["13912345678", "139 1234 5678", "139-1234-5678", "+86 13912345678"])
def test_a_number_is_read_however_it_is_typed(typed: str) -> None:
    assert plain_mobile(typed) == "13912345678"


def test_every_kind_of_fault_has_its_words() -> None:
    assert set(FAULTS) == set(FaultKind)
    assert all(isinstance(text, LazyString) for text in FAULTS.values())


def test_a_fault_never_repeats_what_stands_in_the_row(session: Session, cast: Cast) -> None:
    row = {**QIN, Column.EMAIL: "secret@", Column.ROLE: "秘密", Column.USER_NAME: "!", Column.SINCE: "密"}
    batch = check(session, cast, HEAD, row, row)
    kept = str(get_content(session, cast.actor(HEAD), batch.id).faults)
    assert [text for text in row.values() if text in kept] == []


def test_columns_are_known_by_their_usual_names_and_the_faults_of_before_are_passed_over() -> None:
    places, odd = find_columns(["姓名*", "手机", "单位", "角色*", TO_MEND, "备注", "姓名"])
    assert list(places) == [Column.NAME, Column.MOBILE, Column.UNIT_NAME, Column.ROLE]
    assert odd == ["备注", "姓名"]


@pytest.mark.parametrize(
    ("header", "named"),
    [(["姓名", "手机号"], "角色"), (["姓名", "角色"], "手机号"), (["姓名", "角色", "手机号", "备注"], "备注")],
)
def test_a_sheet_with_another_header_is_sent_back(header: list[str], named: str, session: Session, cast: Cast) -> None:
    table = read_table(write_csv(header, [["x"] * len(header)]))
    with pytest.raises(ColumnsWrong) as refused:
        check_batch(session, cast.actor(HEAD), table, file_name="名单.csv")
    assert named in refused.value.text


def test_a_sheet_with_nobody_in_it_is_sent_back(session: Session, cast: Cast) -> None:
    with pytest.raises(NobodyInSheet):
        check_batch(session, cast.actor(HEAD), sheet(), file_name="名单.csv")


def test_the_sheet_with_faults_can_be_mended_and_sent_again(session: Session, cast: Cast) -> None:
    batch = check(session, cast, HEAD, {**QIN, Column.ROLE: "校长"}, QIAN)
    session.expire(batch)
    handed_back = read_table(write_sheets([faulty_sheet(get_content(session, cast.actor(HEAD), batch.id))]))
    assert handed_back.header[-1] == TO_MEND
    assert handed_back.rows[0].cells[-1].startswith("角色：没有这个角色")
    assert handed_back.rows[1].cells[-1] == ""
    again = check_batch(session, cast.actor(HEAD), handed_back, file_name="名单.xlsx")
    assert faults(session, cast, HEAD, again) == [(2, Column.ROLE, "role_unknown")]


def test_a_formula_in_a_cell_stays_a_text_on_its_way_there_and_back(session: Session, cast: Cast) -> None:
    formula = '=HYPERLINK("http://x","y")'
    batch = check(session, cast, HEAD, {**QIN, Column.NAME: formula, Column.ROLE: "校长"})
    session.expire(batch)
    written = write_sheets([faulty_sheet(get_content(session, cast.actor(HEAD), batch.id))])
    assert read_table(written).rows[0].cells[0] == formula
    assert b"<f>" not in written


def test_the_template_offers_the_roles_and_units_of_its_reader(session: Session, cast: Cast) -> None:
    def offered(user_name: str) -> tuple[set[str], set[str]]:
        actor = cast.actor(user_name)
        units = [(unit, code, unit.name) for unit, code in list_reached(session, actor, limit=100)]
        _list, _how, roles, places = template_sheets(actor, units, is_cut=False)
        return {str(row[0]) for row in roles.rows}, {str(row[1]) for row in places.rows}

    roles, units = offered(HEAD)
    assert {"学校用户", "班级管理员", "学生"} <= roles
    assert roles.isdisjoint({"超级管理员", "部门查询用户", "教师"})
    assert units == {SCHOOL}
    roles, units = offered(BOSS)
    assert {"超级管理员", "系统管理员", "学校用户"} <= roles
    assert {COUNTY, SCHOOL, OTHER_SCHOOL} <= units
    assert AWAY not in units


def test_a_fault_is_kept_and_read_back() -> None:
    fault = Fault(7, Column.MOBILE, FaultKind.MOBILE_TWICE, {"other": 3})
    assert read_fault(fault.kept()) == fault
    assert fault_text(fault).startswith("第 3 行已经用了这个手机号")
