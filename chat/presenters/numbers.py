"""What was said, as it may leave the house: numbers of persons are covered for who is outside the writer's units.

Everything that shows or sends the text of a message asks here: pages, packets, lists, notices, mails, what was found.
`tests/chat/test_covered_numbers.py` walks all of them.
"""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from registry_core.personal_numbers import cover_numbers


def say_body(body: str, sender_id: UUID | None, readable: Collection[UUID] = ()) -> str:
    """Say a text to who may read the numbers of the senders `readable`; without any, to everybody."""
    return body if sender_id is not None and sender_id in readable else cover_numbers(body)
