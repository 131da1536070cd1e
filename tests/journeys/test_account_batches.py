"""Accounts from a sheet: a school uploads a list with a fault, mends it, opens everybody, and finds the list again."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import expect
from sqlalchemy import select, update

from registry_core import clock
from registry_core.access.models import RoleAssignment
from registry_core.accounts.models import Account
from registry_core.sheets import write_workbook
from tests.journeys.looks import expect_fair
from tests.journeys.people import People, Person
from tests.journeys.records import Records
from tests.journeys.system import until

HEADER = ["姓名", "手机号", "邮箱", "角色"]
MANY = 400
FIRST_EMAIL = "batch0@example.cn"


@pytest.fixture(autouse=True)
def _nobody_stays(records: Records) -> Iterator[None]:
    """Close afterwards what accounts this journey has opened."""
    began = clock.now() - timedelta(seconds=1)
    yield
    with records.session() as session:
        now = clock.now()
        opened = select(Account.id).where(Account.created_at >= began)
        ended = update(RoleAssignment).where(RoleAssignment.account_id.in_(opened))
        session.execute(ended.values(valid_until=now), execution_options={"synchronize_session": False})
        closed = update(Account).where(Account.created_at >= began)
        session.execute(closed.values(closed_at=now), execution_options={"synchronize_session": False})
        session.commit()


def people_of(role: str) -> list[list[str]]:
    rows = [[f"名单{n}", f"139{n:08d}", f"batch{n}@example.cn", "学校用户"] for n in range(MANY)]
    rows[-1][-1] = role
    return rows


def uploads(school: Person, folder: Path, role: str) -> None:
    """Choose a file and have it checked."""
    place = folder / "教师名单.xlsx"
    place.write_bytes(write_workbook("名单", HEADER, people_of(role)))
    school.page.get_by_label("名单文件").set_input_files(place)
    school.button("检查这份名单").click()


def test_a_school_opens_many_accounts_from_a_sheet(people: People, records: Records, tmp_path: Path) -> None:
    school = people("xuexiao_xueji")
    page = school.page
    school.open("/people")
    page.get_by_role("link", name="成批开账号").first.click()
    school.sees("您还没有上传过名单")
    expect_fair(page)
    page.locator(".page-head").get_by_role("link", name="上传名单").click()
    expect_fair(page)
    with page.expect_download() as template:
        page.get_by_role("link", name="下载模板").click()
    assert template.value.suggested_filename == "开通账号名单.xlsx"

    uploads(school, tmp_path, "校长")
    school.sees("有要改的地方，还没有开通")
    expect(page.get_by_role("row").filter(has_text="没有这个角色")).to_contain_text(f"第 {MANY + 1} 行")
    expect_fair(page)
    with page.expect_download() as marked:
        page.get_by_role("link", name="下载标了错的名单").click()
    assert marked.value.suggested_filename == "要改的名单.xlsx"

    page.get_by_role("link", name="改好了，重新上传").click()
    uploads(school, tmp_path, "学生")
    school.sees(f"要开通 {MANY} 个账号")
    expect_fair(page)
    school.button(f"开通这 {MANY} 个账号").click()
    # The page turns by itself, without a reload, from opening to sending.
    school.sees(f"已开通 {MANY} 个账号")
    expect(page.get_by_text(re.compile(r"还在发 \d+ 人"))).to_be_visible()
    expect_fair(page)
    until(lambda: bool(records.system.mailbox.to(FIRST_EMAIL)), seconds=20, what="no password has arrived")
    expect(page.get_by_text(re.compile(r"送到 [1-9]\d* 人"))).to_be_visible(timeout=15_000)

    school.open("/people/batches")
    row = page.get_by_role("row").filter(has_text="已开通")
    expect(row).to_contain_text("教师名单.xlsx")
    expect_fair(page)
