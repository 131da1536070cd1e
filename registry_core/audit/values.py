"""What an entry of the audit trail is made from: who did it, to what, and what changed."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol
from uuid import UUID


class FieldClass(StrEnum):
    """How much a field says about a person; the class decides what the trail keeps of its values."""

    PUBLIC = "public"
    INTERNAL = "internal"
    PERSONAL = "personal"
    SENSITIVE = "sensitive"


OPEN_CLASSES = frozenset({FieldClass.PUBLIC, FieldClass.INTERNAL})
"""Values of these stand in the trail as they are; of the others only a keyed digest does."""


@dataclass(frozen=True, slots=True)
class Subject:
    """What an act is about: its kind ("account", "unit"), its identifier, the unit it belongs to, what people call it.

    `label` is kept as it is: give it a unit, a document or a rule by name, never a pupil.
    """

    kind: str
    id: UUID | str | None
    unit_id: UUID | None = None
    label: str = ""


@dataclass(frozen=True, slots=True)
class Change:
    """What a field was and what it has become; `None` stands for empty."""

    old: Any
    new: Any
    field_class: FieldClass


@dataclass(frozen=True, slots=True)
class Taken:
    """Whose personal data went into a file, and which fields of each."""

    people: Sequence[Subject]
    fields: Collection[str]


NOTHING = Taken((), ())


Changes = Mapping[str, Change]
"""By the name of the field."""


class Whence(Protocol):
    """Where somebody acts from; `registry_core.access.actors.Origin` is one."""

    @property
    def address(self) -> str:
        """The address of the browser."""

    @property
    def browser(self) -> str:
        """What the browser calls itself."""

    @property
    def browser_session_id(self) -> UUID | None:
        """The signed-in browser, if anybody is signed in."""


class Post(Protocol):
    """A role held at a unit."""

    @property
    def unit_id(self) -> UUID:
        """The unit at which it is held."""


class Doer(Protocol):
    """Who acts; `registry_core.access.actors.Actor` is one."""

    @property
    def account_id(self) -> UUID | None:
        """The account whose credentials were used."""

    @property
    def on_behalf_of(self) -> UUID | None:
        """The account whose rights were lent for the act."""

    @property
    def origin(self) -> Whence | None:
        """Where from."""

    @property
    def home(self) -> Post | None:
        """The role that stands for the person."""

    @property
    def purpose(self) -> str:
        """What the person looks at personal data for, as stated; empty where nothing asks."""


@dataclass(frozen=True, slots=True)
class Stranger:
    """Somebody at the door who is not signed in: a failed sign-in is an act of a stranger."""

    origin: Whence | None = None
    account_id: None = None
    on_behalf_of: None = None
    home: None = None
    purpose: str = ""


def compare(before: Mapping[str, Any], after: Mapping[str, Any], classes: Mapping[str, FieldClass]) -> Changes:
    """Keep the fields of `classes` that differ; one that is missing on a side counts as empty."""
    return {
        name: Change(before.get(name), after.get(name), field_class)
        for name, field_class in classes.items()
        if before.get(name) != after.get(name)
    }
