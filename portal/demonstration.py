"""The demonstration cast: invented people, marked 演示, at real units. Tests know the same people by name.

One registry administrator for each level, one technician for each tier (two at the county), a desk lead, a super
administrator for each kind of unit, leaders, a system administrator, an ordinary and a read-only user, neighbours in
the next county and the next province, and a pupil without any role.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from helpdesk.models import Desk, DeskMember, Duty
from registry_core import clock
from registry_core.access.models import QualificationKind, Role
from registry_core.access.queries import load_actor
from registry_core.access.roles import DEFINITIONS
from registry_core.access.services import LONGEST_PROVISIONAL, Permit, grant_role, qualify_provisionally
from registry_core.accounts.models import Account
from registry_core.accounts.passwords import hash_password
from registry_core.orgs.models import CodeScheme, OrgUnit
from registry_core.orgs.queries import find_ministry, find_unit_by_code
from registry_core.orgs.services import add_school
from registry_core.undertakings import queries as undertakings
from registry_core.undertakings.policies import PURPOSES, hash_text
from registry_core.undertakings.services import sign, state_purpose

PASSWORD = "xueji-yanshi-2026"  # noqa: S105 - invented people only; production accounts never get it
MINISTRY = "000000"


@dataclass(frozen=True, slots=True)
class DemonstrationPerson:
    """Somebody invented who can sign in."""

    user_name: str
    name: str
    role_label: str
    unit_name: str
    password: str = PASSWORD


@dataclass(frozen=True, slots=True)
class Part:
    """A part in the cast: who, at which unit (a division code or a school's name), in which role."""

    user_name: str
    name: str
    unit: str
    role: Role | None


SCHOOLS = {
    "西安市雁塔区第一小学（演示）": "610113",
    "西安市雁塔区第二小学（演示）": "610113",
    "西安市碑林区实验小学（演示）": "610103",
    "武汉市武昌区实验小学（演示）": "420106",
}

DESKS = (MINISTRY, "610000", "610100", "610113", "610103", "420000", "420106")

CAST = (
    Part("xuexiao_xueji", "李晓芸（演示）", "西安市雁塔区第一小学（演示）", Role.REGISTRY_ADMINISTRATOR),
    Part("xuexiao2_xueji", "周立群（演示）", "西安市雁塔区第二小学（演示）", Role.REGISTRY_ADMINISTRATOR),
    Part("xian_xueji", "何文静（演示）", "610113", Role.REGISTRY_ADMINISTRATOR),
    Part("xian_jishu", "张国强（演示）", "610113", Role.TECHNICIAN),
    Part("xian_jishu2", "刘思雨（演示）", "610113", Role.TECHNICIAN),
    Part("xian_zhuguan", "马建国（演示）", "610113", Role.DESK_LEAD),
    Part("shi_xueji", "孙丽华（演示）", "610100", Role.REGISTRY_ADMINISTRATOR),
    Part("shi_jishu", "陈志远（演示）", "610100", Role.TECHNICIAN),
    Part("shi_guanli", "康明远（演示）", "610100", Role.SUPER_ADMINISTRATOR),
    Part("sheng_xueji", "高雅琴（演示）", "610000", Role.REGISTRY_ADMINISTRATOR),
    Part("sheng_jishu", "赵明辉（演示）", "610000", Role.TECHNICIAN),
    Part("sheng_guanli", "吴海燕（演示）", "610000", Role.SUPER_ADMINISTRATOR),
    Part("bu_xueji", "林若溪（演示）", MINISTRY, Role.REGISTRY_ADMINISTRATOR),
    Part("bu_jishu", "郑一鸣（演示）", MINISTRY, Role.TECHNICIAN),
    Part("bu_guanli", "黄承志（演示）", MINISTRY, Role.SUPER_ADMINISTRATOR),
    Part("linqu_xueji", "冯春梅（演示）", "西安市碑林区实验小学（演示）", Role.REGISTRY_ADMINISTRATOR),
    Part("linqu_jishu", "曹志刚（演示）", "610103", Role.TECHNICIAN),
    Part("linsheng_xueji", "谢雨桐（演示）", "武汉市武昌区实验小学（演示）", Role.REGISTRY_ADMINISTRATOR),
    Part("linsheng_jishu", "邓子涵（演示）", "420000", Role.TECHNICIAN),
    Part("xuexiao_guanli", "田秀英（演示）", "西安市雁塔区第二小学（演示）", Role.SUPER_ADMINISTRATOR),
    Part("xuexiao_lingdao", "秦怀远（演示）", "西安市雁塔区第二小学（演示）", Role.REGISTRY_LEADER),
    Part("xuexiao_xitong", "罗永强（演示）", "西安市雁塔区第二小学（演示）", Role.SYSTEM_ADMINISTRATOR),
    Part("xuexiao_putong", "姜若兰（演示）", "西安市雁塔区第二小学（演示）", Role.ORDINARY_USER),
    Part("xian_guanli", "白文博（演示）", "610113", Role.SUPER_ADMINISTRATOR),
    Part("xian_lingdao", "石青山（演示）", "610113", Role.REGISTRY_LEADER),
    Part("xian_chaxun", "方晓敏（演示）", "610113", Role.READ_ONLY_USER),
    Part("linsheng_guanli", "夏志宏（演示）", "420000", Role.SUPER_ADMINISTRATOR),
    Part("xuesheng", "许小满（演示）", "西安市雁塔区第一小学（演示）", None),
)


def role_label(role: Role | None) -> str:
    """Name a role in the reader's language."""
    if role is None:
        return _("学生")
    return str(DEFINITIONS[role].name)


def load_cast(session: Session) -> list[DemonstrationPerson]:
    """Load the cast, with its schools and desks, into a tree that has the divisions; what is there already stays."""
    units = {code: _division(session, code) for code in {*DESKS, *SCHOOLS.values()}}
    for name, code in SCHOOLS.items():
        units[name] = _school(session, units[code], name)
    for code in DESKS:
        _desk(session, units[code])
    for part in CAST:
        _person(session, part, units[part.unit])
    return [
        DemonstrationPerson(part.user_name, part.name, role_label(part.role), units[part.unit].name) for part in CAST
    ]


def sign_beforehand(session: Session) -> None:
    """Let the cast sign the undertaking that holds where they work and name a purpose for today, as rows like any.

    The packs have to be loaded; without them nobody is asked anything. Tomorrow they are asked for a purpose again.
    """
    for account in session.scalars(select(Account).where(Account.is_demonstration)).all():
        actor = load_actor(session, account.id, at=clock.now())
        due = undertakings.find_due(session, actor)
        if due is not None:
            sign(session, actor, text_hash=hash_text(due.value))
        purposes = undertakings.find_rule_for(session, actor, PURPOSES)
        if purposes is not None and undertakings.find_statement(session, actor, purposes) is None:
            state_purpose(session, actor, code=undertakings.list_open_purposes(actor, purposes)[0].code)


@cache
def _hash_once() -> str:
    return hash_password(PASSWORD)


def _division(session: Session, code: str) -> OrgUnit:
    unit = find_ministry(session) if code == MINISTRY else find_unit_by_code(session, CodeScheme.GBT2260, code)
    if unit is None:
        raise LookupError(_("行政区划 %(code)s 还没有载入，请先运行 ./desk db load-regions。", code=code))
    return unit


def _school(session: Session, county: OrgUnit, name: str) -> OrgUnit:
    found = session.scalar(select(OrgUnit).where(OrgUnit.parent_id == county.id, OrgUnit.name == name))
    return found or add_school(session, county, name=name)


def _desk(session: Session, unit: OrgUnit) -> None:
    if session.scalar(select(Desk.id).where(Desk.unit_id == unit.id)) is None:
        session.add(Desk(unit_id=unit.id, name=_("%(unit)s学籍服务台", unit=unit.name), created_at=clock.now()))
        session.flush()


def _person(session: Session, part: Part, unit: OrgUnit) -> None:
    if session.scalar(select(Account.id).where(Account.user_name == part.user_name)) is not None:
        return
    now = clock.now()
    account = Account(
        user_name=part.user_name,
        name=part.name,
        email=f"{part.user_name}@demo.invalid",
        mobile="13800000000",
        password_hash=_hash_once(),
        password_changed_at=now,
        created_at=now,
        is_demonstration=True,
    )
    session.add(account)
    session.flush()
    if part.role is None:
        return
    grant_role(session, account_id=account.id, unit_id=unit.id, role=part.role)
    if part.role in (Role.TECHNICIAN, Role.DESK_LEAD):
        _member(session, account.id, unit.id)
        _qualify(session, account.id)


def _qualify(session: Session, account_id: UUID) -> None:
    until = clock.now() + LONGEST_PROVISIONAL
    permit = Permit(QualificationKind.ANSWERING, _("演示人员，未经考核"), until)
    qualify_provisionally(session, None, account_id, permit)


def _member(session: Session, account_id: UUID, unit_id: UUID) -> None:
    desk_id = session.scalars(select(Desk.id).where(Desk.unit_id == unit_id)).one()
    now = clock.now()
    session.add(DeskMember(desk_id=desk_id, account_id=account_id, joined_at=now))
    session.add(Duty(account_id=account_id, accepting=False, capacity=5, there_since=now, idle_since=now))
    session.flush()
