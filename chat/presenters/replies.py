"""What pages and sockets show of replies and mentions."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask_babel import force_locale
from flask_babel import lazy_gettext as _l

from chat.presenters.links import Part, split_links
from chat.presenters.numbers import say_body
from chat.queries.replies import Mentioned, Quoted

EVERYBODY = _l("所有人")


def everybody() -> str:
    """Say what stands after the @ where an owner calls everybody; in Chinese, as all that the house says for all."""
    with force_locale("zh_Hans"):
        return str(EVERYBODY)


@dataclass(frozen=True, slots=True)
class QuoteView:
    """What a reply quotes; `is_covered` says that a number in it is not shown, `is_gone` that it was taken back."""

    number: int
    sender_name: str
    body: str
    is_gone: bool
    is_covered: bool


@dataclass(frozen=True, slots=True)
class SaidPart:
    """A piece of a text: plain, a link (`address`), or a name that is called (`called`: `me` or `other`)."""

    words: str
    address: str = ""
    called: str = ""


def view_quote(quoted: Quoted | None, readable: Collection[UUID]) -> QuoteView | None:
    """Present what is quoted, to who may read the numbers of the senders `readable`."""
    if quoted is None:
        return None
    if quoted.is_gone:
        return QuoteView(quoted.number, quoted.sender_name, "", is_gone=True, is_covered=False)
    line = quoted.line
    shown = say_body(line.body, line.sender_id, readable)
    return QuoteView(quoted.number, quoted.sender_name, shown, is_gone=False, is_covered=shown != line.body)


def quote_packet(quote: QuoteView | None) -> dict[str, Any] | None:
    """Make what is quoted as it travels over the socket (docs/protocol.md)."""
    if quote is None:
        return None
    return {
        "number": quote.number,
        "sender_name": quote.sender_name,
        "body": quote.body,
        "is_gone": quote.is_gone,
        "is_covered": quote.is_covered,
    }


def mentions_packet(mentions: Sequence[Mentioned]) -> list[dict[str, str]]:
    """Make whom a message calls as it travels over the socket."""
    return [{"account_id": str(one.account_id), "name": one.name} for one in mentions]


def split_said(body: str, mentions: Sequence[Mentioned], me: UUID, *, calls_all: bool) -> tuple[SaidPart, ...]:
    """Cut a text into plain pieces, links and names that it calls; put together again they are the text."""
    called = {one.name: "me" if one.account_id == me else "other" for one in mentions}
    if calls_all:
        called[everybody()] = "me"
    return tuple(one for part in split_links(body) for one in _split_names(part, called))


def _split_names(part: Part, called: dict[str, str]) -> Iterator[SaidPart]:
    if part.address or not called:
        yield SaidPart(part.words, part.address)
        return
    # The longest first: of 张伟 and 张伟明 the text may call both.
    names = "|".join(re.escape(name) for name in sorted(called, key=len, reverse=True))
    for words in re.split(f"(@(?:{names}))", part.words):
        if words:
            yield SaidPart(words, called=called.get(words.removeprefix("@"), "") if words[0] == "@" else "")
