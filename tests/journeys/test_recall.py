"""A message posted in the wrong place, in real browsers: gone everywhere at once, listed, on record; and drafts."""

from __future__ import annotations

import re
from http import HTTPStatus

from playwright.sync_api import Locator, expect

from tests.journeys.looks import expect_fair
from tests.journeys.people import People, Person
from tests.journeys.test_getting_in import promises_where_it_is_asked
from tests.journeys.test_message_acts import at
from tests.journeys.test_message_files import hand_over
from tests.journeys.test_messenger import row, write_to
from tests.journeys.test_other_hands import PHONE
from tests.journeys.test_reactions import keep
from tests.registry_core.files.samples import PDF

COUNTY, TECHNICIAN, ADMINISTRATOR = "xian_xueji", "xian_jishu", "xian_guanli"
MOBILE = "13800138000"


def choose(person: Person, item: Locator, act: str) -> None:
    """Choose from the menu of a message."""
    item.get_by_role("button", name="对这条消息做什么").click()
    person.page.get_by_role("menuitem", name=act).click()


def both_in_group(people: People) -> tuple[Person, Person]:
    """The county has made a group with the technician; both have it open."""
    county, technician = people(COUNTY), people(TECHNICIAN)
    county.open("/messages/groups/new")
    county.page.get_by_label("群名").fill("秋季学籍")
    county.page.locator("#main").get_by_role("button", name="建群").click()
    county.page.get_by_label("姓名、拼音或首字母").press_sequentially("张国强")
    county.page.locator("#candidates li").filter(has_text="张国强").get_by_role("button", name="加入").click()
    expect(county.page.locator("#panel-members")).to_contain_text("2")
    technician.open(re.sub(r"^https?://[^/]+", "", county.page.url))
    return county, technician


def test_a_file_in_the_wrong_group_is_recalled_and_comes_before_the_administrators(people: People) -> None:
    county, technician = both_in_group(people)
    expect(technician.page.locator("[data-composer][data-ready]")).to_be_visible()
    hand_over(technician, "drop", ("转学名单.pdf", "application/pdf", PDF))
    expect(technician.page.locator("[data-chosen]")).to_have_count(1)
    technician.write_box().fill(f"家长电话 {MOBILE}")
    technician.button("发送").click()
    technician.button("照原样发送").click()
    county.hears("家长电话")
    technician.sees_mark("家长电话", "read")
    link = at(county, "家长电话").get_by_role("link", name="转学名单.pdf")
    address = county.system.address + str(link.get_attribute("href"))
    assert county.page.request.get(address).body() == PDF

    # Its sender recalls it, and sees who had seen it.
    choose(technician, at(technician, "家长电话"), "发错了，召回")
    dialog = technician.page.get_by_role("dialog", name="召回发错的消息")
    expect(dialog).to_contain_text("会登记为信息安全事件")
    expect(dialog).to_contain_text("这条消息带有附件")
    expect(dialog.get_by_label("有，登记为信息安全事件")).to_be_checked()
    expect_fair(technician.page)
    keep(technician, "recall-dialog")
    technician.page.keyboard.type("发错群了")
    technician.page.keyboard.press("Enter")
    reached = technician.page.locator("[data-recall-reached] li")
    expect(reached).to_have_count(1)
    expect(reached).to_contain_text("何文静")
    expect(reached).to_contain_text("已读 · 打开或下载过附件")
    expect_fair(technician.page)
    keep(technician, "recall-done")

    # The other's open page has dropped it, text and file; the address of the file leads nowhere.
    expect(at(county, "发错的消息，已召回")).to_be_visible()
    expect(county.page.locator("[data-log]")).not_to_contain_text("家长电话")
    expect(county.page.locator("[data-log] [data-file]")).to_have_count(0)
    assert county.page.request.get(address).status == HTTPStatus.NOT_FOUND
    county.page.reload()
    expect(at(county, "发错的消息，已召回")).to_be_visible()

    # An administrator who was not in the group finds it on record, and looks into it with a reason.
    technician.page.get_by_role("link", name="看召回记录").click()
    expect(technician.page.get_by_role("heading", name="召回记录")).to_be_visible()
    expect_fair(technician.page)
    keep(technician, "recall-record")
    sees_the_record(people(ADMINISTRATOR))


def sees_the_record(administrator: Person) -> None:
    """Find the incident by the side menu, look at what is sealed, write down what was done, and close it."""
    administrator.open("/")
    page = administrator.page
    page.get_by_role("link", name="信息安全事件", exact=True).first.click()
    expect_fair(page)
    keep(administrator, "incidents")
    page.locator(".rows a").filter(has_text="个人信息发错了地方").first.click()
    expect(page.locator("#main")).to_contain_text("内容里有手机号")
    expect(page.locator("#main")).not_to_contain_text(MOBILE)
    expect(page.get_by_role("row").filter(has_text="何文静")).to_contain_text("已读")
    expect_fair(page)
    keep(administrator, "incident")
    incident = page.url
    page.get_by_role("link", name="看封存的内容…").click()
    promises_where_it_is_asked(page)
    page.get_by_label("为什么要看").fill("核实涉及的家长")
    expect_fair(page)
    page.get_by_role("button", name="查看", exact=True).click()
    expect(page.locator("#main")).to_contain_text(f"家长电话 {MOBILE}")
    expect_fair(page)
    keep(administrator, "evidence")
    file = page.get_by_role("link", name="转学名单.pdf").get_attribute("href")
    assert page.request.get(administrator.system.address + str(file)).body() == PDF
    page.goto(incident)
    page.get_by_label("做了什么").fill("联系何文静，已删除下载的名单。")
    page.get_by_role("button", name="记下处置情况").click()
    page.get_by_label("结论").fill("没有扩散。")
    page.get_by_role("button", name="结案").click()
    expect(page.locator(".page-head")).to_contain_text("已结案")


def test_a_reader_reports_it_and_an_administrator_recalls_it_from_outside_the_group(people: People) -> None:
    county, technician = both_in_group(people)
    county.says("三年二班的成绩单")
    technician.hears("三年二班的成绩单")
    choose(technician, at(technician, "三年二班的成绩单"), "举报发错的消息")
    technician.page.keyboard.type("成绩发到群里了")
    expect_fair(technician.page)
    technician.page.keyboard.press("Enter")
    technician.is_told("已经举报")
    administrator = people(ADMINISTRATOR, **PHONE)
    administrator.open("/messages/recalls")
    report = administrator.page.locator(".report").filter(has_text="三年二班的成绩单")
    expect(report).to_contain_text("群“秋季学籍”")
    report.get_by_text("召回…").tap()
    report.get_by_label("为什么召回").fill("成绩是个人信息")
    report.get_by_label("有，登记为信息安全事件").check()
    expect_fair(administrator.page)
    keep(administrator, "report")
    report.get_by_role("button", name="召回，所有人都看不到").tap()
    expect(administrator.page.get_by_role("heading", name="召回记录")).to_be_visible()
    for person in (county, technician):
        expect(at(person, "发错的消息，已召回")).to_be_visible()
    administrator.open("/messages/recalls")
    expect(administrator.page.locator("#main")).to_contain_text("没有等您决定的举报")
    expect(administrator.page.locator(".recall-row")).to_contain_text("成绩是个人信息")
    expect_fair(administrator.page)


def test_a_draft_goes_from_one_browser_to_another_and_is_never_written_over(people: People) -> None:
    computer, phone = people(COUNTY), people(COUNTY, **PHONE)
    write_to(computer, "zhangguo", "张国强")
    computer.says("在吗？")
    computer.write_box().press_sequentially("名册还差两份，")
    phone.open("/messages")
    expect(row(phone, "张国强")).to_contain_text("草稿：名册还差两份", timeout=10_000)
    expect_fair(phone.page)
    keep(phone, "draft-row")
    row(phone, "张国强").tap()
    expect(phone.write_box()).to_have_value("名册还差两份，")

    # The box that is open and untouched follows; one in which somebody writes does not.
    computer.write_box().press_sequentially("请补交。")
    expect(phone.write_box()).to_have_value("名册还差两份，请补交。", timeout=10_000)
    phone.write_box().tap()
    phone.write_box().press_sequentially("谢谢")
    computer.write_box().press_sequentially("周五前")
    computer.page.wait_for_timeout(3000)
    expect(phone.write_box()).to_have_value(re.compile("谢谢"))

    # Sent on one, it is gone on the other.
    computer.write_box().fill("都不要了")
    computer.write_box().press("Enter")
    phone.page.reload()
    expect(phone.write_box()).to_have_value("")


def test_an_edit_that_brings_a_number_in_is_warned_of(people: People) -> None:
    county = people(COUNTY)
    write_to(county, "zhangguo", "张国强")
    county.says("家长电话稍后给您。")
    choose(county, at(county, "家长电话稍后给您。"), "修改")
    expect(county.write_box()).to_have_value("家长电话稍后给您。")
    county.write_box().fill(f"家长电话 {MOBILE}")
    county.write_box().press("Enter")
    expect(county.page.get_by_role("dialog", name="内容里有个人号码")).to_be_visible()
    county.button("遮住后发送").click()
    expect(at(county, "家长电话 138●●●●●●00")).to_contain_text("已编辑")
    # What was being edited is no draft.
    county.page.reload()
    expect(county.write_box()).to_have_value("")
