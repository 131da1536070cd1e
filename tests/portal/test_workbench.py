"""The workbench answers one question: what waits for me?"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from chat import services as chat
from chat.presence import Presence
from portal.home.presenters import Workbench, view_workbench
from registry_core import clock
from registry_core.access.models import Role
from registry_core.access.queries import list_held
from registry_core.people.models import Channel, CredentialDelivery, DeliveryState
from registry_core.people.services.loans import Loan, ask_to_lend
from registry_core.people.services.opening import Opening, open_for
from registry_core.people.services.registrations import (
    Applicant,
    confirm_registration,
    draw_code,
    request_registration,
)
from registry_core.people.services.reports import report_administrator
from tests.conftest import Cast
from tests.people_house import NEWCOMER
from tests.portal.matrix_scene import PLACES, Things, build
from tests.portal_house import Browser

OWN, SIBLING, _NEIGHBOUR = PLACES


@pytest.fixture
def things(session: Session, presence: Presence, cast: Cast) -> Things:
    """A question in each state at the own county's desk."""
    return build(session, presence, cast, OWN)


@pytest.fixture
def bench_of(app: Flask, session: Session, cast: Cast) -> Callable[[str], Workbench]:
    """Read the workbench of somebody."""

    def read(user_name: str) -> Workbench:
        with app.test_request_context():
            return view_workbench(session, cast.actor(user_name))

    return read


def test_an_asker_sees_own_open_questions_and_the_answer_to_confirm(
    bench_of: Callable[[str], Workbench], things: Things
) -> None:
    bench = bench_of(OWN.asker)
    assert {row.id for row in bench.my_questions} >= {things.talking.id, things.waiting.id, things.resolved.id}
    (answered,) = [item for item in bench.waiting if item.tone == "solved"]
    assert str(things.resolved.id) in answered.url


def test_a_technician_sees_what_rings_and_what_waits_at_the_desk(
    bench_of: Callable[[str], Workbench], things: Things
) -> None:
    waiting = bench_of(OWN.technician).waiting
    assert waiting[0].icon == "bell-ringing"
    assert [item.icon for item in waiting].count("hourglass") == 1
    assert any(str(things.waiting.id) in item.url for item in waiting)


@pytest.mark.usefixtures("things")
def test_what_rings_for_a_colleague_does_not_wait_for_me(bench_of: Callable[[str], Workbench]) -> None:
    assert {item.icon for item in bench_of("xian_jishu2").waiting} == {"hourglass"}


def test_a_talk_waits_for_me_once_the_asker_has_written(
    bench_of: Callable[[str], Workbench], things: Things, session: Session, cast: Cast
) -> None:
    chat.mark(session, cast.actor(OWN.technician), things.talking.conversation_id, delivered=99, read=99)
    assert "message-circle" not in {item.icon for item in bench_of(OWN.technician).waiting}
    chat.post_message(
        session, cast.actor(OWN.asker), things.talking.conversation_id, client_id="again", body="还有一个问题"
    )
    assert "message-circle" in {item.icon for item in bench_of(OWN.technician).waiting}


@pytest.mark.usefixtures("things")
@pytest.mark.parametrize("user_name", [SIBLING.asker, SIBLING.technician, "bu_guanli"])
def test_what_others_do_is_not_on_my_bench(bench_of: Callable[[str], Workbench], user_name: str) -> None:
    bench = bench_of(user_name)
    assert bench.waiting == ()
    assert bench.my_questions == ()


@pytest.mark.usefixtures("things")
@pytest.mark.parametrize("user_name", [OWN.asker, OWN.technician, "bu_guanli", "xian_zhuguan"])
def test_the_page_shows_the_frame_of_the_person(signed_in: Callable[[str], Browser], user_name: str) -> None:
    page = signed_in(user_name).get("/")
    assert page.status_code == 200
    assert "您好" in page.text


def test_a_desk_lead_finds_the_way_to_the_settings_of_the_own_desk(
    signed_in: Callable[[str], Browser], things: Things
) -> None:
    assert f"/desks/{things.desk_id}" in signed_in("xian_zhuguan").get("/").text
    assert "/desks/" not in signed_in(OWN.technician).get("/").text


def titles(bench: Workbench) -> list[str]:
    return [item.title for item in bench.waiting]


def register(session: Session, cast: Cast, unit: str) -> None:
    applicant = Applicant("杨帆", Channel.EMAIL, "yang@example.cn", "五年级班主任")
    asked = request_registration(session, cast.unit(unit).id, applicant=applicant)
    drawn = draw_code(session, asked.id)
    assert drawn is not None
    confirm_registration(session, asked.id, code=drawn[1])


def test_who_wants_an_account_waits_for_the_units_administrators_and_for_nobody_above_them(
    bench_of: Callable[[str], Workbench], session: Session, cast: Cast
) -> None:
    register(session, cast, "西安市雁塔区第二小学（演示）")
    assert titles(bench_of("xuexiao_guanli")) == ["有 1 个人申请开账号，等您确认"]
    assert titles(bench_of("xuexiao2_xueji")) == ["有 1 个人申请开账号，等您确认"]
    for other in ("xian_guanli", "xian_xueji", "xuexiao_xueji", "xuexiao_xitong", "xuexiao_putong"):
        assert titles(bench_of(other)) == []


def test_where_a_unit_has_no_administrator_it_waits_for_the_nearest_above(
    bench_of: Callable[[str], Workbench], session: Session, cast: Cast
) -> None:
    register(session, cast, "碑林区")
    assert titles(bench_of("shi_guanli")) == ["有 1 个人申请开账号，等您确认"]
    for other in ("sheng_guanli", "bu_guanli", "linsheng_guanli", "xian_guanli"):
        assert titles(bench_of(other)) == []


def test_a_reported_administrator_waits_for_the_nearest_level_above(
    bench_of: Callable[[str], Workbench], session: Session, cast: Cast
) -> None:
    report_administrator(session, cast.actor("xian_guanli"), cast.unit("雁塔区").id, person=NEWCOMER)
    (item,) = bench_of("shi_guanli").waiting
    assert (item.title, item.detail) == ("有 1 位超级管理员等您核对绑定", "秦岭 · 雁塔区")
    for other in ("sheng_guanli", "bu_guanli", "xian_guanli", "linsheng_guanli"):
        assert titles(bench_of(other)) == []


def test_a_lending_waits_for_who_may_consent(
    bench_of: Callable[[str], Workbench], session: Session, cast: Cast
) -> None:
    lender = cast.actor("xuexiao2_xueji")
    held, _unit = list_held(session, lender.account_id)[0]
    now = clock.now()
    loan = Loan(cast.id("xuexiao_putong"), "外出培训", now, now + timedelta(days=6))
    ask_to_lend(session, lender, held.id, loan=loan)
    assert titles(bench_of("xuexiao_xitong")) == ["有 1 份代办申请等您同意"]
    assert titles(bench_of("xuexiao_guanli")) == []
    assert titles(bench_of("xuexiao2_xueji")) == []


def test_a_password_that_did_not_arrive_waits_for_who_sent_it(
    bench_of: Callable[[str], Workbench], session: Session, cast: Cast
) -> None:
    opening = Opening("杨帆", "", "yang@example.cn", Role.SCHOOL_USER)
    open_for(session, cast.actor("xuexiao2_xueji"), cast.unit("西安市雁塔区第二小学（演示）").id, opening=opening)
    mail = session.scalars(select(CredentialDelivery).where(CredentialDelivery.channel == Channel.EMAIL)).one()
    assert titles(bench_of("xuexiao2_xueji")) == []
    mail.end(DeliveryState.FAILED, at=clock.now(), reason="recipient 550")
    session.flush()
    (item,) = bench_of("xuexiao2_xueji").waiting
    assert (item.title, item.detail) == ("有 1 个人没有收到账号密码", "杨帆")
    assert titles(bench_of("xuexiao_guanli")) == []
