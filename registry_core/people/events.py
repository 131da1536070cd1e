"""What happened while people got in."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from registry_core.events import Event


@dataclass(frozen=True, slots=True)
class AdministratorReported(Event):
    """A unit has told the level above who its super administrator is."""

    report_id: UUID


@dataclass(frozen=True, slots=True)
class ReportDecided(Event):
    """The level above has bound the reported person to an account, or refused."""

    report_id: UUID


@dataclass(frozen=True, slots=True)
class CredentialsIssued(Event):
    """Somebody is to get user name and a one-time password; the worker draws it."""

    issue_id: UUID


@dataclass(frozen=True, slots=True)
class RegistrationRequested(Event):
    """Somebody at the door asks for an account; a code has to confirm the address."""

    registration_id: UUID


@dataclass(frozen=True, slots=True)
class RegistrationConfirmed(Event):
    """The address of a registration is the person's: the unit's administrators decide."""

    registration_id: UUID


@dataclass(frozen=True, slots=True)
class RegistrationRefused(Event):
    """An administrator has refused a registration."""

    registration_id: UUID


@dataclass(frozen=True, slots=True)
class LoanAsked(Event):
    """Somebody asks for consent to lend a role to a colleague."""

    delegation_id: UUID


@dataclass(frozen=True, slots=True)
class LoanDecided(Event):
    """The lending of a role was consented to, or refused."""

    delegation_id: UUID


@dataclass(frozen=True, slots=True)
class PasswordLent(Event):
    """Somebody has put on record that their password was lent."""

    lent_password_id: UUID


@dataclass(frozen=True, slots=True)
class LentPasswordKept(Event):
    """A lent password was not changed after its use."""

    lent_password_id: UUID


@dataclass(frozen=True, slots=True)
class AccountsAsked(Event):
    """Somebody has asked for the accounts of a checked batch; the worker opens them, all or none."""

    batch_id: UUID
