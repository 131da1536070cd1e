"""The pages of undertakings and purposes, and what an owner sees of looks from above."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from registry_core import clock
from registry_core.access.models import RoleAssignment
from registry_core.accounts.models import Account
from registry_core.audit.models import AuditEntry
from registry_core.audit.services import READ, TAKEN
from registry_core.orgs.queries import today
from registry_core.records.models import Entity
from registry_core.records.services import add_teacher
from registry_core.rules.loader import load_packs
from registry_core.sheets import read_table
from tests.conftest import Cast
from tests.portal_house import Browser
from tests.registry_core.undertakings.house import load

SignedIn = Callable[[str], Browser]
SIGN, PURPOSE = "/undertakings/sign", "/undertakings/purpose"


@pytest.fixture
def rules(session: Session, cast: Cast, tmp_path: Path) -> None:
    """Rules of the province; of the cast nobody has signed."""
    del cast
    load(session, tmp_path)


def promise(browser: Browser, page: str) -> None:
    """Sign and name a purpose on the way to a page."""
    first = browser.get(page)
    assert first.status_code == 303
    sent = browser.post(SIGN, {"accepted": "y", "next": page, "text_hash": hash_on(browser)}, page=SIGN)
    assert (sent.status_code, sent.location) == (303, page), sent.text
    assert browser.get(page).location.startswith(PURPOSE)
    answer = browser.post(PURPOSE, {"purpose": "business", "next": page}, page=PURPOSE)
    assert (answer.status_code, answer.location) == (303, page)


def hash_on(browser: Browser) -> str:
    page = browser.get(SIGN).text
    return page.split('name="text_hash" value="')[1].split('"')[0]


@pytest.mark.usefixtures("rules")
def test_who_has_not_promised_is_led_to_the_text_and_back(signed_in: SignedIn) -> None:
    officer = signed_in("xuexiao2_xueji")
    answer = officer.get("/people?role=technician")
    assert answer.status_code == 303
    where = urlsplit(answer.location)
    assert where.path == SIGN
    assert parse_qs(where.query)["next"] == ["/people?role=technician"]
    page = officer.get(answer.location).text
    for said in ("试验承诺书", "我保守秘密。", "版本 1", "试验规则：第一条"):
        assert said in page
    promise(officer, "/people?role=technician")
    assert officer.get("/people?role=technician").status_code == 200
    mine = officer.get("/account/undertakings").text
    assert "试验承诺书 1" in mine
    assert "办理业务" in mine


@pytest.mark.usefixtures("rules")
def test_a_fragment_leads_the_page_that_it_stands_on(signed_in: SignedIn) -> None:
    officer = signed_in("xuexiao2_xueji")
    answer = officer.get("/people", HX_Request="true", HX_Current_URL="http://localhost/records?gaps=1")
    assert answer.status_code == 204
    assert parse_qs(urlsplit(answer.headers["HX-Redirect"]).query)["next"] == ["/records?gaps=1"]


@pytest.mark.usefixtures("rules")
def test_programs_are_told_in_their_own_form(signed_in: SignedIn) -> None:
    answer = signed_in("xuexiao2_xueji").get("/people", Accept="application/json")
    assert answer.status_code == 403
    assert answer.json
    assert answer.json["error"]["code"] == "undertaking_needed"


@pytest.mark.usefixtures("rules")
@pytest.mark.parametrize("evil", ["https://evil.example/", "//evil.example", "/\\evil.example"])
def test_the_way_back_never_leaves_the_house(signed_in: SignedIn, evil: str) -> None:
    officer = signed_in("xuexiao2_xueji")
    fields = {"accepted": "y", "next": evil, "text_hash": hash_on(officer)}
    assert officer.post(SIGN, fields, page=SIGN).location == "/account/undertakings"
    answer = officer.post(PURPOSE, {"purpose": "business", "next": evil}, page=PURPOSE)
    assert answer.location == "/account/undertakings"


@pytest.mark.usefixtures("rules")
def test_a_promise_is_a_tick_and_a_purpose_a_choice(signed_in: SignedIn) -> None:
    officer = signed_in("xuexiao2_xueji")
    blank = officer.post(SIGN, {"text_hash": hash_on(officer)}, page=SIGN)
    assert blank.status_code == 422
    assert "请先阅读，并勾选" in blank.text
    stale = officer.post(SIGN, {"accepted": "y", "text_hash": "0"}, page=SIGN)
    assert stale.status_code == 409
    assert officer.post(PURPOSE, {"purpose": "leading"}, page=PURPOSE).status_code == 422


@pytest.mark.usefixtures("rules")
@pytest.mark.parametrize("page", ["/", "/ask", "/questions", "/account", "/account/rights", "/notices"])
def test_who_asks_for_help_is_asked_for_nothing(signed_in: SignedIn, page: str) -> None:
    assert signed_in("xuexiao2_xueji").get(page).status_code in {200, 404}


@pytest.mark.usefixtures("rules")
def test_a_technician_answers_without_being_held_up(signed_in: SignedIn) -> None:
    assert signed_in("xian_jishu").get("/console").status_code == 200


@pytest.mark.usefixtures("rules")
def test_the_purpose_stands_with_looks_and_exports_and_each_person_has_an_entry(
    signed_in: SignedIn, session: Session, cast: Cast
) -> None:
    head = signed_in("xuexiao_guanli")
    promise(head, "/people")
    head.get(f"/people/{cast.id('xuexiao2_xueji')}")
    assert head.get("/people/export").status_code == 200
    look = session.scalars(select(AuditEntry).where(AuditEntry.act == READ)).one()
    assert look.changes["purpose"]["new"] == "办理业务"
    assert look.unit_id == cast.unit("西安市雁塔区第二小学（演示）").id
    export = session.scalars(select(AuditEntry).where(AuditEntry.act == "people.exported")).one()
    assert export.changes["purpose"]["new"] == "办理业务"
    taken = session.scalars(select(AuditEntry).where(AuditEntry.act == TAKEN)).all()
    # Everybody of the school but the person who exports.
    assert export.changes["people"]["new"] == len(taken) + 1
    assert {entry.object_id for entry in taken} >= {str(cast.id("xuexiao2_xueji")), str(cast.id("xuexiao_putong"))}
    mine = signed_in("xuexiao2_xueji").get("/account/looks").text
    assert "办理业务" in mine
    assert "导出成文件" in mine


@pytest.mark.usefixtures("rules")
def test_who_has_signed_is_listed_and_taken_along(signed_in: SignedIn) -> None:
    officer = signed_in("xuexiao2_xueji")
    promise(officer, "/people")
    head = signed_in("xuexiao_guanli")
    page = head.get("/undertakings").text
    assert "还有 2 人没有签" in page
    table = read_table(head.get("/undertakings/export").data)
    rows = {row.cells[0]: row.cells[4] for row in table.rows}
    assert rows["周立群（演示）"] == "已签署"
    assert rows["秦怀远（演示）"] == "没有签署"
    assert signed_in("xuexiao_putong").get("/undertakings").status_code == 403


# ── looks from above ──────────────────────────────────────────────────────────────────────────────────────────────────
SCHOOL = "西安市雁塔区第二小学（演示）"
UPPER = "/audit/upper"


@pytest.fixture
def looked_at(signed_in: SignedIn, session: Session, cast: Cast) -> None:
    """The province looks at one of the school and takes a teacher along; the head looks too."""
    officer = cast.actor("xuexiao2_xueji")
    add_teacher(session, officer, cast.unit(SCHOOL).id, Entity.SCHOOL_TEACHER, {"name": "赵一（演示）"})
    province = signed_in("sheng_guanli")
    assert province.get(f"/people/{cast.id('xuexiao2_xueji')}").status_code == 200
    assert province.get(f"/people/{cast.id('linqu_xueji')}").status_code == 200
    assert signed_in("xuexiao_guanli").get(f"/people/{cast.id('xuexiao2_xueji')}").status_code == 200
    address = f"/records/export?entity=school_teacher&unit={cast.unit('陕西省').id}"
    assert signed_in("sheng_xueji").get(address).status_code == 200


@pytest.mark.usefixtures("looked_at")
def test_the_owner_sees_who_looked_from_above_and_nobody_elses(signed_in: SignedIn) -> None:
    page = signed_in("xuexiao_guanli").get(UPPER).text
    for said in ("吴海燕（演示）", "陕西省", "省级", "查看账号", "高雅琴（演示）", "导出教师档案", "没有写明"):
        assert said in page, said
    # The head's own look is no look from above.
    assert "田秀英（演示）" not in page.partition("<table")[2].partition("</table>")[0]
    assert "没有人看过" in signed_in("linsheng_guanli").get(UPPER).text


@pytest.mark.usefixtures("looked_at")
def test_looks_are_filtered_and_taken_along(signed_in: SignedIn, session: Session) -> None:
    head = signed_in("xuexiao_lingdao")
    assert "吴海燕（演示）" in head.get(f"{UPPER}?level=province&since={today()}&until={today()}").text
    assert "没有人看过" in head.get(f"{UPPER}?level=ministry").text
    assert "没有人看过" in head.get(f"{UPPER}?until={today() - timedelta(days=1)}").text
    assert head.get(f"{UPPER}?since=0001-01-01").status_code == 422
    rows = read_table(head.get(f"{UPPER}/export").data).rows
    assert {row.cells[1] for row in rows} == {"吴海燕（演示）", "高雅琴（演示）"}
    assert session.scalar(select(func.count()).where(AuditEntry.act == "audit.looks.exported")) == 1


@pytest.mark.usefixtures("looked_at")
def test_who_has_left_the_office_above_still_looked_from_there(signed_in: SignedIn, session: Session) -> None:
    who = select(Account.id).where(Account.user_name == "sheng_guanli").scalar_subquery()
    later = clock.now() + timedelta(hours=1)
    session.execute(update(RoleAssignment).where(RoleAssignment.account_id == who).values(valid_until=later))
    with clock.frozen(clock.now() + timedelta(hours=2)):
        assert "吴海燕（演示）" in signed_in("xuexiao_guanli").get(UPPER).text


@pytest.mark.usefixtures("looked_at")
def test_the_page_names_the_rule(signed_in: SignedIn, session: Session) -> None:
    load_packs(session)
    page = signed_in("xuexiao_guanli").get(UPPER).text
    assert "各地采集的数据所有权、管理权和使用权都应该属于各地" in page


def test_it_is_for_the_heads_of_a_unit(signed_in: SignedIn, cast: Cast) -> None:
    assert signed_in("xuexiao_putong").get(UPPER).status_code == 403
    assert signed_in("linsheng_guanli").get(f"{UPPER}?unit={cast.unit(SCHOOL).id}").status_code == 404
