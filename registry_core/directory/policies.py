"""Permission names of the directory."""

from __future__ import annotations

from registry_core.orgs.models import Level

SEE_UNITS = "directory:unit:see"
MANAGE_BODIES = "directory:body:manage"

DEPARTMENTS = frozenset(Level) - {Level.SCHOOL}
