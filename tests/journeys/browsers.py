"""The one browser of journeys and screenshots."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from portal.commands.browser import find_browser, how_to_install
from tests.journeys.people import PATIENCE_MILLISECONDS

ARGUMENTS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    # Browsers hide their addresses behind names that are asked for by multicast, which a closed machine lacks.
    "--disable-features=WebRtcHideLocalIpsWithMdns",
    # Cameras with a moving picture and microphones that beep, for whoever asks; the screen is this browser's own.
    # The second camera measures depth and shows nothing. Few pictures a second: four people in a call make twelve
    # streams of them, all on this machine.
    "--use-fake-device-for-media-stream=device-count=3,fps=8",
    "--use-fake-ui-for-media-stream",
)


@contextmanager
def open_browser(program: Path) -> Iterator[Browser]:
    """Run the browser. While it runs, nothing else in this thread can start an event loop."""
    with sync_playwright() as playwright:
        # Its own parts, such as the field for a time, speak Chinese where Debian's chromium-l10n is installed.
        language: dict[str, str | float | bool] = {**os.environ, "LANGUAGE": "zh_CN"}
        browser = playwright.chromium.launch(executable_path=str(program), args=list(ARGUMENTS), env=language)
        expect.set_options(timeout=PATIENCE_MILLISECONDS)
        yield browser
        browser.close()


def need_browser() -> Path:
    """Find the browser; without one skip, and fail on CI, where a skipped test would pass for green."""
    program = find_browser()
    if program is None:
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(how_to_install())
    return program
