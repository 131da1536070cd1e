"""Pages of the messenger."""

from __future__ import annotations

from chat.views import conversations, groups, numbers, recalls, search, stars
from chat.views.blueprint import blueprint

__all__ = ["blueprint", "conversations", "groups", "numbers", "recalls", "search", "stars"]
