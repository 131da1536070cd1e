"""Pages of organisation records."""

from __future__ import annotations

from registry_core.records.views import checks, files, records, teachers
from registry_core.records.views.blueprint import blueprint

__all__ = ["blueprint", "checks", "files", "records", "teachers"]
