"""What the page of the search shows: messages with the words marked, and where each was said."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from chat.policies import access_to, names_of
from chat.presenters.conversations import initials
from chat.presenters.dress import levels_of
from chat.queries.search import Found, Results
from chat.queries.words import Words
from registry_core.access.actors import Actor

SHOWN_BEFORE = 24
SHOWN = 140
ELLIPSIS = "…"


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a text, and whether it is what was searched for."""

    text: str
    is_hit: bool


@dataclass(frozen=True, slots=True)
class FoundMessage:
    """A message that was found, as a row that opens the conversation at its place."""

    url: str
    conversation_id: UUID
    conversation_name: str
    sender_name: str
    initials: str
    level: str
    at: datetime
    parts: tuple[Part, ...]
    files: tuple[tuple[Part, ...], ...]


def view_results(session: Session, actor: Actor, words: Words, results: Results) -> tuple[FoundMessage, ...]:
    """Present one page of results."""
    ids = {one.line.conversation_id for one in results.found}
    names = names_of(session, actor, ids)
    pages = {one: access_to(session, actor, one).page for one in ids}
    senders = {one.line.sender_id for one in results.found if one.line.sender_id}
    levels = levels_of(session, senders) if senders else {}
    return tuple(
        FoundMessage(
            f"{pages[one.line.conversation_id]}?at={one.line.number}",
            one.line.conversation_id,
            names.get(one.line.conversation_id, ""),
            one.line.sender_name or "",
            initials(one.line.sender_name or ""),
            levels[one.line.sender_id].value if one.line.sender_id in levels else "",
            one.line.sent_at,
            cut(one.body, words),
            _files(one, words),
        )
        for one in results.found
    )


def _files(found: Found, words: Words) -> tuple[tuple[Part, ...], ...]:
    """Show the files whose names have the words; with words in the text alone none."""
    return tuple(split(name, words) for name in found.file_names if words.are_in(name))


def cut(text: str, words: Words) -> tuple[Part, ...]:
    """Cut a text to what stands around the first place found; what was left out is hinted at."""
    plain = "".join(" " if sign in "\n\t" else sign for sign in text)
    places = words.places(plain)
    start = max(0, places[0][0] - SHOWN_BEFORE) if places else 0
    start = 0 if start < len(ELLIPSIS) + 2 else start
    shown = plain[start : start + SHOWN]
    parts = split(shown, words)
    front = (Part(ELLIPSIS, is_hit=False),) if start else ()
    back = (Part(ELLIPSIS, is_hit=False),) if start + SHOWN < len(plain) else ()
    return front + parts + back


def split(text: str, words: Words) -> tuple[Part, ...]:
    """Split a text at the places where the words stand."""
    parts, done = [], 0
    for start, end in words.places(text):
        if start > done:
            parts.append(Part(text[done:start], is_hit=False))
        parts.append(Part(text[start:end], is_hit=True))
        done = end
    if done < len(text):
        parts.append(Part(text[done:], is_hit=False))
    return tuple(parts)
