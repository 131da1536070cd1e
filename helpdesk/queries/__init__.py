"""Reads of the help desk, each limited to what the actor reaches."""
