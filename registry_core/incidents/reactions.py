"""What follows from incidents; each may run twice."""

from __future__ import annotations

from sqlalchemy.orm import Session

from registry_core.incidents.events import IncidentOpened
from registry_core.incidents.models import Incident
from registry_core.incidents.policies import HANDLE_INCIDENTS
from registry_core.incidents.queries import list_nearest_holders
from registry_core.notifications.presenters import NoticeKind
from registry_core.notifications.services import notify
from registry_core.orgs.models import OrgUnit


def tell_administrators(session: Session, event: IncidentOpened) -> None:
    """Put an incident into the bells of the administrators of its unit, else of the nearest one above."""
    incident = session.get_one(Incident, event.incident_id)
    unit = session.get_one(OrgUnit, incident.unit_id)
    besides = frozenset({one for one in (incident.caused_by_id,) if one})
    for account_id in list_nearest_holders(session, incident.unit_id, HANDLE_INCIDENTS, besides=besides):
        notify(
            session,
            account_id,
            kind=NoticeKind.INCIDENT_OPENED,
            details={"unit": unit.name, "number": incident.label},
            url=f"/incidents/{incident.id}",
            source=f"incident:{incident.id}",
        )
