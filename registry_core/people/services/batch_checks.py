"""Checking a sheet of new accounts: every cell, every row against the others, and against what the house knows.

The same check runs when the sheet comes and once more when its accounts are opened: rights are those of the moment.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from email_validator import EmailNotValidError, validate_email
from flask_babel import force_locale
from sqlalchemy.orm import Session

from registry_core import clock
from registry_core.access.actors import Actor
from registry_core.access.models import Role
from registry_core.access.policies import may_give
from registry_core.access.roles import DEFINITIONS, find_conflict
from registry_core.orgs.models import OrgUnit
from registry_core.people import policies
from registry_core.people.columns import Column, plain_date
from registry_core.people.faults import Fault, FaultKind
from registry_core.people.queries import openings

LONGEST_NAME = 60
LONGEST_EMAIL = 254
LONGEST_NARROWING = 40
_TONGUES = ("zh_Hans", "en")


@dataclass(frozen=True, slots=True)
class Line:
    """A row of the sheet."""

    row: int
    cells: Mapping[Column, str]


@dataclass(frozen=True, slots=True)
class NewPost:
    """A role that a new person is to hold."""

    unit: OrgUnit
    role: Role
    narrowed_to: str
    since: date | None
    until: date | None

    @property
    def key(self) -> tuple[object, ...]:
        """What may stand in the sheet once for each person."""
        return (self.unit.id, self.role, self.narrowed_to)

    def valid_from(self, now: datetime) -> datetime:
        """Say from when on it is held: never from before now."""
        return max(now, _midnight(self.since)) if self.since else now

    @property
    def valid_until(self) -> datetime | None:
        """Say when it ends: the last day is held to its end."""
        return _midnight(self.until + timedelta(days=1)) if self.until else None


@dataclass(slots=True)
class NewPerson:
    """Somebody who is to get an account, with one role or several."""

    row: int
    name: str
    mobile: str
    email: str
    user_name: str
    posts: list[NewPost] = field(default_factory=list)

    @property
    def identity(self) -> tuple[str, str, str]:
        """What two rows about the same person have in common."""
        return (self.name, self.mobile, self.email.lower())


@dataclass(frozen=True, slots=True)
class Checked:
    """What a check has found: the people of the rows, and every fault in the order of the rows."""

    people: tuple[NewPerson, ...]
    faults: tuple[Fault, ...]


def read_lines(rows: Sequence[Sequence[object]]) -> list[Line]:
    """Read the rows of a batch as they are kept."""
    lines = []
    for number, cells in rows:
        texts = [str(cell) for cell in cells]  # type: ignore[attr-defined]  # a list out of JSON
        lines.append(Line(int(str(number)), dict(zip(Column, texts, strict=True))))
    return lines


def check_lines(session: Session, actor: Actor, lines: Sequence[Line], *, came_on: date) -> Checked:
    """Check every row for an actor; dates are measured against the day on which the sheet came."""
    known = _Known(session, actor, lines)
    check = _Check(actor, known, came_on)
    for line in lines:
        check.take(line)
    order = list(Column)
    faults = sorted(check.faults, key=lambda fault: (fault.row, order.index(fault.column)))
    return Checked(tuple(check.people), tuple(faults))


def plain_mobile(text: str) -> str:
    """Write a number without the signs that people put in between, and without the country."""
    return re.sub(r"[\s\-－—]", "", text).removeprefix("+86")


def name_roles() -> dict[str, Role]:
    """Map the names of all roles, in each language of the house."""
    named: dict[str, Role] = {}
    for tongue in _TONGUES:
        with force_locale(tongue):
            named |= {str(definition.name).casefold(): role for role, definition in DEFINITIONS.items()}
    return named


class _Known:
    """What the house knows about the things that the rows name, asked once for all of them."""

    def __init__(self, session: Session, actor: Actor, lines: Sequence[Line]) -> None:
        self.roles = name_roles()
        self.by_code = openings.map_codes(session, actor, _column(lines, Column.UNIT_CODE))
        self.by_name = openings.map_names(session, actor, _column(lines, Column.UNIT_NAME))
        self.own = openings.find_only_own(session, actor)
        mobiles = {plain_mobile(text) for text in _column(lines, Column.MOBILE)}
        self.mobiles = openings.list_known_mobiles(session, actor, mobiles)
        emails = {text.lower() for text in _column(lines, Column.EMAIL)}
        self.emails = openings.list_known_emails(session, actor, emails)
        self.user_names = openings.list_taken(session, {text.lower() for text in _column(lines, Column.USER_NAME)})


class _Check:
    """One check under way: the people so far, and every fault so far."""

    def __init__(self, actor: Actor, known: _Known, came_on: date) -> None:
        self.people: list[NewPerson] = []
        self.faults: list[Fault] = []
        self._actor = actor
        self._known = known
        self._came_on = came_on
        self._by_mobile: dict[str, NewPerson] = {}
        self._by_email: dict[str, NewPerson] = {}
        self._by_user_name: dict[str, NewPerson] = {}
        self._line = Line(0, {})

    def take(self, line: Line) -> None:
        """Check one row, and add what it says to its person."""
        self._line = line
        person = self._person()
        post = self._post()
        if post is not None:
            self._add(person, post)

    def _person(self) -> NewPerson:
        cells = self._line.cells
        mobile = plain_mobile(cells[Column.MOBILE])
        said = NewPerson(self._line.row, cells[Column.NAME], mobile, cells[Column.EMAIL], cells[Column.USER_NAME])
        self._check_name(said.name)
        self._check_ways(said)
        known = self._by_mobile.get(said.mobile) or self._by_email.get(said.email.lower())
        if known is not None and known.identity == said.identity:
            self._check_user_name(said, known)
            return known
        self._check_new(said)
        self._check_user_name(said, None)
        self.people.append(said)
        return said

    def _check_name(self, name: str) -> None:
        if not name:
            self._fault(Column.NAME, FaultKind.NAME_MISSING)
        elif len(name) > LONGEST_NAME:
            self._fault(Column.NAME, FaultKind.NAME_LONG)

    def _check_ways(self, said: NewPerson) -> None:
        if not said.mobile and not said.email:
            self._fault(Column.MOBILE, FaultKind.NOWHERE_TO_SEND)
        if said.mobile and not re.match(policies.MOBILE, said.mobile):
            self._fault(Column.MOBILE, FaultKind.MOBILE_WRONG)
        if said.email and not _is_email(said.email):
            self._fault(Column.EMAIL, FaultKind.EMAIL_WRONG)

    def _check_new(self, said: NewPerson) -> None:
        """Look whether number and address are those of another row, or of somebody with an account."""
        mobile, email = said.mobile, said.email.lower()
        if mobile in self._by_mobile:
            self._fault(Column.MOBILE, FaultKind.MOBILE_TWICE, other=self._by_mobile[mobile].row)
        elif mobile in self._known.mobiles:
            self._fault(Column.MOBILE, FaultKind.MOBILE_KNOWN)
        if email in self._by_email:
            self._fault(Column.EMAIL, FaultKind.EMAIL_TWICE, other=self._by_email[email].row)
        elif email in self._known.emails:
            self._fault(Column.EMAIL, FaultKind.EMAIL_KNOWN)
        if mobile:
            self._by_mobile.setdefault(mobile, said)
        if email:
            self._by_email.setdefault(email, said)

    def _check_user_name(self, said: NewPerson, known: NewPerson | None) -> None:
        wanted = said.user_name.lower()
        if not wanted:
            return
        if known is not None:
            if wanted != known.user_name.lower():
                self._fault(Column.USER_NAME, FaultKind.USER_NAME_UNLIKE, other=known.row)
        elif not re.match(policies.USER_NAME, wanted):
            self._fault(Column.USER_NAME, FaultKind.USER_NAME_WRONG)
        elif wanted in self._known.user_names:
            self._fault(Column.USER_NAME, FaultKind.USER_NAME_TAKEN)
        elif wanted in self._by_user_name:
            self._fault(Column.USER_NAME, FaultKind.USER_NAME_TWICE, other=self._by_user_name[wanted].row)
        else:
            self._by_user_name[wanted] = said

    def _post(self) -> NewPost | None:
        before = len(self.faults)
        unit, role = self._unit(), self._role()
        narrowed_to = self._line.cells[Column.NARROWED_TO]
        if role is not None:
            self._check_narrowing(role, narrowed_to)
        if unit is not None and role is not None:
            self._check_given(unit, role)
        since, until = self._dates()
        if unit is None or role is None or len(self.faults) > before:
            return None
        return NewPost(unit, role, narrowed_to, since, until)

    def _unit(self) -> OrgUnit | None:
        code, name = self._line.cells[Column.UNIT_CODE], self._line.cells[Column.UNIT_NAME]
        if code:
            unit = self._known.by_code.get(code)
            if unit is None:
                self._fault(Column.UNIT_CODE, FaultKind.UNIT_UNKNOWN)
            elif name and name != unit.name:
                self._fault(Column.UNIT_NAME, FaultKind.UNIT_UNLIKE, unit=unit.name)
            return unit
        if not name:
            if self._known.own is None:
                self._fault(Column.UNIT_CODE, FaultKind.UNIT_MISSING)
            return self._known.own
        found = self._known.by_name.get(name, [])
        if len(found) != 1:
            kind = FaultKind.UNIT_AMBIGUOUS if found else FaultKind.UNIT_UNKNOWN
            self._fault(Column.UNIT_NAME, kind, **({"count": len(found)} if found else {}))
            return None
        return found[0]

    def _role(self) -> Role | None:
        named = self._line.cells[Column.ROLE]
        role = self._known.roles.get(named.casefold())
        if role is None:
            self._fault(Column.ROLE, FaultKind.ROLE_UNKNOWN if named else FaultKind.ROLE_MISSING)
        return role

    def _check_narrowing(self, role: Role, narrowed_to: str) -> None:
        if DEFINITIONS[role].is_narrow and not narrowed_to:
            self._fault(Column.NARROWED_TO, FaultKind.NARROWING_MISSING)
        elif narrowed_to and not DEFINITIONS[role].is_narrow:
            self._fault(Column.NARROWED_TO, FaultKind.NARROWING_NEEDLESS)
        elif len(narrowed_to) > LONGEST_NARROWING:
            self._fault(Column.NARROWED_TO, FaultKind.NARROWING_LONG)

    def _check_given(self, unit: OrgUnit, role: Role) -> None:
        definition = DEFINITIONS[role]
        if not definition.is_offered:
            self._fault(Column.ROLE, FaultKind.ROLE_NOT_OFFERED)
        elif unit.level not in definition.levels:
            self._fault(Column.ROLE, FaultKind.ROLE_NOT_HERE, unit=unit.name)
        elif not may_give(self._actor, role, unit):
            self._fault(Column.ROLE, FaultKind.ROLE_NOT_GIVEN, unit=unit.name)

    def _dates(self) -> tuple[date | None, date | None]:
        since, until = self._date(Column.SINCE), self._date(Column.UNTIL)
        today = clock.local(clock.now()).date()
        if since is not None and since < self._came_on:
            self._fault(Column.SINCE, FaultKind.SINCE_PAST)
        elif since is not None and since > self._came_on + policies.LONGEST_NOTICE:
            self._fault(Column.SINCE, FaultKind.SINCE_FAR)
        if until is not None and until < max(since or today, today):
            self._fault(Column.UNTIL, FaultKind.UNTIL_EARLY)
        return since, until

    def _date(self, column: Column) -> date | None:
        text = self._line.cells[column]
        if not text:
            return None
        found = _read_date(text)
        if found is None:
            self._fault(column, FaultKind.DATE_WRONG)
        return found

    def _add(self, person: NewPerson, post: NewPost) -> None:
        conflict = find_conflict([held.role for held in person.posts], post.role)
        if conflict is not None:
            self._fault(Column.ROLE, FaultKind.ROLES_CONFLICT, other=person.row, conflict=conflict.code)
        elif post.key in {held.key for held in person.posts}:
            self._fault(Column.ROLE, FaultKind.ROLE_TWICE, other=person.row)
        else:
            person.posts.append(post)

    def _fault(self, column: Column, kind: FaultKind, **details: str | int) -> None:
        self.faults.append(Fault(self._line.row, column, kind, details))


def _column(lines: Iterable[Line], column: Column) -> set[str]:
    return {text for line in lines if (text := line.cells[column])}


def _is_email(text: str) -> bool:
    try:
        validate_email(text, check_deliverability=False)
    except EmailNotValidError:
        return False
    return len(text) <= LONGEST_EMAIL


def _read_date(text: str) -> date | None:
    for form in ("%Y-%m-%d", "%Y%m%d"):
        try:
            # Only the day is wanted: there is no time of day that a zone could move.
            return datetime.strptime(plain_date(text), form).date()  # noqa: DTZ007 - a day has no zone
        except ValueError:
            continue
    return None


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), tzinfo=clock.BEIJING)
