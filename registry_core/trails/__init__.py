"""Looking through the audit trail: by those who answer for a part of the tree, and by each person for the own data."""
