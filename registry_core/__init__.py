"""Ground floor: units, people, rights, calendars, audit, and the machinery that every feature stands on."""
