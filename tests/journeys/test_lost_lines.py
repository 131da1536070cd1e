"""The network goes, the web process is killed: nothing said is lost, nothing is said twice."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Error, WebSocketRoute, expect

from tests.journeys.people import CUT_LINE, People, Person, see_the_same
from tests.journeys.records import Records
from tests.journeys.system import until

QUESTION = "毕业班的学籍变动提交以后一直显示审核中。"
BAR = "网络断开，您写的内容会在恢复后发出"


def begin_talk(people: People, records: Records) -> tuple[Person, Person]:
    """Let the school ask and the county accept; both may lose their lines."""
    school, county = people("xuexiao_xueji"), people("xian_jishu")
    for person in (school, county):
        person.wants(CUT_LINE)
    county.go_on_duty()
    school.ask(QUESTION)
    county.accepts(QUESTION)
    school.hears("正在为您解答")
    assert len(records.questions()) == 1
    return school, county


def sees_bar(person: Person) -> None:
    """Wait until the thin bar says that the line is lost."""
    expect(person.page.locator("#lost-line")).to_contain_text(BAR)
    expect(person.page.locator("#lost-line")).to_be_visible()


def sees_no_bar(person: Person) -> None:
    """Wait until the line is there."""
    expect(person.page.locator("#lost-line")).to_be_hidden()


def test_what_is_written_without_a_network_goes_out_on_return(people: People, records: Records) -> None:
    school, county = begin_talk(people, records)
    ticket_id = records.questions()[0]
    county.says("是哪一天提交的？")
    school.hears("是哪一天提交的？")

    school.page.context.set_offline(True)
    sees_bar(school)
    school.writes("上周五提交的。")
    school.writes("一共三个班。")
    school.sees_mark("上周五提交的。", "waiting")
    school.sees_mark("一共三个班。", "waiting")
    county.says("我先查一下记录。")
    assert "一共三个班。" not in [line.body for line in records.messages(ticket_id)]

    school.page.context.set_offline(False)
    sees_no_bar(school)
    county.hears("一共三个班。")
    school.hears("我先查一下记录。")
    school.sees_mark("一共三个班。", "read")
    said = see_the_same(records, ticket_id, school, county)
    assert [line.body for line in said][-3:] == ["我先查一下记录。", "上周五提交的。", "一共三个班。"]


def test_what_was_written_without_a_network_survives_a_reload(people: People, records: Records) -> None:
    school, county = begin_talk(people, records)
    ticket_id = records.questions()[0]
    school.page.context.set_offline(True)
    sees_bar(school)
    school.writes("电脑要重启一下。")
    school.sees_mark("电脑要重启一下。", "waiting")
    school.write_box().fill("写了一半的话")
    with pytest.raises(Error, match=CUT_LINE):
        school.page.reload()

    school.page.context.set_offline(False)
    school.open(f"/questions/{ticket_id}")
    county.hears("电脑要重启一下。")
    school.sees_mark("电脑要重启一下。", "stored", "delivered", "read")
    expect(school.write_box()).to_have_value("写了一半的话")
    said = see_the_same(records, ticket_id, school, county)
    assert [line.body for line in said].count("电脑要重启一下。") == 1


def test_a_message_whose_acknowledgement_got_lost_is_stored_once(people: People, records: Records) -> None:
    school, county = begin_talk(people, records)
    ticket_id = records.questions()[0]
    swallowed: list[str] = []

    def swallow_acknowledgement(line: WebSocketRoute) -> None:
        server = line.connect_to_server()

        def hand_on(message: str | bytes) -> None:
            # "43": an acknowledgement, here of a stored message.
            if not swallowed and isinstance(message, str) and message.startswith("43") and "丢了回执" in message:
                swallowed.append(message)
                line.close()
                server.close()
            else:
                line.send(message)

        server.on_message(hand_on)

    school.page.route_web_socket(re.compile("socket.io"), swallow_acknowledgement)
    school.open(f"/questions/{ticket_id}")
    school.hears("正在为您解答")
    school.says("这一句丢了回执。")
    county.hears("这一句丢了回执。")
    assert len(swallowed) == 1
    said = see_the_same(records, ticket_id, school, county)
    assert [line.body for line in said].count("这一句丢了回执。") == 1


def test_a_talk_goes_on_after_the_web_process_was_killed(people: People, records: Records) -> None:
    school, county = begin_talk(people, records)
    ticket_id = records.questions()[0]
    county.says("请看一下提交的时间。")
    school.hears("请看一下提交的时间。")
    burst = [f"第 {number} 条记录都是上周五。" for number in range(1, 6)]
    for words in burst:
        school.writes(words)
    records.system.kill_web()

    sees_bar(school)
    sees_bar(county)
    school.writes("刚才好像断了。")
    county.writes("我这边也断了。")
    records.system.start_web()
    for person in (school, county):
        sees_no_bar(person)
        person.hears("刚才好像断了。")
        person.hears("我这边也断了。")
    bodies = [line.body for line in see_the_same(records, ticket_id, school, county)]
    assert [words for words in bodies if words in burst] == burst
    assert bodies.count("刚才好像断了。") == bodies.count("我这边也断了。") == 1

    county.says("现在好了。")
    school.hears("现在好了。")
    school.sees_ladder(county="talking")
    assert until(lambda: records.is_there("xian_jishu"))
    see_the_same(records, ticket_id, school, county)


def test_a_question_asked_while_the_web_process_is_away_is_kept(people: People, records: Records) -> None:
    school, county = people("xuexiao_xueji"), people("xian_jishu")
    for person in (school, county):
        person.wants(CUT_LINE)
    county.go_on_duty()
    school.open("/ask")
    box = school.page.get_by_role("textbox", name="您的问题")
    box.fill(QUESTION)
    records.system.kill_web()
    box.press("Enter")
    school.is_told("您写的内容还在")
    expect(box).to_have_value(QUESTION)

    records.system.start_web()
    sees_no_bar(school)
    box.press("Enter")
    county.hears_ringing(QUESTION)
    assert len(records.questions()) == 1
