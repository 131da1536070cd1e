"""What the page 账号与安全 shows: devices, places and attempts in words."""

from __future__ import annotations

import io
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import segno
from flask_babel import gettext as _
from markupsafe import Markup
from sqlalchemy.orm import Session

from registry_core.access.actors import Actor
from registry_core.accounts import demands, queries
from registry_core.accounts.browsers import name_browser
from registry_core.accounts.factors import FACTORS, SetUp
from registry_core.accounts.models import AttemptOutcome, BrowserSession, SignInAttempt

SECRET_GROUP = 4


@dataclass(frozen=True, slots=True)
class SessionRow:
    """A browser in which the person is signed in."""

    id: UUID
    device: str
    place: str
    signed_in_at: datetime
    seen_at: datetime
    is_current: bool


@dataclass(frozen=True, slots=True)
class AttemptRow:
    """An attempt to sign in."""

    text: str
    device: str
    place: str
    at: datetime
    is_good: bool


@dataclass(frozen=True, slots=True)
class AccountView:
    """The whole page."""

    user_name: str
    email: str
    mobile: str
    password_changed_at: datetime
    factor_names: tuple[str, ...]
    is_factor_demanded: bool
    recovery_codes_left: int
    sessions: tuple[SessionRow, ...]
    attempts: tuple[AttemptRow, ...]

    @property
    def has_factor(self) -> bool:
        """Say whether a second factor is set up."""
        return bool(self.factor_names)


@dataclass(frozen=True, slots=True)
class SetUpView:
    """What a person needs to set an app up: the square to read, and the same to type."""

    square: Markup
    secret: str


def view_account(session: Session, actor: Actor, *, current: UUID, at: datetime) -> AccountView:
    """Read the page of somebody's own account."""
    account = queries.get_account(session, actor.account_id)
    kinds = queries.list_factor_kinds(session, account.id)
    return AccountView(
        account.user_name,
        account.email or "",
        account.mobile or "",
        account.password_changed_at,
        tuple(str(factor.name) for factor in FACTORS if factor.code in kinds),
        demands.demands_second_factor(session, account),
        queries.count_recovery_codes(session, account.id),
        tuple(_session_row(one, current) for one in queries.list_own_sessions(session, actor, at=at)),
        tuple(_attempt_row(one) for one in queries.list_own_attempts(session, actor)),
    )


def view_set_up(set_up: SetUp) -> SetUpView:
    """Draw the square that an app reads. It stays black on white in the dark too: not every app reads it otherwise."""
    drawn = io.BytesIO()
    segno.make(set_up.address, micro=False).save(
        drawn, kind="svg", xmldecl=False, svgns=True, omitsize=True, border=4, dark="#000", light="#fff"
    )
    groups = [set_up.secret[start : start + SECRET_GROUP] for start in range(0, len(set_up.secret), SECRET_GROUP)]
    # What segno draws holds nothing that was typed: a path of black squares.
    return SetUpView(Markup(drawn.getvalue().decode()), " ".join(groups))  # noqa: S704 - see above


def _session_row(browser: BrowserSession, current: UUID) -> SessionRow:
    return SessionRow(
        browser.id,
        say_device(browser.browser),
        browser.address or _("未知"),
        browser.created_at,
        browser.seen_at,
        browser.id == current,
    )


def _attempt_row(attempt: SignInAttempt) -> AttemptRow:
    return AttemptRow(
        _outcome(attempt.outcome),
        say_device(attempt.browser),
        attempt.address or _("未知"),
        attempt.at,
        attempt.outcome is AttemptOutcome.SIGNED_IN,
    )


def say_device(browser: str) -> str:
    """Say a browser in words."""
    return name_browser(browser) or _("未知设备")


def _outcome(outcome: AttemptOutcome) -> str:
    return {
        AttemptOutcome.SIGNED_IN: _("登录成功"),
        AttemptOutcome.WRONG_PASSWORD: _("密码不对"),
        AttemptOutcome.WRONG_CODE: _("验证码不对"),
        AttemptOutcome.PAUSED: _("错误太多，已暂停"),
        AttemptOutcome.SEALED: _("账号已封存，没有登录"),
    }[outcome]
