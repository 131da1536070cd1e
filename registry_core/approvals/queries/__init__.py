"""Reads of applications: who decides what, what waits for whom, and how far something has come."""
