"""Second factors. A further kind (passkey, certificate, OpenID Connect) is one more `Factor` on the list."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import Protocol

from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString
from sqlalchemy.orm import Session

from registry_core import clock
from registry_core.accounts import codes, keys, queries, totp
from registry_core.accounts.models import Account, SecondFactor

SEAL = "second factor"
RECOVERY = "recovery code"

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class SetUp:
    """What a person needs to set a factor up: a text to type, and an address to put into a square."""

    secret: str
    address: str


class Factor(Protocol):
    """A kind of second factor: how it is set up, and how an answer is checked."""

    code: str
    name: LazyString

    def begin(self, session: Session, account: Account) -> SetUp:
        """Begin to set it up; beginning again before the first right answer gives the same."""

    def check(self, session: Session, account: Account, answer: str) -> bool:
        """Say whether an answer is right; it is then used up, and the same again would be wrong."""


class AuthenticatorApp:
    """Six digits from an app on the telephone, which needs no signal."""

    code = "totp"
    name = _l("验证器")

    def begin(self, session: Session, account: Account) -> SetUp:
        """Draw a secret, or return the one that was drawn and not yet confirmed."""
        row = queries.find_factor(session, account.id, self.code, for_update=True)
        secret = _open(row) if row else None
        if secret is None:
            secret = totp.make_secret()
            row = row or SecondFactor(account_id=account.id, kind=self.code, created_at=clock.now())
            row.sealed_secret = keys.seal(SEAL, secret)
            session.add(row)
            session.flush()
        issuer = str(_l("学籍服务台"))
        return SetUp(secret, totp.provisioning_uri(secret, account=account.user_name, issuer=issuer))

    def check(self, session: Session, account: Account, answer: str) -> bool:
        """Accept a code of now, or of one step before or after, that is later than the last one accepted."""
        row = queries.find_factor(session, account.id, self.code, for_update=True)
        secret = _open(row) if row else None
        if row is None or secret is None:
            return False
        step = totp.find_step(secret, codes.plain(answer), at=clock.now(), after=row.counter)
        if step is None:
            return False
        row.counter = step
        return True


FACTORS: tuple[Factor, ...] = (AuthenticatorApp(),)


def check_answer(session: Session, account: Account, answer: str) -> bool:
    """Say whether an answer is right for any factor that the account has confirmed, or is an unused recovery code."""
    confirmed = queries.list_factor_kinds(session, account.id)
    if any(factor.check(session, account, answer) for factor in FACTORS if factor.code in confirmed):
        return True
    return bool(confirmed) and _use_recovery_code(session, account, answer)


def _use_recovery_code(session: Session, account: Account, answer: str) -> bool:
    row = queries.find_recovery_code(session, account.id, codes.hash_code(RECOVERY, answer))
    if row is None:
        return False
    row.used_at = clock.now()
    return True


def _open(row: SecondFactor) -> str | None:
    """Return the secret; None where the house's own secret has changed since: then a letter has to help."""
    try:
        return keys.unseal(SEAL, row.sealed_secret)
    except keys.SealBroken:
        log.error("a second factor cannot be read: was DESK_SECRET_KEY changed?")  # noqa: TRY400 - the cause is empty
        return None
