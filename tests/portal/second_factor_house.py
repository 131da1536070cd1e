"""A telephone with an authenticator app, and rules that demand one."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy.orm import Session

from registry_core import clock
from registry_core.accounts import totp
from registry_core.orgs.models import OrgUnit
from registry_core.rules.models import PackRule, RulePack
from tests.portal_house import Browser

SECRET = re.compile(r'<p class="one-time-code" translate="no">([A-Z2-7 ]+)</p>')
CODE = re.compile(r'<li class="one-time-code">([0-9A-Z-]+)</li>')


@dataclass(frozen=True, slots=True)
class Telephone:
    """An app that has read the square."""

    secret: str

    def code(self, *, steps: int = 0) -> str:
        """What the app shows; `steps` ahead when its clock is wrong."""
        return totp.code_at(self.secret, clock.now() + timedelta(seconds=30 * steps))


def read_square(page: str) -> Telephone:
    """Let an app learn the secret of a page."""
    found = SECRET.search(page)
    assert found, page[:2000]
    return Telephone(found[1].replace(" ", ""))


def set_up(browser: Browser) -> tuple[Telephone, list[str]]:
    """Set the second factor up for who is signed in; return the telephone and the recovery codes."""
    telephone = read_square(browser.get("/account/second-factor").text)
    done = browser.post("/account/second-factor", {"code": telephone.code()}, page="/account/second-factor")
    assert done.status_code == 200, done.text
    return telephone, CODE.findall(done.text)


def lay_down_rule(session: Session, unit: OrgUnit, topic: str, value: dict[str, Any]) -> None:
    """State a rule at a unit."""
    pack = RulePack(
        code=f"test-{topic}",
        name="测试规则",
        owner_unit_id=unit.id,
        source="测试",
        note="",
        valid_from=date(2020, 1, 1),
    )
    session.add(pack)
    session.flush()
    session.add(
        PackRule(
            pack_id=pack.id,
            topic=topic,
            value=value,
            clause="第一条",
            note="",
            is_house_default=True,
            stated_at=clock.now(),
        )
    )
    session.flush()
