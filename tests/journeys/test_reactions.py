"""Reactions, the picker of emoji, pins and stars in real browsers: two people, one by keyboard alone, and a phone."""

from __future__ import annotations

import os
import re
from pathlib import Path

from playwright.sync_api import Locator, expect

from tests.journeys.looks import PHONE, expect_fair
from tests.journeys.people import People, Person
from tests.journeys.test_messenger import COUNTY, TECHNICIAN, row, write_to

SAID = "请在周五前核对名册。"


def at(person: Person, words: str) -> Locator:
    """A message that says this."""
    return person.messages().filter(has_text=words)


def chip(person: Person, words: str, emoji: str) -> Locator:
    """A reaction below a message."""
    return at(person, words).locator(f'[data-react="{emoji}"]')


def more(person: Person, words: str) -> Locator:
    """The button of a message that opens its menu."""
    return at(person, words).get_by_role("button", name="对这条消息做什么")


def picker(person: Person) -> Locator:
    return person.page.get_by_role("dialog", name="选择表情")


def choose(person: Person, words: str, act: str) -> None:
    """Open the menu of a message and choose by what the button is called, by keyboard alone."""
    more(person, words).focus()
    person.page.keyboard.press("Enter")
    menu = person.page.get_by_role("menu")
    expect(menu).to_be_visible()
    wanted = menu.get_by_role("menuitem", name=act, exact=True)
    for _ in range(menu.get_by_role("menuitem").count()):
        if wanted.evaluate("item => item === document.activeElement"):
            break
        person.page.keyboard.press("ArrowDown")
    expect(wanted).to_be_focused()
    person.page.keyboard.press("Enter")
    expect(menu).to_be_hidden()


def keep(person: Person, name: str) -> None:
    """Leave a picture in the middle of a journey where `DESK_PICTURES` names a folder."""
    folder = os.environ.get("DESK_PICTURES")
    if folder:
        person.page.screenshot(path=Path(folder) / f"{name}.png", caret="initial")


def begin(people: People) -> tuple[Person, Person]:
    """Two people in one conversation."""
    county, technician = people(COUNTY), people(TECHNICIAN)
    write_to(county, "zhangguo", "张国强")
    county.says(SAID)
    technician.open("/messages")
    row(technician, "何文静").click()
    technician.hears(SAID)
    return county, technician


def test_two_people_react_one_of_them_by_keyboard_alone(people: People) -> None:
    county, technician = begin(people)
    choose(technician, SAID, "赞")
    expect(chip(technician, SAID, "👍")).to_have_attribute("aria-pressed", "true")
    expect(chip(county, SAID, "👍")).to_have_attribute("aria-pressed", "false")
    expect(chip(county, SAID, "👍")).to_have_attribute("title", re.compile("张国强"))

    # A click joins in; names and counts follow on both pages, and what is one's own stays so.
    chip(county, SAID, "👍").click()
    expect(chip(technician, SAID, "👍")).to_have_text("👍2")
    names = re.compile("2 人：张国强（演示）、何文静（演示）")
    expect(chip(technician, SAID, "👍")).to_have_attribute("aria-label", names)
    expect(chip(technician, SAID, "👍")).to_have_attribute("aria-pressed", "true")

    # All others are found in Chinese: words, then the arrow down and Enter.
    choose(technician, SAID, "更多表情")
    expect(picker(technician)).to_be_visible()
    keep(technician, "picker")
    expect_fair(technician.page)
    technician.page.keyboard.insert_text("庆祝")
    expect(picker(technician).locator("[data-emoji-status]")).to_have_text(re.compile(r"找到 \d+ 个表情"))
    technician.page.keyboard.press("ArrowDown")
    technician.page.keyboard.press("Enter")
    expect(picker(technician)).to_be_hidden()
    expect(at(county, SAID).locator("[data-react]")).to_have_count(2)
    expect(more(technician, SAID)).to_be_focused()
    expect_fair(county.page)

    # A chip takes the keyboard as any button; where it goes, the focus goes to its message.
    at(technician, SAID).locator("[data-react]").nth(1).focus()
    technician.page.keyboard.press("Space")
    expect(at(county, SAID).locator("[data-react]")).to_have_count(1)
    expect(more(technician, SAID)).to_be_focused()
    expect(row(county, "张国强").locator(".unread")).to_have_count(0)


def test_other_tabs_follow_and_what_is_taken_back_has_no_reactions(people: People) -> None:
    county, technician = begin(people)
    choose(technician, SAID, "赞")
    chip(county, SAID, "👍").click()
    expect(chip(technician, SAID, "👍")).to_have_text("👍2")
    technician.page.reload()
    expect(chip(technician, SAID, "👍")).to_have_attribute("aria-pressed", "true")
    other = technician.tab()
    other.open(technician.page.url.removeprefix(technician.system.address))
    expect(chip(other, SAID, "👍")).to_have_attribute("aria-pressed", "true")
    # The other tab is there once it has marked as read, on the line that hears what is pushed.
    county.says("第二句。")
    other.hears("第二句。")
    chip(technician, SAID, "👍").click()
    expect(chip(other, SAID, "👍")).to_have_attribute("aria-pressed", "false")
    expect(chip(other, SAID, "👍")).to_have_text("👍1")
    choose(county, SAID, "撤回")
    expect(at(technician, "消息已撤回").locator("[data-react]")).to_have_count(0)


def test_emoji_are_written_where_the_caret_is(people: People) -> None:
    county, _technician = begin(people)
    county.write_box().fill("收到谢谢")
    county.write_box().evaluate("field => field.setSelectionRange(2, 2)")
    county.button("插入表情").click()
    expect(picker(county).get_by_role("searchbox")).to_be_focused()
    county.page.keyboard.type("xk")
    county.page.keyboard.press("Escape")
    expect(picker(county)).to_be_hidden()
    expect(county.button("插入表情")).to_be_focused()
    expect(county.write_box()).to_have_value("收到谢谢")

    county.page.keyboard.press("Enter")
    county.page.keyboard.insert_text("没有这样的")
    expect(picker(county)).to_contain_text("没有找到这样的表情")
    picker(county).get_by_role("searchbox").fill("合掌")
    county.page.keyboard.press("Enter")
    expect(county.write_box()).to_have_value("收到🙏谢谢")
    expect(county.write_box()).to_be_focused()
    county.page.keyboard.type("您")
    expect(county.write_box()).to_have_value("收到🙏您谢谢")

    # Lately used ones come first, and groups are gone to; arrows lead through all of it.
    county.button("插入表情").click()
    expect(picker(county).get_by_role("grid", name="最近用过").get_by_role("gridcell")).to_have_text(["🙏"])
    picker(county).get_by_role("button", name="食物和饮料").click()
    keep(county, "picker-food")
    expect(picker(county).get_by_role("grid", name="食物和饮料").get_by_role("gridcell").first).to_be_focused()
    county.page.keyboard.press("ArrowRight")
    county.page.keyboard.press("ArrowDown")
    county.page.keyboard.press("ArrowUp")
    expect(picker(county).get_by_role("grid", name="食物和饮料").get_by_role("gridcell").nth(1)).to_be_focused()
    county.page.keyboard.press("Enter")
    expect(county.write_box()).to_have_value(re.compile("^收到🙏您.+谢谢$"))
    county.write_box().press("Enter")
    county.hears("收到🙏您")


def test_pins_stand_on_top_and_stars_on_a_page_of_their_own(people: People) -> None:
    county, technician = begin(people)
    county.says("表格用去年的。")
    choose(county, SAID, "置顶")
    bar = technician.page.locator("[data-pins]")
    expect(bar).to_contain_text(SAID)
    expect(bar).to_contain_text("何文静（演示）置顶")
    choose(technician, "表格用去年的。", "置顶")
    expect(county.page.locator("[data-pins]")).to_contain_text("另外 1 条置顶消息")
    county.page.locator("[data-pins] summary").click()
    keep(county, "pins")
    expect_fair(county.page)
    county.page.locator("[data-pin-to]").filter(has_text=SAID).click()
    expect(at(county, SAID)).to_be_focused()

    choose(technician, SAID, "收藏")
    expect(at(technician, SAID).get_by_role("img", name="已收藏")).to_be_visible()
    expect(at(county, SAID).get_by_role("img", name="已收藏")).to_be_hidden()
    technician.is_told(re.compile("已收藏"))
    technician.page.get_by_role("link", name="收藏的消息").click()
    expect(technician.page.get_by_role("heading", level=1)).to_have_text("收藏的消息")
    keep(technician, "starred")
    expect_fair(technician.page)
    technician.page.get_by_role("link", name=SAID).click()
    expect(at(technician, SAID)).to_be_focused()
    choose(technician, SAID, "取消收藏")
    expect(at(technician, SAID).get_by_role("img", name="已收藏")).to_be_hidden()
    technician.open("/messages/starred")
    technician.sees("还没有收藏")
    expect_fair(technician.page)

    # What is edited is shown as it is now; what is taken back stands on top no longer.
    county.button("取消置顶").first.click()
    expect(county.page.locator("[data-pins]")).not_to_contain_text("表格用去年的。")
    expect(county.page.locator("[data-pins]")).to_contain_text(SAID)
    choose(county, SAID, "撤回")
    expect(county.page.locator("[data-pins] [data-pin-to]")).to_have_count(0)


def test_on_a_phone_the_picker_lies_along_the_bottom(people: People) -> None:
    county = people(COUNTY, viewport=PHONE, has_touch=True, is_mobile=True)
    write_to(county, "zhangguo", "张国强")
    county.write_box().fill("手机上发的。")
    county.button("发送").tap()
    county.hears("手机上发的。")
    more(county, "手机上发的。").tap()
    keep(county, "phone-menu")
    county.page.get_by_role("menuitem", name="更多表情").tap()
    box = picker(county).bounding_box()
    assert box is not None
    assert (box["x"], round(box["x"] + box["width"]), round(box["y"] + box["height"])) == (0, 390, 844)
    keep(county, "phone-picker")
    picker(county).get_by_role("searchbox").fill("赞")
    picker(county).get_by_role("gridcell").first.tap()
    expect(at(county, "手机上发的。").locator("[data-react]")).to_have_count(1)
    expect_fair(county.page)
    keep(county, "phone-reaction")
