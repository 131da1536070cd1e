"""Working days of the country, deadlines counted in them, and opening hours counted in minutes."""
