"""Links in what people write. A message stays plain text: only whole addresses of pages become links, never markup.

`static/js/talk/links.js` does the same for what comes while a page is open.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

# Up to white space, quotes and the signs that end a sentence, Chinese ones included.
_ADDRESS = re.compile(r"https?://[^\s<>\"'`，。；：！？、（）【】《》「」“”‘’…]+", re.IGNORECASE | re.ASCII)
_ENDS_SENTENCE = ".,;:!?)]}"


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a text; `address` is empty where it is no link."""

    words: str
    address: str = ""


def split_links(body: str) -> list[Part]:
    """Cut a text into plain pieces and links; put together again they are the text."""
    return list(_parts(body))


def _parts(body: str) -> Iterator[Part]:
    end = 0
    for found in _ADDRESS.finditer(body):
        address = found[0].rstrip(_ENDS_SENTENCE)
        if not _is_page(address):
            continue
        if found.start() > end:
            yield Part(body[end : found.start()])
        yield Part(address, address)
        end = found.start() + len(address)
    if end < len(body):
        yield Part(body[end:])


def _is_page(address: str) -> bool:
    """Say whether an address is one of a page; one with a name before the house shows another house than it opens."""
    try:
        found = urlsplit(address)
        return bool(found.hostname) and found.port != 0 and "@" not in found.netloc and "\\" not in address
    except ValueError:
        return False
