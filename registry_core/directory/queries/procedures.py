"""The procedures that hold for a school, and until when schools without a code have applied for one."""

from __future__ import annotations

from sqlalchemy.orm import Session

from registry_core.approvals.paths import STAGE, Fact
from registry_core.orgs.models import CodeScheme, Level, OrgUnit
from registry_core.orgs.queries import find_code, today
from registry_core.rules.errors import RuleMissing
from registry_core.rules.queries import Rule, find_rule

CODE, MERGE, CLOSE = "school_code", "school_merge", "school_close"
SUBJECT = "school"
_STAGES = {"11": "kindergarten", "21": "primary", "31": "junior", "34": "senior", "36": "vocational"}


def find_procedure(session: Session, school: OrgUnit, code: str) -> Rule | None:
    """Find the procedure by which something becomes of a school; None where no pack carries it."""
    return _find(session, school, f"procedure.{code}")


def find_due(session: Session, school: OrgUnit) -> Rule | None:
    """Find the rule about the day until which codes have been applied for; only some packs have one."""
    return _find(session, school, "school_codes")


def facts_of(session: Session, school: OrgUnit, school_class: str = "") -> dict[str, Fact]:
    """Say of a school what a step of a procedure may depend on; the class is the code's unless one is named."""
    held = school_class or (find_code(session, school.id, CodeScheme.SCHOOL_CODE) or "")[:2]
    return {
        STAGE: _STAGES.get(held, ""),
        "crosses_city": False,
        "not_run_by_city": school.parent_level is not Level.CITY,
    }


def _find(session: Session, school: OrgUnit, topic: str) -> Rule | None:
    try:
        return find_rule(session, school, topic, on=today())
    except RuleMissing:
        return None
