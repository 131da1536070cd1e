"""Reads about accounts, signed-in browsers, the door and what it asks for."""

from __future__ import annotations

from registry_core.accounts.queries.door import (
    STRANGER,
    count_failures,
    find_device,
    find_pending,
    has_devices,
    list_former_passwords,
    list_own_attempts,
    list_own_sessions,
)
from registry_core.accounts.queries.dormancy import (
    last_used_at,
    list_resting,
)
from registry_core.accounts.queries.factors import (
    count_recovery_codes,
    find_factor,
    find_recovery_code,
    list_factor_kinds,
)
from registry_core.accounts.queries.resets import (
    PersonBelow,
    count_resets,
    find_unit_above,
    get_account_below,
    is_below,
    list_open_resets,
    search_people_below,
)
from registry_core.accounts.queries.signed_in import (
    SignedIn,
    find_account_by_name,
    find_all_signed_in,
    find_signed_in,
    get_account,
    hash_token,
    is_live,
    list_live_sessions,
    list_open_sessions,
)

__all__ = [
    "STRANGER",
    "PersonBelow",
    "SignedIn",
    "count_failures",
    "count_recovery_codes",
    "count_resets",
    "find_account_by_name",
    "find_all_signed_in",
    "find_device",
    "find_factor",
    "find_pending",
    "find_recovery_code",
    "find_signed_in",
    "find_unit_above",
    "get_account",
    "get_account_below",
    "has_devices",
    "hash_token",
    "is_below",
    "is_live",
    "last_used_at",
    "list_factor_kinds",
    "list_former_passwords",
    "list_live_sessions",
    "list_open_resets",
    "list_open_sessions",
    "list_own_attempts",
    "list_own_sessions",
    "list_resting",
    "search_people_below",
]
