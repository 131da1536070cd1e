"""What can be wrong with a cell of a sheet of new accounts; `presenters.batches` says it in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from registry_core.people.columns import Column


class FaultKind(StrEnum):
    """A kind of fault."""

    NAME_MISSING = "name_missing"
    NAME_LONG = "name_long"
    MOBILE_WRONG = "mobile_wrong"
    MOBILE_TWICE = "mobile_twice"
    MOBILE_KNOWN = "mobile_known"
    EMAIL_WRONG = "email_wrong"
    EMAIL_TWICE = "email_twice"
    EMAIL_KNOWN = "email_known"
    NOWHERE_TO_SEND = "nowhere_to_send"
    UNIT_MISSING = "unit_missing"
    UNIT_UNKNOWN = "unit_unknown"
    UNIT_AMBIGUOUS = "unit_ambiguous"
    UNIT_UNLIKE = "unit_unlike"
    ROLE_MISSING = "role_missing"
    ROLE_UNKNOWN = "role_unknown"
    ROLE_NOT_OFFERED = "role_not_offered"
    ROLE_NOT_HERE = "role_not_here"
    ROLE_NOT_GIVEN = "role_not_given"
    ROLE_TWICE = "role_twice"
    ROLES_CONFLICT = "roles_conflict"
    NARROWING_MISSING = "narrowing_missing"
    NARROWING_NEEDLESS = "narrowing_needless"
    NARROWING_LONG = "narrowing_long"
    USER_NAME_WRONG = "user_name_wrong"
    USER_NAME_TWICE = "user_name_twice"
    USER_NAME_TAKEN = "user_name_taken"
    USER_NAME_UNLIKE = "user_name_unlike"
    DATE_WRONG = "date_wrong"
    SINCE_PAST = "since_past"
    SINCE_FAR = "since_far"
    UNTIL_EARLY = "until_early"


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault of a cell. `details` are numbers of rows, names of units and roles: nothing personal."""

    row: int
    column: Column
    kind: FaultKind
    details: Mapping[str, str | int] = field(default_factory=dict)

    def kept(self) -> dict[str, Any]:
        """Write it as a table keeps it."""
        return {
            "row": self.row,
            "column": self.column.name,
            "kind": self.kind.value,
            "details": dict(self.details),
        }


def read_fault(kept: Mapping[str, Any]) -> Fault:
    """Read it as a table keeps it."""
    return Fault(kept["row"], Column[kept["column"]], FaultKind(kept["kind"]), kept["details"])
