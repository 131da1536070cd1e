"""People and procedures to approve with, beside the cast."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from registry_core import clock
from registry_core.access.actors import Actor
from registry_core.access.models import Role, RoleAssignment
from registry_core.access.queries import load_actor
from registry_core.accounts.models import Account
from registry_core.approvals import services
from registry_core.approvals.models import Application, DecisionKind, Step
from registry_core.approvals.services import Content, Verdict
from registry_core.db import new_id
from registry_core.orgs.models import OrgUnit
from registry_core.rules.queries import Rule
from registry_core.rules.topics import ProcedureSpec, StepSpec

SCHOOL = "西安市雁塔区第一小学（演示）"
CLOSED = "!"  # no password opens it


@dataclass(frozen=True, slots=True)
class Pupil:
    """Something to apply about."""

    unit_id: UUID
    id: UUID
    kind: str = "pupil"
    label: str = "一份学籍"


def make_person(session: Session, unit: OrgUnit, role: Role | None, *, name: str = "某人") -> UUID:
    """An account with a role at a unit."""
    account_id = new_id()
    account = Account(
        id=account_id,
        user_name=f"p{account_id.hex[-20:]}",
        name=name,
        password_hash=CLOSED,
        password_changed_at=clock.now(),
        created_at=clock.now(),
    )
    session.add(account)
    session.flush()
    if role is not None:
        session.add(RoleAssignment(account_id=account_id, unit_id=unit.id, role=role, valid_from=clock.now()))
        session.flush()
    return account_id


def actor_of(session: Session, account_id: UUID) -> Actor:
    """Somebody as an actor, with the roles held now."""
    return load_actor(session, account_id, at=clock.now())


def make_step(code: str, role: Role, at: str, **more: Any) -> StepSpec:
    """A step of three working days."""
    return StepSpec(
        **{"code": code, "name_zh": code, "name_en": code, "role": role, "at": at, "working_days": 3, **more}
    )


def make_rule(steps: Sequence[StepSpec], *, owner_id: UUID, **more: Any) -> Rule:
    """A procedure about pupils, as a rule of a pack."""
    fields = {"code": "key_change", "name_zh": "关键信息变更", "name_en": "Change of key data", "subject": "pupil"}
    spec = ProcedureSpec(**{**fields, "steps": tuple(steps), **more})
    return Rule(
        topic="procedure.key_change",
        value=spec,
        pack_code="shaanxi_2014",
        pack_name="陕西",
        owner_unit_id=owner_id,
        owner_name="陕西省",
        clause="附件1 二",
        source="来源",
        note="",
        is_house_default=False,
        valid_from=date(2014, 8, 18),
        valid_until=None,
    )


def submit(session: Session, actor: Actor, unit: OrgUnit, rule: Rule, content: Content | None = None) -> Application:
    """Apply about a new pupil of a unit."""
    return services.submit_application(
        session, actor, Pupil(unit.id, new_id()), rule=rule, content=content or Content()
    )


def open_step(session: Session, application: Application) -> Step:
    """The step that waits."""
    assert application.open_step_id is not None
    return session.get_one(Step, application.open_step_id, populate_existing=True)


def steps_of(session: Session, application: Application) -> list[Step]:
    """The steps that were reached."""
    query = select(Step).where(Step.application_id == application.id).order_by(Step.round, Step.position)
    return list(session.scalars(query))


APPROVE = Verdict(DecisionKind.APPROVE)
RETURN = Verdict(DecisionKind.RETURN, "请补正户口簿复印件。")
REJECT = Verdict(DecisionKind.REJECT, "不符合条件。")
