"""How a page looks: what axe finds, and what is wider than the window."""

from __future__ import annotations

from typing import Literal

from playwright.sync_api import Page, ViewportSize, expect

from portal.preparation import ROOT

AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
RUN_AXE = """async tags => {
    const found = await axe.run(document, {
        runOnly: {type: "tag", values: tags}, resultTypes: ["violations"],
    });
    return found.violations.flatMap(fault => fault.nodes.map(
        node => `${fault.id} (${fault.impact}): ${node.target.join(" ")} · ${node.failureSummary}`
    ));
}"""
TOO_WIDE = """() => {
    const root = document.scrollingElement;
    if (root.scrollWidth <= root.clientWidth) return [];
    const wide = [...document.querySelectorAll("body *")].filter(one => {
        const box = one.getBoundingClientRect();
        return box.width > 0 && box.right > root.clientWidth + 1;
    });
    return [`${root.scrollWidth} px: ` + wide.slice(0, 3).map(one => one.className || one.tagName).join(", ")];
}"""
DESK: ViewportSize = {"width": 1280, "height": 800}
PHONE: ViewportSize = {"width": 390, "height": 844}
Colours = Literal["light", "dark"]
COLOURS: tuple[Colours, ...] = ("light", "dark")


def look_with_axe(page: Page, colours: Colours, size: ViewportSize) -> list[str]:
    """Let axe look at a page as it stands."""
    page.set_viewport_size(size)
    page.emulate_media(color_scheme=colours)
    expect(page.locator("html")).to_have_attribute("data-bs-theme", colours)
    if page.evaluate("typeof axe === 'undefined'"):
        page.evaluate(AXE.read_text(encoding="utf-8"))
    faults: list[str] = page.evaluate(RUN_AXE, TAGS)
    return faults


def expect_fair(page: Page) -> None:
    """Hold a page in the middle of a journey to what every page is held to: in both colours, at a desk, on a phone."""
    size = page.viewport_size or DESK
    page.emulate_media(reduced_motion="reduce")
    faults = [fault for colours in COLOURS for fault in look_with_axe(page, colours, size)]
    faults += look_with_axe(page, "light", PHONE)
    faults += page.evaluate(TOO_WIDE)
    page.set_viewport_size(size)
    assert not faults, "\n".join([page.url, *faults])
