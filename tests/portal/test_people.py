"""The pages about people: who is listed, what is offered, what a change does at once."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from registry_core import clock
from registry_core.access.models import Role
from registry_core.access.queries import list_held, list_qualifications
from registry_core.accounts.models import Account, BrowserSession
from registry_core.sheets import read_table
from tests.conftest import Cast
from tests.portal_house import Browser

SignedIn = Callable[[str], Browser]
SCHOOL = "西安市雁塔区第一小学（演示）"


def text_of(browser: Browser, url: str) -> str:
    answer = browser.get(url)
    assert answer.status_code == 200, answer.status_code
    return answer.text


def test_the_directory_shows_the_own_unit_and_on_wish_all_below(signed_in: SignedIn, cast: Cast) -> None:
    del cast
    county = signed_in("xian_xueji")
    own = text_of(county, "/people")
    assert "张国强" in own
    assert "李晓芸" not in own
    below = text_of(county, "/people?below=y")
    assert "李晓芸" in below
    assert "冯春梅" not in below  # of the county beside it
    assert "孙丽华" not in below  # of the city above


@pytest.mark.parametrize(
    ("query", "found", "hidden"),
    [("q=晓芸", "李晓芸", "周立群"), ("q=第二小学", "周立群", "李晓芸"), ("role=technician", "张国强", "李晓芸")],
)
def test_the_directory_is_searched_by_name_unit_and_role(
    signed_in: SignedIn, cast: Cast, query: str, found: str, hidden: str
) -> None:
    del cast
    shown = text_of(signed_in("xian_xueji"), f"/people?below=y&{query}")
    assert found in shown
    assert hidden not in shown


def test_nobody_found_says_what_to_try(signed_in: SignedIn, cast: Cast) -> None:
    del cast
    assert "没有找到符合条件的人" in text_of(signed_in("xian_xueji"), "/people?q=%25")


def test_a_role_is_given_on_a_page_and_holds_at_once(signed_in: SignedIn, session: Session, cast: Cast) -> None:
    province, pupil = signed_in("sheng_guanli"), cast.id("xuesheng")
    services_page = f"/people/{cast.id('xuexiao_xueji')}/roles"
    fields = {"unit": str(cast.unit(SCHOOL).id), "role": "school_user", "narrowed_to": "", "until": ""}
    assert province.post(services_page, fields, page=services_page).status_code == 303
    roles = {held.role for held, _unit in list_held(session, cast.id("xuexiao_xueji"))}
    assert roles == {Role.REGISTRY_ADMINISTRATOR, Role.SCHOOL_USER}
    assert province.get(f"/people/{pupil}").status_code == 404  # no role anywhere within reach


def test_a_role_until_a_day_says_that_day_to_both_sides(signed_in: SignedIn, cast: Cast) -> None:
    administrator = signed_in("xuexiao_guanli")
    page = f"/people/{cast.id('xuexiao_putong')}/roles"
    last = clock.local(clock.now()).date() + timedelta(days=40)
    unit = str(cast.unit("西安市雁塔区第二小学（演示）").id)
    fields = {"unit": unit, "role": "school_user", "narrowed_to": "", "until": last.isoformat()}
    assert administrator.post(page, fields, page=page).status_code == 303
    assert f"到 {last} 为止" in administrator.get(f"/people/{cast.id('xuexiao_putong')}").text
    own = signed_in("xuexiao_putong").get("/account/rights").text
    assert f"到 {last} 为止" in own
    assert f"到 {last.year}年{last.month}月{last.day}日 为止" in own


def test_a_refused_role_is_told_on_the_page_and_what_was_chosen_stays(signed_in: SignedIn, cast: Cast) -> None:
    province = signed_in("sheng_guanli")
    page = f"/people/{cast.id('xuexiao_xueji')}/roles"
    fields = {"unit": str(cast.unit(SCHOOL).id), "role": "system_administrator", "narrowed_to": "", "until": ""}
    answer = province.post(page, fields, page=page)
    assert answer.status_code == 409
    assert "不参与学籍业务管理" in answer.text
    assert '<option value="system_administrator" selected>' in answer.text


def test_a_role_that_is_not_offered_cannot_be_smuggled_in(signed_in: SignedIn, cast: Cast, session: Session) -> None:
    school = signed_in("xuexiao_xueji")
    page = f"/people/{cast.id('xuexiao_xueji')}/roles"
    fields = {"unit": str(cast.unit(SCHOOL).id), "role": "super_administrator", "narrowed_to": "", "until": ""}
    assert school.post(page, fields, page=page).status_code == 422
    assert len(list_held(session, cast.id("xuexiao_xueji"))) == 1


def test_a_role_is_taken_with_a_reason_that_the_person_reads(signed_in: SignedIn, session: Session, cast: Cast) -> None:
    province, person = signed_in("sheng_guanli"), cast.id("xian_jishu")
    assignment, _unit = list_held(session, person)[0]
    url = f"/people/roles/{assignment.id}/end"
    assert province.post(url, {"reason": ""}, page=f"/people/{person}").status_code == 422
    assert province.post(url, {"reason": "调往市局"}, page=f"/people/{person}").status_code == 303
    mine = text_of(signed_in("xian_jishu"), "/account/rights") if cast.actor("xian_jishu").assignments else ""
    assert mine == ""
    assert "调往市局" in text_of(province, f"/people/{person}")


def test_a_permit_is_given_and_taken_and_the_page_says_why(signed_in: SignedIn, session: Session, cast: Cast) -> None:
    province, person = signed_in("sheng_guanli"), cast.id("xian_jishu")
    assert "持有答疑上岗证" in text_of(province, f"/people/{person}")
    (permit,) = list_qualifications(session, [person], at=clock.now())
    url = f"/people/permits/{permit.id}/revoke"
    assert province.post(url, {"reason": "考核未通过"}, page=f"/people/{person}").status_code == 303
    rights = text_of(signed_in("xian_jishu"), "/account/rights")
    assert "收回（考核未通过）" in rights
    assert signed_in("xian_jishu").get("/console").status_code == 403
    page = f"/people/{person}/permits"
    day = clock.local(clock.now()).date().replace(year=clock.now().year + 2)
    fields = {"kind": "answering", "level": "", "until": day.isoformat(), "reason": "补考前"}
    assert province.post(page, fields, page=page).status_code == 422
    soon = clock.local(clock.now()).date()
    assert province.post(page, {**fields, "until": soon.isoformat()}, page=page).status_code == 303
    assert signed_in("xian_jishu").get("/console").status_code == 200


def test_everybody_reads_why_they_may_not(signed_in: SignedIn, cast: Cast) -> None:
    del cast
    rights = text_of(signed_in("xuexiao_xueji"), "/account/rights")
    assert "在西安市雁塔区第一小学（演示）担任学籍管理员" in rights
    assert "需要担任：技术支持、服务台负责人" in rights


def test_the_page_of_roles_names_rule_and_giver_of_each(signed_in: SignedIn, cast: Cast) -> None:
    del cast
    page = text_of(signed_in("xuexiao_xueji"), "/people/role-definitions")
    assert "《运行维护管理规则》第十七条" in page
    assert "须持答疑上岗证" in page
    assert "后续开放" in page


def test_the_directory_is_taken_along_as_a_sheet_with_a_fresh_proof_and_on_record(
    signed_in: SignedIn, session: Session, cast: Cast
) -> None:
    del cast
    county = signed_in("xian_xueji")
    answer = county.get("/people/export?below=y")
    assert answer.status_code == 200
    table = read_table(answer.data)
    assert table.header[:3] == ("姓名", "用户名", "单位")
    names = {row.cells[0] for row in table.rows}
    assert "李晓芸（演示）" in names
    assert "冯春梅（演示）" not in names
    session.execute(update(BrowserSession).values(confirmed_at=clock.now() - timedelta(minutes=11)))
    late = county.get("/people/export?below=y")
    assert late.status_code == 303
    assert late.location.startswith("/account/confirm")


def number_in(page: str, unit: str, role: str) -> str:
    found = re.search(f"{unit}，{role}：([0-9]+) 人", page)
    return found[1] if found else ""


def test_who_below_me_holds_what_is_counted_by_unit_and_role(signed_in: SignedIn, cast: Cast) -> None:
    city = signed_in("shi_xueji")
    page = text_of(city, "/people/counts")
    # 雁塔区 with its two schools; the two technicians; of the city itself alone and of everything.
    assert number_in(page, "雁塔区", "学籍管理员") == "3"
    assert number_in(page, "雁塔区", "技术支持") == "2"
    assert re.findall("西安市，学籍管理员：([0-9]+) 人", page) == ["1", "5"]
    below = text_of(city, f"/people/counts?unit={cast.unit('雁塔区').id}")
    assert number_in(below, SCHOOL, "学籍管理员") == "1"
    assert "西安市" in below  # the way back up


def test_a_number_leads_to_the_people_behind_it(signed_in: SignedIn, cast: Cast) -> None:
    unit = cast.unit("雁塔区").id
    city = signed_in("shi_xueji")
    address = f"/people?unit={unit}&amp;role=registry_administrator&amp;below=y"
    assert address in text_of(city, "/people/counts")
    listed = text_of(city, address.replace("&amp;", "&"))
    for name in ("何文静", "李晓芸", "周立群"):
        assert name in listed
    assert "冯春梅" not in listed
    own = text_of(city, f"/people?unit={unit}&role=registry_administrator")
    assert "何文静" in own
    assert "李晓芸" not in own


def test_numbers_end_where_ones_reach_ends_and_go_out_as_a_workbook(signed_in: SignedIn, cast: Cast) -> None:
    county = signed_in("xian_xueji")
    for name in ("碑林区", "西安市"):
        for address in ("/people/counts", "/people/counts/export", "/people"):
            assert county.get(f"{address}?unit={cast.unit(name).id}").status_code == 404
    assert signed_in("xian_jishu").get("/people/counts").status_code == 403
    table = read_table(county.get("/people/counts/export").data)
    told = {row.cells[0]: dict(zip(table.header, row.cells, strict=True)) for row in table.rows}
    assert told["雁塔区（本级）"]["技术支持"] == "2"
    assert told["合计"]["学籍管理员"] == "3"


def test_the_level_above_finds_who_was_sealed_and_the_way_to_open_again(
    signed_in: SignedIn, session: Session, cast: Cast
) -> None:
    county = signed_in("xian_guanli")
    assert "没有封存的账号" in text_of(county, "/people/sealed")
    for user_name in ("xuexiao_xueji", "linqu_xueji", "xian_xueji"):
        session.get_one(Account, cast.id(user_name)).sealed_at = clock.now()
    session.flush()
    page = text_of(county, "/people/sealed")
    assert "李晓芸" in page
    assert "/letters?words=xuexiao_xueji" in page
    assert "冯春梅" not in page
    assert "何文静" not in page  # of one's own unit: the level above opens it
    assert "李晓芸" in text_of(county, "/people/sealed?q=第一小学")
    assert "请换几个字再找" in text_of(county, "/people/sealed?q=周立群")
    assert signed_in("xuexiao_guanli").get("/people/sealed").status_code == 403
