"""Replies, mentions and the line above what is new, in real browsers: with a selection, by keyboard, on a phone."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Error, Locator, expect
from sqlalchemy import select

from chat.policies import Access
from chat.services import Post, post_messages
from chat.services.directs import open_direct
from registry_core import clock
from registry_core.access.queries import load_actor
from registry_core.accounts.models import Account
from registry_core.db import new_id
from tests.journeys.looks import expect_fair
from tests.journeys.people import People, Person
from tests.journeys.records import Records
from tests.journeys.test_message_acts import at, choose
from tests.journeys.test_messenger import COUNTY, SCHOOL, TECHNICIAN, row, write_to
from tests.journeys.test_other_hands import PHONE

SELECT = """(item, words) => {
    const walker = document.createTreeWalker(item.querySelector(".message-body"), NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
        const start = node.data.indexOf(words);
        if (start < 0) continue;
        const range = document.createRange();
        range.setStart(node, start);
        range.setEnd(node, start + words.length);
        getSelection().removeAllRanges();
        getSelection().addRange(range);
    }
}"""


def quote_in(person: Person, words: str) -> Locator:
    """What a message quotes."""
    return at(person, words).last.locator("[data-quote]")


def body_of(person: Person, words: str) -> Locator:
    """The bubble of a message."""
    return at(person, words).last.locator(".message-body")


def strip(person: Person) -> Locator:
    """The strip above the box."""
    return person.page.locator("[data-reply]")


def make_group(person: Person, name: str, *members: tuple[str, str]) -> None:
    """Make a group by hand, with members by their initials and names."""
    person.open("/messages/groups/new")
    person.page.get_by_label("群名").fill(name)
    person.page.locator("#main").get_by_role("button", name="建群").click()
    for number, (initials, member) in enumerate(members, start=2):
        words = person.page.get_by_label("姓名、拼音或首字母")
        words.fill("")
        words.press_sequentially(initials)
        person.page.locator("#candidates li").filter(has_text=member).get_by_role("button", name="加入").click()
        expect(person.page.locator("#panel-members")).to_contain_text(str(number))


def test_a_selected_part_is_quoted_leads_back_and_is_gone_with_its_message(people: People) -> None:
    county, technician = people(COUNTY), people(TECHNICIAN)
    write_to(county, "zhangguo", "张国强")
    county.says("请在周五前核对名册，另外把照片补齐。")
    technician.open("/messages")
    row(technician, "何文静").click()
    technician.hears("照片补齐")
    asked = at(technician, "照片补齐").last
    asked.evaluate(SELECT, "把照片补齐")
    asked.hover()
    asked.get_by_role("button", name="对这条消息做什么").click()
    technician.page.get_by_role("menuitem", name="回复").click()
    expect(strip(technician)).to_contain_text("何文静")
    expect(strip(technician)).to_contain_text("把照片补齐")
    expect(strip(technician)).not_to_contain_text("核对名册")
    expect(technician.write_box()).to_be_focused()
    # Kept with the draft, and let go of by Escape.
    technician.page.reload()
    expect(strip(technician)).to_contain_text("把照片补齐")
    technician.write_box().focus()
    technician.page.keyboard.press("Escape")
    expect(strip(technician)).to_be_hidden()
    technician.page.keyboard.press("Escape")
    at(technician, "照片补齐").last.evaluate(SELECT, "把照片补齐")
    technician.page.keyboard.press("q")
    expect(strip(technician)).to_contain_text("把照片补齐")
    technician.says("照片今天补。")
    expect(strip(technician)).to_be_hidden()
    for person in (technician, county):
        expect(quote_in(person, "照片今天补。")).to_contain_text("何文静")
        expect(quote_in(person, "照片今天补。")).to_contain_text("把照片补齐")
    expect_fair(county.page)
    place, text = quote_in(county, "照片今天补。").bounding_box(), body_of(county, "照片今天补。").bounding_box()
    assert place
    assert text
    assert (text["x"], text["y"] >= place["y"] + place["height"]) == (place["x"], True)
    quote_in(county, "照片今天补。").click()
    original = at(county, "请在周五前核对名册").last
    expect(original).to_have_class(re.compile("is-sought"))
    expect(original).to_be_focused()
    choose(county, "请在周五前核对名册", "撤回")
    for person in (technician, county):
        expect(quote_in(person, "照片今天补。")).to_contain_text("原消息已撤回")
        expect(quote_in(person, "照片今天补。")).not_to_contain_text("把照片补齐")
    technician.page.reload()
    expect(quote_in(technician, "照片今天补。")).to_contain_text("原消息已撤回")


def test_a_reply_waits_in_the_browser_with_its_quote_while_the_line_is_lost(people: People) -> None:
    county, technician = people(COUNTY), people(TECHNICIAN)
    write_to(county, "zhangguo", "张国强")
    county.says("几点开会？")
    technician.open("/messages")
    row(technician, "何文静").click()
    technician.hears("几点开会？")
    technician.wants(r"ERR_INTERNET_DISCONNECTED|WebSocket|Failed to (load|fetch)|htmx:(afterRequest|sendError)")
    technician.page.context.set_offline(True)
    technician.page.locator("#main").focus()
    technician.page.keyboard.press("q")
    technician.writes("三点。")
    expect(quote_in(technician, "三点。")).to_contain_text("几点开会？")
    technician.page.context.set_offline(False)
    technician.sees_mark("三点。", "stored", "delivered", "read")
    expect(quote_in(county, "三点。")).to_contain_text("几点开会？")


def test_a_reply_survives_a_reload_and_comes_back_into_the_box_where_it_is_refused(people: People) -> None:
    county, technician = people(COUNTY), people(TECHNICIAN)
    write_to(county, "zhangguo", "张国强")
    county.says("在哪里开会？")
    county.says("要带什么材料？")
    technician.open("/messages")
    row(technician, "何文静").click()
    technician.hears("要带什么材料？")
    address = technician.page.url.removeprefix(technician.system.address)
    technician.wants(r"ERR_INTERNET_DISCONNECTED|WebSocket|Failed to (load|fetch)|htmx:(afterRequest|sendError)")
    technician.page.context.set_offline(True)
    for words, answer in (("在哪里开会？", "二楼会议室。"), ("要带什么材料？", "带名册。")):
        at(technician, words).last.evaluate(SELECT, words[:2])
        technician.write_box().blur()
        technician.page.keyboard.press("q")
        technician.writes(answer)
    choose(county, "要带什么材料？", "撤回")
    expect(at(county, "消息已撤回").last).to_be_visible()
    with pytest.raises(Error, match="ERR_INTERNET_DISCONNECTED"):
        technician.page.reload()
    technician.page.context.set_offline(False)
    technician.open(address)
    technician.sees_mark("二楼会议室。", "stored", "delivered", "read")
    expect(quote_in(county, "二楼会议室。")).to_contain_text("在哪")
    refused = at(technician, "带名册。").last
    expect(refused).to_contain_text("已经改了或撤回了")
    expect(quote_in(technician, "带名册。")).to_contain_text("原消息已撤回")
    refused.get_by_role("button", name="修改").click()
    expect(technician.write_box()).to_have_value("带名册。")
    expect(strip(technician)).to_be_hidden()
    technician.page.keyboard.press("Enter")
    county.hears("带名册。")
    expect(quote_in(county, "带名册。")).to_be_hidden()


def test_somebody_is_called_by_pinyin_and_keyboard_alone_although_the_group_is_muted(people: People) -> None:
    county, technician = people(COUNTY), people(TECHNICIAN)
    make_group(county, "名册核对", ("zgq", "张国强"), ("lxy", "李晓芸"))
    technician.open("/messages")
    row(technician, "名册核对").click()
    technician.button("免打扰").click()
    expect(technician.button("恢复提醒")).to_be_visible()
    technician.open("/messages")
    county.write_box().focus()
    county.page.keyboard.type("请 @zhangguo")
    options = county.page.get_by_role("option")
    expect(options).to_have_count(1)
    expect(options).to_contain_text("张国强")
    expect(options).to_have_attribute("aria-selected", "true")
    expect_fair(county.page)
    county.page.keyboard.press("Enter")
    expect(county.write_box()).to_have_value("请 @张国强（演示） ")
    county.page.keyboard.type("看名册，@")
    expect(county.page.get_by_role("option")).to_have_count(3)
    expect(county.page.get_by_role("option").first).to_contain_text("所有人")
    county.page.keyboard.press("ArrowDown")
    county.page.keyboard.press("Escape")
    expect(county.page.get_by_role("option")).to_have_count(0)
    county.page.keyboard.press("Backspace")
    county.page.keyboard.type("谢谢。")
    county.page.keyboard.press("Enter")
    expect(at(county, "看名册").last.locator(".mention")).to_have_text("@张国强（演示）")
    # The group is muted, and still it calls.
    expect(row(technician, "名册核对")).to_contain_text("有人@我")
    expect(technician.page.locator("[data-notices-count] .count").first).to_have_text("1", timeout=30_000)
    technician.open("/notices")
    technician.page.get_by_role("link", name=re.compile("名册核对.*提到了您")).first.click()
    mention = at(technician, "看名册").last.locator(".mention")
    expect(mention).to_have_text("@张国强（演示）")
    expect(mention).to_have_attribute("data-called", "me")
    expect_fair(technician.page)
    expect(row(technician, "名册核对")).not_to_contain_text("有人@我")


def test_a_conversation_opens_at_what_is_new_also_on_a_phone(people: People) -> None:
    county, school = people(COUNTY), people(SCHOOL, **PHONE)
    write_to(county, "lxy", "李晓芸")
    county.says("第一件事，昨天说过了。")
    school.open("/messages")
    row(school, "何文静").tap()
    school.hears("第一件事")
    county.sees_mark("第一件事", "read")
    school.page.get_by_role("link", name="回到列表").tap()
    for number in range(1, 16):
        county.says(f"新的第 {number} 条，请看。")
    expect(row(school, "何文静").locator(".unread")).to_contain_text("15")
    row(school, "何文静").tap()
    line = school.page.locator("[data-since]")
    expect(line).to_have_text("以下是新消息")
    expect(line).to_be_in_viewport()
    expect(at(school, "新的第 1 条").last).to_be_in_viewport()
    expect(at(school, "新的第 15 条").last).not_to_be_in_viewport()
    after = school.page.locator("[data-since] ~ [data-message]").first
    expect(after).to_contain_text("新的第 1 条")
    expect_fair(school.page)
    # It stays until one leaves, and then all is read.
    school.page.keyboard.press("End")
    at(school, "新的第 15 条").last.scroll_into_view_if_needed()
    county.sees_mark("新的第 15 条", "read")
    expect(line).to_have_count(1)
    school.page.reload()
    expect(at(school, "新的第 15 条").last).to_be_in_viewport()
    expect(line).to_have_count(0)


@pytest.fixture
def many(records: Records) -> Callable[[str, str, int], None]:
    """Let somebody say so much to somebody, before either has a page open."""

    def say(one: str, other: str, number: int) -> None:
        with records.session() as session:
            wanted = select(Account.user_name, Account.id).where(Account.user_name.in_([one, other]))
            ids = dict(session.execute(wanted).all())
            actor = load_actor(session, ids[one], at=clock.now())
            talk = open_direct(session, actor, ids[other])
            said = Access(may_read=True, may_write=True)
            posts = [Post(actor, talk, str(new_id()), f"第 {place} 句", said) for place in range(1, number + 1)]
            post_messages(session, posts)
            session.commit()

    return say


def test_a_button_leads_to_what_is_unread_beyond_the_page(
    people: People, many: Callable[[str, str, int], None]
) -> None:
    many(COUNTY, SCHOOL, 230)
    school = people(SCHOOL)
    school.open("/messages")
    row(school, "何文静").click()
    expect(at(school, "第 230 句")).to_be_in_viewport()
    jump = school.page.get_by_role("button", name="跳到第一条未读（230 条）")
    expect(jump).to_be_visible()
    expect(school.page.locator("[data-since]")).to_have_count(0)
    expect_fair(school.page)
    jump.focus()
    school.page.keyboard.press("Enter")
    expect(school.page.locator("[data-since]")).to_be_in_viewport()
    expect(school.page.locator("[data-since] ~ [data-message]").first).to_contain_text("第 1 句")
    expect(jump).to_be_hidden()
