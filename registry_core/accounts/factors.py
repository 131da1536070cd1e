"""Second factors. A further kind (passkey, certificate, OpenID Connect) is one more `Factor` on the list."""

from __future__ import annotations

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
        if row is None:
            row = SecondFactor(
                account_id=account.id,
                kind=self.code,
                sealed_secret=keys.seal(SEAL, totp.make_secret()),
                created_at=clock.now(),
            )
            session.add(row)
            session.flush()
        secret = keys.unseal(SEAL, row.sealed_secret)
        issuer = str(_l("学籍服务台"))
        return SetUp(secret, totp.provisioning_uri(secret, account=account.user_name, issuer=issuer))

    def check(self, session: Session, account: Account, answer: str) -> bool:
        """Accept a code of now, or of one step before or after, that is later than the last one accepted."""
        row = queries.find_factor(session, account.id, self.code, for_update=True)
        if row is None:
            return False
        secret = keys.unseal(SEAL, row.sealed_secret)
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
