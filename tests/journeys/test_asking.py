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


def test_a_message_out_of_sight_is_delivered_and_read_once_it_is_seen(people: People, records: Records) -> None:
    school, county = people("xuexiao_xueji", viewport={"width": 1280, "height": 400}), people("xian_jishu")
    county.go_on_duty()
    ticket_id = school.ask(QUESTION)
    county.accepts(QUESTION)
    school.hears("正在为您解答")
    school.page.mouse.wheel(0, -5000)
    expect(school.messages().first).not_to_be_in_viewport()

    county.says("先看看对方学校有没有办转出。")
    county.sees_mark("先看看对方学校有没有办转出。", "delivered")
    delivered, read = records.read_up_to(ticket_id, "xuexiao_xueji")
    assert (delivered, read < 3) == (3, True)

    school.page.locator("[data-news]").click()
    county.sees_mark("先看看对方学校有没有办转出。", "read")
    assert records.read_up_to(ticket_id, "xuexiao_xueji") == (3, 3)
    see_the_same(records, ticket_id, school, county)


def test_a_question_declined_and_not_heard_rings_for_the_next_colleague(people: People, records: Records) -> None:
    lead = people("xian_zhuguan")
    lead.open("/")
    lead.page.get_by_role("navigation", name="主菜单").get_by_role("link", name="雁塔区学籍服务台").click()
    lead.page.get_by_label("每位同事响铃多少秒").fill("8")
    lead.button("保存").click()
    lead.is_told("服务台设置已保存")

    school, one, other = people("xuexiao_xueji"), people("xian_jishu"), people("xian_jishu2")
    one.go_on_duty()
    other.go_on_duty()
    ticket_id = school.ask(QUESTION)
    first, second = (one, other) if records.rings_for(ticket_id) == one.user_name else (other, one)
    first.declines(QUESTION)
    second.hears_ringing(QUESTION)
    second.hears_nothing()
    school.sees("现在没有同事在线，请给他们留言")
    assert records.steps(ticket_id) == [
        "asked",
        "rang",
        "declined",
        "rang",
        "rang_out",
        "level_passed",
        "record_opened",
    ]
    assert records.rung(ticket_id) == [first.user_name, second.user_name]

    # Who comes back is asked again, and the template closes as soon as somebody is there.
    first.switch(on=False)
    first.switch(on=True)
    first.accepts(QUESTION)
    expect(school.page.locator("#record")).to_be_hidden()
    school.sees_ladder(county="talking")
    school.says("谢谢，您来了。")
    first.hears("谢谢，您来了。")
    see_the_same(records, ticket_id, school, first)
