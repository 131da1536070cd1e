"""Pages of the directory."""

from registry_core.directory.views import bodies, contacts, units
from registry_core.directory.views.blueprint import blueprint

__all__ = ["blueprint", "bodies", "contacts", "units"]
