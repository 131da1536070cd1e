"""Generated desks, people and questions for measuring, written by COPY; nobody here exists."""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, cast
from uuid import UUID

import psycopg
from sqlalchemy import Connection, select, text

from registry_core.db import new_id
from registry_core.orgs.models import Level, OrgUnit, UnitKind, lineage

# Technicians at a desk of each level; what is left of the number wanted goes to the counties.
AT_DESK = {Level.MINISTRY: 50, Level.PROVINCE: 60, Level.CITY: 25, Level.SCHOOL: 2}
SECOND_DESK_SHARE = 0.05
ALL_DAY = "mon-sun 00:00-23:59"
HOURS_SHARE = 0.3
ACCEPTING_SHARE = 0.6
SPREAD = timedelta(days=200)


@dataclass(frozen=True, slots=True)
class Place:
    """A unit with a desk."""

    unit_id: UUID
    level: Level
    path: str
    desk_id: UUID


@dataclass(frozen=True, slots=True)
class Asker:
    """A registrar at a school."""

    account_id: UUID
    unit_id: UUID
    path: str


@dataclass(slots=True)
class HelpDesks:
    """What was generated."""

    desks: dict[str, Place] = field(default_factory=dict)
    """Each desk by the path of its unit."""
    technicians: dict[UUID, list[Place]] = field(default_factory=dict)
    """The desks of each technician."""
    accepting: list[UUID] = field(default_factory=list)
    askers: list[Asker] = field(default_factory=list)

    def chain(self, path: str) -> list[Place]:
        """List the desks on the way up from a unit."""
        return [self.desks[above] for above in reversed(lineage(path)) if above in self.desks]


@dataclass(frozen=True, slots=True)
class Wanted:
    """How much to generate."""

    technicians: int
    askers: int
    school_desks: int
    talking: int
    waiting: int
    closed: int


class Generator:
    """Fills a database that has a tree with desks, people and questions; the same seed gives the same."""

    def __init__(self, connection: Connection, wanted: Wanted, *, now: datetime, seed: int) -> None:
        self.connection = connection
        self.driver = cast("psycopg.Connection", connection.connection.driver_connection)
        self.wanted = wanted
        self.now = now
        self.dice = random.Random(seed)
        self.made = HelpDesks()

    def fill(self) -> HelpDesks:
        """Generate everything."""
        self._desks()
        self._technicians()
        self._askers()
        self._questions()
        self.connection.execute(text("ANALYZE"))
        return self.made

    def _copy(self, table: str, columns: str, rows: Iterable[Sequence[Any]]) -> None:
        with self.driver.cursor() as cursor, cursor.copy(f"COPY {table} ({columns}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)

    def _units(self, *kinds: UnitKind) -> list[Place]:
        """List the units of some kinds, each with the id that a desk there would have."""
        query = select(OrgUnit.id, OrgUnit.level, OrgUnit.path).where(OrgUnit.kind.in_(kinds)).order_by(OrgUnit.number)
        return [Place(*row, new_id()) for row in self.connection.execute(query)]

    def _desks(self) -> None:
        schools = self.dice.sample(self._units(UnitKind.SCHOOL), self.wanted.school_desks)
        self.made.desks = {place.path: place for place in [*self._units(UnitKind.AUTHORITY), *schools]}
        desks = self.made.desks.values()
        self._copy(
            "desk",
            "id, unit_id, name, created_at, weekly_slots, holiday_slots",
            ((desk.desk_id, desk.unit_id, "服务台（生成）", self.now, self._hours(), "00:00-23:59") for desk in desks),
        )

    def _hours(self) -> str:
        return ALL_DAY if self.dice.random() < HOURS_SHARE else ""

    def _technicians(self) -> None:
        desks = self.made.desks.values()
        fixed = [desk for desk in desks for _ in range(AT_DESK.get(desk.level, 0))]
        counties = [desk for desk in desks if desk.level is Level.COUNTY]
        rest = [counties[number % len(counties)] for number in range(self.wanted.technicians - len(fixed))]
        for desk in (fixed + rest)[: self.wanted.technicians]:
            above = self.made.chain(desk.path)[1:2] if self.dice.random() < SECOND_DESK_SHARE else []
            self.made.technicians[new_id()] = [desk, *above]
        people = self.made.technicians
        self._accounts(list(people), "技术员（生成）")
        held = [(account_id, desk) for account_id, desks in people.items() for desk in desks]
        self._roles(((account_id, desk.unit_id) for account_id, desk in held), "technician")
        self._copy(
            "qualification",
            "id, account_id, kind, valid_from, valid_until, reason",
            ((new_id(), one, "answering", self.now - SPREAD, self.now + SPREAD, "生成") for one in people),
        )
        self._copy(
            "desk_member",
            "desk_id, account_id, joined_at",
            ((desk.desk_id, account_id, self.now) for account_id, desk in held),
        )
        self.made.accepting = [account_id for account_id in people if self.dice.random() < ACCEPTING_SHARE]
        accepts = set(self.made.accepting)
        self._copy(
            "duty",
            "account_id, accepting, capacity, there_since, idle_since",
            (
                (account_id, account_id in accepts, 5, self.now - timedelta(hours=1), self._before())
                for account_id in people
            ),
        )

    def _askers(self) -> None:
        schools = self.dice.sample(self._units(UnitKind.SCHOOL, UnitKind.TEACHING_POINT), self.wanted.askers)
        self.made.askers = [Asker(new_id(), school.unit_id, school.path) for school in schools]
        self._accounts([asker.account_id for asker in self.made.askers], "学籍员（生成）")
        self._roles(((asker.account_id, asker.unit_id) for asker in self.made.askers), "registry_administrator")

    def _accounts(self, ids: Iterable[UUID], name: str) -> None:
        self._copy(
            "account",
            "id, user_name, name, password_hash, password_changed_at, created_at",
            ((account_id, f"generated-{account_id}", name, "-", self.now, self.now) for account_id in ids),
        )

    def _roles(self, held: Iterable[tuple[UUID, UUID]], role: str) -> None:
        since = self.now - SPREAD
        self._copy(
            "role_assignment",
            "id, account_id, unit_id, role, valid_from",
            ((new_id(), account_id, unit_id, role, since) for account_id, unit_id in held),
        )

    def _before(self) -> datetime:
        return self.now - self.dice.random() * SPREAD

    # ── questions ─────────────────────────────────────────────────────────────────────────────────────────────────────

    def _questions(self) -> None:
        wanted = self.wanted
        states = ["talking"] * wanted.talking + ["waiting"] * wanted.waiting + ["closed"] * wanted.closed
        members: dict[UUID, list[UUID]] = {}
        for account_id, desks in self.made.technicians.items():
            for desk in desks:
                members.setdefault(desk.desk_id, []).append(account_id)
        rows: dict[str, list[tuple[Any, ...]]] = {name: [] for name in _COLUMNS}
        for state in states:
            asker = self.dice.choice(self.made.askers)
            desk = next(desk for desk in self.made.chain(asker.path) if desk.desk_id in members)
            self._question(rows, state, asker, desk, self.dice.choice(members[desk.desk_id]))
        for table, columns in _COLUMNS.items():
            self._copy(table, columns, rows[table])

    def _question(
        self, rows: dict[str, list[tuple[Any, ...]]], state: str, asker: Asker, desk: Place, handler_id: UUID
    ) -> None:
        ticket_id, conversation_id = new_id(), new_id()
        at = self._before()
        is_closed, was_rung = state == "closed", state != "waiting"
        ended = at + timedelta(hours=1) if is_closed else None
        self._put(rows, "conversation", conversation_id, 1, at)
        self._put(rows, "message", new_id(), conversation_id, 1, asker.account_id, "1", "text", "怎么办？", at)
        resolution = "好了" if is_closed else None
        self._put(
            rows,
            "ticket",
            *(
                ticket_id,
                conversation_id,
                asker.account_id,
                str(ticket_id),
                asker.unit_id,
                "registry_administrator",
                "怎么办？",
            ),
            *("live", state, desk.desk_id, None if is_closed else True, handler_id if was_rung else None),
            *(not was_rung and self.dice.random() < 0.5, at, at, 4, resolution, ended, ended),
        )
        self._put(rows, "custody", new_id(), ticket_id, desk.desk_id, "asked", None if is_closed else True, at, ended)
        offer_state = "accepted" if was_rung else "rang_out"
        end = at + timedelta(seconds=20)
        self._put(rows, "offer", new_id(), ticket_id, desk.desk_id, handler_id, offer_state, at, end, end)
        for number, kind in enumerate(("asked", "rang", "accepted" if was_rung else "rang_out", "waits"), start=1):
            self._put(rows, "ticket_step", new_id(), ticket_id, number, kind, at, handler_id, desk.desk_id)

    @staticmethod
    def _put(rows: dict[str, list[tuple[Any, ...]]], table: str, *cells: Any) -> None:
        rows[table].append(cells)


_COLUMNS = {
    "conversation": "id, last_number, created_at",
    "message": "id, conversation_id, number, sender_id, client_id, kind, body, sent_at",
    "ticket": (
        "id, conversation_id, requester_id, client_id, unit_id, role, title, channel, state, custody_desk_id,"
        " custody_open, handler_id, may_climb, search_from, asked_at, steps, resolution, resolved_at, closed_at"
    ),
    "custody": "id, ticket_id, desk_id, reason, is_open, since, until",
    "offer": "id, ticket_id, desk_id, account_id, state, created_at, ends_at, ended_at",
    "ticket_step": "id, ticket_id, number, kind, at, actor_id, desk_id",
}
