"""The workbench, health for supervisors, and the living page."""
