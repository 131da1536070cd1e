"""How people get in: reported upward, registered, opened from a sheet; and what was handed out to whom."""

from __future__ import annotations

from registry_core.people.models.batches import AccountBatch, BatchAccount, BatchReason, BatchState
from registry_core.people.models.ways_in import (
    AdministratorReport,
    Channel,
    CredentialDelivery,
    DeliveryState,
    LentPassword,
    Registration,
    RegistrationState,
    ReportState,
)

__all__ = [
    "AccountBatch",
    "AdministratorReport",
    "BatchAccount",
    "BatchReason",
    "BatchState",
    "Channel",
    "CredentialDelivery",
    "DeliveryState",
    "LentPassword",
    "Registration",
    "RegistrationState",
    "ReportState",
]
