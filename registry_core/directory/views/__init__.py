"""Pages of the directory."""

from registry_core.directory.views import bodies, units
from registry_core.directory.views.blueprint import blueprint

__all__ = ["blueprint", "bodies", "units"]
