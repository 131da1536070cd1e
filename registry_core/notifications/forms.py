"""The form of the bell."""

from __future__ import annotations

from registry_core.forms import Form


class MarkReadForm(Form):
    """A button with a token: marks every notice as read."""
