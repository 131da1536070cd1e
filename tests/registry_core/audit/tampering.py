"""Ways to tamper with a trail, from clumsy to careful. Each gives the entries and heads as a thief would leave them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from random import Random
from typing import Any
from uuid import UUID

from registry_core.audit.entries import Entry, Head, sealed

Chain = list[Entry]


@dataclass(slots=True)
class Loot:
    """One chain and its head, to be tampered with."""

    entries: Chain
    head: Head


Tamper = Callable[[Loot, Random], None]


def altered(value: Any, dice: Random) -> Any:
    """Something else of the same kind."""
    match value:
        case bool() | int():
            return value + dice.randrange(10_000, 20_000)
        case str():
            return value[:-1] if value and dice.random() < 0.5 else value[:30] + "假"
        case bytes():
            place = dice.randrange(len(value))
            return value[:place] + bytes([value[place] ^ (1 << dice.randrange(8))]) + value[place + 1 :]
        case dict():
            return {**value, "forged": dice.randrange(1_000)}
        case UUID() | None:
            return UUID(int=dice.getrandbits(128))
        case _:
            return value + timedelta(microseconds=dice.randrange(1, 10**9))


def alter(loot: Loot, dice: Random) -> None:
    """Change any one column of any entry."""
    place, column = dice.randrange(len(loot.entries)), dice.choice(Entry._fields)
    entry = loot.entries[place]
    if column == "object_id":
        loot.entries[place] = entry._replace(object_id="another")
    elif column == "chain":
        loot.entries[place] = entry._replace(chain=entry.chain + 100)
    else:
        loot.entries[place] = entry._replace(**{column: altered(getattr(entry, column), dice)})


def alter_and_hash(loot: Loot, dice: Random) -> None:
    """Change what an entry tells and give it the hash that fits."""
    place, column = dice.randrange(len(loot.entries)), dice.choice(("act", "label", "at", "account_id", "changes"))
    entry = loot.entries[place]
    loot.entries[place] = sealed(entry._replace(**{column: altered(getattr(entry, column), dice)}))


def delete(loot: Loot, dice: Random) -> None:
    """Take one entry out."""
    del loot.entries[dice.randrange(len(loot.entries))]


def delete_and_close_up(loot: Loot, dice: Random) -> None:
    """Take one entry out and renumber those behind it."""
    place = dice.randrange(len(loot.entries))
    behind = [entry._replace(number=entry.number - 1) for entry in loot.entries[place + 1 :]]
    loot.entries[place:] = behind


def swap(loot: Loot, dice: Random) -> None:
    """Let two entries trade places."""
    one, other = sorted(dice.sample(range(len(loot.entries)), 2))
    first, second = loot.entries[one], loot.entries[other]
    loot.entries[one], loot.entries[other] = (
        second._replace(number=first.number),
        first._replace(number=second.number),
    )


def insert(loot: Loot, dice: Random) -> None:
    """Push an invented entry in, with a hash and a link that fit, and renumber those behind it."""
    place = dice.randrange(len(loot.entries) + 1)
    model = loot.entries[place - 1]
    previous = loot.entries[place - 1].hash if place else bytes(32)
    forged = sealed(model._replace(number=place + 1, act="accounts.forged", previous_hash=previous))
    behind = [entry._replace(number=entry.number + 1) for entry in loot.entries[place:]]
    loot.entries[place:] = [forged, *behind]


def cut(loot: Loot, dice: Random) -> None:
    """Cut the tail off and set the head back."""
    del loot.entries[dice.randrange(len(loot.entries)) :]
    last = loot.entries[-1] if loot.entries else None
    loot.head = Head(last.number, last.hash) if last else Head(0, bytes(32))


def rewrite(loot: Loot, dice: Random) -> None:
    """Change an entry and hash the whole chain anew from there, its head included."""
    place = dice.randrange(len(loot.entries))
    loot.entries[place] = loot.entries[place]._replace(label="假")
    previous = loot.entries[place - 1].hash if place else bytes(32)
    for number in range(place, len(loot.entries)):
        loot.entries[number] = sealed(loot.entries[number]._replace(previous_hash=previous))
        previous = loot.entries[number].hash
    loot.head = loot.head._replace(hash=previous)


def move_head(loot: Loot, dice: Random) -> None:
    """Let the head say something else."""
    if dice.random() < 0.5:
        loot.head = loot.head._replace(hash=altered(loot.head.hash, dice))
    else:
        loot.head = loot.head._replace(length=loot.head.length + dice.choice((-1, 1)))


WAYS: tuple[Tamper, ...] = (
    alter,
    alter,
    alter_and_hash,
    delete,
    delete_and_close_up,
    swap,
    insert,
    cut,
    rewrite,
    move_head,
)
