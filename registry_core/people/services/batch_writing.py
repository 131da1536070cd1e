"""Writing the accounts of a batch: many rows with one statement, so that one short transaction holds them all.

What `open_for` does for one person is done here for thousands: account, roles, deliveries of the one-time password,
the trail of each. No password is drawn here: the worker draws each when it is sent (`credentials.draw_credentials`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import insert
from sqlalchemy.orm import Session

from registry_core import clock, outbox
from registry_core.access.actors import Actor
from registry_core.access.events import RoleGiven
from registry_core.access.models import RoleAssignment
from registry_core.accounts.models import Account
from registry_core.accounts.services.accounts import NO_PASSWORD
from registry_core.audit.services import note
from registry_core.audit.values import Change, FieldClass, Subject
from registry_core.db import new_id
from registry_core.people.events import CredentialsIssued
from registry_core.people.models import BatchAccount, Channel, CredentialDelivery, DeliveryState
from registry_core.people.queries.names import wish_user_name
from registry_core.people.queries.openings import choose_user_names
from registry_core.people.services.batch_checks import NewPerson
from registry_core.people.services.credentials import NO_ADDRESS

SENT_AT_ONCE = 50
SENT_EVERY = timedelta(seconds=5)
"""Ten passwords a second at most: mail servers and carriers of short messages turn away who sends more at once."""


def write_people(
    session: Session, actor: Actor, batch_id: UUID, people: Sequence[NewPerson], *, done: Callable[[int], None]
) -> None:
    """Open an account for everybody, and call `done` with how many there are so far."""
    now = clock.now()
    names = _name(session, people)
    turns = -(-len(people) // SENT_AT_ONCE)
    for turn, start in enumerate(range(0, len(people), SENT_AT_ONCE)):
        part = people[start : start + SENT_AT_ONCE]
        written = _Part(session, actor, batch_id, now)
        given = [written.take(person, names[person.row]) for person in part]
        written.write()
        sent_at = now + turn * SENT_EVERY
        outbox.record_all(session, [CredentialsIssued(issue_id) for issue_id, _roles in given], at=sent_at)
        # Nobody waits for these: they come when everybody has got their password.
        told_at = sent_at + turns * SENT_EVERY
        outbox.record_all(session, [RoleGiven(role) for _issue, roles in given for role in roles], at=told_at)
        done(start + len(part))


def _name(session: Session, people: Sequence[NewPerson]) -> dict[int, str]:
    """Choose the user name of everybody who brings none, by the row of each."""
    chosen = {person.row: person.user_name for person in people if person.user_name}
    unnamed = [person for person in people if not person.user_name]
    stems = [wish_user_name(name=one.name, mobile=one.mobile, email=one.email) for one in unnamed]
    besides = {name.lower() for name in chosen.values()}
    found = choose_user_names(session, stems, besides=besides)
    return chosen | {one.row: name for one, name in zip(unnamed, found, strict=True)}


class _Part:
    """The rows of some people, gathered and then written table by table."""

    def __init__(self, session: Session, actor: Actor, batch_id: UUID, now: datetime) -> None:
        self._session = session
        self._actor = actor
        self._batch_id = batch_id
        self._now = now
        self._rows: dict[type[Any], list[dict[str, Any]]] = {
            Account: [],
            BatchAccount: [],
            RoleAssignment: [],
            CredentialDelivery: [],
        }

    def take(self, person: NewPerson, user_name: str) -> tuple[UUID, list[UUID]]:
        """Gather the rows of a person; return the issue of the password, and the roles given."""
        account_id, issue_id = new_id(), new_id()
        self._rows[Account].append(
            {
                "id": account_id,
                "user_name": user_name,
                "name": person.name,
                "mobile": person.mobile or None,
                "email": person.email or None,
                "password_hash": NO_PASSWORD,
                "password_changed_at": self._now,
                "must_change_password": True,
                "created_at": self._now,
            }
        )
        self._rows[BatchAccount].append({"account_id": account_id, "batch_id": self._batch_id})
        roles = self._give(account_id, person)
        unit_id = person.posts[0].unit.id
        note(self._session, self._actor, "people.account.opened", about=Subject("account", account_id, unit_id))
        self._deliver(account_id, issue_id, unit_id, person)
        note(self._session, self._actor, "people.credentials.issued", about=Subject("account", account_id, unit_id))
        return issue_id, roles

    def write(self) -> None:
        """Write what was gathered."""
        for table, rows in self._rows.items():
            self._session.execute(insert(table), rows)

    def _give(self, account_id: UUID, person: NewPerson) -> list[UUID]:
        roles = []
        for post in person.posts:
            role_id = new_id()
            self._rows[RoleAssignment].append(
                {
                    "id": role_id,
                    "account_id": account_id,
                    "unit_id": post.unit.id,
                    "role": post.role,
                    "narrowed_to": post.narrowed_to or None,
                    "valid_from": post.valid_from(self._now),
                    "valid_until": post.valid_until,
                    "granted_by_id": self._actor.account_id,
                }
            )
            note(
                self._session,
                self._actor,
                "access.role.given",
                about=Subject("account", account_id, post.unit.id),
                changes={"role": Change(None, post.role.value, FieldClass.INTERNAL)},
            )
            roles.append(role_id)
        return roles

    def _deliver(self, account_id: UUID, issue_id: UUID, unit_id: UUID, person: NewPerson) -> None:
        for channel, address in ((Channel.EMAIL, person.email), (Channel.SMS, person.mobile)):
            self._rows[CredentialDelivery].append(
                {
                    "id": new_id(),
                    "issue_id": issue_id,
                    "account_id": account_id,
                    "unit_id": unit_id,
                    "channel": channel,
                    "address": address,
                    "caused_by_id": self._actor.account_id,
                    "created_at": self._now,
                    "state": DeliveryState.WAITING if address else DeliveryState.FAILED,
                    "reason": None if address else NO_ADDRESS,
                    "ended_at": None if address else self._now,
                }
            )
