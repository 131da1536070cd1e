"""Facts that other parts of the house react to: past-tense, frozen, of plain values."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, ClassVar

import msgspec
from sqlalchemy.orm import Session


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened. Fields are ids, texts, numbers and instants, never ORM objects."""

    registry: ClassVar[dict[str, type[Event]]] = {}

    def __init_subclass__(cls) -> None:
        # `slots=True` makes the class a second time; the later one replaces the earlier under the same name.
        Event.registry[cls.__qualname__] = cls

    @property
    def name(self) -> str:
        """The name under which the event is stored."""
        return type(self).__qualname__


def to_payload(event: Event) -> dict[str, Any]:
    """Turn an event into JSON-ready values."""
    return dict(msgspec.to_builtins(event))


def from_payload(name: str, payload: dict[str, Any]) -> Event:
    """Turn stored values back into the event.

    Raises KeyError for an unknown name and msgspec.ValidationError for values of another shape.
    """
    return msgspec.convert(payload, Event.registry[name])


Reaction = Callable[[Session, Any], None]

_reactions: dict[str, tuple[Reaction, ...]] = {}


def install_reactions(table: Iterable[tuple[type[Event], tuple[Reaction, ...]]]) -> None:
    """Lay down who reacts to what; the page is `portal/subscriptions.py`."""
    _reactions.clear()
    _reactions.update({event.__qualname__: reactions for event, reactions in table})


def reactions_to(event_name: str) -> tuple[Reaction, ...]:
    """Name the reactions to an event, in the order of the page."""
    return _reactions.get(event_name, ())


def reaction_name(reaction: Reaction) -> str:
    """Name a reaction for storage: module and function."""
    return f"{reaction.__module__}.{reaction.__qualname__}"
