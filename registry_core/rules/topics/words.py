"""The topic of what is urgent enough for a short message."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from registry_core.rules.topics.base import Topic, declare

# As `registry_core.notifications.kinds.WordKind`, which stands beside this package and not below it.
UrgentKind = Literal["message", "mention", "answer", "approval", "other", "security"]


class UrgentWordRules(Topic, frozen=True):
    """Of what somebody who is away hears by short message, once it has lain unread so long; empty: of nothing."""

    kinds: tuple[UrgentKind, ...]
    after_minutes: Annotated[int, Meta(ge=0, le=1440)]
    most_a_day: Annotated[int, Meta(ge=0, le=20)]


declare("urgent_words", UrgentWordRules)
