"""Every table of the house in one place, for migrations and for the test that compares them with the database."""

from __future__ import annotations

from chat import models as chat_models
from helpdesk import models as helpdesk_models
from registry_core.access import models as access_models
from registry_core.accounts import models as accounts_models
from registry_core.approvals import models as approvals_models
from registry_core.audit import models as audit_models
from registry_core.away import models as away_models
from registry_core.calendars import models as calendars_models
from registry_core.db import Base
from registry_core.directory import models as directory_models
from registry_core.files import models as files_models
from registry_core.incidents import models as incidents_models
from registry_core.notifications import models as notifications_models
from registry_core.orgs import models as orgs_models
from registry_core.people import models as people_models
from registry_core.records import models as records_models
from registry_core.rules import models as rules_models
from registry_core.undertakings import models as undertakings_models
from registry_core.workplaces import models as workplaces_models

METADATA = Base.metadata

MODULES = (
    access_models,
    accounts_models,
    approvals_models,
    audit_models,
    away_models,
    calendars_models,
    chat_models,
    directory_models,
    files_models,
    helpdesk_models,
    incidents_models,
    notifications_models,
    orgs_models,
    people_models,
    records_models,
    rules_models,
    undertakings_models,
    workplaces_models,
)
