"""Permission names and rules about passwords, lockout and proof of who one is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

from registry_core.accounts.common_passwords import is_common
from registry_core.accounts.models import Account, BrowserSession

USE_OWN = "accounts:own:use"
GIVE_LETTER = "accounts:letter:give"

LONGEST_PASSWORD = 128
FEWEST_SIGNS = 4

IDLE = timedelta(hours=12)
"""How long a browser session lives on without being used."""
PENDING = timedelta(minutes=15)
"""How long somebody with the right password has for what is still owed."""
STEP_UP = timedelta(minutes=10)
"""How long a proof of who one is counts for acts of weight."""
DEVICE_KNOWN = timedelta(days=400)
"""How long a browser is remembered; browsers keep no cookie longer."""
HISTORY = timedelta(days=90)
"""How long attempts to sign in are kept."""

STRANGERS = 10
"""All strangers together may fail so many times as often as one of them before they are paused together."""
WRONG_CODES_A_DAY = 30
"""Wrong codes of strangers after the right password: at three chances in a million each, trying is in vain."""

CODE_LIFE = timedelta(minutes=15)
CODE_TRIES = 5
CODES_AN_HOUR = 3
LETTER_LIFE = timedelta(days=3)

DORMANCY_NOTICE = timedelta(days=14)
"""How long before an account is sealed its owner is told."""


def password_fault(password: str, user_name: str, *, min_length: int) -> LazyString | None:
    """Name the first rule that a new password breaks, or None. Length is counted in characters, Chinese ones too."""
    if len(password) < min_length:
        return _l("新密码至少要 %(length)s 个字符，可以用几个不相干的词连在一起。", length=min_length)
    if len(password) > LONGEST_PASSWORD:
        return _l("新密码最多 %(length)s 个字符。", length=LONGEST_PASSWORD)
    if user_name.casefold() in password.casefold():
        return _l("新密码里不要包含用户名，请换一个。")
    if len(set(password)) < FEWEST_SIGNS or is_common(password):
        return _l("这个密码太常见，容易被猜中，请换一个。")
    return None


def is_password_due(account: Account, at: datetime, *, max_age_days: int) -> bool:
    """Say whether an account needs a new password before it may go on."""
    return account.must_change_password or at >= account.password_changed_at + timedelta(days=max_age_days)


def is_confirmed(browser: BrowserSession, at: datetime) -> bool:
    """Say whether the person at a browser has proved who they are recently enough for acts of weight."""
    return browser.confirmed_at is not None and at < browser.confirmed_at + STEP_UP


@dataclass(frozen=True, slots=True)
class Failures:
    """How often a name was tried in vain within the time of the lock."""

    own: int
    strangers: int
    strange_codes: int


def is_paused(failures: Failures, *, is_known_device: bool, attempts: int) -> bool:
    """Say whether an attempt has to wait: for what its own source has failed, strangers also for each other."""
    if failures.own >= attempts:
        return True
    if is_known_device:
        return False
    return failures.strangers >= attempts * STRANGERS or failures.strange_codes >= WRONG_CODES_A_DAY
