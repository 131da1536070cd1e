"""What the audit trail keeps of accounts: who did it and from where, never a password or a code."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from sqlalchemy.orm import Session

from registry_core import clock
from registry_core.access.actors import Actor, Origin
from registry_core.access.queries import load_actor
from registry_core.accounts.services.callers import Caller
from registry_core.audit.services import note
from registry_core.audit.values import Stranger, Subject


def note_own(session: Session, account_id: UUID, act: str, *, caller: Caller | None = None) -> None:
    """Note an act of somebody about their own account; at the door nobody is signed in yet, so the caller is given."""
    actor = load_actor(session, account_id, at=clock.now())
    if caller is not None:
        actor = replace(actor, origin=Origin(caller.address, caller.browser))
    note_about(session, actor, act, account_id)


def note_failure(session: Session, account_id: UUID | None, caller: Caller) -> None:
    """Note that a stranger did not get in; at a name that nobody has just as at any other, which takes as long."""
    stranger = Stranger(Origin(caller.address, caller.browser))
    note(session, stranger, "accounts.sign_in.failed", about=Subject("account", account_id))


def note_about(session: Session, actor: Actor | None, act: str, account_id: UUID) -> None:
    """Note an act about an account; without an actor the house itself has acted."""
    home = load_actor(session, account_id, at=clock.now()).home
    note(session, actor, act, about=Subject("account", account_id, unit_id=home.unit_id if home else None))
