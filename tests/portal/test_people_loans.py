"""Acting for a colleague in the browser: switched on and off, named on every page, gone at once when ended."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from registry_core import clock
from registry_core.access.models import Delegation
from registry_core.access.queries import list_held
from registry_core.accounts.models import Account
from registry_core.audit.models import AuditEntry
from registry_core.orgs.queries import today
from registry_core.people.models import LentPassword
from registry_core.sheets import read_table
from tests.conftest import Cast
from tests.portal_house import Browser

SignedIn = Callable[[str], Browser]
LOANS = "/people/loans"


def lend(signed_in: SignedIn, session: Session, cast: Cast) -> str:
    held, _unit = list_held(session, cast.id("xuexiao2_xueji"))[0]
    page = f"/people/loans/new?role={held.id}"
    fields = {
        "borrower": str(cast.id("xuexiao_putong")),
        "purpose": "外出培训",
        "since": today().isoformat(),
        "until": (today() + timedelta(days=6)).isoformat(),
    }
    assert signed_in("xuexiao2_xueji").post(page, fields, page=page).status_code == 303
    loan = session.scalars(select(Delegation.id)).one()
    system = signed_in("xuexiao_xitong")
    assert "等您同意" in system.get(LOANS).text
    assert system.post(f"{LOANS}/{loan}/consent", page=LOANS).status_code == 303
    return f"{LOANS}/{loan}"


def test_from_the_request_to_acting_and_back(signed_in: SignedIn, session: Session, cast: Cast) -> None:
    address = lend(signed_in, session, cast)
    borrower = signed_in("xuexiao_putong")
    assert borrower.get("/people").status_code == 403
    assert borrower.post(f"{address}/act", page=LOANS).status_code == 303
    shown = borrower.get("/people")
    assert shown.status_code == 200
    assert "您正在代周立群（演示）办理" in shown.text
    assert borrower.post(f"{LOANS}/stop", page=LOANS).status_code == 303
    assert borrower.get("/people").status_code == 403
    assert "您正在代" not in borrower.get("/").text


def test_what_is_done_for_another_is_on_record_with_both_names(
    signed_in: SignedIn, session: Session, cast: Cast
) -> None:
    address = lend(signed_in, session, cast)
    borrower = signed_in("xuexiao_putong")
    borrower.post(f"{address}/act", page=LOANS)
    page = f"/people/new?unit={cast.unit('西安市雁塔区第二小学（演示）').id}"
    fields = {"name": "秦岭", "mobile": "13912345678", "email": "", "role": "school_user", "user_name": ""}
    assert borrower.post(page, fields, page=page).status_code == 303
    entry = session.scalars(select(AuditEntry).where(AuditEntry.act == "people.account.opened")).one()
    assert (entry.account_id, entry.on_behalf_of) == (cast.id("xuexiao_putong"), cast.id("xuexiao2_xueji"))


def test_when_the_lender_ends_it_the_next_page_is_ones_own(signed_in: SignedIn, session: Session, cast: Cast) -> None:
    address = lend(signed_in, session, cast)
    borrower = signed_in("xuexiao_putong")
    borrower.post(f"{address}/act", page=LOANS)
    assert borrower.get("/people").status_code == 200
    assert signed_in("xuexiao2_xueji").post(f"{address}/end", page=LOANS).status_code == 303
    assert borrower.get("/people").status_code == 403


def test_another_browser_of_the_borrower_acts_as_oneself(signed_in: SignedIn, session: Session, cast: Cast) -> None:
    address = lend(signed_in, session, cast)
    signed_in("xuexiao_putong").post(f"{address}/act", page=LOANS)
    assert signed_in("xuexiao_putong").get("/people").status_code == 403


def test_somebody_else_cannot_switch_it_on(signed_in: SignedIn, session: Session, cast: Cast) -> None:
    address = lend(signed_in, session, cast)
    stranger = signed_in("xuexiao_xueji")
    assert stranger.post(f"{address}/act", page=LOANS).status_code == 409
    assert "您正在代" not in stranger.get("/").text


def test_a_lending_of_more_than_thirty_days_is_refused_on_the_page(
    signed_in: SignedIn, session: Session, cast: Cast
) -> None:
    held, _unit = list_held(session, cast.id("xuexiao2_xueji"))[0]
    page = f"/people/loans/new?role={held.id}"
    fields = {
        "borrower": str(cast.id("xuexiao_putong")),
        "purpose": "外出培训",
        "since": today().isoformat(),
        "until": (today() + timedelta(days=31)).isoformat(),
    }
    answer = signed_in("xuexiao2_xueji").post(page, fields, page=page)
    assert answer.status_code == 422
    assert "最长 30 天" in answer.text


def test_a_lent_password_is_put_on_record_on_a_page(signed_in: SignedIn, session: Session, cast: Cast) -> None:
    page = f"{LOANS}/password"
    fields = {"lent_to": "姜若兰", "purpose": "外出培训", "until": (today() + timedelta(days=1)).isoformat()}
    lender = signed_in("xuexiao2_xueji")
    assert lender.post(page, {**fields, "until": "2020-01-01"}, page=page).status_code == 422
    smuggled = {"account_id": str(cast.id("xuexiao_guanli")), "forced_at": "2026-01-01"}
    assert lender.post(page, {**fields, **smuggled}, page=page).status_code == 303
    stored = session.scalars(select(LentPassword)).one()
    assert (stored.account_id, stored.forced_at) == (cast.id("xuexiao2_xueji"), None)


@pytest.mark.parametrize("page", ["/account/rights", LOANS, f"{LOANS}/new", f"{LOANS}/password"])
def test_what_stands_behind_ones_own_picture_marks_no_entry_of_the_side(
    page: str, signed_in: SignedIn, cast: Cast
) -> None:
    del cast
    administrator = signed_in("xian_guanli")
    assert 'aria-current="page"' in administrator.get("/people").text
    assert 'aria-current="page"' not in administrator.get(page).text


def test_a_lending_says_its_last_day_not_the_midnight_behind_it(
    signed_in: SignedIn, session: Session, cast: Cast
) -> None:
    lend(signed_in, session, cast)
    shown = signed_in("xuexiao_putong").get(LOANS).text
    assert f"{today()} 至 {today() + timedelta(days=6)}" in shown


def test_what_was_lent_stands_on_record_for_who_watches_over_it(
    signed_in: SignedIn, session: Session, cast: Cast
) -> None:
    lend(signed_in, session, cast)
    page = "/people/loans/password"
    fields = {"lent_to": "韩冬", "purpose": "临时接班", "until": today().isoformat()}
    assert signed_in("xuexiao_putong").post(page, fields, page=page).status_code == 303
    for watcher in ("xuexiao_xitong", "xuexiao_guanli", "xian_guanli"):
        shown = signed_in(watcher).get("/people/lendings").text
        for told in ("周立群（演示）", "外出培训", "正在代办", "罗永强（演示）同意", "韩冬", "还在借出"):
            assert told in shown
    system = signed_in("xuexiao_xitong")
    assert "韩冬" not in system.get("/people/lendings?sort=running").text
    assert "外出培训" not in system.get("/people/lendings?sort=passwords").text
    assert "没有符合条件的备案" in system.get("/people/lendings?sort=refused").text
    assert "外出培训" not in system.get("/people/lendings?q=韩冬").text
    assert "韩冬" not in signed_in("linsheng_guanli").get("/people/lendings").text
    assert signed_in("xuexiao2_xueji").get("/people/lendings").status_code == 403


def test_a_password_that_was_not_changed_in_time_is_found_and_a_changed_one_is_said_to_be(
    signed_in: SignedIn, session: Session, cast: Cast
) -> None:
    page = "/people/loans/password"
    fields = {"lent_to": "韩冬", "purpose": "临时接班", "until": today().isoformat()}
    assert signed_in("xuexiao_putong").post(page, fields, page=page).status_code == 303
    with clock.frozen(clock.now() + timedelta(days=2)):
        watcher = signed_in("xuexiao_guanli")
        assert "到期没改，下次登录必须改" in watcher.get("/people/lendings?sort=kept").text
        cast_account = session.get_one(Account, cast.id("xuexiao_putong"))
        cast_account.password_changed_at = clock.now()
        session.flush()
        assert "没有符合条件的备案" in watcher.get("/people/lendings?sort=kept").text
        assert "已改密码" in watcher.get("/people/lendings?sort=passwords").text


def test_the_record_of_lending_is_taken_along_as_a_workbook_and_that_is_noted(
    signed_in: SignedIn, session: Session, cast: Cast
) -> None:
    lend(signed_in, session, cast)
    system = signed_in("xuexiao_xitong")
    answer = system.get("/people/lendings/export")
    assert answer.status_code == 200
    table = read_table(answer.data)
    assert tuple(table.rows[0].cells[place] for place in (1, 3, 5)) == ("周立群（演示）", "姜若兰（演示）", "外出培训")
    session.flush()
    assert session.scalars(select(AuditEntry).where(AuditEntry.act == "people.lendings.exported")).all()
