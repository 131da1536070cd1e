"""Random little worlds: a tree with desks here and there, people, and what a test itself knows of who is there.

Nothing here asks the code under test: the world remembers what it did to it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from uuid import UUID

from hypothesis import strategies as st
from sqlalchemy.orm import Session

from helpdesk.models import Desk, DeskMember, Duty
from registry_core import clock
from registry_core.access.models import Role
from registry_core.access.services import grant_role
from registry_core.accounts.models import Account
from registry_core.orgs.models import Level, OrgUnit, UnitKind
from registry_core.orgs.services import add_unit
from tests.certificates import certify

START = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
"""A Monday, nine o'clock in China."""
GONE_AFTER = timedelta(seconds=15)
BELOW = {
    Level.MINISTRY: (Level.PROVINCE, Level.SCHOOL),
    Level.PROVINCE: (Level.CITY, Level.COUNTY, Level.SCHOOL),
    Level.CITY: (Level.COUNTY, Level.SCHOOL),
    Level.COUNTY: (Level.SCHOOL,),
    Level.SCHOOL: (Level.SCHOOL,),
}


@dataclass(frozen=True, slots=True)
class UnitPlan:
    """A unit under an earlier one, and whether it has a desk."""

    above: int
    level: Level
    has_desk: bool


@dataclass(frozen=True, slots=True)
class Plan:
    """What a world is built from. Numbers point into the list of units.

    `members` has for each technician the units at whose desks they answer, `askers` the unit of each registrar, `climb`
    whether the first question of each asker may climb from the start.
    """

    units: tuple[UnitPlan, ...]
    members: tuple[tuple[int, ...], ...]
    capacities: tuple[int, ...]
    on_duty: tuple[bool, ...]
    askers: tuple[int, ...]
    climb: tuple[bool, ...]


# The first of each is what hypothesis tries most: long ways with somebody at nearly every desk, where most goes wrong.
MOSTLY = st.sampled_from([True, True, True, False])
FURTHER = st.sampled_from([Level.PROVINCE, Level.CITY, Level.COUNTY, Level.SCHOOL, Level.SCHOOL])


@st.composite
def plans(draw: st.DrawFn) -> Plan:
    """Draw one way down of random length and branches beside it, desks on most units, and people."""
    units = [UnitPlan(0, Level.MINISTRY, draw(MOSTLY))]
    for level in (Level.PROVINCE, Level.CITY, Level.COUNTY, Level.SCHOOL):
        if draw(MOSTLY) and fits(units, units[-1], level):
            units.append(UnitPlan(len(units) - 1, level, draw(MOSTLY)))
    lowest = len(units) - 1
    for _ in range(draw(st.integers(0, 3))):
        level = draw(FURTHER)
        places = [place for place, unit in enumerate(units) if fits(units, unit, level)]
        if places:
            units.append(UnitPlan(draw(st.sampled_from(places)), level, draw(MOSTLY)))
    desks = [number for number, unit in enumerate(units) if unit.has_desk]
    members = tuple(
        (desk, *draw(st.lists(st.sampled_from([other for other in desks if other != desk]), max_size=1)))
        if len(desks) > 1 and not draw(MOSTLY)
        else (desk,)
        for desk in desks
        for _ in range(draw(st.sampled_from([1, 2, 1, 0])))
    )
    capacities = tuple(draw(st.sampled_from([2, 1, 3])) for _ in members)
    on_duty = tuple(draw(MOSTLY) for _ in members)
    askers = tuple(draw(st.sampled_from([lowest, *range(len(units))])) for _ in range(draw(st.integers(2, 4))))
    return Plan(tuple(units), members, capacities, on_duty, askers, tuple(draw(MOSTLY) for _ in askers))


def fits(units: list[UnitPlan], unit: UnitPlan, level: Level) -> bool:
    """Say whether a unit of a level may hang under a planned one; under a teaching point nothing does."""
    return level in BELOW[unit.level] and not is_teaching_point(units, unit)


def is_teaching_point(units: list[UnitPlan], unit: UnitPlan) -> bool:
    """Say whether a planned unit is a teaching point, under which nothing hangs."""
    return unit.level is Level.SCHOOL and units[unit.above].level is Level.SCHOOL


@dataclass(slots=True)
class KnownDesk:
    """A desk as the test set it."""

    id: UUID
    unit_id: UUID
    ring_seconds: int = 20
    switched_on: bool = True
    hours: tuple[time, time] | None = None

    def is_open(self, at: datetime) -> bool:
        """Say whether it takes questions: daily hours, in China time, closing time excluded."""
        if not self.switched_on or self.hours is None:
            return self.switched_on
        return self.hours[0] <= (at + timedelta(hours=8)).time() < self.hours[1]


@dataclass(slots=True)
class KnownPerson:
    """Somebody as the test treated them."""

    id: UUID
    desk_roles: dict[UUID, UUID | None] = field(default_factory=dict)
    """For each desk where they are a member, the open assignment there, if any."""
    certificate_id: UUID | None = None
    page_open: bool = False
    last_beat: datetime | None = None
    accepting: bool = False
    capacity: int = 5
    there_since: datetime = START
    idle_since: datetime = START

    def is_connected(self, at: datetime) -> bool:
        """Say whether they were heard of within the last fifteen seconds."""
        return self.last_beat is not None and at - self.last_beat < GONE_AFTER

    def may_answer_at(self, desk_id: UUID) -> bool:
        """Say whether they hold the role at the desk's unit, and the certificate."""
        return self.desk_roles.get(desk_id) is not None and self.certificate_id is not None

    @property
    def may_answer(self) -> bool:
        """Whether they may answer anywhere."""
        return any(map(self.may_answer_at, self.desk_roles))


class World:
    """A built world and what the test knows of it."""

    def __init__(self, session: Session, plan: Plan) -> None:
        self.above: dict[UUID, UUID | None] = {}
        self.desks: dict[UUID, KnownDesk] = {}
        self.people: dict[UUID, KnownPerson] = {}
        self.technicians: list[KnownPerson] = []
        self.askers: list[KnownPerson] = []
        self.level: dict[UUID, Level] = {}
        self.registrar_at: dict[UUID, UUID] = {}
        units = self._plant(session, plan)
        desk_at = {desk.unit_id: desk for desk in self.desks.values()}
        for number, (members, capacity) in enumerate(zip(plan.members, plan.capacities, strict=True)):
            desks = [desk_at[units[unit].id] for unit in members]
            self.technicians.append(self._technician(session, f"technician{number}", desks, capacity))
        for number, unit in enumerate(plan.askers):
            self.askers.append(self._registrar(session, f"registrar{number}", units[unit]))
        self.chief = self._person(session, "chief")
        grant_role(session, account_id=self.chief.id, unit_id=units[0].id, role=Role.SUPER_ADMINISTRATOR)

    def chain(self, unit_id: UUID) -> list[UUID]:
        """Name the desks from a unit upwards, walking from parent to parent."""
        desk_at = {desk.unit_id: desk.id for desk in self.desks.values()}
        found: list[UUID] = []
        here: UUID | None = unit_id
        while here is not None:
            if here in desk_at:
                found.append(desk_at[here])
            here = self.above[here]
        return found

    def homes(self, person: KnownPerson) -> set[UUID]:
        """Name the units from which somebody may ask: the lowest ones where they hold a role."""
        units = {self.desks[desk_id].unit_id for desk_id, role in person.desk_roles.items() if role is not None}
        units.add(self.registrar_at[person.id])
        lowest = max(self.level[unit_id].rank for unit_id in units)
        return {unit_id for unit_id in units if self.level[unit_id].rank == lowest}

    def members(self, desk_id: UUID) -> list[KnownPerson]:
        """Name who may answer at a desk now."""
        return [person for person in self.technicians if person.may_answer_at(desk_id)]

    def may_see(self, person: KnownPerson, desk_ids: set[UUID]) -> bool:
        """Say whether somebody answers at one of these desks."""
        return any(person.may_answer_at(desk_id) for desk_id in desk_ids)

    def _plant(self, session: Session, plan: Plan) -> list[OrgUnit]:
        units: list[OrgUnit] = []
        for number, planned in enumerate(plan.units):
            parent = units[planned.above] if number else None
            kind = UnitKind.AUTHORITY
            if planned.level is Level.SCHOOL:
                below_school = parent is not None and parent.level is Level.SCHOOL
                kind = UnitKind.TEACHING_POINT if below_school else UnitKind.SCHOOL
            unit = add_unit(session, parent, level=planned.level, kind=kind, name=f"{planned.level} {number}")
            units.append(unit)
            self.above[unit.id] = parent.id if parent else None
            self.level[unit.id] = unit.level
            if planned.has_desk:
                desk = Desk(unit_id=unit.id, name=f"desk {number}", created_at=clock.now())
                session.add(desk)
                session.flush()
                self.desks[desk.id] = KnownDesk(desk.id, unit.id)
        return units

    def _person(self, session: Session, name: str) -> KnownPerson:
        account = Account(
            user_name=name, name=name, password_hash="-", password_changed_at=clock.now(), created_at=clock.now()
        )
        session.add(account)
        session.flush()
        person = KnownPerson(account.id)
        self.people[person.id] = person
        return person

    def _registrar(self, session: Session, name: str, unit: OrgUnit) -> KnownPerson:
        person = self._person(session, name)
        self.registrar_at[person.id] = unit.id
        grant_role(session, account_id=person.id, unit_id=unit.id, role=Role.REGISTRY_ADMINISTRATOR)
        return person

    def _technician(self, session: Session, name: str, desks: list[KnownDesk], capacity: int) -> KnownPerson:
        """Add a technician who may also ask, as a registrar of the first desk's unit."""
        person = self._registrar(session, name, session.get_one(OrgUnit, desks[0].unit_id))
        person.capacity = capacity
        now = clock.now()
        session.add(Duty(account_id=person.id, capacity=capacity, there_since=now, idle_since=now))
        for desk in desks:
            session.add(DeskMember(desk_id=desk.id, account_id=person.id, joined_at=now))
            held = grant_role(session, account_id=person.id, unit_id=desk.unit_id, role=Role.TECHNICIAN)
            person.desk_roles[desk.id] = held.id
        person.certificate_id = certify(session, person.id).id
        return person
