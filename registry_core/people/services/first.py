"""The first super administrator of an installation in which nobody can appoint anybody yet."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from registry_core import clock
from registry_core.access.models import Role, RoleAssignment
from registry_core.access.queries import held_at
from registry_core.access.services import end_role, grant_role
from registry_core.accounts import codes
from registry_core.accounts.models import Account
from registry_core.accounts.services import close_account
from registry_core.accounts.services.accounts import open_account
from registry_core.accounts.services.passwords import set_one_time_password
from registry_core.audit.services import note
from registry_core.audit.values import Subject
from registry_core.orgs.models import Level, OrgUnit
from registry_core.people import policies
from registry_core.people.errors import FirstCodeWaits, MinistryMissing, NotTheFirst
from registry_core.people.queries.names import propose_user_name
from registry_core.people.services.credentials import awaits_first_password
from registry_core.people.services.reports import Person

CODE_GROUPS = 4


@dataclass(frozen=True, slots=True)
class FirstAdministrator:
    """What is printed: who, the one-time code, and until when it opens the door."""

    account: Account
    code: str = field(repr=False)
    until: datetime


def appoint_first(session: Session, *, person: Person, user_name: str = "") -> FirstAdministrator:
    """Open the account of the first super administrator of the ministry, with a one-time code instead of a password.

    Where the code of an earlier call ran out unused, that account is closed and this one takes its place.
    Raises MinistryMissing, NotTheFirst, FirstCodeWaits, UserNameTaken.
    """
    ministry = _lock_ministry(session)
    _make_room(session, ministry)
    account = open_account(
        session,
        user_name=user_name or propose_user_name(session, name=person.name, mobile=person.mobile, email=person.email),
        name=person.name,
        email=person.email,
        mobile=person.mobile,
    )
    grant_role(session, account_id=account.id, unit_id=ministry.id, role=Role.SUPER_ADMINISTRATOR)
    code = codes.draw_groups(CODE_GROUPS)
    until = clock.now() + policies.FIRST_CODE_LIFE
    set_one_time_password(session, account, code, until=until)
    note(session, None, "people.first_administrator.appointed", about=Subject("account", account.id, ministry.id))
    return FirstAdministrator(account, code, until)


def _lock_ministry(session: Session) -> OrgUnit:
    # Locked: two terminals at the same moment appoint one first administrator, not two.
    ministry = session.scalar(select(OrgUnit).where(OrgUnit.level == Level.MINISTRY).with_for_update(key_share=True))
    if ministry is None:
        raise MinistryMissing
    return ministry


def _make_room(session: Session, ministry: OrgUnit) -> None:
    now = clock.now()
    held = session.execute(
        select(RoleAssignment.id, Account)
        .join(Account, Account.id == RoleAssignment.account_id)
        .where(
            RoleAssignment.unit_id == ministry.id,
            RoleAssignment.role == Role.SUPER_ADMINISTRATOR,
            Account.closed_at.is_(None),
            held_at(now),
        )
    ).all()
    for _assignment_id, account in held:
        if not awaits_first_password(account):
            raise NotTheFirst
        if account.one_time_until is None or now < account.one_time_until:
            raise FirstCodeWaits
    for assignment_id, account in held:
        end_role(session, assignment_id)
        close_account(session, account.id)
