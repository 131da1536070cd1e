"""Two hands reach for one question; a question that is not there; more than a box can take: told in words."""

from __future__ import annotations

import re
from uuid import uuid4

from playwright.sync_api import Page, Route, expect

from tests.journeys.people import People, Person, see_the_same
from tests.journeys.records import Records
from tests.journeys.system import until

QUESTION = "学生改了名字，系统里的姓名怎么更正？"
PRESS = "button => button.click()"
LONG = "长" * 100_000
REFUSED = r"status of 4\d\d|Response Status Error Code 4\d\d"


def press_at_once(*buttons: tuple[Person, str]) -> None:
    """Press buttons on several pages without waiting for one before the other."""
    handles = [person.page.locator(selector).element_handle() for person, selector in buttons]
    for handle in handles:
        handle.evaluate(PRESS)


def test_two_tabs_that_accept_the_same_question_open_it_once(people: People, records: Records) -> None:
    school, one = people("xuexiao_xueji"), people("xian_jishu")
    one.go_on_duty()
    two = one.tab()
    two.open("/console")
    one.wants(REFUSED)
    ticket_id = school.ask(QUESTION)
    one.hears_ringing(QUESTION)
    two.hears_ringing(QUESTION)
    press_at_once((one, "[data-accept]"), (two, "[data-accept]"))
    loser = until(lambda: next((tab for tab in (one, two) if tab.page.locator(".notice").count()), None))
    winner = two if loser is one else one
    loser.is_told("您已经接待了这个问题")
    expect(winner.write_box()).to_be_visible()
    loser.hears_nothing()
    assert records.steps(ticket_id).count("accepted") == 1
    see_the_same(records, ticket_id, school, winner)


def test_of_two_colleagues_one_has_the_question_and_the_other_is_told_who(people: People, records: Records) -> None:
    school, one, other = people("xuexiao_xueji"), people("xian_jishu"), people("xian_jishu2")
    one.go_on_duty()
    ticket_id = school.ask(QUESTION)
    one.hears_ringing(QUESTION)
    other.open(f"/console/{ticket_id}")
    one.wants(REFUSED)
    other.wants(REFUSED)
    press_at_once((one, "[data-accept]"), (other, '[data-key-act="take"]'))
    expect(school.page.locator(".ladder-sentence")).to_contain_text("正在为您解答")
    steps = records.steps(ticket_id)
    assert steps.count("accepted") + steps.count("taken") == 1
    winner, loser = (one, other) if "accepted" in steps else (other, one)
    loser.is_told(f"这个问题已由{winner.name}接待")
    winner.page.goto(f"{records.system.address}/console/{ticket_id}")
    winner.says("我来办。")
    school.hears("我来办。")
    see_the_same(records, ticket_id, school, winner)


def test_an_offer_that_was_taken_cannot_be_accepted_again(people: People, records: Records) -> None:
    school, county = people("xuexiao_xueji"), people("xian_jishu")
    county.go_on_duty()
    ticket_id = school.ask(QUESTION)
    form = county.hears_ringing(QUESTION).locator("form").last
    replay = county.tab()
    replay.open("/console")
    address = form.get_attribute("action")
    county.accepts(QUESTION)
    county.wants(REFUSED)
    replay.page.evaluate(
        """address => {
            const form = document.querySelector("form.duty").cloneNode(true);
            form.removeAttribute("hx-post");
            form.action = address;
            document.body.append(form);
            HTMLFormElement.prototype.submit.call(form);
        }""",
        address,
    )
    replay.sees("您已经接待了这个问题，在“我的接待”里可以找到。")
    assert records.steps(ticket_id).count("accepted") == 1
    see_the_same(records, ticket_id, school, county)


def test_a_question_that_is_not_there_is_said_to_be_not_found(people: People, records: Records) -> None:
    school, neighbour = people("xuexiao_xueji"), people("linqu_jishu")
    for person in (school, neighbour):
        person.wants(REFUSED)
    ticket_id = school.ask(QUESTION)
    school.open(f"/questions/{uuid4()}")
    school.sees("没有找到这个问题，可能编号有误，或不在您的管理范围内。")
    expect(school.page.get_by_role("link", name="去工作台")).to_be_visible()
    neighbour.open(f"/console/{ticket_id}")
    neighbour.sees("没有找到这个问题，可能编号有误，或不在您的管理范围内。")
    assert QUESTION not in neighbour.page.content()
    assert len(records.questions()) == 1


def test_a_question_that_is_too_long_is_refused_in_words_and_kept(people: People, records: Records) -> None:
    school = people("xuexiao_xueji")
    school.wants(REFUSED)
    school.open("/ask")
    box = school.page.get_by_role("textbox", name="您的问题")
    box.fill(LONG)
    box.press("Enter")
    school.is_told("内容太长了，一条消息最多 4000 字")
    assert length_of(school.page, "#body") == len(LONG)
    assert records.questions() == []

    box.fill(QUESTION)
    box.press("Enter")
    school.page.wait_for_url("**/questions/*")
    assert len(records.questions()) == 1


def test_a_message_that_is_too_long_or_no_text_is_refused_in_words_and_kept(people: People, records: Records) -> None:
    school, county = people("xuexiao_xueji"), people("xian_jishu")
    county.go_on_duty()
    ticket_id = school.ask(QUESTION)
    county.accepts(QUESTION)
    school.writes(LONG)
    school.sees_mark("长长长", "refused")
    school.sees("没有发出：内容太长了，一条消息最多 4000 字")
    school.page.reload()
    school.sees("没有发出：内容太长了，一条消息最多 4000 字")
    school.button("修改").click()
    assert length_of(school.page, "[data-write]") == len(LONG)

    school.writes("PK\x03\x04 二进制")
    school.sees("内容里有无法识别的字符")
    school.button("不发了").click()
    school.says("还是用文字说吧。")
    county.hears("还是用文字说吧。")
    see_the_same(records, ticket_id, school, county)


def test_a_page_that_is_too_old_says_so_and_keeps_what_was_written(people: People, records: Records) -> None:
    school = people("xuexiao_xueji")
    school.wants(REFUSED)
    school.open("/ask")
    box = school.page.get_by_role("textbox", name="您的问题")
    box.fill(QUESTION)
    school.page.locator("form.ask-box [name=csrf_token]").evaluate("field => { field.value = 'stale'; }")
    box.press("Enter")
    school.is_told("页面打开太久了，这一步没有提交")
    expect(box).to_have_value(QUESTION)
    school.page.reload()
    expect(box).to_have_value(QUESTION)
    box.press("Enter")
    school.page.wait_for_url("**/questions/*")
    assert len(records.questions()) == 1


def length_of(page: Page, selector: str) -> int:
    """How many characters stand in a field."""
    return len(page.locator(selector).input_value())


def test_what_is_sent_before_the_script_of_the_page_is_there_goes_out_all_the_same(people: People) -> None:
    school = people("xuexiao_xueji")
    school.ask(QUESTION)
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    school.page.route(re.compile(r"/static/conversation-\w+\.js"), hold)
    school.page.reload()
    until(lambda: school.page.evaluate("1") and held)
    school.write_box().fill("补一句：是三年级的。")
    school.write_box().press("Enter")
    expect(school.write_box()).to_have_value("补一句：是三年级的。")
    held[0].continue_()
    expect(school.write_box()).to_have_value("")
    expect(school.page.locator("[data-log]")).to_contain_text("补一句：是三年级的。")
