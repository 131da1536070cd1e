"""Permission names and rules about passwords and lockout."""

from __future__ import annotations

from datetime import datetime, timedelta

from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

from registry_core.accounts.models import Account

USE_OWN = "accounts:own:use"

SHORTEST_PASSWORD = 10
LONGEST_PASSWORD = 128
FEWEST_SIGNS = 4
FAILURES_BEFORE_LOCK = 10
LOCK = timedelta(minutes=15)
IDLE = timedelta(hours=12)

# What people choose when ten characters are asked for; compared without case. Rate limit and lockout carry the rest.
_COMMON = """
1234567890 0123456789 0987654321 9876543210 1111111111 0000000000 8888888888 6666666666 1212121212 1122334455
12345678910 123456789a a123456789 123456789q q123456789 abc1234567 abcd123456 abcde12345 abc123456789 qwertyuiop
1qaz2wsx3edc qwer123456 qwerty1234 qwerty12345 1q2w3e4r5t password12 password123 password1234 passw0rd123
admin12345 admin123456 administrator woaini1314 woaini5201314 5201314520 iloveyou123 zhongguo123 xueji12345
xueji123456 xuexiao123 jiaoyu1234 jiaoyuju123 student123 teacher123 laoshi1234 welcome123 changeme123 asdfghjkl1
"""
COMMON_PASSWORDS = frozenset(_COMMON.split())


def password_fault(password: str, user_name: str) -> LazyString | None:
    """Name the first rule that a new password breaks, or None."""
    if len(password) < SHORTEST_PASSWORD:
        return _l("新密码至少要 %(length)s 个字符，可以用几个不相干的词连在一起。", length=SHORTEST_PASSWORD)
    if len(password) > LONGEST_PASSWORD:
        return _l("新密码最多 %(length)s 个字符。", length=LONGEST_PASSWORD)
    if user_name.casefold() in password.casefold():
        return _l("新密码里不要包含用户名，请换一个。")
    if password.casefold() in COMMON_PASSWORDS or len(set(password)) < FEWEST_SIGNS:
        return _l("这个密码太常见，容易被猜中，请换一个。")
    return None


def is_locked(account: Account, at: datetime) -> bool:
    """Say whether sign-in to the account is paused at an instant."""
    return account.locked_until is not None and at < account.locked_until
