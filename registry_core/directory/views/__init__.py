"""Pages of the directory."""

from registry_core.directory.views import bodies, contacts, schools, units
from registry_core.directory.views.blueprint import blueprint

__all__ = ["blueprint", "bodies", "contacts", "schools", "units"]
