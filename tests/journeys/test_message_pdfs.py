"""PDFs of messages looked at in the page: drawn, by keyboard, on a phone; locked and damaged ones say so."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, expect

from tests.journeys.looks import expect_fair
from tests.journeys.pdfs import BROKEN, make_pdf
from tests.journeys.people import People, Person
from tests.journeys.test_message_files import both_talk, hand_over

DRAWN_MILLISECONDS = 30_000
COUNT_COLOURS = """canvas => {
    const { width, height } = canvas;
    const dots = canvas.getContext("2d").getImageData(0, 0, width, height).data;
    let [dark, red] = [0, 0];
    for (let place = 0; place < dots.length; place += 4) {
        if (dots[place] < 90 && dots[place + 1] < 90) dark += 1;
        if (dots[place] > 150 && dots[place + 1] < 60) red += 1;
    }
    return [dark / (width * height), red / (width * height)];
}"""


def send_pdf(person: Person, name: str, content: bytes) -> None:
    hand_over(person, "drop", (name, "application/pdf", content))
    person.button("发送").click()
    expect(person.page.locator("[data-log] [data-file]").filter(has_text=name)).to_be_visible()


def viewer(person: Person) -> Locator:
    return person.page.get_by_role("dialog", name="看 PDF")


def opens(person: Person, name: str) -> Locator:
    """Open a PDF by keyboard, as Enter on its name does."""
    link = person.page.get_by_role("link", name=name).last
    expect(link).to_be_visible()
    link.focus()
    person.page.keyboard.press("Enter")
    return viewer(person)


def test_a_pdf_is_read_in_the_page_by_keyboard_and_on_a_phone(people: People) -> None:
    county, school = both_talk(people)
    loaded: list[str] = []
    county.page.on("request", lambda request: loaded.append(request.url.rsplit("/", 1)[-1]))
    send_pdf(county, "核对说明.pdf", make_pdf(["学籍核对说明", "第二步：比对", "第三步：上报"]))
    assert not [name for name in loaded if name.startswith("pdf-")]
    shown = opens(county, "核对说明.pdf")
    expect(shown).to_contain_text("第 1 页，共 3 页", timeout=DRAWN_MILLISECONDS)
    first = shown.locator("[data-page='1']")
    expect(first).to_have_attribute("data-drawn", "true", timeout=DRAWN_MILLISECONDS)
    # Signs of a font that is not brought along, and a scan that is decoded without WebAssembly.
    dark, red = first.locator("canvas").evaluate(COUNT_COLOURS)
    assert dark > 0.002, "no letters"
    assert red > 0.2, "no scan"
    expect(first.locator("p")).to_have_text("学籍核对说明")
    expect_fair(county.page)
    county.page.keyboard.press("End")
    expect(shown).to_contain_text("第 3 页，共 3 页")
    before = first.bounding_box()
    county.page.keyboard.press("+")
    after = first.bounding_box()
    assert before
    assert after
    assert after["width"] > before["width"]
    assert str(shown.get_by_role("link", name="保存", exact=True).get_attribute("href")).endswith("?save=1")
    county.page.keyboard.press("Escape")
    expect(shown).to_be_hidden()
    expect(county.page.get_by_role("link", name="核对说明.pdf").last).to_be_focused()
    # On the phone, by finger.
    school.page.get_by_role("link", name="核对说明.pdf").last.tap()
    expect(viewer(school).locator("[data-page='1']")).to_have_attribute(
        "data-drawn", "true", timeout=DRAWN_MILLISECONDS
    )
    expect_fair(school.page)
    viewer(school).get_by_role("button", name="关闭").tap()
    expect(viewer(school)).to_be_hidden()


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("带密码.pdf", make_pdf(["密"], locked=True), "加了密码"),
        ("坏的.pdf", BROKEN, "损坏或不完整"),
    ],
    ids=["locked", "broken"],
)
def test_a_pdf_that_cannot_be_shown_says_why_and_can_be_saved(
    people: People, name: str, content: bytes, words: str
) -> None:
    county, _school = both_talk(people)
    send_pdf(county, name, content)
    shown = opens(county, name)
    expect(shown).to_contain_text(words, timeout=DRAWN_MILLISECONDS)
    with county.page.expect_download() as saving:
        shown.get_by_role("link", name="保存文件").click()
    assert saving.value.suggested_filename == name
    expect_fair(county.page)
    county.page.keyboard.press("Escape")
    expect(shown).to_be_hidden()
