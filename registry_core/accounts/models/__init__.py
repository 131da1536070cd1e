"""Tables of accounts: who signs in, by which browsers, with what proof."""

from __future__ import annotations

from registry_core.accounts.models.accounts import Account
from registry_core.accounts.models.proofs import (
    FormerPassword,
    PasswordReset,
    RecoveryCode,
    ResetChannel,
    SecondFactor,
)
from registry_core.accounts.models.sign_ins import (
    AttemptOutcome,
    BrowserSession,
    KnownDevice,
    PendingSignIn,
    SignInAttempt,
)

__all__ = [
    "Account",
    "AttemptOutcome",
    "BrowserSession",
    "FormerPassword",
    "KnownDevice",
    "PasswordReset",
    "PendingSignIn",
    "RecoveryCode",
    "ResetChannel",
    "SecondFactor",
    "SignInAttempt",
]
