"""What a file may be called: shown and offered for saving, never part of a path of ours."""

from __future__ import annotations

import re
import unicodedata

from registry_core.files.models import LONGEST_NAME

NAMELESS = "file"
# Control signs, invisible ones (they turn `gpj.exe` around), halves of signs, and signs that mean nothing in common.
UNSEEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
FORBIDDEN = re.compile(r'[<>:"|?*%]')
# Names that Windows takes for devices, whatever follows the dot.
DEVICE = re.compile(r"(?:con|prn|aux|nul|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³])(?:\..*)?", re.IGNORECASE)
EXTENSION = re.compile(r"\.([A-Za-z0-9]{1,8})$")


def clean_name(raw: str) -> str:
    """Make a name that every system can store and that looks like what it is."""
    seen = "".join(sign for sign in unicodedata.normalize("NFC", raw) if unicodedata.category(sign) not in UNSEEN)
    last = re.split(r"[/\\]", seen)[-1]
    name = " ".join(FORBIDDEN.sub("_", last).split()).strip(". ")
    if DEVICE.fullmatch(name.replace(" ", "")):
        name = f"_{name}"
    return _shorten(name if name and not _is_bare_extension(last, name) else f"{NAMELESS}.{name}".rstrip("."))


def extension_of(name: str) -> str:
    """Return what stands behind the last dot, in small letters; empty without one."""
    found = EXTENSION.search(name)
    return found[1].lower() if found else ""


def _is_bare_extension(last: str, name: str) -> bool:
    return last.strip().startswith(".") and "." not in name


def _shorten(name: str) -> str:
    if len(name) <= LONGEST_NAME:
        return name
    end = EXTENSION.search(name)
    tail = end[0] if end else ""
    return name[: LONGEST_NAME - len(tail)] + tail
