"""Who may bring and open the evidence of applications."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy.orm import Session

from registry_core.access.actors import Actor
from registry_core.approvals.policies import EVIDENCE, FOLLOW
from registry_core.approvals.queries.evidence import is_open_to


class EvidenceKeeper:
    """Answers for evidence: applicants, deciders of any step, past or open, and those who oversee, open it."""

    use = EVIDENCE

    def may_bring(self, session: Session, actor: Actor) -> bool:
        """Say yes to everybody who can have applications; for what one may apply, the feature says when it is sent."""
        del session
        return actor.may(FOLLOW)

    def may_open(self, session: Session, actor: Actor, file_id: UUID) -> bool:
        """Say whether the actor has a part now in an application to which the file is attached."""
        return actor.may(FOLLOW) and is_open_to(session, actor, file_id)
