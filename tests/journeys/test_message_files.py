"""Files in messages, in real browsers: pasted, dropped, photographed, cut off in the middle, looked at by keyboard."""

from __future__ import annotations

import base64
import re

from playwright.sync_api import Route, expect

from tests.journeys.looks import expect_fair
from tests.journeys.people import People, Person
from tests.journeys.records import Records
from tests.journeys.test_group_calls import make_group
from tests.journeys.test_messenger import write_to
from tests.journeys.test_other_hands import PHONE
from tests.registry_core.files.samples import PDF, picture

COUNTY, SCHOOL = "xian_xueji", "xuexiao_xueji"
HAND_OVER = """
([selector, kind, files]) => {
  const carrier = new DataTransfer();
  for (const [name, type, content] of files) {
    const bytes = Uint8Array.from(atob(content), (sign) => sign.charCodeAt(0));
    carrier.items.add(new File([bytes], name, { type }));
  }
  const target = document.querySelector(selector);
  const event = kind === "paste"
    ? new ClipboardEvent("paste", { clipboardData: carrier, bubbles: true, cancelable: true })
    : new DragEvent("drop", { dataTransfer: carrier, bubbles: true, cancelable: true });
  target.dispatchEvent(event);
}
"""


def hand_over(person: Person, kind: str, *files: tuple[str, str, bytes]) -> None:
    """Paste files into the box, or drop them on the conversation."""
    selector = "[data-write]" if kind == "paste" else "#conversation"
    told = [[name, media_type, base64.b64encode(content).decode()] for name, media_type, content in files]
    person.page.evaluate(HAND_OVER, [selector, kind, told])


def both_talk(people: People) -> tuple[Person, Person]:
    """The county has written to the school, which reads it on a phone."""
    county, school = people(COUNTY), people(SCHOOL, **PHONE)
    write_to(county, "lxy", "李晓芸")
    county.says("请看附件。")
    school.open(re.sub(r"^https?://[^/]+", "", county.page.url))
    school.hears("请看附件。")
    return county, school


def test_a_pasted_picture_and_a_dropped_pdf_arrive_on_a_phone(people: People) -> None:
    county, school = both_talk(people)
    hand_over(county, "paste", ("image.png", "image/png", picture("png", size=(640, 480))))
    hand_over(county, "drop", ("核对说明.pdf", "application/pdf", PDF))
    expect(county.page.locator("[data-chosen]")).to_have_count(2)
    expect(county.page.locator("[data-chosen]").first).to_contain_text("粘贴的图片.png")
    county.button("发送").click()
    expect(county.page.locator("[data-chosen]")).to_have_count(0)
    for person in (county, school):
        shown = person.page.locator("[data-log] [data-file]")
        expect(shown).to_have_count(2)
        expect(person.page.locator("[data-log] [data-look]:not([hidden]) img")).to_be_visible(timeout=30_000)
        expect(shown.filter(has_text="核对说明.pdf").get_by_role("link", name="核对说明.pdf")).to_be_visible()
        expect_fair(person.page)
    # Looked at large on the phone.
    school.page.locator("[data-log] [data-look]:not([hidden])").tap()
    expect(school.page.get_by_role("dialog", name="看图片")).to_be_visible()
    expect_fair(school.page)
    school.page.get_by_role("button", name="关闭").tap()


def test_pictures_are_looked_at_by_keyboard_alone(people: People) -> None:
    county, _school = both_talk(people)
    before = county.page.locator("[data-log] [data-look]:visible").count()
    for name in ("一.png", "二.png"):
        hand_over(county, "paste", (name, "image/png", picture("png", size=(320 + len(name) * 10, 240))))
    county.page.locator("[data-write]").focus()
    county.page.keyboard.press("Enter")
    looks = county.page.locator("[data-log] [data-look]:visible")
    expect(looks).to_have_count(before + 2, timeout=30_000)
    looks.last.focus()
    county.page.keyboard.press("Enter")
    dialog = county.page.get_by_role("dialog", name="看图片")
    expect(dialog).to_contain_text("二.png")
    county.page.keyboard.press("ArrowLeft")
    expect(dialog).to_contain_text("一.png")
    county.page.keyboard.press("+")
    expect(dialog.locator("img[data-zoomed]")).to_have_count(1)
    county.page.keyboard.press("-")
    county.page.keyboard.press("ArrowRight")
    expect(dialog).to_contain_text("二.png")
    county.page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(looks.last).to_be_focused()


def test_a_line_cut_in_the_middle_of_an_upload_is_gone_on_with_also_after_a_reload(people: People) -> None:
    county, school = both_talk(people)
    content = b"a,b\n" * 700_000  # three pieces
    pieces: list[str] = []

    def cut(route: Route) -> None:
        pieces.append(route.request.url)
        if len(pieces) > 1:
            route.abort()
        else:
            route.continue_()

    address = re.compile(r"/files/uploads/[0-9a-f-]+/\d+$")
    county.page.route(address, cut)
    hand_over(county, "drop", ("名册.csv", "text/csv", content))
    county.write_box().fill("名册")
    county.button("发送").click()
    expect(county.page.locator("[data-client] [data-state-words]")).to_contain_text("网络断开")
    county.wants(r"/files/uploads/")
    county.page.reload()
    expect(county.page.locator("[data-client]")).to_contain_text("名册.csv")
    county.page.unroute(address)
    expect(school.page.get_by_role("link", name="名册.csv")).to_be_visible(timeout=40_000)
    expect(county.page.locator("[data-client]")).to_have_count(0)
    assert pieces[0].endswith("/0")


def test_numbers_of_persons_are_warned_of_and_covered_for_who_is_below(people: People) -> None:
    county, school = both_talk(people)
    county.write_box().fill("家长电话 13800138000")
    county.page.keyboard.press("Enter")
    warning = county.page.get_by_role("dialog", name="内容里有个人号码")
    expect(warning).to_contain_text("手机号")
    expect_fair(county.page)
    county.page.keyboard.press("Escape")
    expect(county.write_box()).to_have_value("家长电话 13800138000")
    county.page.keyboard.press("Enter")
    warning.get_by_role("button", name="照原样发送").click()
    county.hears("家长电话 13800138000")
    school.hears("家长电话 138●●●●●●00")
    school.page.get_by_role("button", name="查看遮住的号码").last.tap()
    school.page.get_by_label("为什么要看").fill("给家长回电话")
    school.page.get_by_role("button", name="查看", exact=True).tap()
    school.hears("家长电话 13800138000")


def test_numbers_in_names_of_files_are_warned_of_and_a_look_keeps_links_and_mentions(
    people: People, records: Records
) -> None:
    county, school = people(COUNTY), people(SCHOOL, **PHONE)
    path = make_group(records, county, SCHOOL)
    for person in (county, school):
        person.open(path)
    hand_over(county, "drop", ("学生13800138000.csv", "text/csv", b"a,b\n"))
    county.write_box().press_sequentially("@李晓")
    county.page.get_by_role("option").filter(has_text="李晓芸").click()
    county.write_box().press("End")
    county.write_box().press_sequentially("看 https://example.org/a 电话 13800138000")
    county.page.keyboard.press("Enter")
    warning = county.page.get_by_role("dialog", name="内容里有个人号码")
    expect(warning).to_contain_text("文件名里好像有：手机号")
    expect_fair(county.page)
    warning.get_by_role("button", name="照原样发送").click()
    # The writer reads what they wrote, who works below them does not.
    expect(county.page.get_by_role("link", name="学生13800138000.csv")).to_be_visible()
    covered = school.page.get_by_role("link", name="学生138●●●●●●00.csv")
    expect(covered).to_be_visible()
    with school.page.expect_download() as saving:
        covered.tap()
    assert saving.value.suggested_filename == "学生138●●●●●●00.csv"
    school.page.get_by_role("button", name="查看遮住的号码").last.tap()
    school.page.get_by_label("为什么要看").fill("给家长回电话")
    school.page.get_by_role("button", name="查看", exact=True).tap()
    school.hears("电话 13800138000")
    message = school.messages().last
    expect(message.get_by_role("link", name="https://example.org/a")).to_be_visible()
    expect(message.locator(".mention[data-called='me']")).to_contain_text("李晓芸")
    expect(message.get_by_role("link", name="学生13800138000.csv")).to_be_visible()


def test_numbers_in_names_of_files_can_be_covered_before_they_are_sent(people: People) -> None:
    county, school = both_talk(people)
    hand_over(county, "drop", ("学生13800138000.csv", "text/csv", b"a,b\n"))
    county.write_box().press("Enter")
    county.page.get_by_role("dialog", name="内容里有个人号码").get_by_role("button", name="遮住后发送").click()
    for person in (county, school):
        expect(person.page.get_by_role("link", name="学生138●●●●●●00.csv")).to_be_visible()
        expect(person.page.get_by_role("button", name="查看遮住的号码")).to_have_count(0)
