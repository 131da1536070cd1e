"""Announcements by region and attribute. Empty until its own issue; the floor is reserved by the import contracts."""
