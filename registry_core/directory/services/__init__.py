"""Changes to the directory."""
