"""Notices in the bell and by e-mail for people who are away."""
