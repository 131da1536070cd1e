"""Accounts opened by an administrator. Source: operation rules (file 003 annex 2), art. 17 and 18."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.orm import Session

from registry_core.access.actors import Actor, require
from registry_core.access.models import Role
from registry_core.access.services import Post, give_role
from registry_core.accounts.models import Account
from registry_core.accounts.services.accounts import open_account
from registry_core.audit.services import note
from registry_core.audit.values import Subject
from registry_core.people import policies
from registry_core.people.errors import HasAccount
from registry_core.people.queries.names import is_known, propose_user_name
from registry_core.people.services.credentials import issue_credentials


@dataclass(frozen=True, slots=True)
class Opening:
    """Who gets an account and what they are to be; without a user name one is found."""

    name: str
    mobile: str
    email: str
    role: Role
    user_name: str = ""
    narrowed_to: str = ""


def open_for(session: Session, actor: Actor, unit_id: UUID, *, opening: Opening) -> Account:
    """Open an account with its first role at a unit within the actor's reach, and send user name and password.

    Raises Forbidden, HasAccount, UserNameTaken, NowhereToSend, and what `give_role` raises.
    """
    require(actor, policies.OPEN_ACCOUNT)
    if opening.mobile and is_known(session, actor, name=opening.name, mobile=opening.mobile):
        raise HasAccount
    account = open_account(
        session,
        user_name=opening.user_name
        or propose_user_name(session, name=opening.name, mobile=opening.mobile, email=opening.email),
        name=opening.name,
        email=opening.email or None,
        mobile=opening.mobile or None,
    )
    give_role(session, actor, account.id, Post(unit_id, opening.role, opening.narrowed_to or None))
    note(session, actor, "people.account.opened", about=Subject("account", account.id, unit_id))
    issue_credentials(session, actor, account, unit_id=unit_id)
    return account
