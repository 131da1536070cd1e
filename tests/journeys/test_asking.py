"""A question finds the nearest colleague who is there, and the answer comes back live."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.journeys.people import People, see_the_same
from tests.journeys.records import Records

QUESTION = "学生从外省转来，系统提示学籍号已存在，转入申请提交不了。"


def test_a_question_is_answered_live_and_confirmed(people: People, records: Records) -> None:
    school, county = people("xuexiao_xueji"), people("xian_jishu")
    county.go_on_duty()
    ticket_id = school.ask(QUESTION)
    school.sees_ladder(county="ringing", city="ahead", province="ahead")
    school.sees_sentence("响铃")
    county.accepts(QUESTION)
    school.sees_ladder(county="talking")
    school.hears("张国强（演示） 正在为您解答。")

    county.write_box().press_sequentially("您好，请把学籍号")
    expect(school.page.locator("[data-typing]")).to_have_text(re.compile("张国强.*正在输入"))
    county.write_box().press_sequentially("的前六位告诉我。")
    county.write_box().press("Enter")
    school.hears("您好，请把学籍号的前六位告诉我。")
    expect(school.page.locator("[data-typing]")).to_be_hidden()
    county.sees_mark("您好，请把学籍号的前六位告诉我。", "read")

    school.write_box().press_sequentially("42")
    expect(county.page.locator("[data-typing]")).to_have_text(re.compile("李晓芸.*正在输入"))
    school.says("420106")
    county.hears("420106")
    school.sees_mark("420106", "read")

    county.resolves("原学校没有办转出。请让对方先办转出，再提交一次。")
    expect(school.page.locator("#resolution")).to_contain_text("请让对方先办转出")
    school.sees_ladder(county="solved")
    school.confirms()
    expect(county.page.locator("[data-not-writing]")).to_be_visible()
    assert records.ticket(ticket_id).state == "closed"
    said = see_the_same(records, ticket_id, school, county)
    assert [line.body for line in said if line.body == "420106"] == ["420106"]
