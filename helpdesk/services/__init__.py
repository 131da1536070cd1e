"""Writes of the help desk: one function for one thing that a person or the clock can do."""
