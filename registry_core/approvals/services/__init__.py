"""Applying, deciding, withdrawing, and what the clock does."""

from __future__ import annotations

from registry_core.approvals.services.applying import (
    Content,
    resubmit,
    resubmit_corrected,
    submit_application,
    withdraw,
)
from registry_core.approvals.services.deciding import BulkOutcome, Verdict, decide, decide_many, list_asked

__all__ = [
    "BulkOutcome",
    "Content",
    "Verdict",
    "decide",
    "decide_many",
    "list_asked",
    "resubmit",
    "resubmit_corrected",
    "submit_application",
    "withdraw",
]
