"""People of the cast at real browsers: what they do on the pages, and what they see there."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from uuid import UUID

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Error, Locator, Page, expect

from portal.demonstration import CAST, PASSWORD
from tests.journeys.records import Line, Records
from tests.journeys.system import RunningSystem, until

PATIENCE_MILLISECONDS = 15_000
NAMES = {part.user_name: part.name for part in CAST}
READ_LOG = """items => items.map(item => [
    Number(item.dataset.number), (item.querySelector(".message-body") ?? item).textContent
])"""
# What a browser says by itself about a line that is cut on purpose.
LEFT_BEHIND = r"htmx:(sendAbort|afterRequest), \["
"""What htmx says of a request that was under way when its page was left; one that fails says htmx:sendError besides."""
CUT_LINE = r"ERR_(INTERNET_DISCONNECTED|CONNECTION_|EMPTY_RESPONSE|SOCKET_NOT)|WebSocket connection to|htmx:\w+, \["


class Person:
    """Somebody with one page open in a browser of their own; whoever is not of the cast goes by what they are."""

    def __init__(self, user_name: str, page: Page, records: Records) -> None:
        self.user_name = user_name
        self.name = NAMES.get(user_name, user_name)
        self.page = page
        self.records = records
        self.system: RunningSystem = records.system
        self.noise: list[str] = []
        self._wanted: list[re.Pattern[str]] = [re.compile(LEFT_BEHIND)]
        page.on("console", self._hear)
        page.on("pageerror", lambda error: self.noise.append(f"uncaught: {error}"))

    # ── what the browser complains about ──────────────────────────────────────────────────────────────────────────────

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.noise.append(f"{message.type}: {message.text} ({message.location.get('url', '')})")

    def wants(self, pattern: str) -> None:
        """Let errors pass that this journey causes on purpose."""
        self._wanted.append(re.compile(pattern))

    def unwanted_noise(self) -> list[str]:
        """What the browser complained about and nobody wanted."""
        return [line for line in self.noise if not any(wanted.search(line) for wanted in self._wanted)]

    # ── going about ───────────────────────────────────────────────────────────────────────────────────────────────────

    def open(self, path: str) -> None:
        """Go to a page; once more where the page was just being made anew by itself, as after a change of rights."""
        try:
            self.page.goto(self.system.address + path)
        except Error as error:
            if "interrupted by another navigation" not in str(error):
                raise
            self.page.goto(self.system.address + path)

    def tab(self) -> Person:
        """Open a second tab of the same browser."""
        other = Person(self.user_name, self.page.context.new_page(), self.records)
        other.noise, other._wanted = self.noise, self._wanted
        return other

    def leave(self) -> None:
        """Close the browser."""
        self.page.context.close()

    def sign_in(self, user_name: str, password: str) -> None:
        """Type name and password at the door, and press Enter."""
        self.open("/sign-in")
        self.page.get_by_label("用户名").fill(user_name)
        self.page.keyboard.press("Tab")
        self.page.keyboard.type(password)
        self.page.keyboard.press("Enter")

    def button(self, name: str) -> Locator:
        """Find a button by its words."""
        return self.page.get_by_role("button", name=name, exact=True)

    def sees(self, words: str | re.Pattern[str]) -> None:
        """Wait until the page shows words."""
        expect(self.page.get_by_text(words).first).to_be_visible()

    def is_told(self, words: str | re.Pattern[str]) -> None:
        """Wait for a notice."""
        expect(self.page.locator(".notice").filter(has_text=words)).to_be_visible()

    # ── asking ────────────────────────────────────────────────────────────────────────────────────────────────────────

    def ask(self, words: str) -> UUID:
        """Ask, as everybody does: write into the big box and press Enter. The page becomes the conversation."""
        self.open("/ask")
        self.page.get_by_role("textbox", name="您的问题").fill(words)
        self.page.keyboard.press("Enter")
        self.page.wait_for_url("**/questions/*")
        return UUID(self.page.url.rsplit("/", 1)[-1].partition("?")[0])

    def sees_ladder(self, **states: str) -> None:
        """Wait until rungs of the large ladder stand as named: `county="talking"`."""
        labels = {"school": "校", "county": "县", "city": "市", "province": "省", "ministry": "部"}
        for level, state in states.items():
            rung = self.page.locator(".stairs .rung").filter(
                has=self.page.locator(".rung-level", has_text=labels[level])
            )
            expect(rung).to_have_attribute("data-state", state)

    def sees_sentence(self, words: str | re.Pattern[str]) -> None:
        """Wait for the sentence below the ladder."""
        expect(self.page.locator(".ladder-sentence")).to_contain_text(words)

    def confirms(self) -> None:
        """Say that it is solved."""
        self.button("已解决").click()
        expect(self.page.locator("[data-not-writing]")).to_be_visible()

    def reopens(self, reason: str) -> None:
        """Say that it is not solved yet."""
        self.button("还没解决").click()
        self.page.get_by_label("还差什么？").fill(reason)
        self.button("请继续处理").click()
        expect(self.page.locator("#reopen")).to_be_hidden()

    # ── answering ─────────────────────────────────────────────────────────────────────────────────────────────────────

    def go_on_duty(self) -> None:
        """Open the console, let questions come, and wait until the house knows that this page is there."""
        self.open("/console")
        self.switch(on=True)
        until(lambda: self.records.is_there(self.user_name), what=f"{self.user_name} is not connected")

    def switch(self, *, on: bool) -> None:
        """Let questions come, or not."""
        switch = self.page.locator("#duty-switch")
        wanted = "true" if on else "false"
        if switch.get_attribute("aria-checked") != wanted:
            switch.click()
        expect(switch).to_have_attribute("aria-checked", wanted)

    def hears_ringing(self, words: str) -> Locator:
        """Wait until a question rings; returns its card."""
        card = self.page.locator("[data-offer]").filter(has_text=words)
        expect(card).to_be_visible()
        return card

    def hears_nothing(self) -> None:
        """Wait until nothing rings."""
        expect(self.page.locator("[data-offer]")).to_have_count(0)

    def accepts(self, words: str) -> None:
        """Accept what rings; the console opens on it."""
        self.hears_ringing(words).get_by_role("button", name="接待").click()
        expect(self.page.locator("#head .talk-head-title")).to_contain_text(words)
        expect(self.write_box()).to_be_visible()

    def declines(self, words: str) -> None:
        """Let it ring for the next."""
        self.hears_ringing(words).get_by_role("button", name="这次不接").click()
        self.hears_nothing()

    def resolves(self, words: str) -> None:
        """Give the written answer."""
        self.fills_dialog("给出答复", "resolve", words)

    def passes_up(self, summary: str) -> None:
        """Pass the question one level up."""
        self.fills_dialog("转上一级", "pass-up", summary)

    def returns(self, advice: str) -> None:
        """Give the question back to the desk below."""
        self.fills_dialog("退回并附建议", "return-ticket", advice)

    def fills_dialog(self, opener: str, dialog_id: str, words: str) -> None:
        """Open a dialog of the console's head, write, and send it."""
        self.page.locator("#head").get_by_role("button", name=opener, exact=True).first.click()
        dialog = self.page.locator(f"dialog#{dialog_id}")
        dialog.locator("textarea").fill(words)
        dialog.get_by_role("button", name=opener, exact=True).click()
        expect(self.page.locator(f"dialog#{dialog_id}[open]")).to_have_count(0)

    # ── talking ───────────────────────────────────────────────────────────────────────────────────────────────────────

    def write_box(self) -> Locator:
        """The box under the conversation."""
        return self.page.locator("[data-write]")

    def messages(self) -> Locator:
        """Every message on the page."""
        return self.page.locator("[data-log] [data-message]")

    def says(self, words: str) -> None:
        """Write a message and wait until the server has stored it."""
        self.writes(words)
        self.sees_mark(words, "stored", "delivered", "read")

    def writes(self, words: str) -> None:
        """Write a message and press Enter."""
        self.write_box().fill(words)
        self.write_box().press("Enter")
        expect(self.write_box()).to_have_value("")

    def hears(self, words: str) -> None:
        """Wait for a message."""
        expect(self.messages().filter(has_text=words).last).to_be_visible()

    def sees_mark(self, words: str, *marks: str) -> None:
        """Wait until one of my messages stands as one of the marks says."""
        message = self.messages().filter(has_text=words).last
        expect(message).to_have_attribute("data-mark", re.compile("|".join(marks)))

    def shown(self) -> list[Line]:
        """Everything that the page shows of the conversation, in its order."""
        rows: Any = self.messages().evaluate_all(READ_LOG)
        return [Line(int(number), str(body)) for number, body in rows]


class People:
    """Opens browsers for people; each signs in once by the page, and later browsers reuse what that left."""

    def __init__(self, browser: Browser, records: Records) -> None:
        self.browser = browser
        self.records = records
        self.cookies: dict[str, Any] = {}
        self.present: list[Person] = []

    def __call__(self, user_name: str, **context: Any) -> Person:
        """Open a browser in which somebody is signed in; `context` sets it up (size, colours, language)."""
        if user_name not in self.cookies:
            self._sign_in(user_name)
        person = Person(
            user_name, self._browser(**context, storage_state=self.cookies[user_name]).new_page(), self.records
        )
        self.present.append(person)
        return person

    def stranger(self, **context: Any) -> Page:
        """Open a browser in which nobody is signed in."""
        return self._browser(**context).new_page()

    def newcomer(self, who: str, **context: Any) -> Person:
        """Open a browser for somebody who is not of the cast, at the door; what it complains about counts."""
        person = Person(who, self.stranger(**context), self.records)
        self.present.append(person)
        person.open("/sign-in")
        return person

    def _browser(self, **context: Any) -> BrowserContext:
        given = {"locale": "zh-CN", "timezone_id": "Asia/Shanghai", "viewport": {"width": 1280, "height": 800}}
        opened = self.browser.new_context(**(given | context))
        opened.set_default_timeout(PATIENCE_MILLISECONDS)
        return opened

    def _sign_in(self, user_name: str) -> None:
        page = self.stranger()
        page.goto(f"{self.records.system.address}/sign-in")
        page.get_by_label("用户名").fill(user_name)
        page.get_by_label("密码").fill(PASSWORD)
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", level=1)).to_contain_text("您好")
        self.cookies[user_name] = page.context.storage_state()
        page.context.close()

    def go_home(self) -> list[str]:
        """Close every browser; return what the browsers complained about."""
        noise = [f"{person.user_name}: {line}" for person in self.present for line in person.unwanted_noise()]
        self.present.clear()
        for context in self.browser.contexts:
            context.close()
        return noise


def see_the_same(records: Records, ticket_id: UUID, *people: Person) -> list[Line]:
    """Hold every page against the database: the same messages with the numbers 1 to n, in order, none twice."""
    said = records.require_whole(ticket_id)
    for person in people:
        until(shows(person, said), what=f"{person.user_name} sees {person.shown()}\nand the database holds {said}")
    return said


def shows(person: Person, said: list[Line]) -> Callable[[], bool]:
    """Make a look that says whether a page shows exactly what was said."""
    return lambda: person.shown() == said
