"""Incidents of information security on record: what happened, whom it reached, what was done about it."""
