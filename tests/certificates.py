"""Certificates for those who answer in a test: without one nobody does."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy.orm import Session

from registry_core import clock
from registry_core.access.models import Qualification, QualificationKind
from registry_core.access.services import LONGEST_PROVISIONAL, Permit, qualify_provisionally


def certify(session: Session, account_id: UUID) -> Qualification:
    """Let somebody answer at every tier."""
    permit = Permit(QualificationKind.ANSWERING, "测试", clock.now() + LONGEST_PROVISIONAL)
    return qualify_provisionally(session, None, account_id, permit)
