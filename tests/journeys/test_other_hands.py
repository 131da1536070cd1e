"""Without a mouse, on a phone, in English: the same journey."""

from __future__ import annotations

import re
from typing import Any

from babel.support import Translations
from playwright.sync_api import Locator, expect

from portal.preparation import ROOT
from tests.journeys.people import People, Person, see_the_same
from tests.journeys.records import Records
from tests.journeys.system import until

QUESTION = "休学的学生复学，年级应该怎么选？"
ANSWER = "选复学后实际就读的年级。"
PHONE: dict[str, Any] = {
    "viewport": {"width": 390, "height": 844},
    "device_scale_factor": 2,
    "is_mobile": True,
    "has_touch": True,
}
CHINESE = re.compile(r"[\u4e00-\u9fff]")


def go_to(person: Person, wanted: Locator, *, most: int = 40) -> None:
    """Press Tab until the focus is there, as somebody without a mouse does."""
    for _ in range(most):
        if wanted.evaluate("element => element === document.activeElement"):
            return
        person.page.keyboard.press("Tab")
    message = f"not reached with {most} times Tab: {wanted}"
    raise AssertionError(message)


def see_keys(person: Person) -> None:
    """Press `?` until the table of keys shows: from then on the console listens to keys. Then close it."""
    table = person.page.get_by_role("dialog", name="键盘操作")

    def press() -> bool:
        person.page.keyboard.press("?")
        return table.is_visible()

    until(press)
    person.page.keyboard.press("Escape")
    expect(table).to_be_hidden()


def test_a_technician_answers_without_a_mouse(people: People, records: Records) -> None:
    school, county = people("xuexiao_xueji"), people("xian_jishu")
    keys = county.page.keyboard
    county.open("/console")
    go_to(county, county.page.locator("#duty-switch"))
    keys.press("Space")
    expect(county.page.locator("#duty-switch")).to_have_attribute("aria-checked", "true")
    expect(county.page.locator("#duty-switch")).to_have_text("接待中")
    see_keys(county)
    ticket_id = school.ask(QUESTION)
    county.hears_ringing(QUESTION)
    keys.press("a")
    expect(county.page.locator("#head")).to_contain_text(QUESTION)
    keys.press("/")
    expect(county.write_box()).to_be_focused()
    keys.type("是哪个年级休的学？")
    keys.press("Enter")
    school.hears("是哪个年级休的学？")
    keys.press("Escape")
    keys.press("r")
    expect(county.page.locator("#resolve textarea")).to_be_focused()
    keys.type(ANSWER)
    go_to(county, county.page.locator("#resolve").get_by_role("button", name="给出答复"))
    keys.press("Enter")

    expect(school.page.locator("#resolution")).to_contain_text(ANSWER)
    go_to(school, school.button("已解决"))
    school.page.keyboard.press("Enter")
    expect(school.page.locator("[data-not-writing]")).to_be_visible()
    assert records.ticket(ticket_id).state == "closed"
    see_the_same(records, ticket_id, school, county)


def test_a_technician_moves_along_the_queue_without_a_mouse(people: People, records: Records) -> None:
    school, other, county = people("xuexiao_xueji"), people("xuexiao2_xueji"), people("xian_jishu")
    first = school.ask("第一个问题。")
    other.ask("第二个问题。")
    county.open("/console")
    keys = county.page.keyboard
    expect(county.page.locator("[data-queue-row]")).to_have_count(2)
    see_keys(county)
    keys.press("j")
    expect(county.page.locator("#head")).to_contain_text("第一个问题。")
    keys.press("j")
    expect(county.page.locator("#head")).to_contain_text("第二个问题。")
    keys.press("k")
    expect(county.page.locator("#head")).to_contain_text("第一个问题。")
    keys.press("a")
    expect(county.button("转上一级")).to_be_visible()
    keys.press("e")
    expect(county.page.locator("#pass-up textarea")).to_be_focused()
    keys.type("请市里看看。")
    go_to(county, county.page.locator("#pass-up").get_by_role("button", name="转上一级"))
    keys.press("Enter")
    expect(county.page.locator("[data-not-writing]")).to_be_visible()
    assert records.custodies(first) == [("county", False), ("city", True)]


def test_asking_and_answering_on_phones(people: People, records: Records) -> None:
    school, county = people("xuexiao_xueji", **PHONE), people("xian_jishu", **PHONE)
    county.go_on_duty()
    school.open("/")
    school.page.get_by_role("navigation", name="手机菜单").get_by_role("link", name="提问").tap()
    box = school.page.get_by_role("textbox", name="您的问题")
    box.fill(QUESTION)
    # On a phone Enter begins a new line, as everywhere on phones.
    box.press("Enter")
    school.page.locator("form.ask-box").get_by_role("button", name="提问").tap()
    school.page.wait_for_url("**/questions/*")
    ticket_id = records.questions()[0]
    sees_one_line_of_the_ladder(school)
    county.hears_ringing(QUESTION).get_by_role("button", name="接待").tap()
    county.write_box().fill("您好，请稍等。")
    county.button("发送").tap()
    school.hears("您好，请稍等。")
    school.write_box().fill("好的。")
    school.button("发送").tap()
    county.hears("好的。")

    county.button("提问人和资料").tap()
    expect(county.page.locator("#panel")).to_contain_text("李晓芸")
    county.button("回到对话").tap()
    county.resolves(ANSWER)
    expect(school.page.locator("#resolution")).to_contain_text(ANSWER)
    school.button("已解决").tap()
    expect(school.page.locator("[data-not-writing]")).to_be_visible()
    for person in (school, county):
        expect(person.page.locator(".lost-line")).to_be_hidden()
    see_the_same(records, ticket_id, school, county)


def sees_one_line_of_the_ladder(school: Person) -> None:
    """On the first screen stands the present step alone; a tap shows all steps, and what happens leaves them open."""
    fold, steps = school.page.locator(".ladder-fold summary"), school.page.locator(".stairs")
    expect(fold).to_contain_text("雁塔区学籍服务台")
    expect(steps).to_be_hidden()
    expect(school.write_box()).to_be_in_viewport()
    fold.tap()
    expect(steps.locator(".rung")).to_have_count(4)
    expect(steps).to_be_visible()


def choose_language(person: Person, tag: str) -> None:
    """Choose a language in the menu behind one's own picture."""
    person.page.locator(".bar details.menu > summary").click()
    person.page.locator(f".bar button[lang={tag}]").click()


def test_the_house_speaks_english_to_who_wants_it(people: People) -> None:
    english = Translations.load(ROOT / "translations", ["en"])
    school = people("xuexiao2_xueji")
    school.open("/ask")
    choose_language(school, "en")
    expect(school.page.locator("html")).to_have_attribute("lang", "en")
    title = english.gettext("您遇到了什么事？")
    assert not CHINESE.search(title)
    expect(school.page.get_by_role("heading", level=1)).to_have_text(title)
    choose_language(school, "zh-Hans")
    expect(school.page.locator("html")).to_have_attribute("lang", "zh-Hans")
    expect(school.page.get_by_role("heading", level=1)).to_have_text("您遇到了什么事？")
