"""Lending: a role with consent, in which a colleague acts under both names; and a password that was lent after all."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import delete, select, update

from portal.demonstration import PASSWORD
from registry_core import clock
from registry_core.access.models import Delegation, RoleAssignment
from registry_core.access.services import end_role
from registry_core.accounts.models import Account, FormerPassword
from registry_core.accounts.services import close_account
from registry_core.people.models import LentPassword
from tests.journeys.looks import PHONE, expect_fair
from tests.journeys.people import NAMES, People, Person
from tests.journeys.records import Records
from tests.journeys.system import until

LENDER, CONSENTER, BORROWER, SEEKER = "xuexiao2_xueji", "xuexiao_xitong", "xuexiao_putong", "xuexiao_guanli"
PURPOSE = "外出培训一周，请同事开通新教师的账号。"
NEW_TEACHER = "吴新来"
NEW_TEACHER_EMAIL = "wu@example.cn"
OWN_PASSWORD = "冬天的火车站-2047"
LATER = clock.local(clock.now()).date() + timedelta(days=7)


@pytest.fixture(autouse=True)
def _as_before(records: Records) -> Iterator[None]:
    """Leave afterwards no lending, no lent password, no account that somebody opened, and every password as it was."""
    with records.session() as session:
        rows = session.execute(select(Account.id, Account.password_hash)).all()
        hashes = {row.id: row.password_hash for row in rows}
    yield
    with records.session() as session:
        session.execute(update(Delegation).where(Delegation.ended_at.is_(None)).values(ended_at=clock.now()))
        session.execute(delete(LentPassword))
        session.execute(delete(FormerPassword))
        for account in session.scalars(select(Account).where(Account.closed_at.is_(None))).all():
            if account.id in hashes:
                account.password_hash = hashes[account.id]
                account.must_change_password = False
                continue
            held = select(RoleAssignment.id).where(RoleAssignment.account_id == account.id)
            for assignment_id in session.scalars(held).all():
                end_role(session, assignment_id)
            close_account(session, account.id)
        session.commit()


def lends(lender: Person) -> None:
    """Ask for the consent to lend the own role."""
    page = lender.page
    lender.open("/people/loans")
    expect_fair(page)
    page.locator(".page-head").get_by_role("link", name="请人代办").click()
    expect_fair(page)
    page.locator("#main").get_by_role("link", name="学籍管理员").click()
    page.get_by_label("请谁代办").select_option(label=NAMES[BORROWER])
    page.get_by_label("事由").fill(PURPOSE)
    page.get_by_label("到哪天为止").fill(LATER.isoformat())
    expect_fair(page)
    page.get_by_label("事由").press("Enter")
    lender.is_told("同意之后，对方才能代您办理")
    lender.sees("等待同意")


def consents(keeper: Person) -> None:
    """Find by the notice what waits for consent, and press the button from the keyboard."""
    page = keeper.page
    words = re.compile(f"{NAMES[LENDER]}申请请{NAMES[BORROWER]}代为办理")

    def told() -> bool:
        keeper.open("/notices")
        return bool(page.locator("#main").get_by_role("link", name=words).count())

    until(told, seconds=15, what="the system administrator has not heard of it")
    page.locator("#main").get_by_role("link", name=words).first.click()
    keeper.sees(PURPOSE)
    expect_fair(page)
    keeper.button("同意并备案").focus()
    page.keyboard.press("Enter")
    keeper.is_told("已同意并登记备案")


def opens_an_account(borrower: Person) -> None:
    """Do what only the lender's role may do."""
    page = borrower.page
    borrower.open("/people/new")
    page.locator("#main").get_by_role("link", name="第二小学").first.click()
    page.get_by_label("姓名").fill(NEW_TEACHER)
    page.get_by_label("邮箱").fill(NEW_TEACHER_EMAIL)
    page.get_by_label("角色").select_option("school_user")
    expect_fair(page)
    page.get_by_label("邮箱").press("Enter")
    borrower.is_told("已开通")


def seek(seeker: Person, who: str) -> Page:
    """Search the trail for what somebody did."""
    seeker.open("/audit")
    seeker.page.get_by_label("谁做的").fill(who)
    seeker.page.keyboard.press("Enter")
    expect(seeker.page.get_by_role("table")).to_be_visible()
    return seeker.page


def test_a_colleague_acts_in_a_lent_role_under_both_names_until_it_ends(people: People, records: Records) -> None:
    lender, keeper, borrower = people(LENDER), people(CONSENTER), people(BORROWER, viewport=PHONE)
    borrower.wants("status of 403")
    lends(lender)
    borrower.open("/people/loans")
    expect(borrower.button(f"代{NAMES[LENDER]}办理")).to_have_count(0)
    consents(keeper)

    borrower.open("/people/new")
    expect(borrower.page.get_by_role("heading", name="在哪个单位开账号？")).to_have_count(0)
    borrower.open("/people/loans")
    expect_fair(borrower.page)
    borrower.button(f"代{NAMES[LENDER]}办理").click()
    banner = borrower.page.locator(".acting")
    expect(banner).to_contain_text(f"您正在代{NAMES[LENDER]}办理")
    expect_fair(borrower.page)
    opens_an_account(borrower)
    expect(banner).to_be_visible()
    until(lambda: records.system.mailbox.to(NEW_TEACHER_EMAIL), what="the account's password was not sent")

    seeker = people(SEEKER)
    row = seek(seeker, NAMES[BORROWER]).get_by_role("row").filter(has_text="开通账号")
    expect(row.first).to_contain_text(NAMES[BORROWER])
    expect(row.first).to_contain_text(f"代 {NAMES[LENDER]}")
    expect_fair(seeker.page)

    lender.open("/people/loans")
    lender.button("结束授权").click()
    lender.is_told("代办授权已结束，立即生效")
    borrower.open("/people/new")
    expect(borrower.page.get_by_role("heading", name="在哪个单位开账号？")).to_have_count(0)
    borrower.open("/people/loans")
    expect(banner).to_have_count(0)
    borrower.sees("已结束")
    expect(borrower.button(f"代{NAMES[LENDER]}办理")).to_have_count(0)


def the_time_is_up(records: Records) -> None:
    """Let the lent password's time pass, and the worker begin anew: its clock looks at once, not in five minutes."""
    now = clock.now()
    with records.session() as session:
        session.execute(
            update(LentPassword).values(registered_at=now - timedelta(days=7), valid_until=now - timedelta(seconds=1))
        )
        session.commit()
    worker = records.system.programs["worker"]
    worker.stop()
    worker.start()
    until(lambda: forced(records), seconds=30, what="no new password is asked for")


def forced(records: Records) -> bool:
    with records.session() as session:
        return session.scalar(select(LentPassword.forced_at)) is not None


def test_a_password_that_was_lent_is_on_record_and_has_to_be_changed(people: People, records: Records) -> None:
    lender, keeper = people(LENDER), people(CONSENTER)
    page = lender.page
    lender.open("/people/loans")
    page.get_by_role("link", name="登记借出的密码，用完要改").click()
    page.get_by_label("借给谁").fill("张实习")
    page.get_by_label("事由").fill("系统集中填报，帮忙录入。")
    page.get_by_label("用到哪天为止").fill(LATER.isoformat())
    expect_fair(page)
    page.get_by_label("事由").press("Enter")
    lender.is_told("已登记。到期后会要求您修改密码")

    def told() -> bool:
        keeper.open("/notices")
        return bool(keeper.page.get_by_text(f"{NAMES[LENDER]}登记了把密码借给张实习使用").count())

    until(told, seconds=15, what="nobody was told that a password was lent")

    the_time_is_up(records)
    # The open page is sent to the door by itself.
    expect(page.get_by_role("heading", name="登录", exact=True)).to_be_visible()
    del people.cookies[LENDER]
    lender.sign_in(LENDER, PASSWORD)
    expect(page.get_by_role("heading", name="请先换一个新密码")).to_be_visible()
    page.get_by_label("新密码", exact=True).fill(OWN_PASSWORD)
    page.get_by_label("再写一遍新密码").fill(OWN_PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("您好")

    borrower = people.newcomer("张实习")
    borrower.wants("status of 422")
    borrower.sign_in(LENDER, PASSWORD)
    expect(borrower.page.locator(".fault-summary")).to_contain_text("用户名或密码不对")
