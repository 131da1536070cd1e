"""What the frame of every page shows of the signed-in person, and who may be tried out at the demonstration's door."""

from __future__ import annotations

from dataclasses import dataclass, replace
from uuid import UUID

from flask import Flask, g
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.local import LocalProxy

from chat.presenters import initials
from helpdesk.models import Duty
from helpdesk.policies import HANDLE, MANAGE_DESK
from helpdesk.queries.technicians import list_desks_of
from portal.demonstration import CAST, PASSWORD, role_label
from registry_core import clock, web
from registry_core.access.actors import Actor
from registry_core.access.models import RoleAssignment
from registry_core.access.queries import held_at
from registry_core.accounts.models import Account
from registry_core.notifications.queries import count_unread
from registry_core.orgs.models import OrgUnit


@dataclass(frozen=True, slots=True)
class Shell:
    """The frame; `on_duty` is None for people who answer no questions."""

    account_id: UUID
    name: str
    initials: str
    level: str
    role_label: str
    unit_name: str
    unread_notices: int
    on_duty: bool | None
    desks: tuple[tuple[UUID, str], ...]


@dataclass(frozen=True, slots=True)
class CastMember:
    """Somebody invented, at the sign-in page of a demonstration."""

    user_name: str
    name: str
    role_label: str
    unit_name: str
    level: str
    password: str


def install_shell(app: Flask, *, is_demonstration: bool) -> None:
    """Give templates `shell`, `may`, `demonstration` and `demonstration_people`.

    The first and the last are read when a template uses them: the error page must not touch the database.
    """
    app.context_processor(
        lambda: {
            "shell": LocalProxy(_shell),
            "may": _may,
            "acting_for": LocalProxy(_acting_for),
            "demonstration": is_demonstration,
            "demonstration_people": LocalProxy(_people) if is_demonstration else (),
        }
    )


def _may(permission: str) -> bool:
    """Say whether a page offers something; what only the place forbids stays on offer, and says why when tried."""
    visitor = web.visitor()
    return visitor is not None and replace(visitor.actor, bars=()).may(permission)


def _acting_for() -> str:
    visitor = web.visitor()
    return visitor.acting_for if visitor else ""


def _shell() -> Shell | None:
    if "shell" not in g:
        visitor = web.visitor()
        g.shell = read_shell(web.session(), visitor) if visitor else None
    found: Shell | None = g.shell
    return found


def _people() -> tuple[CastMember, ...]:
    if "demonstration_people" not in g:
        g.demonstration_people = list_people(web.session())
    found: tuple[CastMember, ...] = g.demonstration_people
    return found


def read_shell(session: Session, visitor: web.Visitor) -> Shell:
    """Read what the frame shows."""
    actor, home = visitor.actor, visitor.actor.home
    unit = session.get(OrgUnit, home.unit_id) if home else None
    return Shell(
        actor.account_id,
        visitor.name,
        initials(visitor.name),
        home.unit_level.value if home else "",
        role_label(home.role if home else None),
        unit.name if unit else "",
        count_unread(session, actor),
        _is_on_duty(session, actor),
        tuple((desk.id, desk.name) for desk in list_desks_of(session, actor.units(MANAGE_DESK))),
    )


def _is_on_duty(session: Session, actor: Actor) -> bool | None:
    if not actor.may(HANDLE):
        return None
    return bool(session.scalar(select(Duty.accepting).where(Duty.account_id == actor.account_id)))


def list_people(session: Session) -> tuple[CastMember, ...]:
    """List the invented people in the order of the cast, one line each."""
    rows = session.execute(
        select(Account.user_name, Account.name, RoleAssignment.role, OrgUnit.name, OrgUnit.level)
        .join(RoleAssignment, RoleAssignment.account_id == Account.id)
        .join(OrgUnit, OrgUnit.id == RoleAssignment.unit_id)
        .where(Account.is_demonstration, Account.closed_at.is_(None), held_at(clock.now()))
    )
    found = {row[0]: CastMember(row[0], row[1], role_label(row[2]), row[3], row[4].value, PASSWORD) for row in rows}
    return tuple(found[part.user_name] for part in CAST if part.user_name in found)
