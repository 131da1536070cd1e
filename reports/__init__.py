"""Monthly reports and bulletins. Empty until its own issue; the floor is reserved by the import contracts."""
