"""Accounts, sign-in and the sessions of a signed-in browser."""
