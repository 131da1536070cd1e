"""Writes about how people get in."""
