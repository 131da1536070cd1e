"""Calls of several people, and calls whose network goes: each sees the others move, also after the way was lost."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, expect
from sqlalchemy import select

from registry_core.accounts.models import Account
from tests.journeys.cable import Cable
from tests.journeys.looks import PHONE, expect_fair, look_with_axe
from tests.journeys.people import CUT_LINE, People, Person
from tests.journeys.records import Records
from tests.journeys.system import until
from tests.journeys.test_calls import CONNECT_MILLISECONDS, FRAME, in_a_talk, ring, window
from tests.journeys.test_messenger import write_to

COUNTY, SCHOOL, TECHNICIAN, LEAD, FIFTH = "xian_xueji", "xuexiao_xueji", "xian_jishu", "xian_zhuguan", "xian_jishu2"
NAMES = {SCHOOL: "李晓芸", TECHNICIAN: "张国强", LEAD: "马建国", FIFTH: "刘思雨"}
POST = """([path, fields]) => {
    const token = document.querySelector('meta[name="csrf-token"]').content;
    const headers = {"X-CSRFToken": token, "Content-Type": "application/x-www-form-urlencoded"};
    return fetch(path, {method: "POST", headers, body: new URLSearchParams(fields)}).then(answer => answer.url);
}"""
HEARD_MILLISECONDS = 10_000


@pytest.fixture
def cable() -> Iterator[Cable]:
    laid = Cable()
    laid.open()
    yield laid
    laid.close()


def make_group(records: Records, founder: Person, *others: str) -> str:
    """Let somebody make a group of these people; returns its address."""
    founder.wants("WebSocket is closed before the connection is established")
    founder.open("/messages")
    address: str = founder.page.evaluate(POST, ["/messages/groups/new", {"name": "开学碰头"}])
    path = re.sub(r"^https?://[^/]+", "", address)
    with records.session() as session:
        for other in others:
            account_id = session.scalars(select(Account.id).where(Account.user_name == other)).one()
            founder.page.evaluate(POST, [f"{path}/members", {"account_id": str(account_id)}])
    return path


def tile(person: Person, other: str) -> Locator:
    """The picture of somebody in the window of a call."""
    return person.page.locator(".call-tile:not([data-mine])").filter(has_text=other)


def sees(person: Person, *others: str) -> None:
    """Hold two moments of each of the others' pictures against each other."""
    for other in others:
        expect(tile(person, other)).to_have_attribute("data-way", "connected", timeout=CONNECT_MILLISECONDS)
        expect(tile(person, other)).to_have_attribute("data-seen", "true")
        ident = tile(person, other).get_attribute("data-tile")
        frames: set[str] = set()

        def moved(selector: str = f'[data-tile="{ident}"] video', seen: set[str] = frames) -> bool:
            frame = person.page.evaluate(FRAME, selector)
            seen |= {frame} if frame else set()
            person.page.wait_for_timeout(150)
            return len(seen) > 1

        until(moved, what=f"{person.user_name} sees {other} stand still")


def test_four_see_each_other_move_a_fifth_is_told_and_who_stays_goes_on(people: People, records: Records) -> None:
    county, school, technician = people(COUNTY), people(SCHOOL), people(TECHNICIAN)
    path = make_group(records, county, SCHOOL, TECHNICIAN, LEAD, FIFTH)
    for person in (county, school, technician):
        person.open(path)
    county.button("视频通话").click()
    choice = county.page.get_by_role("dialog", name="呼叫谁？")
    expect(choice.get_by_role("button", name="呼叫", exact=True)).to_be_disabled()
    choice.get_by_label("按名字找").fill("李晓")
    expect(choice.get_by_label(NAMES[LEAD])).to_be_hidden()
    choice.get_by_label("按名字找").fill("")
    for name in (NAMES[SCHOOL], NAMES[TECHNICIAN]):
        choice.get_by_label(name).check()
    expect_fair(county.page)
    choice.get_by_role("button", name="呼叫", exact=True).click()
    for person in (school, technician):
        ring(person).get_by_role("button", name="接听", exact=True).click()
    people_in = {county: "何文静", school: NAMES[SCHOOL], technician: NAMES[TECHNICIAN]}
    for person in people_in:
        sees(person, *(name for other, name in people_in.items() if other is not person))
    # A fourth was not called and comes in all the same; with a voice alone: all pictures are made on this one machine.
    lead = people(LEAD)
    lead.open(path)
    lead.button("语音通话").click()
    sees(lead, *people_in.values())
    for person in people_in:
        expect(tile(person, NAMES[LEAD])).to_have_attribute("data-way", "connected", timeout=CONNECT_MILLISECONDS)
    fifth = people(FIFTH)
    fifth.open(path)
    full, busy = (fifth.page.locator(".notice").filter(has_text=words) for words in ("最多就是 4 人", "没有打通"))
    fifth.button("语音通话").click()
    expect(full.or_(busy).first).to_be_visible(timeout=CONNECT_MILLISECONDS)
    if busy.count():
        # Four browsers with their pictures on one machine: whoever is told that it is busy tries again.
        fifth.button("语音通话").click()
    expect(full).to_be_visible(timeout=CONNECT_MILLISECONDS)
    expect(window(fifth)).to_have_count(0)
    fifth.leave()
    assert look_with_axe(lead.page, "dark", PHONE) == []
    school.button("挂断").click()
    for person in (county, technician):
        expect(tile(person, NAMES[SCHOOL])).to_have_count(0)
        expect(window(person)).to_contain_text(f"{NAMES[SCHOOL]}（演示）已离开")
    sees(county, NAMES[TECHNICIAN])
    sees(technician, "何文静")
    sees(lead, "何文静", NAMES[TECHNICIAN])


def test_who_speaks_is_busy_for_others_and_hears_of_it_afterwards(people: People) -> None:
    county, school, technician = people(COUNTY), people(SCHOOL), people(TECHNICIAN)
    write_to(technician, "lxy", NAMES[SCHOOL])
    in_a_talk(county, school)
    county.button("语音通话").click()
    ring(school).get_by_role("button", name="接听", exact=True).click()
    expect(tile(county, NAMES[SCHOOL])).to_have_attribute("data-way", "connected", timeout=CONNECT_MILLISECONDS)
    # Without a picture there are initials, and whoever is heard is marked.
    expect(tile(county, NAMES[SCHOOL]).locator("[data-tile-initials]")).to_have_text("晓芸")
    expect(tile(county, NAMES[SCHOOL])).to_have_attribute("data-speaks", "true", timeout=HEARD_MILLISECONDS)
    technician.button("语音通话").click()
    technician.is_told("对方正在通话中")
    expect(ring(school)).to_have_count(0)
    school.button("静音").click()
    expect(tile(county, NAMES[SCHOOL])).to_contain_text("已静音")
    expect(tile(county, NAMES[SCHOOL])).to_have_attribute("data-speaks", "false")
    school.button("挂断").click()
    school.open("/notices")
    until(
        lambda: school.page.reload() is not None and school.page.get_by_text("您没有接到").count() > 0,
        what="no notice of the call that came while another was under way",
    )


def test_moving_pictures_come_back_after_the_network_went(people: People, cable: Cable) -> None:
    county, school = people(COUNTY), people(SCHOOL)
    for person in (county, school):
        cable.plug(person.page)
        person.wants(CUT_LINE)
    in_a_talk(county, school)
    county.button("视频通话").click()
    ring(school).get_by_role("button", name="接听", exact=True).click()
    both = ((county, NAMES[SCHOOL]), (school, "何文静"))
    for person, other in both:
        sees(person, other)
    # The old way is gone for good, as when a telephone goes from one network to another.
    cable.cut()
    until(
        lambda: any(tile(person, other).get_by_text("正在重新连接…").is_visible() for person, other in both),
        what="nobody is told that the way is lost",
    )
    for person, other in both:
        sees(person, other)
    # The line to the house goes for a while, and the call goes on.
    school.page.context.set_offline(offline=True)
    expect(school.page.locator("#lost-line")).to_be_visible()
    sees(county, NAMES[SCHOOL])
    school.page.context.set_offline(offline=False)
    expect(school.page.locator("#lost-line")).to_be_hidden()
    # No way at all: it is said so, and somebody tries again once there is one.
    cable.is_down = True
    cable.cut()
    again = tile(county, NAMES[SCHOOL]).get_by_role("button", name="再试一次")
    expect(again).to_be_visible(timeout=CONNECT_MILLISECONDS)
    expect(tile(county, NAMES[SCHOOL])).to_contain_text("声音、画面断了")
    expect_fair(county.page)
    again.click()
    expect(tile(county, NAMES[SCHOOL])).to_contain_text("正在重新连接…")
    cable.is_down = False
    for person, other in both:
        sees(person, other)
