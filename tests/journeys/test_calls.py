"""Calls in real browsers with invented cameras: both see the other move, and what is left of it in the conversation."""

from __future__ import annotations

import re

from playwright.sync_api import Locator, expect

from tests.journeys.looks import expect_fair
from tests.journeys.people import People, Person
from tests.journeys.system import until
from tests.journeys.test_messenger import row, write_to
from tests.journeys.test_other_hands import PHONE

SCHOOL, COUNTY, TECHNICIAN = "xuexiao_xueji", "xian_xueji", "xian_jishu"
CONNECT_MILLISECONDS = 45_000
OTHER = ".call-tile:not([data-mine='true'])"
FRAME = """selector => {
    const video = document.querySelector(selector);
    if (!video || !video.videoWidth) return null;
    const canvas = document.createElement("canvas");
    canvas.width = 64; canvas.height = 48;
    const picture = canvas.getContext("2d");
    picture.drawImage(video, 0, 0, 64, 48);
    return picture.getImageData(0, 0, 64, 48).data.join();
}"""


def window(person: Person) -> Locator:
    return person.page.locator(".call-window")


def ring(person: Person) -> Locator:
    return person.page.locator("[data-ring]")


def is_connected(person: Person) -> None:
    """Wait until both have found a way to each other."""
    other = person.page.locator(OTHER).first
    expect(other).to_have_attribute("data-connected", "true", timeout=CONNECT_MILLISECONDS)


def sees_moving_pictures(person: Person) -> None:
    """Hold two moments of the other's picture against each other."""
    is_connected(person)
    frames: list[str] = []

    def moved() -> bool:
        frame = person.page.evaluate(FRAME, f"{OTHER} video")
        frames.extend([frame] if frame else [])
        person.page.wait_for_timeout(200)
        return len(set(frames)) > 1 and any(len(set(one.split(","))) > 2 for one in frames)

    until(moved, what=f"{person.user_name} sees nothing move")


def in_a_talk(county: Person, school: Person) -> None:
    """Let the county write to the school, and both have the conversation open."""
    write_to(county, "lxy", "李晓芸")
    county.says("方便通话吗？")
    school.open("/messages")
    row(school, "何文静").click()
    school.hears("方便通话吗？")


def test_two_see_each_other_move_and_a_third_page_stops_ringing(people: People) -> None:
    county, school = people(COUNTY), people(SCHOOL)
    in_a_talk(county, school)
    elsewhere = people(SCHOOL)
    elsewhere.open("/")
    county.button("视频通话").click()
    expect(window(county)).to_contain_text("正在呼叫")
    for page in (school, elsewhere):
        expect(ring(page)).to_contain_text("何文静")
        expect(ring(page)).to_contain_text("视频通话")
    expect_fair(elsewhere.page)
    ring(school).get_by_role("button", name="接听", exact=True).click()
    expect(ring(elsewhere)).to_have_count(0)
    for person in (county, school):
        sees_moving_pictures(person)
    expect(window(county)).to_contain_text("李晓芸")
    expect_fair(county.page)
    county.button("静音").click()
    expect(school.page.locator(OTHER)).to_contain_text("已静音")
    county.button("取消静音").click()
    expect(school.page.locator(OTHER)).not_to_contain_text("已静音")
    county.button("关摄像头").click()
    expect(school.page.locator(OTHER)).to_have_attribute("data-seen", "false")
    county.button("开摄像头").click()
    sees_moving_pictures(school)
    # The call goes on while one goes about.
    county.page.get_by_role("navigation", name="主菜单").get_by_role("link", name="工作台").click()
    expect(county.page.get_by_role("heading", level=1)).to_contain_text("您好")
    sees_moving_pictures(county)
    school.button("挂断").click()
    expect(window(school)).to_have_count(0)
    expect(window(county)).to_have_count(0)
    school.hears("何文静（演示）的视频通话：已接通")


def test_a_phone_answers_with_its_voice_alone_and_after_a_reload_goes_back(people: People) -> None:
    county, school = people(COUNTY), people(SCHOOL, **PHONE)
    write_to(county, "lxy", "李晓芸")
    county.says("我打给您。")
    school.open("/")
    county.button("视频通话").click()
    ring(school).get_by_role("button", name="只用语音接").tap()
    sees_moving_pictures(school)
    is_connected(county)
    expect(county.page.locator(OTHER)).to_have_attribute("data-seen", "false")
    expect_fair(school.page)
    school.button("缩小窗口").tap()
    expect(window(school)).to_have_attribute("data-size", "small")
    expect_fair(school.page)
    school.button("放大窗口").tap()
    school.page.reload()
    school.button("回到通话").tap()
    sees_moving_pictures(school)
    expect(window(county)).to_contain_text(re.compile(r"\d:\d\d"))
    county.button("挂断").click()
    expect(window(school)).to_have_count(0)
    county.hears("已接通")


def test_a_call_that_nobody_takes_is_a_notice_and_a_line(people: People) -> None:
    county, technician = people(COUNTY), people(TECHNICIAN)
    write_to(county, "zhangguo", "张国强")
    county.says("在吗？")
    technician.open("/")
    county.button("语音通话").click()
    expect(ring(technician)).to_contain_text("语音通话")
    county.page.keyboard.press("Enter")
    expect(window(county)).to_have_count(0)
    expect(ring(technician)).to_have_count(0)
    county.hears("未接来电")
    technician.open("/notices")
    until(
        lambda: technician.page.reload() is not None and technician.page.get_by_text("您没有接到").count() > 0,
        what="no notice of the missed call",
    )
    technician.page.get_by_text("您没有接到").first.click()
    technician.hears("未接来电")
    technician.button("语音通话").click()
    ring(county).get_by_role("button", name="不接").click()
    technician.is_told("对方没有接")


def test_asker_and_technician_speak_over_a_question(people: People) -> None:
    school, technician = people(SCHOOL), people(TECHNICIAN)
    technician.go_on_duty()
    school.ask("界面上的红字是什么意思？")
    technician.accepts("界面上的红字是什么意思？")
    technician.button("语音通话").click()
    ring(school).get_by_role("button", name="接听", exact=True).click()
    for person in (school, technician):
        is_connected(person)
    technician.button("共享屏幕").click()
    sees_moving_or_still(school)
    technician.button("挂断").click()
    school.hears("语音通话：已接通")


def sees_moving_or_still(person: Person) -> None:
    """Wait for a picture of the other's screen, on which nothing need move."""
    expect(person.page.locator(OTHER)).to_have_attribute("data-screen", "true")
    until(lambda: person.page.evaluate(FRAME, f"{OTHER} video"), what="no picture of the screen")
