"""Microphones, cameras and speakers in a call: chosen, remembered, pulled out, refused."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.journeys.looks import expect_fair
from tests.journeys.people import People
from tests.journeys.test_calls import OTHER, in_a_talk, is_connected, ring, sees_moving_pictures, window

COUNTY, SCHOOL = "xian_xueji", "xuexiao_xueji"
COUNT_OFFERS = """() => {
    window.offers = 0;
    const { setLocalDescription } = RTCPeerConnection.prototype;
    RTCPeerConnection.prototype.setLocalDescription = function (...told) {
        window.offers += 1;
        return setLocalDescription.apply(this, told);
    };
}"""
# No browser can be told to pull out a device of its own invention: what it lists and what ends are ours from here on.
PULL_OUT = """([kind, label]) => {
    const { mediaDevices } = navigator;
    const list = mediaDevices.enumerateDevices.bind(mediaDevices);
    mediaDevices.enumerateDevices = async () =>
        (await list()).filter(one => one.kind !== kind || !one.label.includes(label));
    for (const track of window.opened ?? []) {
        if (track.label.includes(label)) { track.stop(); track.dispatchEvent(new Event("ended")); }
    }
    mediaDevices.dispatchEvent(new Event("devicechange"));
}"""
KEEP_TRACKS = """() => {
    window.opened = [];
    const { mediaDevices } = navigator;
    const open = mediaDevices.getUserMedia.bind(mediaDevices);
    mediaDevices.getUserMedia = async wish => {
        const stream = await open(wish);
        window.opened.push(...stream.getTracks());
        return stream;
    };
}"""
REFUSE = """() => {
    const { mediaDevices } = navigator;
    const open = mediaDevices.getUserMedia.bind(mediaDevices);
    mediaDevices.getUserMedia = wish => window.isAllowed
        ? open(wish) : Promise.reject(new DOMException("no", "NotAllowedError"));
}"""


def prepare(page: Page, *scripts: str) -> None:
    for script in scripts:
        page.add_init_script(f"({script})()")


def test_devices_are_chosen_by_keyboard_remembered_and_replaced_when_pulled_out(people: People) -> None:
    county, school = people(COUNTY), people(SCHOOL)
    prepare(county.page, COUNT_OFFERS, KEEP_TRACKS)
    in_a_talk(county, school)
    county.page.reload()
    county.button("视频通话").click()
    ring(school).get_by_role("button", name="接听", exact=True).click()
    sees_moving_pictures(school)
    negotiated = county.page.evaluate("window.offers")
    county.page.get_by_text("选择设备").press("Enter")
    camera = county.page.get_by_role("combobox", name="摄像头")
    expect(camera.locator("option:checked")).to_have_text("fake_device_0")
    camera.focus()
    county.page.keyboard.press("End")
    expect(camera.locator("option:checked")).to_have_text("fake_device_2")
    county.page.get_by_role("combobox", name="麦克风").select_option(label="Fake Audio Input 2")
    expect(county.page.get_by_role("combobox", name="扬声器")).to_be_visible()
    county.page.get_by_role("combobox", name="扬声器").select_option(label="Fake Audio Output 1")
    county.page.wait_for_function("() => window.opened.some(track => track.label === 'Fake Audio Input 2')")
    expect_fair(county.page)
    sees_moving_pictures(school)
    county.page.evaluate(PULL_OUT, ["videoinput", "fake_device_2"])
    expect(window(county)).to_contain_text("摄像头换成了“fake_device_0”")
    sees_moving_pictures(school)
    county.page.evaluate(PULL_OUT, ["audiooutput", "Output 1"])
    expect(window(county)).to_contain_text("选定的扬声器断开了")
    county.page.evaluate(PULL_OUT, ["audioinput", "Audio Input"])
    expect(window(county)).to_contain_text("麦克风断开了")
    expect(school.page.locator(OTHER)).to_contain_text("已静音")
    # Nothing was negotiated anew for all that.
    assert county.page.evaluate("window.offers") == negotiated
    county.button("挂断").click()
    kept = county.page.evaluate("Object.keys(JSON.parse(localStorage.getItem('call-devices'))).sort().join()")
    assert kept == "audio,speaker,video"
    county.page.reload()
    county.button("视频通话").click()
    county.page.get_by_text("选择设备").click()
    expect(county.page.get_by_role("combobox", name="摄像头").locator("option:checked")).to_have_text("fake_device_2")
    county.button("挂断").click()


def test_who_refuses_microphone_and_camera_is_told_what_to_do_and_speaks_later(people: People) -> None:
    county, school = people(COUNTY), people(SCHOOL)
    prepare(school.page, REFUSE)
    in_a_talk(county, school)
    county.button("视频通话").click()
    ring(school).get_by_role("button", name="接听", exact=True).click()
    expect(window(school)).to_contain_text("请点地址栏左边的图标允许摄像头")
    # The call goes on: the other is seen and heard, and sees that nothing comes back.
    sees_moving_pictures(school)
    is_connected(county)
    expect(county.page.locator(OTHER)).to_have_attribute("data-seen", "false")
    expect(county.page.locator(OTHER)).to_contain_text("已静音")
    expect_fair(school.page)
    school.page.evaluate("window.isAllowed = true")
    school.button("开麦克风").click()
    expect(county.page.locator(OTHER)).not_to_contain_text("已静音")
    expect(county.page.locator(OTHER)).to_have_attribute("data-speaks", "true")
    school.button("开摄像头").click()
    sees_moving_pictures(county)
