"""What departments, schools and kindergartens are, and who teaches there, with the history of each field."""
