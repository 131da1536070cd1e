"""Every page in each state: no fault that axe finds, in light and dark and on a phone; no scrolling sideways; light."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest
from playwright.sync_api import ViewportSize, expect

from tests.journeys.looks import COLOURS, DESK, PHONE, TOO_WIDE, look_with_axe
from tests.journeys.pages import walk
from tests.journeys.people import People
from tests.journeys.stage import Stage

# 1280 px at 200 %: half as many pixels of the style sheet.
ZOOMED: ViewportSize = {"width": 640, "height": 400}
FIRST_LOAD_BYTES = 100 * 1024


@dataclass(slots=True)
class Findings:
    """What was found on the whole walk, one line for each fault; `stops` are the pages that were looked at."""

    stops: list[str] = field(default_factory=list)
    axe: list[str] = field(default_factory=list)
    too_wide: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)


@pytest.fixture(scope="module")
def findings(stage: Stage) -> Findings:
    """Walk past every page once and look at it in each size and colour."""
    found = Findings()
    everybody = stage.people()
    everybody.records.system.new_faults()
    for name, page in walk(everybody):
        found.stops.append(name)
        page.emulate_media(reduced_motion="reduce")
        for colours in COLOURS:
            found.axe += [f"{name}, {colours}: {fault}" for fault in look_with_axe(page, colours, DESK)]
        found.axe += [f"{name}, phone: {fault}" for fault in look_with_axe(page, "light", PHONE)]
        found.too_wide += [f"{name}, phone: {fault}" for fault in page.evaluate(TOO_WIDE)]
        page.set_viewport_size(ZOOMED)
        found.too_wide += [f"{name}, 200 %: {fault}" for fault in page.evaluate(TOO_WIDE)]
        page.set_viewport_size(DESK)
    found.complaints = everybody.go_home() + everybody.records.system.new_faults()
    return found


def test_axe_finds_no_fault_on_any_page(findings: Findings) -> None:
    assert len(findings.stops) == len(set(findings.stops)) > 20
    assert not findings.axe, "\n".join(findings.axe)


def test_axe_would_find_a_fault(people: People) -> None:
    school = people("xuexiao_xueji")
    school.open("/ask")
    school.page.locator("main h1").evaluate("title => { title.className = 'muted'; title.style.color = '#ccc'; }")
    school.page.locator("label[for=body]").evaluate("label => label.remove()")
    school.page.get_by_role("textbox").first.evaluate("box => box.removeAttribute('placeholder')")
    faults = " ".join(look_with_axe(school.page, "light", DESK))
    assert "color-contrast" in faults
    assert "label" in faults


def test_no_page_scrolls_sideways(findings: Findings) -> None:
    assert not findings.too_wide, "\n".join(findings.too_wide)


def test_no_page_and_no_log_complains(findings: Findings) -> None:
    assert not findings.complaints, "\n".join(findings.complaints)


def test_the_first_load_is_light(people: People) -> None:
    school, county = people("xuexiao_xueji"), people("xian_jishu")
    county.go_on_duty()
    ticket_id = school.ask("第一次打开要多久？")
    county.accepts("第一次打开要多久？")
    for user_name, path in (
        ("xuexiao_xueji", "/"),
        ("xuexiao_xueji", "/ask"),
        ("xuexiao_xueji", f"/questions/{ticket_id}"),
        ("xian_jishu", "/"),
        ("xian_jishu", f"/console/{ticket_id}"),
    ):
        weight = weigh(people, user_name, path)
        assert 20_000 < weight <= FIRST_LOAD_BYTES, f"{path} weighs {weight} bytes"


def weigh(people: People, user_name: str, path: str) -> int:
    """Open a page in a new browser with an empty cache; return how many bytes came over the wire."""
    person = people(user_name)
    sizes: list[float] = []
    line = person.page.context.new_cdp_session(person.page)
    line.on("Network.loadingFinished", lambda event: sizes.append(event["encodedDataLength"]))
    line.send("Network.enable")
    with person.page.expect_websocket():
        person.open(path)
    person.page.wait_for_load_state("networkidle")
    person.leave()
    return int(sum(sizes))


def test_on_a_phone_every_entry_of_the_menu_can_be_reached(people: People) -> None:
    administrator = people("xian_guanli", viewport=PHONE)
    administrator.open("/")
    administrator.page.get_by_text("更多", exact=True).click()
    entries = administrator.page.locator("#more .menu-panel a").all()
    assert len(entries) > 15
    for entry in [*entries, *reversed(entries)]:
        entry.scroll_into_view_if_needed()
        expect(entry).to_be_in_viewport(ratio=0.95)
