"""Nobody near is there: the question climbs, by itself or by hand, and comes back with an answer."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.journeys.people import People, Person, see_the_same
from tests.journeys.records import Records
from tests.journeys.system import until

QUESTION = "全校四年级的学籍照片都传不上去，提示尺寸不符。"
ANSWER = "照片模板已经更新，请用新模板再传一次。"


def leave_word(person: Person) -> None:
    """Fill in what the template still asks, and leave it."""
    record = person.page.locator("#record")
    expect(record.get_by_label("发生了什么")).to_have_value(QUESTION)
    expect(record.get_by_label("怎么联系您")).to_have_value("13800000000")
    record.get_by_label("我试过什么").fill("换了两台电脑，都一样。")
    record.get_by_label("在哪里").fill("学籍系统，照片采集")
    record.get_by_label("从什么时候开始").fill("今天上午")
    record.get_by_label("涉及多少名学生").fill("128")
    record.get_by_text("很急").click()
    record.get_by_role("button", name="留言，等同事上线").click()
    expect(person.page.locator("#record")).to_be_hidden()


def test_nobody_at_the_county_so_the_question_climbs_to_the_province(people: People, records: Records) -> None:
    school, province = people("xuexiao_xueji"), people("sheng_jishu")
    province.go_on_duty()
    ticket_id = school.ask(QUESTION)
    school.sees("现在没有同事在线，请给他们留言")
    school.sees_ladder(county="waiting", city="ahead", province="ahead")
    assert records.rung(ticket_id) == []

    leave_word(school)
    school.sees_ladder(county="passed", city="passed", province="ringing")
    assert records.custodies(ticket_id) == [("county", True)]

    province.accepts(QUESTION)
    school.sees_ladder(county="passed", city="passed", province="talking", ministry="ahead")
    assert records.custodies(ticket_id) == [("county", False), ("province", True)]
    expect(province.page.locator("#panel")).to_contain_text("涉及多少名学生：128")
    expect(province.page.locator("#panel")).to_contain_text("陕西省 › 西安市 › 雁塔区")

    province.says("请把提示的截图描述一下。")
    school.hears("请把提示的截图描述一下。")
    school.says("写着：宽 358 高 441 像素。")
    province.hears("写着：宽 358 高 441 像素。")
    see_the_same(records, ticket_id, school, province)


def test_nobody_anywhere_and_who_comes_first_gets_the_nearest_question(people: People, records: Records) -> None:
    school, province = people("xuexiao_xueji"), people("sheng_xueji")
    of_school = school.ask(QUESTION)
    leave_word(school)
    school.sees_sentence("各级服务台暂时都没有同事可接")
    school.sees_ladder(county="waiting", city="passed", province="passed", ministry="passed")
    of_province = province.ask("省里的月报表打不开。")
    province.page.locator("#record").get_by_role("button", name="留言，等同事上线").click()
    province.sees_sentence("各级服务台暂时都没有同事可接")

    ministry = people("bu_jishu")
    ministry.go_on_duty()
    ministry.accepts("省里的月报表打不开。")
    until(lambda: records.rung(of_school) == ["bu_jishu"])
    ministry.accepts(QUESTION)
    school.sees_ladder(ministry="talking")
    assert records.rung(of_province) == ["bu_jishu"]
    ministry.says(ANSWER)
    school.hears(ANSWER)
    see_the_same(records, of_school, school, ministry)
    see_the_same(records, of_province, province)


def test_an_asker_who_is_away_gets_a_mail_when_the_answer_comes(people: People, records: Records) -> None:
    school = people("xuexiao_xueji")
    ticket_id = school.ask(QUESTION)
    school.sees("现在没有同事在线，请给他们留言")
    school.leave()

    county = people("xian_jishu")
    county.go_on_duty()
    county.accepts(QUESTION)
    county.says(ANSWER)
    mails = until(lambda: records.system.mailbox.to("xuexiao_xueji@demo.invalid"), seconds=20)
    body = mails[0].get_content()
    assert "有答复了" in mails[0]["Subject"]
    assert f"{records.system.address}/questions/{ticket_id}" in body
    assert ANSWER not in body
    assert QUESTION not in body

    school = people("xuexiao_xueji")
    school.open("/notices")
    school.page.locator("#main").get_by_role("link").filter(has_text="答复").first.click()
    school.hears(ANSWER)
    county.sees_mark(ANSWER, "read")
    see_the_same(records, ticket_id, school, county)
    assert len(mails) == 1


def test_a_question_passed_up_by_hand_comes_back_with_advice_and_is_solved(people: People, records: Records) -> None:
    school, county, province = people("xuexiao_xueji"), people("xian_jishu"), people("sheng_jishu")
    county.go_on_duty()
    province.go_on_duty()
    ticket_id = school.ask(QUESTION)
    county.accepts(QUESTION)
    county.says("我这里也试一下。")
    school.hears("我这里也试一下。")
    county.passes_up("县里试过两台电脑，怀疑是模板尺寸变了。")
    province.accepts(QUESTION)
    school.sees_ladder(county="passed", city="passed", province="talking")
    province.hears("我这里也试一下。")
    province.hears("县里试过两台电脑")
    expect(province.page.locator("#panel")).to_contain_text("怀疑是模板尺寸变了")
    # The desk below reads along and may not write.
    expect(county.page.locator("[data-not-writing]")).to_be_visible()
    province.says("确实是模板换了。")
    county.hears("确实是模板换了。")
    see_the_same(records, ticket_id, school, county, province)

    province.returns("请学校下载 2026 版模板，再传一次。")
    county.accepts(QUESTION)
    school.sees_ladder(county="talking")
    expect(county.page.locator("#panel")).to_contain_text("请学校下载 2026 版模板")
    levels = [level for level, _ in records.custodies(ticket_id)]
    assert levels == ["county", "city", "province", "county"]
    county.resolves(ANSWER)

    expect(school.page.locator("#resolution")).to_contain_text(ANSWER)
    school.reopens("新模板还是提示尺寸不符。")
    county.accepts(QUESTION)
    assert records.rung(ticket_id)[-1] == "xian_jishu"
    county.hears("新模板还是提示尺寸不符。")
    county.resolves("把照片另存为 358×441 就可以了。")
    expect(school.page.locator("#resolution")).to_contain_text("358×441")
    school.confirms()
    expect(county.page.locator("[data-not-writing]")).to_be_visible()
    assert records.ticket(ticket_id).state == "closed"
    see_the_same(records, ticket_id, school, county, province)
