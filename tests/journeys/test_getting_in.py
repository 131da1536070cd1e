"""Getting an account: reported upward and bound by the level above, or registered at the door and confirmed."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from email.message import EmailMessage

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select
from sqlalchemy.orm import Session

from registry_core import clock
from registry_core.access.models import RoleAssignment
from registry_core.access.services import end_role
from registry_core.accounts.models import Account
from registry_core.accounts.services import close_account
from tests.journeys.looks import PHONE, expect_fair
from tests.journeys.people import People, Person
from tests.journeys.records import Records
from tests.journeys.system import until

NEWCOMER = "秦岭"
MOBILE = "13912345678"
WRONG_EMAIL = "qinlin@example.cn"
EMAIL = "qinling@example.cn"
TEACHER_EMAIL = "yang@example.cn"
IMPOSTOR_EMAIL = "zhang@example.cn"
OWN_PASSWORD = "秋天的白杨树-2046"
USER_NAME_LINE = re.compile(r"用户名：(\S+)")
PASSWORD_LINE = re.compile(r"一次性密码：(\S+)")
CODE = re.compile(r"\b\d{6}\b")
SCHOOL = "西安市雁塔区第二小学（演示）"


@pytest.fixture(autouse=True)
def _nobody_stays(records: Records) -> Iterator[None]:
    """Close afterwards what accounts these journeys have opened; the next ones find the cast alone."""
    began = clock.now() - timedelta(seconds=1)
    yield
    records.system.mailbox.unknown.clear()
    with records.session() as session:
        for account in _opened_since(session, began):
            held = select(RoleAssignment.id).where(
                RoleAssignment.account_id == account.id, RoleAssignment.valid_until.is_(None)
            )
            for assignment_id in session.scalars(held).all():
                end_role(session, assignment_id)
            close_account(session, account.id)
        session.commit()


def _opened_since(session: Session, began: datetime) -> list[Account]:
    return list(session.scalars(select(Account).where(Account.created_at >= began, Account.closed_at.is_(None))))


def mails_to(records: Records, address: str, count: int) -> list[EmailMessage]:
    """Wait until so many mails have come in at an address."""
    mailbox = records.system.mailbox
    until(lambda: len(mailbox.to(address)) >= count, what=f"no mail to {address}")
    return mailbox.to(address)


def read(pattern: re.Pattern[str], mail: EmailMessage) -> str:
    """Read one thing out of a mail."""
    found = pattern.search(mail.get_content())
    assert found, mail.get_content()
    return found[found.re.groups]


def is_in(page: Page, name: str) -> None:
    expect(page.locator(".bar details.menu > summary")).to_contain_text(name)


def chooses_own_password(person: Person, name: str) -> None:
    """Change the one-time password at the door, by keyboard alone; nothing else opens before."""
    page = person.page
    expect(page.get_by_role("heading", name="请先换一个新密码")).to_be_visible()
    person.open("/people")
    expect(page.get_by_role("heading", name="人员与账号")).to_be_hidden()
    person.open("/sign-in/password")
    page.get_by_label("新密码", exact=True).focus()
    page.keyboard.type(OWN_PASSWORD)
    page.keyboard.press("Tab")
    page.keyboard.type(OWN_PASSWORD)
    page.keyboard.press("Enter")
    is_in(page, name)


def reports(county: Person) -> None:
    """Report the new administrator upward."""
    page = county.page
    county.open("/people/reports")
    expect_fair(page)
    page.locator(".page-head").get_by_role("link", name="上报", exact=True).click()
    expect_fair(page)
    page.locator("#main").get_by_role("link", name="雁塔区").first.click()
    for label, typed in (("姓名", NEWCOMER), ("手机号", MOBILE), ("邮箱", WRONG_EMAIL)):
        page.get_by_label(label).fill(typed)
    expect_fair(page)
    page.keyboard.press("Enter")
    county.sees("待核对")
    expect(county.button("绑定并发出密码")).to_have_count(0)


def binds(city: Person) -> str:
    """Check what was reported, found by its notice, and bind it to a new account; return the user name."""
    page = city.page
    until(lambda: _is_told_of_report(city), seconds=15, what="the city has not heard of the report")
    expect(page.locator("#main")).to_contain_text(NEWCOMER)
    expect(page.locator("#main")).to_contain_text(MOBILE)
    expect(page.get_by_role("radio", name="开一个新账号")).to_be_checked()
    expect_fair(page)
    user_name = page.get_by_label("新账号的用户名").input_value()
    city.button("绑定并发出密码").click()
    city.is_told("已绑定")
    return user_name


def _is_told_of_report(city: Person) -> bool:
    city.open("/notices")
    notice = city.page.locator("#main").get_by_role("link", name=re.compile(f"雁塔区上报了超级管理员{NEWCOMER}"))
    if not notice.count():
        return False
    notice.first.click()
    return True


def sends_again(city: Person) -> None:
    """Find the mail that did not arrive, put the address right, and send a new password."""
    page = city.page
    city.open("/people/deliveries")
    row = page.get_by_role("row").filter(has_text=NEWCOMER)
    until(lambda: _shows_lost(city), seconds=15, what="the refused mail is not listed")
    expect(row).to_have_count(1)
    expect(row).to_contain_text("对方邮局不认识这个地址")
    expect_fair(page)
    row.get_by_role("link", name="再发一次").click()
    expect(page.get_by_label("邮箱")).to_have_value(WRONG_EMAIL)
    page.get_by_label("邮箱").fill(EMAIL)
    expect_fair(page)
    page.keyboard.press("Enter")
    city.is_told("新的一次性密码正在发出")


def _shows_lost(city: Person) -> bool:
    city.page.reload()
    return bool(city.page.get_by_role("row").filter(has_text=NEWCOMER).count())


def sms_logged(records: Records) -> int:
    """Count the short messages to the newcomer that the console provider has taken."""
    log = records.system.programs["worker"].log.read_text(encoding="utf-8", errors="replace")
    return len(re.findall(r"SMS \S+ to 139\*{4}5678: \d+ characters", log))


def promises_where_it_is_asked(page: Page) -> None:
    """Sign the undertaking and say what for, before the first look at others, where rules are loaded; it leads back."""
    if "/undertakings/sign" in page.url:
        page.get_by_label("我已阅读并承诺遵守").check()
        page.get_by_role("button", name="签署").click()
        page.wait_for_url(lambda address: "/undertakings/sign" not in address)
    if "/undertakings/purpose" in page.url:
        page.locator("input[name=purpose]").first.check()
        page.get_by_role("button", name="写明用途，继续").click()


def test_the_city_binds_who_the_county_reports_and_the_password_arrives(people: People, records: Records) -> None:
    records.system.mailbox.unknown.add(WRONG_EMAIL)
    county, city = people("xian_guanli"), people("shi_guanli")
    reports(county)
    user_name = binds(city)
    until(lambda: sms_logged(records) == 1, what="no short message")
    sends_again(city)
    (mail,) = mails_to(records, EMAIL, 1)
    assert records.system.mailbox.to(WRONG_EMAIL) == []
    until(lambda: sms_logged(records) == 2, what="no second short message")
    assert read(USER_NAME_LINE, mail) == user_name
    assert f"{records.system.address}/sign-in" in mail.get_content()

    newcomer = people.newcomer(NEWCOMER)
    newcomer.sign_in(user_name, read(PASSWORD_LINE, mail))
    chooses_own_password(newcomer, NEWCOMER)
    newcomer.open("/people?below=y&q=何文静")
    promises_where_it_is_asked(newcomer.page)
    newcomer.page.get_by_role("link", name="何文静（演示）").click()
    expect(newcomer.page.get_by_role("link", name="授予角色")).to_be_visible()
    newcomer.open("/notices")
    newcomer.sees("您的账号已绑定为雁塔区的超级管理员")

    county.open("/notices")
    county.sees(f"雁塔区上报的超级管理员{NEWCOMER}已绑定账号")
    city.open("/people/deliveries")
    expect(city.page.get_by_role("row").filter(has_text=NEWCOMER).filter(has_text="再发一次")).to_have_count(0)
    again = people.newcomer("somebody with the old password")
    again.wants("status of 422")
    again.sign_in(user_name, read(PASSWORD_LINE, mail))
    expect(again.page.locator(".fault-summary")).to_contain_text("用户名或密码不对")


def finds_by_name(page: Page) -> None:
    """Find the school by parts of its name."""
    page.get_by_label("单位名称").fill("雁塔 第二小学")
    page.keyboard.press("Enter")
    page.locator("#main").get_by_role("link", name=SCHOOL).click()


def finds_in_the_tree(page: Page) -> None:
    """Find the school by walking down the tree, by keyboard."""
    for name in ("陕西省", "西安市", "雁塔区", SCHOOL):
        link = page.locator("#main").get_by_role("link", name=name, exact=True)
        expect(link).to_be_visible()
        link.focus()
        page.keyboard.press("Enter")
        page.wait_for_load_state()


def registers(person: Person, records: Records, *, name: str, email: str, find: Callable[[Page], None]) -> None:
    """Ask for an account at the door, with a code out of the mail."""
    page = person.page
    page.get_by_role("link", name="注册账号").click()
    expect_fair(page)
    find(page)
    expect(page.get_by_role("heading", level=1)).to_have_text(f"在{SCHOOL}注册")
    page.get_by_label("姓名").fill(name)
    page.get_by_role("radio", name="邮箱").check(force=True)
    page.get_by_role("textbox", name="邮箱").fill(email)
    page.get_by_label("岗位和用途").fill("五年级班主任，核对本班学生信息。")
    expect_fair(page)
    person.button("发送验证码").click()
    expect(page.get_by_role("heading", name="输入验证码")).to_be_visible()
    (mail,) = mails_to(records, email, 1)
    expect_fair(page)
    page.get_by_label("验证码").fill(read(CODE, mail))
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="申请已提交")).to_be_visible()
    expect_fair(page)


def opens_registration(school: Person, name: str) -> None:
    """Open what waits, from the list."""
    school.open("/people/registrations")
    expect_fair(school.page)
    school.page.locator("#main").get_by_role("link", name=re.compile(name)).click()
    expect(school.page.get_by_role("heading", level=1)).to_have_text(name)


def test_who_registers_at_the_door_is_confirmed_or_refused_by_the_unit(people: People, records: Records) -> None:
    teacher = people.newcomer("杨帆", viewport=PHONE)
    registers(teacher, records, name="杨帆", email=TEACHER_EMAIL, find=finds_in_the_tree)
    impostor = people.newcomer("张冒名")
    registers(impostor, records, name="张冒名", email=IMPOSTOR_EMAIL, find=finds_by_name)

    school = people("xuexiao_guanli")
    opens_registration(school, "张冒名")
    school.page.get_by_label("原因").fill("本校没有这位老师，请联系您所在的学校。")
    expect_fair(school.page)
    school.button("退回").click()
    school.is_told("已退回，原因会发给申请人")
    refusal = mails_to(records, IMPOSTOR_EMAIL, 2)[1].get_content()
    assert SCHOOL in refusal
    assert "本校没有这位老师" in refusal

    opens_registration(school, "杨帆")
    expect(school.page.get_by_label("角色")).to_have_value("ordinary_user")
    school.button("开通并发出密码").click()
    school.is_told("账号已开通")
    mail = mails_to(records, TEACHER_EMAIL, 2)[1]
    teacher.sign_in(read(USER_NAME_LINE, mail), read(PASSWORD_LINE, mail))
    page = teacher.page
    expect(page.get_by_role("heading", name="请先换一个新密码")).to_be_visible()
    expect_fair(page)
    page.get_by_label("新密码", exact=True).fill(OWN_PASSWORD)
    page.get_by_label("再写一遍新密码").fill(OWN_PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("您好")
    page.get_by_text("更多", exact=True).click()
    expect(page.locator("#more .menu-person")).to_contain_text("普通用户")
    expect(page.locator("#more .menu-person")).to_contain_text(SCHOOL)

    impostor.wants("status of 422")
    impostor.sign_in("zhang", "一句也不对的密码")
    expect(impostor.page.locator(".fault-summary")).to_contain_text("用户名或密码不对")
