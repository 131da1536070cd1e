"""Permission names, and who may file what."""

from __future__ import annotations

from registry_core.orgs.models import Level

READ_RULES = "rules:pack:read"
FILE_RULES = "rules:filing:file"

# Who has a level above and sends rules of its own up to it. Source: file 002, article 30; file 003, part 1.
FILING_LEVELS = frozenset({Level.PROVINCE, Level.CITY, Level.COUNTY})
