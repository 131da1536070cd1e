"""Applying, deciding, withdrawing, and what the clock does."""

from __future__ import annotations

from registry_core.approvals.services.applying import (
    Content,
    resubmit,
    resubmit_unchanged,
    submit_application,
    withdraw,
)
from registry_core.approvals.services.deciding import BulkOutcome, Verdict, decide, decide_many

__all__ = [
    "BulkOutcome",
    "Content",
    "Verdict",
    "decide",
    "decide_many",
    "resubmit",
    "resubmit_unchanged",
    "submit_application",
    "withdraw",
]
