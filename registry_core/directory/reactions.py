"""What follows from events of the directory. Each may run twice: a notice is the mark that something was told."""

from __future__ import annotations

from sqlalchemy.orm import Session

from registry_core.access.actors import roles_with
from registry_core.directory.events import ContactsDue
from registry_core.directory.models import CollectionRound
from registry_core.directory.policies import ENTER_CONTACTS
from registry_core.directory.queries.rounds import list_those_who_fill
from registry_core.notifications.presenters import NoticeKind
from registry_core.notifications.services import notify
from registry_core.orgs.models import OrgUnit


def tell_of_contacts_due(session: Session, event: ContactsDue) -> None:
    """Tell those who may fill in the directory of a unit that it is owed."""
    under_way, unit = session.get_one(CollectionRound, event.round_id), session.get_one(OrgUnit, event.unit_id)
    if under_way.closed_at is not None:
        return
    for account_id in list_those_who_fill(session, unit, roles_with(ENTER_CONTACTS)):
        notify(
            session,
            account_id,
            kind=NoticeKind.CONTACTS_DUE,
            details={"title": under_way.title, "unit": unit.name, "due_on": under_way.due_on.isoformat()},
            url=f"/contacts?unit={unit.id}",
            source=f"ContactsDue:{under_way.id}:{unit.id}:{event.day.isoformat()}",
        )
