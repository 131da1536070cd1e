"""User names that are still free, and people who have an account already."""

from __future__ import annotations

import re
from bisect import bisect_right

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from registry_core import clock
from registry_core.access.actors import Actor, visible_units
from registry_core.access.models import RoleAssignment
from registry_core.access.policies import SEE_PEOPLE
from registry_core.access.queries import held_at
from registry_core.accounts.models import Account
from registry_core.orgs.models import OrgUnit

SHORTEST = 3
LONGEST = 40
LAST_DIGITS = 4

# GB 2312 has its 3,755 commonest characters in the order of their pinyin: where each first letter begins, as the bytes
# of the first character with it, and where the last one ends. Rarer characters stand by radical and are left out.
_LETTERS = "ABCDEFGHJKLMNOPQRSTWXYZ"
_FIRST = "啊芭擦搭蛾发噶哈击喀垃妈拿哦啪期然撒塌挖昔压匝"
_STARTS = [sign.encode("gb2312") for sign in _FIRST]
_LAST = "座".encode("gb2312")


def pinyin_initials(name: str) -> str:
    """Take the first letters of a name's pinyin, as far as its characters are common: 秦岭 gives ql."""
    return "".join(_initial(sign) for sign in name).lower()


def _initial(sign: str) -> str:
    if sign.isascii():
        return sign if sign.isalnum() else ""
    try:
        place = sign.encode("gb2312")
    except UnicodeEncodeError:
        return ""
    if not _STARTS[0] <= place <= _LAST:
        return ""
    return _LETTERS[bisect_right(_STARTS, place) - 1]


def propose_user_name(session: Session, *, name: str, mobile: str, email: str) -> str:
    """Propose a free user name: that of `wish_user_name`, with a number behind it where it is taken."""
    stem = wish_user_name(name=name, mobile=mobile, email=email)
    lower = func.lower(Account.user_name)
    taken = set(session.scalars(select(lower).where(lower.startswith(stem, autoescape=True))))
    numbered = (f"{stem}-{number}" for number in range(2, len(taken) + 3))
    return next(free for free in (stem, *numbered) if free not in taken)


def wish_user_name(*, name: str, mobile: str, email: str) -> str:
    """Make a user name of initials and the last digits of the number, else of what stands before the @."""
    initials = pinyin_initials(name)
    stem = initials + mobile[-LAST_DIGITS:] if initials and mobile else email.partition("@")[0].lower()
    stem = re.sub(r"[^a-z0-9._-]", "", stem).strip("._-")[:LONGEST]
    return stem if len(stem) >= SHORTEST else f"user{stem}"


def is_known(session: Session, actor: Actor, *, name: str, mobile: str) -> bool:
    """Say whether somebody of this name and number holds a role within the actor's reach."""
    found = session.scalar(
        select(Account.id)
        .join(RoleAssignment, RoleAssignment.account_id == Account.id)
        .join(OrgUnit, OrgUnit.id == RoleAssignment.unit_id)
        .where(
            Account.name == name,
            Account.mobile == mobile,
            Account.closed_at.is_(None),
            held_at(clock.now()),
            visible_units(actor, SEE_PEOPLE).clause(OrgUnit.path),
        )
        .limit(1)
    )
    return found is not None
