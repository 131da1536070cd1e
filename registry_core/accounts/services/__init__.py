"""Writes about accounts: signing in and out, passwords, second factors, resets, dormancy."""

from __future__ import annotations

from registry_core.accounts.services.accounts import choose_locale, close_account, create_account, create_guest
from registry_core.accounts.services.passwords import change_password
from registry_core.accounts.services.sessions import note_seen, open_browser_session, sign_out

__all__ = [
    "change_password",
    "choose_locale",
    "close_account",
    "create_account",
    "create_guest",
    "note_seen",
    "open_browser_session",
    "sign_out",
]
