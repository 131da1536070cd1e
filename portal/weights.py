"""Endpoints for which a right alone is not enough: a fresh proof of who acts, or a purpose that is named."""

from __future__ import annotations

# Acts of weight: approving, signing, taking data along and changing how one signs in ask for a fresh proof of who acts
# (accounts.confirm).
OF_WEIGHT = frozenset(
    {
        "accounts.letters",
        "accounts.remove_factor",
        "accounts.renew_recovery_codes",
        "accounts.set_up_factor",
        "approvals.decide",
        "approvals.decide_many",
        "audit.export_upper_looks",
        "directory.export_contacts",
        "directory.stamp_contacts",
        "people.export_lendings",
        "people.export_people",
        "records.decide_checks",
        "records.export_records",
        "undertakings.export_signers",
        "workplaces.add_range",
        "workplaces.lift",
        "workplaces.register_computer",
        "workplaces.switch_off",
    }
)

# Exports of personal data: they always name a purpose, however seldom the rule asks for one.
EXPORTS = frozenset({"directory.export_contacts", "people.export_people", "records.export_records"})
