"""The list with a box for each line, in a real browser: all at once, a range with Shift, and how many are ticked."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.browsers import need_browser, open_browser

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("journeys")]

DIST = Path(__file__).parents[2] / "static" / "dist"
LIST = """<form>
  <div data-check-all hidden><label>全选<input type="checkbox"></label></div>
  <label>甲<input type="checkbox" data-check checked></label>
  <label>乙<input type="checkbox" data-check></label>
  <label>丙<input type="checkbox" data-check></label>
  <label>丁<input type="checkbox" data-check></label>
  <strong role="status" data-check-count="已勾选 {count} 份"></strong>
</form>"""
START = """async source => {
    const address = URL.createObjectURL(new Blob([source], {type: "text/javascript"}));
    window.stop = (await import(address)).start(document.querySelector("form"));
}"""


@pytest.fixture
def page() -> Iterator[Page]:
    """A page with four boxes, the first of them ticked, as after a refusal."""
    program = need_browser()
    name = json.loads((DIST / "manifest.json").read_text(encoding="utf-8"))["checklist.js"]
    with open_browser(program) as browser:
        opened = browser.new_page()
        opened.set_content(LIST)
        opened.evaluate(START, (DIST / name).read_text(encoding="utf-8"))
        yield opened


def test_all_lines_are_ticked_at_once_and_the_number_is_said(page: Page) -> None:
    everything, count = page.get_by_label("全选"), page.get_by_role("status")
    expect(count).to_have_text("已勾选 1 份")
    everything.check()
    expect(count).to_have_text("已勾选 4 份")
    page.get_by_label("乙").uncheck()
    expect(everything).not_to_be_checked()
    expect(count).to_have_text("已勾选 3 份")
    everything.check()
    everything.uncheck()
    expect(count).to_have_text("")


def test_shift_takes_along_what_lies_between_with_the_mouse_and_by_keyboard(page: Page) -> None:
    count = page.get_by_role("status")
    page.get_by_label("甲").focus()
    page.keyboard.press("Space")
    page.get_by_label("乙").focus()
    page.keyboard.press("Space")
    page.get_by_label("丁").click(modifiers=["Shift"])
    expect(page.get_by_label("丙")).to_be_checked()
    expect(page.get_by_label("甲")).not_to_be_checked()
    expect(count).to_have_text("已勾选 3 份")
    page.get_by_label("乙").focus()
    page.keyboard.press("Shift+Space")
    expect(count).to_have_text("")
