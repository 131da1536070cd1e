"""Reads of the directory, each limited to what the actor reaches."""
