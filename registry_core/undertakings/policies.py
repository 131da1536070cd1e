"""Permission names, which roles read personal data, and what a text is known by."""

from __future__ import annotations

import hashlib

from registry_core.access.actors import permissions, right_of
from registry_core.access.models import Role
from registry_core.rules.topics import UndertakingRules

SEE_UNDERTAKINGS = "undertakings:signature:see"
"""See who of one's unit and those below has signed, and who has not."""

UNDERTAKING = "undertaking"
PURPOSES = "purposes"


def reading_roles() -> frozenset[Role]:
    """Name the roles that carry a right to read personal data of others."""
    return frozenset().union(*(right.roles for name in permissions() if (right := right_of(name)).reads_personal))


def hash_text(rules: UndertakingRules) -> str:
    """Hash what is signed: version, title and each paragraph."""
    return hashlib.sha256("\n".join((rules.version, rules.title, *rules.text)).encode()).hexdigest()
