"""The people of the load, written straight into the tables: signing 5,000 in one by one would take a core for minutes.

Each technician answers five askers, as many as one may hold at once; and there are counties whose technicians are all
in the group of their county.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from flask import Flask
from flask.sessions import SecureCookieSessionInterface
from sqlalchemy import insert
from sqlalchemy.orm import Session

from chat.models import Conversation, Participant, Reach, TalkGroup
from helpdesk.models import Custody, CustodyReason, Desk, DeskMember, Duty, Ticket, TicketState
from registry_core import clock
from registry_core.access.models import Qualification, QualificationKind, Role, RoleAssignment
from registry_core.accounts.models import Account, BrowserSession
from registry_core.accounts.queries import hash_token
from registry_core.db import Base, new_id
from registry_core.orgs.models import Level, OrgUnit
from registry_core.orgs.services import add_school, add_unit
from registry_core.web import SESSION_KEY
from tests.benchmarks.chat_load.crowd import Person

ASKERS_EACH = 5
SIGNED_IN = timedelta(hours=12)


@dataclass(frozen=True, slots=True)
class Pair:
    """A conversation, and the places of its two people in the list of people."""

    conversation_id: str
    asker: int
    technician: int


@dataclass(frozen=True, slots=True)
class Group:
    """People and the conversations between them."""

    people: tuple[Person, ...]
    pairs: tuple[Pair, ...]

    def first(self, count: int) -> Group:
        """Cut the group to its first people and what they have with one another."""
        pairs = tuple(pair for pair in self.pairs if pair.asker < count and pair.technician < count)
        known = {pair.conversation_id for pair in pairs}
        people = (
            Person(one.name, one.cookie, tuple(each for each in one.conversation_ids if each in known))
            for one in self.people[:count]
        )
        return Group(tuple(people), pairs)


@dataclass(frozen=True, slots=True)
class Room:
    """A group's conversation and everybody in it."""

    conversation_id: str
    people: tuple[Person, ...]


class Population:
    """Writes people, questions and signed-in browsers, and remembers what to insert until `store`."""

    def __init__(self, session: Session, secret_key: str) -> None:
        self._session = session
        self._at = clock.now() - timedelta(minutes=1)
        self._rows: dict[type[Base], list[dict[str, Any]]] = {}
        self._signer = SecureCookieSessionInterface().get_signing_serializer(_signing_app(secret_key))
        self._city, self._county, self._school, self._desk_id = self._plant()

    def _plant(self) -> tuple[OrgUnit, OrgUnit, OrgUnit, UUID]:
        session = self._session
        ministry = add_unit(session, None, level=Level.MINISTRY, name="教育部")
        province = add_unit(session, ministry, level=Level.PROVINCE, name="陕西省", code="610000")
        city = add_unit(session, province, level=Level.CITY, name="西安市", code="610100")
        county = add_unit(session, city, level=Level.COUNTY, name="雁塔区", code="610113")
        school = add_school(session, county, name="测量小学（生成）")
        desk = Desk(id=new_id(), unit_id=county.id, name="雁塔区服务台", created_at=self._at)
        session.add(desk)
        session.flush()
        return city, county, school, desk.id

    def pairs(self, count: int) -> Group:
        """Make people of whom each sixth is a technician with the five before them."""
        people: list[tuple[UUID, str]] = []
        pairs: list[Pair] = []
        while len(people) < count:
            place = len(people)
            people.append(self._person(Role.TECHNICIAN))
            for _ in range(min(ASKERS_EACH, count - len(people))):
                people.append(self._person(Role.REGISTRY_ADMINISTRATOR))
                conversation_id = self._question(people[-1][0], people[place][0])
                pairs.append(Pair(str(conversation_id), len(people) - 1, place))
        return self._group(people, pairs)

    def room(self, size: int) -> Room:
        """Make a county with so many technicians, and the group that all of them belong to by rule."""
        county = add_unit(self._session, self._city, level=Level.COUNTY, name=f"{size} 人区（生成）")
        people = [self._person(Role.TECHNICIAN, county) for _ in range(size)]
        conversation_id = new_id()
        self._row(Conversation, id=conversation_id, created_at=self._at, last_number=0)
        self._row(
            TalkGroup,
            conversation_id=conversation_id,
            name=f"{size} 人的群",
            created_by_id=people[0][0],
            created_at=self._at,
            unit_id=county.id,
            roles=[Role.TECHNICIAN.value],
            reach=Reach.EXACTLY,
            settled_at=self._at,
        )
        for account_id, _name in people:
            self._row(Participant, conversation_id=conversation_id, account_id=account_id, joined_at=self._at)
        rooms = (str(conversation_id),)
        return Room(rooms[0], tuple(Person(name, self._sign_in(each), rooms) for each, name in people))

    def store(self) -> None:
        """Insert everything at once."""
        for model, rows in self._rows.items():
            self._session.execute(insert(model), rows)
        self._rows.clear()

    def _group(self, people: Sequence[tuple[UUID, str]], pairs: Sequence[Pair]) -> Group:
        opened: list[list[str]] = [[] for _ in people]
        for pair in pairs:
            opened[pair.asker].append(pair.conversation_id)
            opened[pair.technician].append(pair.conversation_id)
        return Group(
            tuple(
                Person(name, self._sign_in(account_id), tuple(rooms))
                for (account_id, name), rooms in zip(people, opened, strict=True)
            ),
            tuple(pairs),
        )

    def _row(self, model: type[Base], **values: Any) -> None:
        self._rows.setdefault(model, []).append(values)

    def _person(self, role: Role, county: OrgUnit | None = None) -> tuple[UUID, str]:
        account_id, at = new_id(), self._at
        name = f"测量{len(self._rows.get(Account, ())):05d}"
        is_technician = role is Role.TECHNICIAN
        unit = (county or self._county) if is_technician else self._school
        self._row(
            Account, id=account_id, user_name=name, name=name, password_hash="-", password_changed_at=at, created_at=at
        )
        self._row(RoleAssignment, id=new_id(), account_id=account_id, unit_id=unit.id, role=role, valid_from=at)
        if is_technician:
            self._row(
                Qualification,
                id=new_id(),
                account_id=account_id,
                kind=QualificationKind.ANSWERING,
                valid_from=at,
                valid_until=at + timedelta(days=1),
                reason="测量",
            )
            self._row(DeskMember, desk_id=self._desk_id, account_id=account_id, joined_at=at)
            self._row(Duty, account_id=account_id, accepting=False, there_since=at, idle_since=at)
        return account_id, name

    def _question(self, asker_id: UUID, technician_id: UUID) -> UUID:
        at, ticket_id, conversation_id = self._at, new_id(), new_id()
        self._row(Conversation, id=conversation_id, created_at=at, last_number=0)
        for account_id in (asker_id, technician_id):
            self._row(Participant, conversation_id=conversation_id, account_id=account_id, joined_at=at)
        self._row(
            Ticket,
            id=ticket_id,
            conversation_id=conversation_id,
            requester_id=asker_id,
            client_id=str(new_id()),
            unit_id=self._school.id,
            role=Role.REGISTRY_ADMINISTRATOR.value,
            title="转学手续怎样办理",
            state=TicketState.TALKING,
            custody_desk_id=self._desk_id,
            custody_open=True,
            handler_id=technician_id,
            search_from=at,
            steps=0,
            asked_at=at,
            answered_at=at,
        )
        self._row(
            Custody,
            id=new_id(),
            ticket_id=ticket_id,
            desk_id=self._desk_id,
            reason=CustodyReason.ASKED,
            is_open=True,
            since=at,
        )
        return conversation_id

    def _sign_in(self, account_id: UUID) -> str:
        token = secrets.token_urlsafe(32)
        self._row(
            BrowserSession,
            id=new_id(),
            account_id=account_id,
            token_hash=hash_token(token),
            created_at=self._at,
            seen_at=self._at,
            expires_at=self._at + SIGNED_IN,
            browser="bench",
        )
        assert self._signer is not None
        return f"desk={self._signer.dumps({SESSION_KEY: token})}"


def _signing_app(secret_key: str) -> Flask:
    app = Flask("bench")
    app.secret_key = secret_key
    return app
