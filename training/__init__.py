"""Courses, examinations and certificates. Empty until its own issue; the floor is reserved by the import contracts."""
