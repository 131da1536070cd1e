"""One person with all roles and certificates, and what the reader may change of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from registry_core import clock
from registry_core.access.actors import Actor, Bar, visible_units
from registry_core.access.models import Qualification, RoleAssignment
from registry_core.access.policies import MANAGE_PEOPLE, QUALIFY, may_give
from registry_core.access.queries import list_held, list_qualifications, load_actor
from registry_core.access.roles import DEFINITIONS
from registry_core.accounts.models import Account
from registry_core.orgs.models import OrgUnit
from registry_core.people.presenters.days import last_day
from registry_core.people.presenters.explaining import Record, level_name, qualification_name
from registry_core.people.queries import PersonRow
from registry_core.workplaces.presenters import tell_limits


@dataclass(frozen=True, slots=True)
class RoleLine:
    """A role held now or before."""

    assignment_id: UUID
    role_name: str
    clause: str
    part: str | None
    unit_name: str
    since: datetime
    until: datetime | None
    is_held: bool
    given_by: str | None
    ended_by: str | None
    end_reason: str | None
    may_take: bool

    @property
    def last_day(self) -> date | None:
        """The last day on which it is or was held; None without an end."""
        return last_day(self.until) if self.until else None


@dataclass(frozen=True, slots=True)
class QualificationLine:
    """A certificate or a provisional permit, valid or not."""

    qualification_id: UUID
    name: str
    level: str
    since: datetime
    until: datetime
    is_valid: bool
    is_provisional: bool
    reason: str | None
    given_by: str | None
    revoked_at: datetime | None
    revoke_reason: str | None

    @property
    def last_day(self) -> date:
        """The last day on which it is or was valid, unless it was revoked before."""
        return last_day(self.until)


@dataclass(frozen=True, slots=True)
class PersonView:
    """A person's page."""

    account_id: UUID
    name: str
    user_name: str
    mobile: str | None
    email: str | None
    is_closed: bool
    is_me: bool
    roles: tuple[RoleLine, ...]
    qualifications: tuple[QualificationLine, ...]
    may_give: bool
    may_qualify: bool


def read_record(session: Session, account_id: UUID, *, bars: tuple[Bar, ...] = ()) -> Record:
    """Read all that somebody holds and ever held; `bars` are those of who reads about themselves."""
    at = clock.now()
    actor = load_actor(session, account_id, at=at)
    return Record(
        replace(actor, bars=bars),
        list_held(session, account_id),
        list_qualifications(session, [account_id]),
        at,
        tell_limits(session, actor),
    )


def view_person(session: Session, actor: Actor, account: Account, record: Record) -> PersonView:
    """Present a person to the actor."""
    names = _names(session, record)
    is_me = account.id == actor.account_id
    qualify = visible_units(actor, QUALIFY)
    return PersonView(
        account.id,
        account.name,
        account.user_name,
        account.mobile,
        account.email,
        account.closed_at is not None,
        is_me,
        tuple(_role_line(actor, held, unit, record.at, names) for held, unit in record.roles),
        tuple(_qualification_line(one, record.at, names) for one in record.qualifications),
        may_give=actor.may(MANAGE_PEOPLE) and not is_me,
        may_qualify=not is_me and any(qualify.covers(held.unit_path) for held in record.actor.assignments),
    )


def people_header() -> tuple[str, ...]:
    """Name the columns of the directory as a sheet."""
    return (_("姓名"), _("用户名"), _("单位"), _("级别"), _("角色"), _("年级或班级"))


def people_lines(people: Iterable[PersonRow]) -> Iterator[tuple[str, ...]]:
    """Write the directory as lines of a sheet, one for each role held."""
    for person in people:
        for held in person.roles:
            role = str(DEFINITIONS[held.role].name)
            unit = (held.unit_name, level_name(held.level))
            yield (person.name, person.user_name, *unit, role, held.narrowed_to or "")


def _role_line(actor: Actor, held: RoleAssignment, unit: OrgUnit, at: datetime, names: Mapping[UUID, str]) -> RoleLine:
    definition = DEFINITIONS[held.role]
    is_held = held.valid_from <= at and (held.valid_until is None or held.valid_until > at)
    within = visible_units(actor, MANAGE_PEOPLE).covers(unit.path)
    return RoleLine(
        held.id,
        str(definition.name),
        str(definition.clause),
        held.narrowed_to,
        unit.name,
        held.valid_from,
        held.valid_until,
        is_held,
        names.get(held.granted_by_id) if held.granted_by_id else None,
        names.get(held.ended_by_id) if held.ended_by_id else None,
        held.end_reason,
        is_held and within and may_give(actor, held.role, unit),
    )


def _qualification_line(one: Qualification, at: datetime, names: Mapping[UUID, str]) -> QualificationLine:
    return QualificationLine(
        one.id,
        qualification_name(one.kind),
        level_name(one.level) if one.level else _("各级"),
        one.valid_from,
        one.valid_until,
        one.valid_from <= at < one.valid_until and one.revoked_at is None,
        one.certificate_id is None,
        one.reason,
        names.get(one.granted_by_id) if one.granted_by_id else None,
        one.revoked_at,
        one.revoke_reason,
    )


def _names(session: Session, record: Record) -> dict[UUID, str]:
    wanted: set[UUID | None] = {held.granted_by_id for held, _unit in record.roles}
    wanted |= {held.ended_by_id for held, _unit in record.roles}
    wanted |= {one.granted_by_id for one in record.qualifications}
    rows: Sequence[tuple[UUID, str]] = [
        (row.id, row.name) for row in session.execute(select(Account.id, Account.name).where(Account.id.in_(wanted)))
    ]
    return dict(rows)
