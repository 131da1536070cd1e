"""The browser of the journeys and screenshots: found, or installed where that is allowed."""

import os
import shutil
import subprocess
from pathlib import Path

from portal.commands.console import say, step
from portal.servers.errors import ServerFailed

NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
PACKAGES = ("chromium", "fonts-noto-cjk")
CJK_FONT_FOLDERS = (Path("/usr/share/fonts"), Path("/usr/local/share/fonts"), Path.home() / ".fonts")


def find_browser() -> Path | None:
    """Return the browser: the one that `DESK_BROWSER` names, else the machine's Chromium or Chrome."""
    named = os.environ.get("DESK_BROWSER")
    found = next(filter(None, map(shutil.which, [named] if named else NAMES)), None)
    return Path(found) if found else None


def has_chinese_font() -> bool:
    """Return whether Chinese text comes out as characters and not as boxes."""
    query = shutil.which("fc-list")
    if query:
        answer = subprocess.run([query, ":lang=zh-cn", "family"], capture_output=True, text=True, check=False)
        return bool(answer.stdout.strip())
    return any(folder.rglob("*CJK*") for folder in CJK_FONT_FOLDERS if folder.is_dir())


def how_to_install() -> str:
    """Return one line that says what to install."""
    return f"请安装浏览器与中文字体 · install the browser and a Chinese font: apt-get install {' '.join(PACKAGES)}"


def provide_browser() -> Path | None:
    """Return a browser, installing the Debian package as root if there is none; None where that is not possible."""
    if find_browser() is None or not has_chinese_font():
        install()
    return find_browser()


def install() -> None:
    """Install browser and font as Debian packages, where this is Debian and the user is root."""
    apt = shutil.which("apt-get")
    if apt is None or os.geteuid() != 0:
        return
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    with step("安装浏览器与中文字体", "browser and Chinese font"):
        for arguments in (["update"], ["install", "-y", "--no-install-recommends", *PACKAGES]):
            result = subprocess.run([apt, *arguments], capture_output=True, text=True, check=False, env=quiet)
            if result.returncode != 0:
                say(f"\n{result.stdout[-800:]}{result.stderr[-800:]}")
                return


def require_browser() -> Path:
    """Return a browser. Raises ServerFailed with what to install."""
    browser = provide_browser()
    if browser is None:
        raise ServerFailed(how_to_install())
    return browser
