"""The directory of units: the tree to browse, bodies beside it, who serves where, and school codes."""
