"""What people do with messages, in real browsers: edited, taken back, by keyboard alone."""

from __future__ import annotations

import re

from playwright.sync_api import Locator, expect

from tests.journeys.looks import expect_fair
from tests.journeys.people import People, Person
from tests.journeys.test_messenger import COUNTY, TECHNICIAN, row, write_to


def at(person: Person, words: str) -> Locator:
    """A message that says this."""
    return person.messages().filter(has_text=words)


def choose(person: Person, words: str, act: str) -> None:
    """Open the menu of a message and choose, by keyboard alone."""
    at(person, words).get_by_role("button", name="对这条消息做什么").focus()
    person.page.keyboard.press("Enter")
    menu = person.page.get_by_role("menu")
    expect(menu).to_be_visible()
    for _ in range(20):
        if act in (person.page.locator(":focus").text_content() or ""):
            break
        person.page.keyboard.press("ArrowDown")
    person.page.keyboard.press("Enter")
    expect(menu).to_be_hidden()


def test_a_message_is_edited_and_another_taken_back_by_keyboard_alone(people: People) -> None:
    county, technician = people(COUNTY), people(TECHNICIAN)
    write_to(county, "zhangguo", "张国强")
    county.says("请在周四前核对名册。")
    county.says("名册见 https://example.org/a，<b>谢谢</b>。")
    expect(at(county, "名册见").get_by_role("link")).to_have_attribute("href", "https://example.org/a")
    county.says("发错人了。")
    technician.open("/messages")
    row(technician, "何文静").click()
    technician.hears("发错人了。")

    choose(county, "请在周四前核对名册。", "修改")
    expect(county.write_box()).to_be_focused()
    expect(county.write_box()).to_have_value("请在周四前核对名册。")
    county.page.keyboard.press("Control+A")
    county.page.keyboard.type("请在周五前核对名册。")
    county.page.keyboard.press("Enter")
    expect(at(technician, "请在周五前核对名册。")).to_contain_text("已编辑")
    expect(county.write_box()).to_have_value("")
    expect_fair(county.page)

    # Whoever reads sees what it said before.
    at(technician, "请在周五前核对名册。").get_by_role("button", name="已编辑").click()
    expect(technician.page.get_by_role("dialog")).to_contain_text("请在周四前核对名册。")
    expect_fair(technician.page)
    technician.page.keyboard.press("Escape")

    choose(county, "发错人了。", "撤回")
    expect(at(technician, "消息已撤回")).to_be_visible()
    expect(technician.page.locator("[data-log]")).not_to_contain_text("发错人了。")
    expect(row(technician, "何文静")).to_contain_text("消息已撤回")
    expect(at(county, "消息已撤回")).to_be_visible()

    link = at(technician, "<b>谢谢</b>").get_by_role("link", name="https://example.org/a")
    expect(link).to_have_attribute("rel", "noopener noreferrer")

    # It is so after a reload as well, and nobody else's message can be changed.
    technician.page.reload()
    expect(at(technician, "消息已撤回")).to_be_visible()
    expect(at(technician, "请在周五前核对名册。")).to_contain_text("已编辑")
    at(technician, "请在周五前核对名册。").get_by_role("button", name="对这条消息做什么").click()
    expect(technician.page.get_by_role("menuitem", name="看修改前的内容")).to_be_visible()
    expect(technician.page.get_by_role("menuitem", name=re.compile("撤回|^修改$"))).to_have_count(0)
    technician.page.keyboard.press("Escape")


def test_what_changed_while_the_line_was_lost_is_seen_when_it_is_back(people: People) -> None:
    county, technician = people(COUNTY), people(TECHNICIAN)
    write_to(county, "zhangguo", "张国强")
    county.says("这一句会改。")
    technician.open("/messages")
    row(technician, "何文静").click()
    technician.hears("这一句会改。")
    technician.wants(r"ERR_INTERNET_DISCONNECTED|WebSocket|Failed to (load|fetch)|htmx:(afterRequest|sendError)")
    technician.page.context.set_offline(True)
    choose(county, "这一句会改。", "修改")
    expect(county.write_box()).to_have_value("这一句会改。")
    county.page.keyboard.press("Control+A")
    county.page.keyboard.type("这一句改好了。")
    county.page.keyboard.press("Enter")
    expect(at(county, "这一句改好了。")).to_contain_text("已编辑")
    technician.page.context.set_offline(False)
    expect(at(technician, "这一句改好了。")).to_be_visible(timeout=20_000)
