"""Writing a line of a unit's history, and noting the act."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.orm import Session

from registry_core import audit, clock
from registry_core.access.actors import Actor
from registry_core.audit import Change, FieldClass, Subject
from registry_core.directory.models import ChangeKind, UnitChange
from registry_core.orgs import queries as orgs
from registry_core.orgs.models import OrgUnit


@dataclass(frozen=True, slots=True)
class Cause:
    """Why something becomes of a unit: in words, or by a list from above; `paper` is the number of a paper decision."""

    reason: str = ""
    list_id: UUID | None = None
    paper: str = ""

    @property
    def told(self) -> str:
        """What stays in the history: the number of the paper, then the words."""
        return f"{self.paper}：{self.reason}" if self.paper else self.reason


@dataclass(frozen=True, slots=True)
class Happening:
    """What became of a unit: before, after, and the other unit concerned."""

    kind: ChangeKind
    before: str = ""
    after: str = ""
    other_id: UUID | None = None


def line(actor: Actor, unit_id: UUID, happening: Happening, cause: Cause) -> UnitChange:
    """Make a line of a unit's history."""
    return UnitChange(
        unit_id=unit_id,
        kind=happening.kind,
        on=orgs.today(),
        before=happening.before,
        after=happening.after,
        other_unit_id=happening.other_id,
        reason=cause.told,
        list_id=cause.list_id,
        done_by_id=actor.account_id,
        done_at=clock.now(),
    )


def write(session: Session, actor: Actor, unit: OrgUnit, happening: Happening, cause: Cause) -> None:
    """Put on record what became of a unit today, in its history and in the audit trail."""
    session.add(line(actor, unit.id, happening, cause))
    session.flush()
    changes = {happening.kind.value: Change(happening.before or None, happening.after or None, FieldClass.PUBLIC)}
    about = Subject("unit", unit.id, unit.id, unit.name)
    audit.note(session, actor, "directory.unit.changed", about=about, changes=changes)
