"""What goes with messages beside their text: read once for all messages of a page, by message."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from chat.presenters.files import MessageFileView, view_files
from chat.presenters.numbers import say_body
from chat.presenters.reactions import Beside, read_beside
from chat.presenters.replies import QuoteView, view_quote
from chat.queries import Line
from chat.queries.numbers import list_readable
from chat.queries.replies import Mentioned, Quoted, read_mentioned, read_quoted
from registry_core import clock
from registry_core.access.actors import Actor
from registry_core.access.models import RoleAssignment
from registry_core.access.queries import held_at
from registry_core.orgs.models import Level, OrgUnit


@dataclass(frozen=True, slots=True)
class Dress:
    """What is known of messages; `readable` are the senders whose numbers of persons the one who looks may read."""

    levels: Mapping[UUID, Level] = field(default_factory=dict)
    files: Mapping[UUID, tuple[MessageFileView, ...]] = field(default_factory=dict)
    readable: Collection[UUID] = frozenset()
    quoted: Mapping[UUID, Quoted] = field(default_factory=dict)
    mentioned: Mapping[UUID, tuple[Mentioned, ...]] = field(default_factory=dict)

    beside: Beside = field(default_factory=Beside)

    def files_of(self, line: Line) -> tuple[MessageFileView, ...]:
        """Show the files of a message; numbers in their names are covered as those in its text are."""
        files = self.files.get(line.id, ())
        return tuple(replace(file, name=say_body(file.name, line.sender_id, self.readable)) for file in files)

    def covers(self, line: Line) -> bool:
        """Say whether a number in the text, or in the name of a file, is not shown."""
        shown = say_body(line.body, line.sender_id, self.readable)
        return shown != line.body or self.files_of(line) != self.files.get(line.id, ())

    def quote_of(self, line: Line) -> QuoteView | None:
        """Show what a message quotes; its numbers are covered as those of who said it."""
        return view_quote(self.quoted.get(line.id), self.readable)

    def mentions_of(self, line: Line) -> tuple[Mentioned, ...]:
        """Say whom a message calls by name."""
        return self.mentioned.get(line.id, ())

    def level(self, line: Line) -> str:
        """Say on which level the sender of a message works; empty where nobody knows."""
        found = self.levels.get(line.sender_id) if line.sender_id else None
        return found.value if found else ""


def dress(session: Session, actor: Actor | None, lines: Sequence[Line]) -> Dress:
    """Read what goes with messages, for the actor or, without one, for a room."""
    senders = {line.sender_id for line in lines if line.sender_id is not None}
    files = view_files(session, [line.id for line in lines if line.taken_back_at is None])
    names = {message_id: [file.name for file in shown] for message_id, shown in files.items()}
    quoted = read_quoted(session, lines)
    said = [*lines, *(one.line for one in quoted.values())]
    return Dress(
        levels=levels_of(session, senders) if senders else {},
        files=files,
        readable=list_readable(session, actor, said, names) if actor else frozenset(),
        quoted=quoted,
        mentioned=read_mentioned(session, lines),
        beside=read_beside(session, actor, lines),
    )


def levels_of(session: Session, account_ids: set[UUID]) -> dict[UUID, Level]:
    """Say on which level each person works, the lowest where there are several."""
    rows = session.execute(
        select(RoleAssignment.account_id, OrgUnit.level)
        .join(OrgUnit, OrgUnit.id == RoleAssignment.unit_id)
        .where(RoleAssignment.account_id.in_(account_ids), held_at(clock.now()))
    )
    levels: dict[UUID, Level] = {}
    for account_id, level in rows:
        if account_id not in levels or level.rank > levels[account_id].rank:
            levels[account_id] = level
    return levels


def own_level(actor: Actor) -> dict[UUID, Level]:
    """Say on which level a sender works, without asking the database: for what was sent this moment."""
    return {actor.account_id: actor.home.unit_level} if actor.home else {}
