"""Pages of the directory."""

from registry_core.directory.views import bodies, code_lists, contacts, procedures, schools, uncoded, units
from registry_core.directory.views.blueprint import blueprint

__all__ = ["blueprint", "bodies", "code_lists", "contacts", "procedures", "schools", "uncoded", "units"]
