"""What happened to accounts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from registry_core.events import Event


@dataclass(frozen=True, slots=True)
class SignedInByNewDevice(Event):
    """Somebody signed in by a browser that the account had not used before."""

    account_id: UUID
    device_id: UUID
    address: str
    at: datetime


@dataclass(frozen=True, slots=True)
class PasswordChanged(Event):
    """An account has a new password."""

    account_id: UUID
    at: datetime


@dataclass(frozen=True, slots=True)
class SecondFactorChanged(Event):
    """A second factor was set up for an account, or taken away."""

    account_id: UUID
    is_on: bool
    at: datetime


@dataclass(frozen=True, slots=True)
class ResetRequested(Event):
    """Somebody at the door asks for a code; the name may belong to nobody, and only the worker finds out."""

    user_name: str
    channel: str
    request_id: UUID


@dataclass(frozen=True, slots=True)
class DormancyNear(Event):
    """An account has not been used for so long that it will be sealed soon."""

    account_id: UUID
    seals_at: datetime


@dataclass(frozen=True, slots=True)
class LetterGiven(Event):
    """Somebody of the level above handed a letter over with which a password can be set anew."""

    account_id: UUID
    given_by_id: UUID
    reset_id: UUID
