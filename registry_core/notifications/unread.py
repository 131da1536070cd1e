"""What somebody has not read yet, wherever it stands: each part of the house that has such things tells of its own.

Who is told of it, when and by which way, is decided in `registry_core.away`; the tellers stand in
`portal/subscriptions.py`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from sqlalchemy.orm import Session

from registry_core.notifications.kinds import WordKind


@dataclass(frozen=True, slots=True)
class Unread:
    """One thing with something unread in it: a notice, or a conversation from its first unread message on.

    `thing` names it for good and changes once the person has read and more has come: each `thing` is told once by each
    way, so a conversation gives one word until it is read.
    """

    thing: str
    kind: WordKind
    since: datetime
    """When the oldest of it came."""
    count: int
    url: str
    """A path of this house."""
    is_mailed: bool = False
    """Whether a mail of its own goes out at once, so that the digest leaves it out."""


class UnreadTeller(Protocol):
    """Tells of what is unread in one part of the house."""

    def list_accounts_with_news(self, session: Session, *, since: datetime) -> Collection[UUID]:
        """Name at least everybody for whom something has come since an instant; too many do no harm."""

    def list_unread(
        self, session: Session, account_ids: Collection[UUID], *, since: datetime
    ) -> Mapping[UUID, list[Unread]]:
        """List what of each account's is unread now, leaving out what came before an instant."""


_tellers: list[UnreadTeller] = []


def install_unread_tellers(tellers: Iterable[UnreadTeller]) -> None:
    """Lay down who tells of unread things; the page is `portal/subscriptions.py`."""
    _tellers[:] = tellers


def unread_tellers() -> tuple[UnreadTeller, ...]:
    """Return everybody who tells of unread things."""
    return tuple(_tellers)
