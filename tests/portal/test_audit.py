"""The pages of the trail: who may look, what they see of it, and who has looked at me."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from chat.presence import Presence
from registry_core import audit, clock
from registry_core.access.actors import Actor, Origin
from registry_core.db import commit
from registry_core.trails.queries import PAGE
from tests.conftest import Cast
from tests.portal.matrix_scene import PLACES, build
from tests.portal_house import Browser

SignedIn = Callable[[str], Browser]
NEXT = re.compile(r'href="(/audit\?[^"]*behind=[^"]*)"')


def act(session: Session, actor: Actor, label: str, *, unit: str | None = None, cast: Cast) -> None:
    unit_id = cast.unit(unit).id if unit else None
    audit.note(session, actor, "accounts.password.changed", about=audit.Subject("account", label, unit_id, label))
    commit(session)


@pytest.fixture
def deeds(session: Session, cast: Cast) -> None:
    """One act in each of two provinces, one at the ministry, one of a stranger."""
    for label, user_name, unit in (
        ("雁塔的事", "xian_xueji", "雁塔区"),
        ("碑林的事", "linqu_jishu", "碑林区"),
        ("湖北的事", "linsheng_jishu", "湖北省"),
    ):
        act(session, cast.actor(user_name), label, unit=unit, cast=cast)
    audit.note(
        session, audit.Stranger(), "accounts.sign_in.failed", about=audit.Subject("account", None, None, "门外的事")
    )
    commit(session)


ALL = ("雁塔的事", "碑林的事", "湖北的事", "门外的事")


def seen(page: str) -> set[str]:
    return {label for label in ALL if label in page}


@pytest.mark.usefixtures("deeds")
def test_an_administrator_sees_the_own_province_and_the_ministry_sees_all(signed_in: SignedIn) -> None:
    assert seen(signed_in("sheng_guanli").get("/audit").text) == {"雁塔的事", "碑林的事"}
    assert seen(signed_in("bu_guanli").get("/audit").text) == set(ALL)


@pytest.mark.usefixtures("deeds")
@pytest.mark.parametrize("user_name", ["xian_xueji", "xian_jishu", "xian_zhuguan", "bu_xueji"])
def test_nobody_else_may_look(signed_in: SignedIn, user_name: str) -> None:
    assert signed_in(user_name).get("/audit").status_code == 403


@pytest.mark.usefixtures("deeds")
@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("person=xian_xueji", {"雁塔的事"}),
        ("person=XIAN_XUEJI", {"雁塔的事"}),
        ("person=邓子涵（演示）", {"湖北的事"}),
        ("person=nobody", set()),
        ("unit=西安市", {"雁塔的事", "碑林的事"}),
        ("unit=610103", {"碑林的事"}),
        ("act=accounts.sign_in.failed", {"门外的事"}),
        ("kind=account&object_id=碑林的事", {"碑林的事"}),
        ("kind=unit", set()),
        ("since=2100-01-01", set()),
        ("until=2000-01-01", set()),
        ("since=2020-01-01&until=2099-12-31&person=&act=&kind=", set(ALL)),
    ],
)
def test_the_trail_is_searched_by_person_thing_unit_time_and_act(
    signed_in: SignedIn, query: str, expected: set[str]
) -> None:
    # Their own signing in stands in the trail as well, so only these are looked for.
    assert seen(signed_in("bu_guanli").get(f"/audit?{query}").text) == expected


@pytest.mark.usefixtures("deeds")
def test_a_unit_outside_the_scope_does_not_exist(signed_in: SignedIn) -> None:
    for unit in ("湖北省", "420000"):
        answer = signed_in("sheng_guanli").get(f"/audit?unit={unit}")
        assert answer.status_code == 422
        assert "没有这个单位" in answer.text


@pytest.mark.parametrize(
    "query",
    ["since=yesterday", "since=0001-01-01", "until=9999-12-31", "act=other", "kind=other", "person=" + "长" * 101],
)
def test_what_cannot_be_searched_for_is_said_at_the_field(signed_in: SignedIn, query: str) -> None:
    answer = signed_in("bu_guanli").get(f"/audit?{query}")
    assert answer.status_code == 422
    assert "field-fault" in answer.text


@pytest.mark.parametrize("place", ["x", "~~", "2026-01-01~1~x", "2026-01-01T00:00:00~1", "'~1~1"])
def test_a_forged_place_is_refused(signed_in: SignedIn, place: str) -> None:
    assert signed_in("bu_guanli").get(f"/audit?behind={place}").status_code == 422


def test_pages_follow_one_another_without_gap_or_repetition(session: Session, cast: Cast, signed_in: SignedIn) -> None:
    browser = signed_in("sheng_guanli")
    with clock.frozen(datetime(2026, 9, 1, tzinfo=UTC)) as hands:
        for number in range(PAGE * 2 + 7):
            # Three entries at each instant: the order must not hang on the time alone.
            hands.move(timedelta(seconds=number % 3 == 0))
            act(session, cast.actor("xian_xueji"), f"第{number:03}件", unit="雁塔区", cast=cast)
    address, labels = "/audit?person=xian_xueji", []
    for _page in range(3):
        page = browser.get(address).text
        labels += list(dict.fromkeys(re.findall(r"第\d{3}件", page)))
        following = NEXT.search(page)
        address = following[1].replace("&amp;", "&") if following else ""
    assert address == ""
    assert len(labels) == len(set(labels)) == PAGE * 2 + 7


def test_the_address_of_the_next_page_takes_over_nothing_but_the_search(
    session: Session, cast: Cast, signed_in: SignedIn
) -> None:
    for number in range(PAGE + 1):
        act(session, cast.actor("xian_xueji"), f"第{number}件", unit="雁塔区", cast=cast)
    page = signed_in("bu_guanli").get("/audit?person=xian_xueji&_scheme=javascript&_external=1&other=1").text
    following = NEXT.search(page)
    assert following
    assert following[1].startswith("/audit?person=xian_xueji&amp;")
    assert "javascript" not in following[1]
    assert "other" not in following[1]


def test_what_an_entry_tells_is_never_markup(session: Session, cast: Cast, signed_in: SignedIn) -> None:
    change = {"name": audit.Change("<script>old", "<img onerror=x>", audit.FieldClass.INTERNAL)}
    about = audit.Subject("account", "1", cast.unit("雁塔区").id, "<b>粗</b>")
    audit.note(session, cast.actor("xian_xueji"), "accounts.renamed", about=about, changes=change)
    commit(session)
    page = signed_in("bu_guanli").get("/audit").text
    assert "&lt;script&gt;old" in page
    assert not any(markup in page for markup in ("<script>old", "<img onerror", "<b>粗"))


# ── who has looked at me ──────────────────────────────────────────────────────────────────────────────────────────────


def test_a_person_sees_who_looked_at_the_own_data_and_nobody_elses(
    session: Session, cast: Cast, signed_in: SignedIn
) -> None:
    reader = cast.actor("xian_jishu")
    for looked_at in ("xuexiao_xueji", "xuexiao2_xueji"):
        about = audit.Subject("account", cast.id(looked_at))
        audit.note_read(session, reader, about=about, fields=["mobile"] if looked_at == "xuexiao_xueji" else ["email"])
    commit(session)
    page = signed_in("xuexiao_xueji").get("/account/looks").text
    assert "张国强（演示）" in page
    assert "手机号" in page
    assert "邮箱</td>" not in page


def test_who_has_not_been_looked_at_is_told_so(signed_in: SignedIn) -> None:
    assert "还没有人看过您的个人信息" in signed_in("xuexiao_xueji").get("/account/looks").text


def test_who_opens_a_question_in_the_console_has_looked_at_the_asker(
    session: Session, cast: Cast, presence: Presence, signed_in: SignedIn
) -> None:
    things = build(session, presence, cast, PLACES[0])
    session.commit()
    technician = signed_in("xian_jishu")
    for _time in range(2):
        assert technician.get(f"/console/{things.talking.id}").status_code == 200
        assert technician.get(f"/console/{things.talking.id}/panel").status_code == 200
    page = signed_in("xuexiao_xueji").get("/account/looks").text
    assert page.count("张国强（演示）") == 1
    assert "手机号" in page


def test_an_act_about_a_person_says_whom(signed_in: SignedIn, session: Session, cast: Cast) -> None:
    audit.note(session, cast.actor("bu_guanli"), "accounts.closed", about=audit.Subject("account", cast.id("xuesheng")))
    commit(session)
    page = signed_in("bu_guanli").get("/audit?act=accounts.closed").text
    assert "许小满" in page
    assert str(cast.id("xuesheng")) not in page


def test_a_line_names_browser_and_thing_as_people_do_and_the_number_stands_inside(
    signed_in: SignedIn, session: Session, cast: Cast
) -> None:
    agent = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/120.0 Safari/537.36"
    actor = replace(cast.actor("xian_xueji"), origin=Origin("10.0.0.7", agent, None))
    thing = "01a2042f-2a5b-7578-9498-30b2021e7257"
    audit.note(session, actor, "people.loan.asked", about=audit.Subject("delegation", thing, cast.unit("雁塔区").id))
    commit(session)
    page = signed_in("sheng_guanli").get("/audit?act=people.loan.asked").text
    assert "10.0.0.7 · Chrome 120 · Windows" in page
    assert "Mozilla" not in page
    assert f"<dd>{thing}</dd>" in page
    assert f"授权代办 {thing}" not in page
