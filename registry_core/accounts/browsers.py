"""What a browser calls itself, said as people say it: `Chrome 120 · Windows`."""

from __future__ import annotations

import re

# The first that fits counts: most browsers also claim to be Chrome, and Chrome claims to be Safari.
_PROGRAMS = (
    ("WeChat", re.compile(r"MicroMessenger/(\d+)")),
    ("Edge", re.compile(r"Edg(?:e|A|iOS)?/(\d+)")),
    ("QQBrowser", re.compile(r"M?QQBrowser/(\d+)")),
    ("360", re.compile(r"360(?:SE|EE|CSE)/?(\d*)")),
    ("Opera", re.compile(r"OPR/(\d+)")),
    ("Firefox", re.compile(r"(?:Firefox|FxiOS)/(\d+)")),
    ("Chrome", re.compile(r"(?:Chrome|CriOS)/(\d+)")),
    ("Safari", re.compile(r"Version/(\d+).* Safari/")),
    ("Internet Explorer", re.compile(r"(?:MSIE |Trident/.*rv:)(\d+)")),
)
_SYSTEMS = (
    ("HarmonyOS", "HarmonyOS"),
    ("OpenHarmony", "HarmonyOS"),
    ("Android", "Android"),
    ("iPhone", "iOS"),
    ("iPad", "iPadOS"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
)


def name_browser(user_agent: str) -> str:
    """Name browser, its version and the system; what is not known is repeated as it came."""
    program = next((f"{name} {found[1]}".strip() for name, sign in _PROGRAMS if (found := sign.search(user_agent))), "")
    system = next((name for sign, name in _SYSTEMS if sign in user_agent), "")
    return " · ".join(part for part in (program, system) if part) if program else user_agent
