"""Who could answer: members of desks, their load, and whether they are there."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    BindParameter,
    ColumnElement,
    DateTime,
    ScalarSelect,
    Select,
    String,
    Uuid,
    and_,
    any_,
    bindparam,
    false,
    func,
    select,
    text,
    true,
    type_coerce,
)
from sqlalchemy.orm import Session
from sqlalchemy.sql.elements import SQLCoreOperations

from chat.presence import Presence
from helpdesk.models import Desk, DeskMember, Duty, Offer, OfferState, Ticket, TicketState
from helpdesk.policies import HANDLE
from registry_core.access.actors import roles_with
from registry_core.access.models import QualificationKind, RoleAssignment
from registry_core.access.queries import held_at, is_qualified
from registry_core.accounts.models import Account
from registry_core.db import run
from registry_core.orgs.models import OrgUnit

FEW_DESKS = 100
"""Up to so many desks their members are looked up first, and then who of them is connected; beyond, the other way."""


@dataclass(frozen=True, slots=True)
class Technician:
    """A member of a desk who accepts questions, with the load of this moment."""

    desk_id: UUID
    account_id: UUID
    there_since: datetime
    idle_since: datetime
    open_count: int


def holds_role(
    account_id: SQLCoreOperations[UUID] | SQLCoreOperations[UUID | None], at: datetime | BindParameter[datetime]
) -> ColumnElement[bool]:
    """Say in SQL whether somebody may answer at the unit of the query's `Desk`: role, certificate, open account.

    Two look-ups for each row and no join: PostgreSQL expects nearly nobody to pass the other conditions, and would
    otherwise go through everybody at the unit anew for each member of its desk.
    """
    held = (
        select(true())
        .select_from(RoleAssignment)
        .join(OrgUnit, OrgUnit.id == RoleAssignment.unit_id)
        .where(
            RoleAssignment.account_id == account_id,
            RoleAssignment.unit_id == Desk.unit_id,
            type_coerce(RoleAssignment.role, String) == any_(_roles()),
            held_at(at),
            is_qualified(account_id, QualificationKind.ANSWERING, OrgUnit.level, at),
        )
        .correlate_except(RoleAssignment, OrgUnit)
        .limit(1)
        .scalar_subquery()
    )
    is_open = (
        select(Account.closed_at.is_(None)).where(Account.id == account_id).correlate_except(Account).scalar_subquery()
    )
    return and_(func.coalesce(held, false()), is_open)


def _roles() -> BindParameter[Sequence[str]]:
    """Give the roles that answer when the statement runs: which they are is laid down after it was built."""
    return bindparam("roles", callable_=lambda: [role.value for role in roles_with(HANDLE)], type_=ARRAY(String))


def count_talking(account_id: SQLCoreOperations[UUID]) -> ScalarSelect[int]:
    """Count in SQL the questions that somebody is answering."""
    return (
        select(func.count())
        .where(Ticket.handler_id == account_id, Ticket.state == TicketState.TALKING)
        .correlate_except(Ticket)
        .scalar_subquery()
    )


def _build_accepting() -> Select[UUID, UUID, datetime, datetime, int]:
    """Build the search for members who accept, hold the role, are below capacity and are not being rung."""
    talking = count_talking(Duty.account_id)
    ringing = (
        select(Offer.id).where(Offer.account_id == Duty.account_id, Offer.state == OfferState.RINGING).correlate(Duty)
    )
    return (
        select(DeskMember.desk_id, Duty.account_id, Duty.there_since, Duty.idle_since, talking)
        .join(Desk, Desk.id == DeskMember.desk_id)
        .join(Duty, Duty.account_id == DeskMember.account_id)
        .where(
            Duty.accepting,
            talking < Duty.capacity,
            ~ringing.exists(),
            # Asked of the duty row, not of the membership: of those who do not accept nobody needs to know.
            holds_role(Duty.account_id, bindparam("at", type_=DateTime(timezone=True))),
        )
    )


# Built once: to build and compile it takes longer than to run it.
_ACCEPTING = _build_accepting()
_ACCEPTING_AT = _ACCEPTING.where(DeskMember.desk_id == any_(bindparam("desk_ids", type_=ARRAY(Uuid))))
# Thousands of ids are joined as rows: as an array they would be sorted anew at each look into an index.
_ACCEPTING_AMONG = _ACCEPTING.where(
    DeskMember.desk_id.in_(select(func.unnest(bindparam("desk_ids", type_=ARRAY(Uuid))))),
    Duty.account_id.in_(select(func.unnest(bindparam("account_ids", type_=ARRAY(Uuid))))),
)
_IS_ACCEPTING = _ACCEPTING.where(
    DeskMember.desk_id == bindparam("desk_id", type_=Uuid), Duty.account_id == bindparam("account_id", type_=Uuid)
)


def is_accepting(session: Session, desk_id: UUID, account_id: UUID, *, at: datetime) -> bool:
    """Say whether a member of a desk takes questions, has a hand free and is not being rung, connected or not."""
    values = {"desk_id": desk_id, "account_id": account_id, "at": at}
    return run(session, _IS_ACCEPTING, values).first() is not None


def list_available(
    session: Session, presence: Presence, desk_ids: Sequence[UUID], *, at: datetime
) -> tuple[Technician, ...]:
    """List who could be rung at open desks: accepting, below capacity, not being rung, and connected.

    Where Redis does not say who is connected, everybody who accepts counts as perhaps there: the question then rings
    one after the other instead of telling the asker that nobody is online, which nobody knows.
    """
    values = {"desk_ids": list(desk_ids), "at": at}
    everybody = presence.everybody(at) if len(desk_ids) > FEW_DESKS else None
    if everybody is not None:
        # A plan kept for all values takes any list for ten ids: with 20,000 the search took minutes instead of 65 ms.
        session.execute(text("SET LOCAL plan_cache_mode = force_custom_plan"))
        rows = run(session, _ACCEPTING_AMONG, values | {"account_ids": list(everybody)})
        return tuple(Technician(*row) for row in rows)
    found = [Technician(*row) for row in run(session, _ACCEPTING_AT, values)]
    connected = presence.connected((technician.account_id for technician in found), at)
    if connected is None:
        return tuple(found)
    return tuple(technician for technician in found if technician.account_id in connected)


def had_their_turn(session: Session, ticket: Ticket) -> frozenset[UUID]:
    """Name who declined this question or let it ring out in the present search, and has not been gone since."""
    return list_turns(session, [ticket.id]).get(ticket.id, frozenset())


def list_turns(session: Session, ticket_ids: Collection[UUID]) -> dict[UUID, frozenset[UUID]]:
    """Name for each question who had their turn; questions that nobody had a turn of are left out."""
    turns: dict[UUID, frozenset[UUID]] = {}
    rows = run(session, _TURNS, {"ticket_ids": list(ticket_ids)})
    for ticket_id, account_id in rows:
        turns[ticket_id] = turns.get(ticket_id, frozenset()) | {account_id}
    return turns


_TURNS = (
    select(Offer.ticket_id, Offer.account_id)
    .join(Ticket, Ticket.id == Offer.ticket_id)
    .join(Duty, Duty.account_id == Offer.account_id)
    .where(
        Offer.ticket_id == any_(bindparam("ticket_ids", type_=ARRAY(Uuid))),
        Offer.state.in_((OfferState.DECLINED, OfferState.RANG_OUT)),
        Offer.created_at >= Ticket.search_from,
        Offer.created_at >= Duty.there_since,
    )
)


def list_desks_of(session: Session, unit_ids: Iterable[UUID]) -> tuple[Desk, ...]:
    """List the desks of units."""
    return tuple(session.scalars(select(Desk).where(Desk.unit_id.in_(list(unit_ids))).order_by(Desk.name)))
