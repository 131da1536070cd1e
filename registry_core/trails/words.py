"""The words for acts, kinds of things and fields; the composition root lays them down (`portal/acts.py`)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from flask_babel.speaklater import LazyString

Words = Mapping[str, LazyString]


@dataclass(slots=True)
class _Known:
    acts: Words = field(default_factory=dict)
    kinds: Words = field(default_factory=dict)
    fields: Words = field(default_factory=dict)


_known = _Known()


def install_words(*, acts: Words, kinds: Words, fields: Words) -> None:
    """Lay down what people call each act, kind of thing and field."""
    _known.acts, _known.kinds, _known.fields = acts, kinds, fields


def list_acts() -> list[tuple[str, str]]:
    """List every act with its words, for a choice."""
    return [(act, str(words)) for act, words in _known.acts.items()]


def list_kinds() -> list[tuple[str, str]]:
    """List every kind of thing with its words, for a choice."""
    return [(kind, str(words)) for kind, words in _known.kinds.items()]


def say_act(act: str) -> str:
    """Say an act; one that an older version of the house wrote is shown by its name."""
    return str(_known.acts.get(act, act))


def say_kind(kind: str) -> str:
    """Say a kind of thing."""
    return str(_known.kinds.get(kind, kind))


def say_field(name: str) -> str:
    """Say a field."""
    return str(_known.fields.get(name, name))
