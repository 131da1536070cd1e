"""A walk past every page in each of its states, the way that a question goes on its day."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import uuid4

from playwright.sync_api import Page, expect

from tests.journeys.people import People, Person

QUESTION = "学生从外省转来，系统提示学籍号已存在，转入申请提交不了。"
ANSWER = "原学校还没有办转出。请让对方先办转出，再提交一次。"

Stop = tuple[str, Page]


def walk(people: People) -> Iterator[Stop]:
    """Go from page to page; each stop is a name and the page as it stands."""
    people.records.quieten()
    school = people("xuexiao_xueji")
    school.wants(r"status of 404|status of 422")
    yield from past_the_door(people)
    yield from past_empty_pages(school)
    ticket = f"/questions/{school.ask(QUESTION)}"
    expect(school.page.locator("#record")).to_be_visible()
    yield "question with template", school.page
    county = people("xian_jishu")
    county.go_on_duty()
    county.hears_ringing(QUESTION)
    yield "console, ringing", county.page
    school.open(ticket)
    yield "question, ringing", school.page
    yield from past_the_talk(school, county)
    yield from past_the_answer(school, county, ticket)
    yield from past_the_desk(people, county)


def past_the_door(people: People) -> Iterator[Stop]:
    """What stands outside: sign-in, the living page, and a question that is not there."""
    page = people.stranger()
    page.goto(f"{people.records.system.address}/sign-in")
    yield "sign-in", page
    page.get_by_label("用户名").fill("nobody")
    page.get_by_label("密码").fill("wrong")
    page.keyboard.press("Enter")
    expect(page.locator(".fault-summary")).to_be_visible()
    yield "sign-in with fault", page
    for path in ("/sign-in/forgot", "/sign-in/reset", "/cannot-sign-in"):
        page.goto(f"{people.records.system.address}{path}")
        yield path, page
    page.get_by_label("您的单位").press_sequentially("雁塔区")
    expect(page.get_by_role("radio").first).to_be_visible()
    yield "cannot sign in, with units", page
    page.goto(f"{people.records.system.address}/_ui")
    yield "living page", page


def past_empty_pages(school: Person) -> Iterator[Stop]:
    """A first morning: nothing asked yet."""
    messages = (
        "/messages",
        "/messages/people",
        "/messages/people?words=zzz",
        "/messages/groups/new",
        "/messages/recalls",
        "/incidents",
    )
    for path in ("/", "/ask", "/questions", "/notices", *messages):
        school.open(path)
        yield f"{path} on the first morning", school.page
    school.page.locator(".bar details.menu > summary").click()
    yield "menu", school.page
    school.open(f"/questions/{uuid4()}")
    yield "not found", school.page
    yield from past_the_own_account(school)
    school.open("/account/password")
    for label in ("现在的密码", "新密码", "再写一遍新密码"):
        school.page.get_by_label(label, exact=True).fill("short")
    school.button("改密码").click()
    expect(school.page.locator(".fault-summary")).to_be_visible()
    yield "password with faults", school.page


def past_the_own_account(school: Person) -> Iterator[Stop]:
    """Password, second factor, devices and history."""
    for path in ("/account", "/account/second-factor", "/account/confirm"):
        school.open(path)
        yield path, school.page
    school.open("/account/second-factor")
    school.page.get_by_text("扫不了？手工输入").click()
    yield "second factor to type", school.page


def past_the_talk(school: Person, county: Person) -> Iterator[Stop]:
    """Two people talk."""
    county.accepts(QUESTION)
    county.says("您好，请把学籍号的前六位告诉我。")
    school.says("420106")
    county.hears("420106")
    yield "question, talking", school.page
    yield "console, talking", county.page
    for button, dialog in (("给出答复", "resolve"), ("转上一级", "pass-up"), ("键盘操作", "keys")):
        county.page.get_by_role("button", name=button, exact=True).first.click()
        expect(county.page.locator(f"dialog#{dialog}")).to_be_visible()
        yield f"dialog {dialog}", county.page
        county.page.keyboard.press("Escape")
        expect(county.page.locator(f"dialog#{dialog}")).to_be_hidden()


def past_the_answer(school: Person, county: Person, ticket: str) -> Iterator[Stop]:
    """The answer is there and waits for a yes."""
    county.resolves(ANSWER)
    expect(school.page.locator("#resolution")).to_be_visible()
    yield "question, answered", school.page
    school.button("还没解决").click()
    yield "dialog reopen", school.page
    school.page.keyboard.press("Escape")
    for path in ("/", "/questions"):
        school.open(path)
        yield f"{path} with an answer", school.page
    school.open(ticket)
    school.confirms()
    yield "question, closed", school.page
    yield "console, closed", county.page


def past_the_desk(people: People, county: Person) -> Iterator[Stop]:
    """What technicians and their lead open besides."""
    county.open("/console/record-call")
    yield "record a call", county.page
    yield from past_the_letters(people)
    yield from past_the_trail(people)
    lead = people("xian_zhuguan")
    lead.open("/console")
    yield "console, empty", lead.page
    lead.page.get_by_role("navigation", name="主菜单").get_by_role("link", name="雁塔区学籍服务台").click()
    expect(lead.page.get_by_role("heading", level=1)).to_contain_text("雁塔区")
    yield "desk settings", lead.page


def past_the_trail(people: People) -> Iterator[Stop]:
    """What was done, and who has looked at one's own data."""
    above = people("sheng_guanli")
    above.open("/audit")
    above.page.locator("details.fold > summary").first.click()
    yield "trail, unfolded", above.page
    for path in ("/audit?person=nobody", "/account/looks"):
        above.open(path)
        yield path, above.page


def past_the_letters(people: People) -> Iterator[Stop]:
    """A letter for somebody of the level below."""
    above = people("sheng_guanli")
    above.open("/letters")
    yield "letters", above.page
    above.open("/letters?words=李晓")
    yield "letters, somebody found", above.page
    above.page.get_by_label("我已当面核对本人和证件").check()
    above.button("做一封信").click()
    expect(above.page.locator(".printed")).to_be_visible()
    yield "a letter", above.page
    above.open("/letters?words=没有这个人")
    yield "letters, nobody found", above.page
