"""The pages on which an administrator opens accounts from a sheet."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from registry_core.accounts.models import Account
from registry_core.people import progress
from registry_core.people.columns import TO_MEND, Column
from registry_core.people.models import AccountBatch, BatchState
from registry_core.sheets import read_table, write_csv, write_workbook
from registry_core.store import Redis
from tests.conftest import Cast
from tests.people_house import SCHOOL, react
from tests.portal_house import Browser

SignedIn = Callable[[str], Browser]
HEAD = "xuexiao_xueji"
UPLOAD = "/people/batches/new"
HEADER = ["姓名", "手机号", "邮箱", "角色"]
QIN = ["秦岭", "13912345678", "qinling@example.cn", "学校用户"]
QIAN = ["钱乐", "13700005678", "", "普通用户"]


def upload(browser: Browser, content: bytes, name: str = "名单.xlsx") -> TestResponse:
    """Send a file."""
    fields = {"csrf_token": browser.token(UPLOAD), "file": (io.BytesIO(content), name)}
    return browser.client.post(UPLOAD, data=fields, content_type="multipart/form-data")


def uploaded(browser: Browser, *rows: list[str]) -> str:
    """Send a sheet, and return the address of its page."""
    answer = upload(browser, write_workbook("名单", HEADER, rows))
    assert answer.status_code == 303, answer.text
    return answer.location


def test_a_sheet_is_checked_previewed_opened_and_found_again(signed_in: SignedIn, session: Session, cast: Cast) -> None:
    school = signed_in(HEAD)
    page = uploaded(school, QIN, QIAN)
    preview = school.get(page).text
    assert "检查通过，还没有开通" in preview
    assert SCHOOL in preview
    assert session.scalar(select(func.count()).where(Account.name == "秦岭")) == 0
    assert school.post(f"{page}/open", page=page).status_code == 303
    waiting = school.get(page).text
    assert "正在开通 2 个账号" in waiting
    assert 'hx-trigger="every 1s"' in waiting
    react(session, "AccountsAsked")
    done = school.get(page).text
    assert "已开通 2 个账号" in done
    assert "还在发 2 人" in done
    assert page in school.get("/people/batches").text
    assert {held.unit_id for held in cast.actor("ql5678").assignments} == {cast.unit(SCHOOL).id}


def test_faults_are_listed_by_row_and_column_and_handed_back_in_the_sheet(
    signed_in: SignedIn, session: Session
) -> None:
    school = signed_in(HEAD)
    page = uploaded(school, QIN, [*QIAN[:3], "校长"])
    shown = school.get(page).text
    assert "第 3 行" in shown
    assert "没有这个角色" in shown
    assert "要改 1 处" in shown
    table = read_table(school.get(f"{page}/faults").data)
    assert table.header[-1] == TO_MEND
    assert [row.cells[-1] != "" for row in table.rows] == [False, True]
    assert school.post(f"{page}/open", page=page).status_code == 409
    assert session.scalar(select(func.count()).where(Account.name.in_(["秦岭", "钱乐"]))) == 0


def test_a_sheet_may_be_a_csv_and_name_its_roles_in_english(signed_in: SignedIn) -> None:
    school = signed_in(HEAD)
    answer = upload(school, write_csv(HEADER, [[*QIN[:3], "Ordinary user"]]), "名单.csv")
    assert "检查通过" in school.get(answer.location).text


def test_the_template_can_be_filled_in_and_uploaded(signed_in: SignedIn) -> None:
    school = signed_in(HEAD)
    template = school.get("/people/batches/template")
    assert template.status_code == 200
    assert read_table(template.data).header == tuple(
        f"{column}*" if column in {Column.NAME, Column.ROLE} else column for column in Column
    )
    filled = write_workbook("名单", read_table(template.data).header, [["秦岭", "13912345678", "", "", "", "学生"]])
    assert "检查通过" in school.get(upload(school, filled).location).text


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"\x00\x01nothing like a sheet", "这个文件打不开"),
        (b"PK\x03\x04 broken", "这个文件打不开"),
        (b"", "文件是空的"),
        (write_csv(HEADER, []), "没有要开账号的人"),
        (write_csv(["a", "b"], [["1", "2"]]), "第一行缺少这些列"),
        (write_csv(HEADER, [QIN] * 5_001), "超过 5000 行"),
    ],
    ids=["noise", "broken", "empty", "nobody", "header", "long"],
)
def test_a_file_that_is_no_list_is_refused_in_words(content: bytes, said: str, signed_in: SignedIn) -> None:
    answer = upload(signed_in(HEAD), content)
    assert answer.status_code == 422
    assert said in answer.text


def test_a_workbook_that_swells_is_refused(signed_in: SignedIn) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as bomb:
        bomb.writestr("xl/worksheets/sheet1.xml", b"0" * 70_000_000)
    answer = upload(signed_in(HEAD), packed.getvalue())
    assert answer.status_code == 422
    assert "解开后太大" in answer.text


def test_a_formula_is_handed_back_as_a_text_and_shown_without_running(signed_in: SignedIn) -> None:
    school = signed_in(HEAD)
    page = uploaded(school, ['=cmd|"/c calc"!A1', "13912345678", "", "<script>alert(1)</script>"])
    assert "<script>alert(1)" not in school.get(page).text
    handed_back = school.get(f"{page}/faults").data
    sheet = zipfile.ZipFile(io.BytesIO(handed_back)).read("xl/worksheets/sheet1.xml")
    assert b"<f>" not in sheet


def test_a_sheet_that_is_given_up_is_empty_afterwards(signed_in: SignedIn, session: Session) -> None:
    school = signed_in(HEAD)
    page = uploaded(school, QIN)
    assert school.post(f"{page}/drop", page=page).status_code == 303
    assert "名单的内容已经清除" in school.get(page).text
    assert session.scalars(select(AccountBatch.rows)).all() == [None]
    assert school.post(f"{page}/open", page="/people/batches/new").status_code == 409


def test_nobody_finds_the_sheet_of_somebody_else(signed_in: SignedIn) -> None:
    page = uploaded(signed_in(HEAD), QIN)
    other = signed_in("xian_guanli")
    assert [other.get(f"{page}{part}").status_code for part in ("", "/progress", "/faults")] == [404] * 3
    assert [other.post(f"{page}/{act}", page=UPLOAD).status_code for act in ("open", "drop")] == [404] * 2
    assert page not in other.get("/people/batches").text


def test_without_the_right_there_is_no_page(signed_in: SignedIn) -> None:
    technician = signed_in("xian_jishu")
    assert [technician.get(path).status_code for path in ("/people/batches", UPLOAD, "/people/batches/template")] == [
        403
    ] * 3


@pytest.fixture
def noted(store: Redis) -> Iterator[Redis]:
    """The worker notes how far it has come."""
    progress.install_progress(store)
    yield store
    progress._stores.clear()


def test_the_bar_moves_and_the_page_turns_when_the_accounts_are_open(
    noted: Redis, signed_in: SignedIn, session: Session
) -> None:
    del noted
    school = signed_in(HEAD)
    page = uploaded(school, QIN, QIAN)
    school.post(f"{page}/open", page=page)
    batch = session.scalars(select(AccountBatch)).one()
    asking = f"{page}/progress?seen=waiting"
    assert "马上开始" in school.get(asking, HX_Request="true").text
    progress.Gauge(batch.id, 2).note(1)
    moved = school.get(asking, HX_Request="true").text
    assert re.search(r'<progress[^>]*value="50"', moved)
    react(session, "AccountsAsked")
    assert batch.state is BatchState.APPLIED
    turned = school.get(asking, HX_Request="true")
    assert turned.headers["HX-Redirect"] == page
    assert "还在发 2 人" in school.get(f"{page}/progress?seen=applied", HX_Request="true").text


def test_why_nothing_was_opened_stands_on_the_page(signed_in: SignedIn, session: Session, cast: Cast) -> None:
    school = signed_in(HEAD)
    page, later = uploaded(school, QIN), uploaded(school, QIN, QIAN)
    school.post(f"{page}/open", page=page)
    school.post(f"{later}/open", page=later)
    react(session, "AccountsAsked")
    shown = school.get(later).text
    assert "一个账号也没有开通" in shown
    assert "已有账号用这个手机号" in shown
    assert session.scalar(select(func.count()).where(Account.name == "钱乐")) == 0
    del cast


def test_five_thousand_rows_go_through_the_pages(app: Flask, signed_in: SignedIn, session: Session) -> None:
    del app
    school = signed_in(HEAD)
    rows = [[f"测试{number}", f"139{number:08d}", f"u{number}@example.cn", "学校用户"] for number in range(5_000)]
    page = uploaded(school, *rows)
    assert "要开通 5000 个账号" in school.get(page).text
    school.post(f"{page}/open", page=page)
    react(session, "AccountsAsked")
    assert "已开通 5000 个账号" in school.get(page).text


def test_the_way_there_stands_where_one_looks_for_it(signed_in: SignedIn) -> None:
    school = signed_in(HEAD)
    assert 'href="/people/batches"' in school.get("/people").text
    assert f'href="{UPLOAD}"' in school.get("/people/new").text
