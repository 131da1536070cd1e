"""Registered computers and addresses: where registry business is done, and what is said where it is not."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.permissions import SOCKET_COMMANDS
from registry_core import clock
from registry_core.access.models import Role
from registry_core.access.policies import SEE_PEOPLE
from registry_core.access.services import grant_role
from registry_core.audit.models import AuditEntry
from registry_core.orgs.queries import today
from registry_core.records.policies import EDIT_RECORDS
from registry_core.workplaces.models import RegisteredComputer
from tests.conftest import Cast
from tests.portal.test_sockets import Page
from tests.portal_house import Browser
from tests.registry_core.undertakings.house import load
from tests.registry_core.workplaces.house import SCHOOL

SignedIn = Callable[[str], Browser]
NOT_FROM_HERE = "not_from_here"


def place_of(cast: Cast) -> str:
    return f"/workplaces/{cast.unit(SCHOOL).id}"


def register(browser: Browser, cast: Cast, name: str = "教导处一号机") -> None:
    address = f"{place_of(cast)}/computers/new"
    assert browser.post(address, {"name": name, "room": "行政楼 203"}, page=address).status_code == 303


def switch_on(browser: Browser, cast: Cast) -> int:
    return browser.post(f"{place_of(cast)}/on", page=place_of(cast)).status_code


@pytest.fixture
def limited(signed_in: SignedIn, cast: Cast, session: Session) -> Browser:
    """The computer of the system administrator, the only place of the school; its officer works elsewhere."""
    school = cast.unit(SCHOOL)
    grant_role(session, account_id=cast.id("xuexiao_putong"), unit_id=school.id, role=Role.REGISTRY_ADMINISTRATOR)
    browser = signed_in("xuexiao_xitong")
    register(browser, cast)
    assert switch_on(browser, cast) == 303
    return browser


def test_nobody_locks_themselves_out(signed_in: SignedIn, cast: Cast) -> None:
    browser = signed_in("xuexiao_xitong")
    assert "请先登记您现在用的计算机" in browser.get(place_of(cast)).text
    answer = browser.post(f"{place_of(cast)}/on", page=place_of(cast))
    assert answer.status_code == 409
    assert "把自己关在外面" in answer.text


def test_registry_business_is_refused_elsewhere_with_the_rule_and_whom_to_ask(
    limited: Browser, signed_in: SignedIn, cast: Cast
) -> None:
    del limited
    officer = signed_in("xuexiao2_xueji")
    refused = officer.get(f"/records/{cast.unit(SCHOOL).id}/school/edit")
    assert (refused.status_code, refused.headers["X-Refusal"]) == (403, NOT_FROM_HERE)
    for said in ("规定学籍业务只能在登记的计算机或地址上办理", "系统管理员", "请上级临时放开"):
        assert said in refused.text
    # What is no registry business goes on from anywhere, asking above all.
    for free in ("/", "/ask", "/records", "/people"):
        assert officer.get(free).status_code == 200, free


def test_the_same_person_works_at_the_registered_computer(
    limited: Browser, app: Flask, signed_in: SignedIn, cast: Cast
) -> None:
    officer = signed_in("xuexiao2_xueji")
    cookie = limited.client.get_cookie("workplace")
    assert cookie
    assert cookie.http_only
    assert cookie.same_site == "Lax"
    officer.client.set_cookie("workplace", cookie.value)
    assert officer.get(f"/records/{cast.unit(SCHOOL).id}/school/edit").status_code == 200
    stranger = Browser(app)
    stranger.client.set_cookie("workplace", f"{cookie.value}x")
    stranger.sign_in("xuexiao2_xueji")
    assert stranger.get(f"/records/{cast.unit(SCHOOL).id}/school/edit").status_code == 403


def test_an_ended_computer_serves_no_more(limited: Browser, signed_in: SignedIn, cast: Cast, session: Session) -> None:
    only = session.scalars(select(RegisteredComputer.id)).one()
    end = f"/workplaces/computers/{only}/end"
    refused = limited.post(end, page=place_of(cast))
    assert refused.headers["X-Refusal"] == "last_place"
    add = f"{place_of(cast)}/addresses/new"
    assert limited.post(add, {"network": "61.150.43.0/24", "name": "教学楼"}, page=add).status_code == 303
    assert limited.post(end, page=place_of(cast)).status_code == 303
    officer = signed_in("xuexiao2_xueji")
    cookie = limited.client.get_cookie("workplace")
    assert cookie
    officer.client.set_cookie("workplace", cookie.value)
    edit = f"/records/{cast.unit(SCHOOL).id}/school/edit"
    assert officer.get(edit).status_code == 403
    at_school = officer.client.get(edit, environ_base={"REMOTE_ADDR": "61.150.43.200"})
    assert at_school.status_code == 200
    assert officer.client.get(edit, environ_base={"REMOTE_ADDR": "61.150.44.1"}).status_code == 403


@pytest.mark.parametrize("network", ["0.0.0.0/0", "61.0.0.0/8", "nonsense", "61.150.43.0/33", "::/0"])
def test_what_is_no_network_or_half_the_world_is_refused(signed_in: SignedIn, cast: Cast, network: str) -> None:
    browser = signed_in("xuexiao_xitong")
    add = f"{place_of(cast)}/addresses/new"
    answer = browser.post(add, {"network": network, "name": "教学楼"}, page=add)
    assert answer.status_code == 422
    assert "范围最大到 /16" in answer.text


def test_the_page_of_rights_says_from_where(limited: Browser, signed_in: SignedIn) -> None:
    del limited
    mine = signed_in("xuexiao2_xueji").get("/account/rights").text
    assert "规定学籍业务只能在登记的计算机或地址上办理" in mine


def test_who_looks_after_a_person_reads_that_the_unit_is_limited(
    limited: Browser, signed_in: SignedIn, cast: Cast
) -> None:
    del limited
    page = signed_in("xuexiao_guanli").get(f"/people/{cast.id('xuexiao2_xueji')}").text
    assert f"只能在{SCHOOL}登记的计算机或地址上办理（本单位自己设定）" in page


def test_the_level_above_lifts_the_limit_for_a_time_and_it_comes_back(
    limited: Browser, signed_in: SignedIn, cast: Cast
) -> None:
    lift = f"{place_of(cast)}/lift"
    until = (today() + timedelta(days=1)).isoformat()
    own = limited.post(lift, {"until": until, "reason": "主机坏了"}, page=place_of(cast))
    assert own.status_code == 403
    assert "要由上级单位的系统管理员或超级管理员办理" in own.text
    county = signed_in("xian_guanli")
    assert county.post(lift, {"until": until, "reason": "主机坏了"}, page=place_of(cast)).status_code == 303
    edit = f"/records/{cast.unit(SCHOOL).id}/school/edit"
    assert signed_in("xuexiao2_xueji").get(edit).status_code == 200
    with clock.frozen(clock.now() + timedelta(days=3)):
        assert signed_in("xuexiao2_xueji").get(edit).status_code == 403


def test_a_lifting_is_for_thirty_days_at_most(limited: Browser, signed_in: SignedIn, cast: Cast) -> None:
    del limited
    county = signed_in("xian_guanli")
    lift = f"{place_of(cast)}/lift"
    for days in (-1, 31):
        until = (today() + timedelta(days=days)).isoformat()
        assert county.post(lift, {"until": until, "reason": "主机坏了"}, page=place_of(cast)).status_code == 422


def test_switching_off_asks_for_a_reason_and_stands_in_the_trail(
    limited: Browser, signed_in: SignedIn, cast: Cast, session: Session
) -> None:
    off = f"{place_of(cast)}/off"
    assert limited.post(off, {"reason": ""}, page=place_of(cast)).status_code == 422
    assert limited.post(off, {"reason": "换了办公楼"}, page=place_of(cast)).status_code == 303
    assert signed_in("xuexiao2_xueji").get(f"/records/{cast.unit(SCHOOL).id}/school/edit").status_code == 200
    acts = dict(session.execute(select(AuditEntry.act, func.count()).group_by(AuditEntry.act)).all())
    for act in ("workplaces.computer.registered", "workplaces.switched_on", "workplaces.switched_off"):
        assert acts[act] == 1, act
    page = limited.get(place_of(cast)).text
    assert "换了办公楼" in page


def test_neighbours_find_nothing_and_officers_may_not(signed_in: SignedIn, cast: Cast) -> None:
    assert signed_in("linsheng_guanli").get(place_of(cast)).status_code == 404
    assert signed_in("xuexiao2_xueji").get(place_of(cast)).status_code == 403


def test_a_county_finds_its_schools(signed_in: SignedIn, cast: Cast) -> None:
    page = signed_in("xian_guanli").get("/workplaces?q=第二小学").text
    assert place_of(cast) in page


def test_a_socket_command_of_registry_business_is_asked_for_the_place_too(
    limited: Browser, app: Flask, signed_in: SignedIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(SOCKET_COMMANDS, "presence:beat", EDIT_RECORDS)
    elsewhere = signed_in("xuexiao2_xueji")
    assert Page(app, elsewhere).code("presence:beat", {}) == NOT_FROM_HERE
    cookie = limited.client.get_cookie("workplace")
    assert cookie
    elsewhere.client.set_cookie("workplace", cookie.value)
    assert Page(app, elsewhere).call("presence:beat", {})["ok"] is True


def test_a_socket_command_that_shows_personal_data_is_asked_for_the_promise(
    app: Flask, signed_in: SignedIn, session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    load(session, tmp_path)
    monkeypatch.setitem(SOCKET_COMMANDS, "presence:beat", SEE_PEOPLE)
    assert Page(app, signed_in("xuexiao2_xueji")).code("presence:beat", {}) == "undertaking_needed"
