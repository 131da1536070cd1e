"""Getting in: with a second factor, with a new password from a mail, and for who cannot get in at all."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import delete, select, update

from portal.demonstration import PASSWORD
from registry_core import clock
from registry_core.accounts import totp
from registry_core.accounts.models import Account, FormerPassword, KnownDevice, RecoveryCode, SecondFactor
from tests.journeys.people import NAMES, People
from tests.journeys.records import Records
from tests.journeys.system import until

USER = "linqu_xueji"
NEW = "春天的纸飞机-2041"


@pytest.fixture
def page(people: People, records: Records) -> Iterator[Page]:
    """A browser at the door; afterwards the account is as it was."""
    with records.session() as session:
        account_id, password_hash = session.execute(
            select(Account.id, Account.password_hash).where(Account.user_name == USER)
        ).one()
    opened = people.stranger()
    opened.goto(f"{records.system.address}/sign-in")
    yield opened
    with records.session() as session:
        for table in (SecondFactor, RecoveryCode, FormerPassword, KnownDevice):
            session.execute(delete(table).where(table.account_id == account_id))
        session.execute(update(Account).where(Account.id == account_id).values(password_hash=password_hash))
        session.commit()


def sign_in(page: Page, password: str = PASSWORD) -> None:
    page.get_by_label("用户名").fill(USER)
    page.get_by_label("密码", exact=True).fill(password)
    page.keyboard.press("Enter")


def is_in(page: Page) -> None:
    expect(page.locator(".bar details.menu > summary")).to_contain_text(NAMES[USER])


def leave(page: Page) -> None:
    page.locator(".bar details.menu > summary").click()
    page.locator(".bar").get_by_role("button", name="退出登录").click()
    expect(page.get_by_role("heading", name="登录", exact=True)).to_be_visible()


def test_a_second_factor_is_set_up_and_asked_for_at_the_next_sign_in(page: Page) -> None:
    sign_in(page)
    is_in(page)
    page.locator(".bar details.menu > summary").click()
    page.locator(".bar").get_by_role("link", name="账号与安全").click()
    page.get_by_role("link", name="打开二次验证").click()
    expect(page.get_by_role("img", name="给验证器扫描的方块")).to_be_visible()
    page.get_by_text("扫不了？手工输入").click()
    secret = page.locator(".one-time-code").inner_text().replace(" ", "")
    page.get_by_label("验证码").fill(totp.code_at(secret, clock.now()))
    page.keyboard.press("Enter")
    codes = page.locator(".codes .one-time-code")
    expect(codes).to_have_count(10)
    spare = codes.first.inner_text()
    page.get_by_role("link", name="已经保存好").click()
    expect(page.get_by_text("还有 10 个恢复码没有用过")).to_be_visible()
    leave(page)

    sign_in(page)
    expect(page.get_by_role("heading", name="再验证一步")).to_be_visible()
    expect(page.get_by_label("验证码")).to_be_focused()
    page.keyboard.type(totp.code_at(secret, clock.now() + timedelta(seconds=totp.STEP_SECONDS)))
    page.keyboard.press("Enter")
    is_in(page)
    leave(page)

    sign_in(page)
    page.get_by_label("验证码").fill("000000")
    page.keyboard.press("Enter")
    expect(page.locator(".fault-summary")).to_contain_text("验证码不对或已经用过")
    page.get_by_label("验证码").fill(spare)
    page.keyboard.press("Enter")
    is_in(page)


def test_a_forgotten_password_is_set_anew_with_a_code_from_the_mail(page: Page, records: Records) -> None:
    page.get_by_role("link", name="忘记密码").click()
    page.get_by_label("用户名").fill(USER)
    page.get_by_role("button", name="发送验证码").click()
    expect(page.get_by_text("验证码会在一两分钟内送到")).to_be_visible()
    mailbox = records.system.mailbox
    (mail,) = until(lambda: mailbox.to(f"{USER}@demo.invalid"), what="no mail with a code")
    found = re.search(r"\b\d{8}\b", mail.get_content())
    assert found
    expect(page.get_by_label("用户名")).to_have_value(USER)
    page.get_by_label("验证码").fill(found[0])
    page.get_by_label("新密码", exact=True).fill(NEW)
    page.get_by_label("再写一遍新密码").fill(NEW)
    page.keyboard.press("Enter")
    expect(page.get_by_text("新密码已生效")).to_be_visible()
    sign_in(page)
    expect(page.locator(".fault-summary")).to_contain_text("用户名或密码不对")
    sign_in(page, NEW)
    is_in(page)
    subjects = until(lambda: [one["Subject"] for one in mailbox.to(f"{USER}@demo.invalid")][1:])
    assert subjects == ["您的密码已经修改"]


def test_who_cannot_sign_in_asks_at_the_door_and_the_desk_checks_who_it_is(page: Page, people: People) -> None:
    county = people("xian_jishu")
    county.go_on_duty()
    page.get_by_role("link", name="登录不了？请同事帮忙").click()
    page.get_by_label("您的姓名").fill("王小梅")
    page.get_by_label("您的单位").press_sequentially("雁塔区第一小学")
    expect(page.get_by_role("radio", name=re.compile("雁塔区 › 西安市雁塔区第一小学"))).to_be_checked()
    page.get_by_label("怎么联系您").fill("139 1234 5678")
    page.get_by_label("登录时发生了什么").fill("换了手机，收不到验证码。")
    page.get_by_role("button", name="请同事帮忙").click()
    expect(page.get_by_text("已经转给您单位的服务台")).to_be_visible()

    county.accepts("【身份未核实】登录不了：换了手机，收不到验证码。")
    badge = county.page.locator(".panel .badge", has_text="身份未核实")
    expect(badge).to_be_visible()
    county.fills_dialog("已核实身份", "identity", "打学校总机找到本人")
    expect(badge).to_be_hidden()
    county.resolves("已请管理员当面给了重设密码的信。")
    expect(county.page.locator("[data-not-writing]")).to_be_visible()
