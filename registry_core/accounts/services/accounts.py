"""Making and closing accounts, and choosing a language."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy.orm import Session

from registry_core import clock
from registry_core.access.actors import Actor
from registry_core.accounts import demands, passwords, queries
from registry_core.accounts.errors import UserNameTaken
from registry_core.accounts.models import Account
from registry_core.accounts.services.passwords import require_strong
from registry_core.accounts.services.sessions import end_sessions
from registry_core.accounts.services.trail import note_about
from registry_core.db import new_id

NO_PASSWORD = "!"  # noqa: S105 - no hash at all: nothing that anybody types belongs to it


def create_account(
    session: Session, *, user_name: str, name: str, password: str, email: str | None = None, mobile: str | None = None
) -> Account:
    """Make an account without any role yet.

    Raises UserNameTaken, WeakPassword.
    """
    if queries.find_account_by_name(session, user_name) is not None:
        raise UserNameTaken
    require_strong(demands.password_rules(session, None), password, user_name)
    now = clock.now()
    account = Account(
        user_name=user_name,
        name=name,
        email=email,
        mobile=mobile,
        password_hash=passwords.hash_password(password),
        password_changed_at=now,
        created_at=now,
    )
    session.add(account)
    session.flush()
    return account


def open_account(
    session: Session, *, user_name: str, name: str, email: str | None = None, mobile: str | None = None
) -> Account:
    """Make the account of somebody to whom a one-time password will be handed out; until then nothing opens it.

    Raises UserNameTaken.
    """
    if queries.find_account_by_name(session, user_name) is not None:
        raise UserNameTaken
    now = clock.now()
    account = Account(
        user_name=user_name,
        name=name,
        email=email,
        mobile=mobile,
        password_hash=NO_PASSWORD,
        password_changed_at=now,
        must_change_password=True,
        created_at=now,
    )
    session.add(account)
    session.flush()
    return account


def create_guest(session: Session, *, name: str, email: str | None = None, mobile: str | None = None) -> Account:
    """Make the account of somebody who asks at the door: it stands for the person and never signs in."""
    now = clock.now()
    guest_id = new_id()
    guest = Account(
        id=guest_id,
        user_name=f"guest-{guest_id}",
        name=name,
        email=email,
        mobile=mobile,
        password_hash=NO_PASSWORD,
        password_changed_at=now,
        is_guest=True,
        created_at=now,
    )
    session.add(guest)
    session.flush()
    return guest


def choose_locale(session: Session, actor: Actor, locale: str) -> None:
    """Keep the language in which a person wants to be addressed."""
    queries.get_account(session, actor.account_id).locale = locale


def close_account(session: Session, account_id: UUID) -> None:
    """Close an account for good and end its browser sessions; what the person did stays on record."""
    account = queries.get_account(session, account_id, for_update=True)
    account.closed_at = clock.now()
    note_about(session, None, "accounts.closed", account.id)
    end_sessions(session, account_id)
