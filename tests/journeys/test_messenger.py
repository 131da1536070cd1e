"""The messenger in real browsers: found by initials, written to from a phone, and a group that follows roles."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, expect
from sqlalchemy import select

from registry_core import clock
from registry_core.access.models import Role, RoleAssignment
from registry_core.access.services import end_role, grant_role
from registry_core.accounts.models import Account
from registry_core.orgs.models import OrgUnit
from tests.journeys.looks import expect_fair
from tests.journeys.people import People, Person
from tests.journeys.records import Records
from tests.journeys.test_other_hands import PHONE

SCHOOL, COUNTY, TECHNICIAN, LEAD = "xuexiao_xueji", "xian_xueji", "xian_jishu", "xian_zhuguan"


def row(person: Person, words: str) -> Locator:
    """A conversation in somebody's list."""
    return person.page.locator("[data-queue-row]").filter(has_text=words)


def write_to(person: Person, initials: str, name: str) -> None:
    """Find a colleague by the initials of the name, and open the conversation."""
    person.open("/messages/people")
    person.page.get_by_label("姓名、全拼或首字母").press_sequentially(initials)
    found = person.page.locator(".people-found li").filter(has_text=name)
    expect(found).to_be_visible()
    found.get_by_role("button", name="发消息").click()
    expect(person.page.locator("#head")).to_contain_text(name)


def menu_count(person: Person) -> Locator:
    return person.page.locator(".side [data-talks-count] > .count")


def test_two_find_each_other_by_initials_and_write_one_on_a_phone(people: People) -> None:
    county, school = people(COUNTY), people(SCHOOL, **PHONE)
    school.open("/")
    write_to(county, "lxy", "李晓芸")
    county.says("您好，请在周五前核对名册。")
    # The phone hears of it on whatever page it has open.
    tab = school.page.get_by_role("navigation", name="手机菜单").get_by_role("link", name="消息")
    expect(tab.locator(".count")).to_have_text("1")
    tab.tap()
    expect(row(school, "何文静")).to_contain_text("核对名册")
    row(school, "何文静").tap()
    school.hears("您好，请在周五前核对名册。")
    expect(school.page.locator(".column-queue")).to_be_hidden()
    school.write_box().fill("好的，今天就核对。")
    school.button("发送").tap()
    county.hears("好的，今天就核对。")
    county.sees_mark("您好，请在周五前核对名册。", "read")
    expect(county.page.locator("#head .presence")).to_have_attribute("data-on", "true")
    expect_fair(county.page)
    school.page.get_by_role("link", name="回到列表").tap()
    expect(school.page.locator(".column-queue")).to_be_visible()
    expect(school.messages()).to_have_count(0)
    expect(row(school, "何文静")).to_contain_text("今天就核对")
    expect(row(school, "何文静").locator(".unread")).to_have_count(0)


def test_list_and_menu_follow_without_a_reload_and_by_keyboard(people: People) -> None:
    county, technician = people(COUNTY), people(TECHNICIAN)
    write_to(county, "zhangguo", "张国强")
    county.says("在吗？")
    technician.open("/messages")
    expect(row(technician, "何文静").locator(".unread")).to_contain_text("1")
    expect(menu_count(technician)).to_have_text("1")
    county.says("有个问题。")
    expect(row(technician, "何文静").locator(".unread")).to_contain_text("2")
    technician.page.locator("#main").focus()
    technician.page.keyboard.press("j")
    technician.hears("有个问题。")
    expect(menu_count(technician)).to_be_hidden()
    technician.page.keyboard.press("r")
    expect(technician.write_box()).to_be_focused()
    technician.page.keyboard.type("在，请说。")
    technician.page.keyboard.press("Enter")
    county.hears("在，请说。")
    technician.page.keyboard.press("Escape")
    technician.page.keyboard.press("/")
    technician.page.keyboard.type("没有这个人")
    expect(technician.page.locator(".talks-none")).to_be_visible()


def test_a_group_by_hand_grows_and_whoever_is_taken_out_sees_no_more(people: People) -> None:
    county, technician = people(COUNTY), people(TECHNICIAN)
    technician.open("/messages")
    county.open("/messages/groups/new")
    county.page.get_by_label("群名").fill("秋季学籍")
    county.page.locator("#main").get_by_role("button", name="建群").click()
    county.page.get_by_label("姓名、拼音或首字母").press_sequentially("zgq")
    county.page.locator("#candidates li").filter(has_text="张国强").get_by_role("button", name="加入").click()
    expect(county.page.locator("#panel-members")).to_contain_text("2")
    row(technician, "秋季学籍").click()
    county.says("大家好。")
    technician.hears("大家好。")
    technician.says("收到。")
    county.sees_mark("大家好。", "read")
    expect(county.messages().filter(has_text="大家好。").locator(".message-mark")).to_contain_text("1 人已读")
    expect_fair(county.page)
    technician.wants(r"404")
    county.page.locator("#panel li").filter(has_text="张国强").get_by_role("button", name="移出").click()
    expect(county.page.locator("#panel-members")).to_contain_text("1")
    expect(technician.page.locator("[data-not-writing]")).to_be_visible()
    county.says("只对留下的人说。")
    expect(row(technician, "秋季学籍")).to_have_count(0)
    assert "只对留下的人说。" not in technician.page.locator("[data-log]").inner_text()


@pytest.fixture
def trainer(records: Records) -> Iterator[object]:
    """A second role of the school's administrator, at the county's school, and how to end it."""
    with records.session() as session:
        account_id = session.scalars(select(Account.id).where(Account.user_name == SCHOOL)).one()
        unit_id = session.scalars(select(OrgUnit.id).where(OrgUnit.name == "雁塔区")).one()
        given = grant_role(session, account_id=account_id, unit_id=unit_id, role=Role.TRAINER)
        session.commit()
        given_id = given.id

    def end() -> None:
        with records.session() as session:
            if session.get_one(RoleAssignment, given_id).valid_until is None:
                end_role(session, given_id, at=clock.now())
            session.commit()

    yield end
    end()


def test_a_group_by_rule_lets_go_of_who_loses_the_role(people: People, trainer: object) -> None:
    assert callable(trainer)
    county, school = people(COUNTY), people(SCHOOL)
    county.open("/messages/groups/by-rule")
    county.page.get_by_label("群名").fill("本县培训师")
    county.page.get_by_label("培训师", exact=True).check()
    expect_fair(county.page)
    county.page.locator("#main").get_by_role("button", name="建群").click()
    expect(county.page.locator("#head")).to_contain_text("雁塔区和下面各级的培训师")
    expect(county.page.locator("#panel")).to_contain_text("李晓芸")
    county.says("下周开班。")
    school.open("/messages")
    row(school, "本县培训师").click()
    school.hears("下周开班。")
    school.says("收到。")
    county.hears("收到。")
    school.wants(r"404")
    trainer()
    # The page is made anew within a second, and what it showed does not exist any more.
    expect(school.page.get_by_text(re.compile("没有找到这个会话"))).to_be_visible(timeout=5_000)
    school.open("/messages")
    expect(row(school, "本县培训师")).to_have_count(0)
