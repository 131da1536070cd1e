"""Pages of the door and of one's own account."""

from __future__ import annotations

from registry_core.accounts.views import account, door, factors, letters, resets
from registry_core.accounts.views.blueprint import blueprint

__all__ = ["account", "blueprint", "door", "factors", "letters", "resets"]
