"""What follows for a school from an approval: it bears a code, goes over into another school, ceases to exist."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from registry_core.access.actors import Actor
from registry_core.approvals.effects import Approved, Asked, Effect
from registry_core.approvals.models import Application
from registry_core.approvals.paths import Facts
from registry_core.directory.queries import procedures
from registry_core.directory.school_codes import CLASSES
from registry_core.directory.services import schools
from registry_core.directory.services.history import Cause
from registry_core.orgs import services as tree
from registry_core.orgs.models import OrgUnit

CODE_LENGTH = 10


class CodeEffect:
    """The deciding body names the code, and the school bears it from that day on."""

    procedure = procedures.CODE

    def tell(self, session: Session, application: Application, facts: Facts) -> Sequence[tuple[str, str]]:
        """Say for which class of school, and why."""
        del session, application
        school_class = str(facts["class"])
        named = f"{school_class} {CLASSES.get(school_class, school_class)}"
        return ((_("办学类型"), named), (_("依据"), str(facts["reason"])))

    def ask(self, session: Session, application: Application, facts: Facts) -> Sequence[Asked]:
        """Ask for the code."""
        school = session.get_one(OrgUnit, application.unit_id)
        province = schools.find_province_code(session, school)
        begins = f"{facts['class']}{province[:2] if province else ''}"
        told = _(
            "同意时填写：10 位数字，按申请的办学类型应以 %(begins)s 开头。系统核对类型、省份和是否重复。", begins=begins
        )
        return (Asked("code", _("核发的学校标识码"), told, CODE_LENGTH),)

    def carry_out(self, session: Session, actor: Actor, approved: Approved) -> None:
        """Let the school bear the code.

        Raises SchoolIsClosed, CodeNotRight, CodeTaken, CodePeriodTaken.
        """
        school = schools.hold(session, _school_of(session, approved))
        schools.let_bear(session, actor, school, code=approved.answers["code"], cause=_cause_of(approved))


class MergeEffect:
    """The school goes over into the other one."""

    procedure = procedures.MERGE

    def tell(self, session: Session, application: Application, facts: Facts) -> Sequence[tuple[str, str]]:
        """Say into which school, what becomes of the place, and why."""
        del application
        into = session.get_one(OrgUnit, UUID(str(facts["into"])))
        place = _("改为教学点") if facts["stays_as_point"] else _("不再办学")
        return ((_("并入"), into.name), (_("原校址"), place), (_("依据"), str(facts["reason"])))

    def ask(self, session: Session, application: Application, facts: Facts) -> Sequence[Asked]:
        """Ask for nothing."""
        del session, application, facts
        return ()

    def carry_out(self, session: Session, actor: Actor, approved: Approved) -> None:
        """Let the school go over.

        Raises SchoolIsClosed, MergedIntoItself, CentreDoesNotFit.
        """
        tree.lock_tree(session)
        school = schools.hold(session, _school_of(session, approved))
        into = session.get_one(OrgUnit, UUID(str(approved.facts["into"])), populate_existing=True)
        stays = approved.facts["stays_as_point"] is True
        schools.let_merge(session, actor, school, schools.Merger(into, _cause_of(approved), stays_as_point=stays))


class CloseEffect:
    """The school ceases to exist."""

    procedure = procedures.CLOSE

    def tell(self, session: Session, application: Application, facts: Facts) -> Sequence[tuple[str, str]]:
        """Say why."""
        del session, application
        return ((_("依据"), str(facts["reason"])),)

    def ask(self, session: Session, application: Application, facts: Facts) -> Sequence[Asked]:
        """Ask for nothing."""
        del session, application, facts
        return ()

    def carry_out(self, session: Session, actor: Actor, approved: Approved) -> None:
        """Let the school close.

        Raises SchoolIsClosed, SchoolHasTeachingPoints.
        """
        tree.lock_tree(session)
        school = schools.hold(session, _school_of(session, approved))
        schools.let_close(session, actor, school, cause=_cause_of(approved))


EFFECTS: tuple[Effect, ...] = (CodeEffect(), MergeEffect(), CloseEffect())


def _school_of(session: Session, approved: Approved) -> OrgUnit:
    return session.get_one(OrgUnit, approved.application.subject_id)


def _cause_of(approved: Approved) -> Cause:
    return Cause(str(approved.facts["reason"])[:200])
