"""Judges a run: what each client wrote and was promised, what each ended with, and what the database holds.

Written apart from the system: plain values in, faults out; nothing of the product nor of the client is imported.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import chain, pairwise, zip_longest
from typing import NamedTuple

SHOWN = 10


class Fault(StrEnum):
    """What may be wrong with a run."""

    LOST = "lost"
    PROMISED_AND_MISSING = "acknowledged but missing"
    UNANSWERED = "never acknowledged"
    DOUBLED = "doubled"
    OUT_OF_ORDER = "out of order"
    GAP = "gap in the numbers"
    DIFFERING = "history differs"
    INVENTED = "written by nobody"
    TOLD_OTHERWISE = "one number, two messages"
    CURSOR = "cursor names another last number"
    CHANGE_LOST = "changed, and says something else"
    CHANGE_UNANSWERED = "change never acknowledged"
    CHANGE_DOUBLED = "changed more often than asked"
    CHANGE_GAP = "gap in the changes"


class Said(NamedTuple):
    """A message as somebody holds it; a note of the house has neither sender nor sender's id.

    `change` is the last change that touched it, and what was taken back says nothing.
    """

    number: int
    sender: str | None
    client_id: str | None
    body: str
    change: int = 0
    is_taken_back: bool = False


@dataclass(frozen=True, slots=True)
class Written:
    """What a client meant to say, and the number under which it was acknowledged, if it was."""

    conversation: str
    client_id: str
    body: str
    acknowledged: int | None


@dataclass(frozen=True, slots=True)
class Changed:
    """What a client let a message of its own say later (nothing: it took it back), and which change that was.

    A change that was refused, because it came too late, must have changed nothing.
    """

    conversation: str
    client_id: str
    body: str
    acknowledged: int | None
    is_refused: bool = False


@dataclass(frozen=True, slots=True)
class Witness:
    """A client at the end: what it wrote, in that order; what it holds of each conversation, in the order kept.

    `told_otherwise` counts the times when a number that it knew came with another message; `last_numbers` is what the
    one cursor over all conversations said of each, `changes` the change of each up to which it knows all.
    """

    account: str
    written: Sequence[Written]
    histories: Mapping[str, Sequence[Said]]
    told_otherwise: int = 0
    last_numbers: Mapping[str, int] = field(default_factory=dict)
    changed: Sequence[Changed] = ()
    changes: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Stored:
    """The database at the end: the messages of each conversation by number, and the conversations' own counters.

    `revisions` are the changes on record, each with the number of the message that it touched; `change_counters` say
    how many there were.
    """

    messages: Mapping[str, Sequence[Said]]
    counters: Mapping[str, int]
    revisions: Mapping[str, Sequence[tuple[int, int]]] = field(default_factory=dict)
    change_counters: Mapping[str, int] = field(default_factory=dict)


@dataclass(slots=True)
class Verdict:
    """How many faults of each sort, and the first of them in words."""

    counts: Counter[Fault] = field(default_factory=Counter)
    examples: dict[Fault, list[str]] = field(default_factory=dict)

    @property
    def is_sound(self) -> bool:
        """Whether nothing at all is wrong."""
        return not self.counts.total()

    def note(self, fault: Fault, words: str, count: int = 1) -> None:
        """Count a fault; the first ones keep their words."""
        self.counts[fault] += count
        shown = self.examples.setdefault(fault, [])
        if len(shown) < SHOWN:
            shown.append(words)


def check(witnesses: Sequence[Witness], stored: Stored) -> Verdict:
    """Find every fault of a run."""
    verdict = Verdict()
    _check_numbers(stored, verdict)
    _check_doubles(stored, verdict)
    _check_authors(witnesses, stored, verdict)
    _check_changes(witnesses, stored, verdict)
    for witness in witnesses:
        _check_written(witness, stored, verdict)
        _check_histories(witness, stored, verdict)
    return verdict


def _check_numbers(stored: Stored, verdict: Verdict) -> None:
    """Numbers are 1, 2, 3 … and the counter is the last of them."""
    for conversation in {*stored.messages, *stored.counters}:
        numbers = sorted(said.number for said in stored.messages.get(conversation, ()))
        for before, number in pairwise(chain([0], numbers)):
            if number > before + 1:
                verdict.note(Fault.GAP, f"{conversation}: {number} follows {before}", number - before - 1)
            elif number == before:
                verdict.note(Fault.DOUBLED, f"{conversation}: two messages have the number {number}")
        last, counter = numbers[-1] if numbers else 0, stored.counters.get(conversation)
        if counter != last:
            verdict.note(Fault.GAP, f"{conversation}: counter {counter}, last message {last}")


def _check_doubles(stored: Stored, verdict: Verdict) -> None:
    """One id of a sender, and one text of a sender, stands in one place of the whole house.

    The texts of a run are all different, so that a copy under a new id is found as well.
    """
    texts = [
        (said.sender, said.client_id, said.body) for said in chain(*stored.messages.values()) if said.sender is not None
    ]
    by_id = Counter((sender, client_id) for sender, client_id, _body in texts)
    by_body = Counter((sender, body) for sender, _client_id, body in texts if body)
    doubled = {key: count - 1 for key, count in by_id.items() if count > 1}
    for (sender, client_id), more in doubled.items():
        verdict.note(Fault.DOUBLED, f"{sender}: {client_id} is stored {more + 1} times", more)
    ids = {(sender, body) for sender, client_id, body in texts if (sender, client_id) in doubled}
    for (sender, body), count in by_body.items():
        if count > 1 and (sender, body) not in ids:
            verdict.note(Fault.DOUBLED, f"{sender}: “{body}” is stored {count} times", count - 1)


def _check_authors(witnesses: Iterable[Witness], stored: Stored, verdict: Verdict) -> None:
    """Whatever is stored was written by the one who stands beside it, with one of its texts, in this conversation."""
    written: dict[tuple[str, str, str], set[str]] = defaultdict(set)
    for witness in witnesses:
        said: Sequence[Written | Changed] = [*witness.written, *witness.changed]
        for each in said:
            written[each.conversation, witness.account, each.client_id].add(each.body)
    for conversation, messages in stored.messages.items():
        for one in messages:
            if one.sender is None and one.client_id is None:
                continue
            if one.body not in written.get((conversation, one.sender or "", one.client_id or ""), ()):
                verdict.note(Fault.INVENTED, f"{conversation}: {one}")


def _check_changes(witnesses: Iterable[Witness], stored: Stored, verdict: Verdict) -> None:
    """What was changed says what was promised last, each change was made once, and none is missing on record."""
    for conversation in {*stored.revisions, *stored.change_counters}:
        on_record = sorted(change for change, _number in stored.revisions.get(conversation, ()))
        counter = stored.change_counters.get(conversation, 0)
        if on_record != list(range(1, counter + 1)):
            verdict.note(Fault.CHANGE_GAP, f"{conversation}: counter {counter}, the last on record {on_record[-5:]}")
    asked: dict[tuple[str, str | None, str | None], list[Changed]] = defaultdict(list)
    for witness in witnesses:
        for each in witness.changed:
            asked[each.conversation, witness.account, each.client_id].append(each)
    times = Counter((conversation, number) for conversation, rows in stored.revisions.items() for _, number in rows)
    for conversation, messages in stored.messages.items():
        for said in messages:
            changes = asked.get((conversation, said.sender, said.client_id), ())
            _check_message(f"{conversation}: {said}", said, changes, times[conversation, said.number], verdict)


def _check_message(what: str, said: Said, changes: Sequence[Changed], times: int, verdict: Verdict) -> None:
    asked = [each for each in changes if not each.is_refused]
    if times > len(asked):
        verdict.note(Fault.CHANGE_DOUBLED, f"{what} was changed {times} times, asked {len(asked)}", times - len(asked))
    for each in asked:
        if each.acknowledged is None:
            verdict.note(Fault.CHANGE_UNANSWERED, f"{what}: “{each.body}”")
    done = [each for each in asked if each.acknowledged is not None]
    last = (done[-1].body, done[-1].acknowledged, not done[-1].body) if done else None
    if last is not None and last != (said.body, said.change, said.is_taken_back):
        verdict.note(Fault.CHANGE_LOST, f"{what}: promised {done[-1]}")
    elif not asked and (said.change or said.is_taken_back):
        verdict.note(Fault.CHANGE_DOUBLED, f"{what}: nobody has changed it")


def _check_written(witness: Witness, stored: Stored, verdict: Verdict) -> None:
    """What was written is there; what was promised is there under its number; and all of it in the order written."""
    places = _places_of(witness, stored)
    latest: dict[str, int] = defaultdict(int)
    for each in witness.written:
        what = f"{witness.account} in {each.conversation}: {each.client_id}"
        numbers = places.get((each.conversation, each.client_id), [])
        if not numbers:
            verdict.note(Fault.LOST, what)
        if each.acknowledged is None:
            verdict.note(Fault.UNANSWERED, what)
        elif each.acknowledged not in numbers:
            verdict.note(Fault.PROMISED_AND_MISSING, f"{what}: promised {each.acknowledged}, stored {numbers}")
        for number in numbers[:1]:
            if number < latest[each.conversation]:
                verdict.note(
                    Fault.OUT_OF_ORDER, f"{what}: {number}, while an earlier one has {latest[each.conversation]}"
                )
            latest[each.conversation] = max(latest[each.conversation], number)


def _places_of(witness: Witness, stored: Stored) -> dict[tuple[str, str], list[int]]:
    places: dict[tuple[str, str], list[int]] = defaultdict(list)
    for conversation in {each.conversation for each in witness.written}:
        for said in stored.messages.get(conversation, ()):
            if said.sender == witness.account and said.client_id is not None:
                places[conversation, said.client_id].append(said.number)
    return places


def _check_histories(witness: Witness, stored: Stored, verdict: Verdict) -> None:
    """Everybody holds what the database holds, in its order, each message once; and the cursor told where it ends."""
    if witness.told_otherwise:
        verdict.note(Fault.TOLD_OTHERWISE, f"{witness.account}", witness.told_otherwise)
    for conversation, history in witness.histories.items():
        where = f"{witness.account} in {conversation}"
        messages = sorted(stored.messages.get(conversation, ()))
        for before, after in pairwise(said.number for said in history):
            if after < before:
                verdict.note(Fault.OUT_OF_ORDER, f"{where}: kept {after} after {before}")
        for said, count in Counter(history).items():
            if count > 1:
                verdict.note(Fault.DOUBLED, f"{where}: holds {said} {count} times", count - 1)
        for mine, right in _differences(sorted(set(history)), messages):
            verdict.note(Fault.DIFFERING, f"{where}: holds {mine}, stored is {right}")
        known, made = witness.changes.get(conversation), stored.change_counters.get(conversation, 0)
        if known is not None and known != made:
            verdict.note(Fault.DIFFERING, f"{where}: knows the changes up to {known}, made were {made}")
        told = witness.last_numbers.get(conversation)
        if told is not None and told != stored.counters.get(conversation):
            verdict.note(
                Fault.CURSOR, f"{where}: the cursor says {told}, the house {stored.counters.get(conversation)}"
            )


def _differences(mine: Sequence[Said], right: Sequence[Said]) -> Iterator[tuple[Said | None, Said | None]]:
    """Yield what one holds and the other does not, number by number."""
    if list(mine) == list(right):
        return
    held, known = defaultdict(list), defaultdict(list)
    for said in mine:
        held[said.number].append(said)
    for said in right:
        known[said.number].append(said)
    for number in sorted({*held, *known}):
        if held[number] != known[number]:
            yield from zip_longest(held[number], known[number])
