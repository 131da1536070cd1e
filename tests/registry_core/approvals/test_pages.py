"""等我办理, 我的申请 and one application, as people see and use them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from registry_core.access.actors import Actor
from registry_core.access.models import Role
from registry_core.approvals import services
from registry_core.approvals.models import ApplicationState
from registry_core.clock import FrozenClock
from registry_core.orgs.models import OrgUnit
from registry_core.rules.queries import Rule
from tests.conftest import Cast
from tests.portal_house import Browser
from tests.registry_core.approvals.worlds import APPROVE, RETURN, make_rule, make_step, open_step, submit

SignedIn = Callable[[str], Browser]
FILTERS = ("running", "overdue", "over")


@pytest.fixture
def county_rule(house: Cast) -> Rule:
    """A procedure that the county decides alone."""
    steps = [make_step("county", Role.REGISTRY_ADMINISTRATOR, "county", name_zh="区县审核")]
    return make_rule(steps, owner_id=house.unit("陕西省").id)


def test_what_waits_stands_in_the_inbox_with_its_clock(
    session: Session, school: OrgUnit, officer: Actor, county_rule: Rule, signed_in: SignedIn, now: FrozenClock
) -> None:
    submit(session, officer, school, county_rule)
    inbox = signed_in("xian_xueji").get("/approvals")
    assert inbox.status_code == 200
    for said in ("关键信息变更", "李晓芸", "区县审核", "还剩 3 个工作日", "10月8日 到期"):
        assert said in inbox.text
    now.move(timedelta(hours=11))
    now.move(timedelta(days=13))
    late = signed_in("xian_xueji").get("/approvals?filter=overdue")
    assert "超期" in late.text
    assert 'data-tone="overdue"' in late.text


def test_the_workbench_says_how_many_applications_wait_and_how_many_are_late(
    session: Session, school: OrgUnit, officer: Actor, county_rule: Rule, signed_in: SignedIn, now: FrozenClock
) -> None:
    assert "等您办理" not in signed_in("xian_xueji").get("/").text
    for _ in range(2):
        submit(session, officer, school, county_rule)
    assert "有 2 份申请等您办理" in signed_in("xian_xueji").get("/").text
    assert "等您办理" not in signed_in("xuexiao_xueji").get("/").text
    now.move(timedelta(days=14))
    assert "其中 2 份已超期" in signed_in("xian_xueji").get("/").text


def test_those_in_charge_look_at_what_goes_on_below_them_and_nowhere_else(
    session: Session, school: OrgUnit, officer: Actor, county_rule: Rule, signed_in: SignedIn, now: FrozenClock
) -> None:
    application = submit(session, officer, school, county_rule)
    for person in ("xuexiao_xueji", "xian_xueji", "sheng_xueji", "bu_xueji"):
        assert str(application.id) in signed_in(person).get("/approvals/all").text
    for person in ("xuexiao2_xueji", "linqu_xueji", "linsheng_xueji"):
        assert str(application.id) not in signed_in(person).get("/approvals/all").text
    assert signed_in("xian_jishu").get("/approvals/all").status_code == 403
    # A school has nobody below it.
    assert "下级" not in signed_in("xuexiao_xueji").get("/approvals/all").text
    assert "下级申请" in signed_in("xian_xueji").get("/approvals/all").text
    province = signed_in("sheng_xueji")
    shown = {only: str(application.id) in province.get(f"/approvals/all?filter={only}").text for only in FILTERS}
    assert shown == {"running": True, "overdue": False, "over": False}
    now.move(timedelta(days=14))
    assert str(application.id) in signed_in("sheng_xueji").get("/approvals/all?filter=overdue").text


def test_nothing_waits_for_those_who_do_not_decide(
    session: Session, school: OrgUnit, officer: Actor, county_rule: Rule, signed_in: SignedIn
) -> None:
    submit(session, officer, school, county_rule)
    for person in ("xuexiao_xueji", "shi_xueji", "linqu_xueji"):
        answer = signed_in(person).get("/approvals")
        assert "都办完了" in answer.text
        assert "关键信息变更" not in answer.text


def test_an_officer_decides_on_the_page_and_the_applicant_sees_it(
    session: Session, school: OrgUnit, officer: Actor, county_rule: Rule, signed_in: SignedIn
) -> None:
    application = submit(session, officer, school, county_rule)
    page = f"/approvals/{application.id}"
    county = signed_in("xian_xueji")
    fields = {"step_id": str(open_step(session, application).id), "kind": "return", "reason": ""}
    refused = county.post(f"{page}/decide", fields, page=page)
    assert refused.status_code == 422
    assert "请写明原因" in refused.text
    sent = county.post(f"{page}/decide", {**fields, "reason": "缺户口簿"}, page=page)
    assert sent.status_code == 303
    seen = signed_in("xuexiao_xueji").get(page)
    assert "缺户口簿" in seen.text
    assert "退回补正" in seen.text
    assert "重新提交" in seen.text


def test_the_history_tells_the_latest_first_and_what_led_to_what(
    session: Session, school: OrgUnit, officer: Actor, head: Actor, rule: Rule, signed_in: SignedIn
) -> None:
    application = submit(session, officer, school, rule)
    services.decide(session, head, open_step(session, application).id, verdict=APPROVE)
    seen = signed_in("xian_xueji").get(f"/approvals/{application.id}").text
    told = ["轮到雁塔区的学籍管理员", "郝校长 同意", "轮到西安市雁塔区第一小学", "李晓芸（演示） 提交了申请"]
    places = [seen.index(words) for words in told]
    assert places == sorted(places)


def test_a_returned_application_is_sent_again_and_withdrawn_on_the_page(
    session: Session, house: Cast, school: OrgUnit, officer: Actor, county_rule: Rule, signed_in: SignedIn
) -> None:
    application = submit(session, officer, school, county_rule)
    services.decide(session, house.actor("xian_xueji"), open_step(session, application).id, verdict=RETURN)
    session.commit()
    browser, page = signed_in("xuexiao_xueji"), f"/approvals/{application.id}"
    assert browser.post(f"{page}/resubmit", {"note": "已补户口簿"}, page=page).status_code == 303
    assert "已补户口簿" in browser.get(page).text
    assert browser.post(f"{page}/withdraw", {"reason": "不办了"}, page=page).status_code == 303
    session.refresh(application)
    assert application.state is ApplicationState.WITHDRAWN
    assert "已撤回" in browser.get("/approvals/mine").text


def test_many_are_approved_at_once_and_returned_only_with_a_reason(
    session: Session, school: OrgUnit, officer: Actor, county_rule: Rule, signed_in: SignedIn
) -> None:
    two = [submit(session, officer, school, county_rule) for _ in range(2)]
    session.commit()
    county = signed_in("xian_xueji")
    ids = [str(open_step(session, one).id) for one in two]
    token = county.token("/approvals")
    returned = county.client.post("/approvals/decide", data={"csrf_token": token, "steps": ids, "kind": "return"})
    assert returned.status_code == 422
    assert "请写明原因" in returned.text
    none = county.client.post("/approvals/decide", data={"csrf_token": token, "kind": "approve"})
    assert "请先勾选" in none.text
    strange = county.client.post("/approvals/decide", data={"csrf_token": token, "steps": ["x"], "kind": "approve"})
    assert strange.status_code == 422
    done = county.client.post("/approvals/decide", data={"csrf_token": token, "steps": ids, "kind": "approve"})
    assert done.status_code == 303
    assert "已办理 2 份申请" in county.get("/approvals").text
    for one in two:
        session.refresh(one)
        assert one.state is ApplicationState.APPROVED


def test_turning_down_is_not_done_in_bulk(
    session: Session, school: OrgUnit, officer: Actor, county_rule: Rule, signed_in: SignedIn
) -> None:
    application = submit(session, officer, school, county_rule)
    session.commit()
    fields = {"steps": str(open_step(session, application).id), "kind": "reject", "reason": "不行"}
    assert signed_in("xian_xueji").post("/approvals/decide", fields, page="/approvals").status_code == 422


def test_at_a_school_with_one_officer_the_page_says_who_decides_instead_and_why(
    session: Session, house: Cast, school: OrgUnit, officer: Actor, rule: Rule, signed_in: SignedIn
) -> None:
    application = submit(session, officer, school, rule)
    page = f"/approvals/{application.id}"
    for person in ("xuexiao_xueji", "xian_xueji"):
        seen = signed_in(person).get(page)
        assert "谁录入谁不审批" in seen.text
        assert "改由雁塔区的学籍管理员办理" in seen.text
    assert "您的决定" not in signed_in("xuexiao_xueji").get(page).text
    services.decide(session, house.actor("xian_xueji"), open_step(session, application).id, verdict=APPROVE)


@pytest.mark.parametrize("person", ["linqu_xueji", "linsheng_xueji", "xian_jishu"])
def test_for_others_the_page_does_not_exist(
    session: Session, school: OrgUnit, officer: Actor, county_rule: Rule, signed_in: SignedIn, person: str
) -> None:
    application = submit(session, officer, school, county_rule)
    fields = {"step_id": str(open_step(session, application).id), "kind": "approve", "reason": ""}
    browser, page = signed_in(person), f"/approvals/{application.id}"
    assert browser.get(page).status_code == 404
    assert browser.post(f"{page}/decide", fields, page="/approvals").status_code == 404
    assert browser.post(f"{page}/withdraw", {"reason": ""}, page="/approvals").status_code == 404
    assert browser.post(f"{page}/resubmit", {"note": "x"}, page="/approvals").status_code == 404


def test_words_of_applicants_are_shown_as_words(
    session: Session, house: Cast, school: OrgUnit, officer: Actor, county_rule: Rule, signed_in: SignedIn
) -> None:
    application = submit(session, officer, school, county_rule)
    attack = services.Verdict(RETURN.kind, "<script>alert(1)</script>")
    services.decide(session, house.actor("xian_xueji"), open_step(session, application).id, verdict=attack)
    seen = signed_in("xuexiao_xueji").get(f"/approvals/{application.id}")
    assert "&lt;script&gt;alert(1)" in seen.text
    assert "<script>alert" not in seen.text
