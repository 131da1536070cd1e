"""The few kinds of word between which people choose, and which notice is of which kind."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum


class WordKind(StrEnum):
    """What a person gets word of."""

    MESSAGE = "message"
    MENTION = "mention"
    """Somebody was called by name: also where the conversation does not call for attention."""
    ANSWER = "answer"
    APPROVAL = "approval"
    OTHER = "other"
    SECURITY = "security"
    """About one's own account; nobody can switch it off."""


# By `Notice.kind`; whatever stands in no line is `OTHER`.
_WORDS: Mapping[WordKind, frozenset[str]] = {
    WordKind.MENTION: frozenset({"mentioned"}),
    WordKind.ANSWER: frozenset({"answered", "resolved"}),
    WordKind.APPROVAL: frozenset({"step_waiting", "step_overdue", "registration_waiting", "loan_asked"}),
    WordKind.SECURITY: frozenset(
        {
            "new_device",
            "password_changed",
            "factor_on",
            "factor_off",
            "letter_given",
            "dormancy_near",
            "password_lent",
            "lent_password_kept",
        }
    ),
}
# These send a mail of their own at once, so the digest leaves them out.
MAILED_AT_ONCE = frozenset({"new_device", "password_changed", "factor_on", "factor_off", "dormancy_near"})


def word_of(notice_kind: str) -> WordKind:
    """Say of which kind a notice is."""
    return next((word for word, kinds in _WORDS.items() if notice_kind in kinds), WordKind.OTHER)
