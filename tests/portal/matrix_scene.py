"""The scene of the access matrix: three places, and a question in each state at each of them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from chat.models import MisplacedReport
from chat.presence import Presence
from chat.services import groups, members, post_message, recalls
from helpdesk.models import Desk, Offer, OfferState, Ticket, TicketState
from helpdesk.services import answering, asking
from helpdesk.services.asking import Question
from registry_core import clock
from registry_core.access.actors import Actor
from registry_core.access.models import Delegation, Role
from registry_core.access.queries import list_held, list_qualifications
from registry_core.db import new_id
from registry_core.directory.models import CodeList, CollectionRound, DirectoryEntry, Post
from registry_core.orgs.models import BodyKind, OrgUnit, Seat
from registry_core.orgs.queries import today
from registry_core.orgs.services import add_body, seat_member
from registry_core.people.models import AdministratorReport, Channel, Registration, RegistrationState, ReportState
from registry_core.people.services.batches import check_batch
from registry_core.records import services as records
from registry_core.records.columns import UNIT_COLUMN
from registry_core.records.models import EnteredChange, Entity, EntryAct
from registry_core.sheets import read_table, write_csv
from registry_core.workplaces.models import RegisteredComputer, RegisteredRange
from tests.conftest import Cast
from tests.registry_core.approvals.worlds import make_rule, make_step, submit


@dataclass(frozen=True, slots=True)
class Place:
    """Where a question was asked: by whom, and who answers at its desk."""

    name: str
    asker: str
    technician: str
    desk_unit: str


# The cast's own county, the county beside it, and a county of the neighbouring province.
PLACES = (
    Place("own", "xuexiao_xueji", "xian_jishu", "雁塔区"),
    Place("sibling", "linqu_xueji", "linqu_jishu", "碑林区"),
    Place("neighbour", "linsheng_xueji", "linsheng_jishu", "湖北省"),
)


@dataclass(frozen=True, slots=True)
class WaysIn:
    """Who waits to get in at a place: reported, registered, or lent a role."""

    report_id: UUID
    registration_id: UUID
    delegation_id: UUID
    assignment_id: UUID
    """The role of who asks there."""
    batch_id: UUID
    """A sheet of new accounts that the same person has had checked."""


@dataclass(frozen=True, slots=True)
class Listed:
    """What the directory has of a place: a body with a member, an entry, a collection round, a list of codes."""

    body_id: UUID
    member_id: UUID
    entry_id: UUID
    round_id: UUID
    list_id: UUID


@dataclass(frozen=True, slots=True)
class Workplace:
    """A computer and addresses that the school of a place has registered."""

    computer_id: UUID
    range_id: UUID


@dataclass(frozen=True, slots=True)
class Misplaced:
    """What was said at a place and should not have been: recalled with an incident, and reported."""

    message_id: UUID
    incident_id: UUID
    report_id: UUID


@dataclass(frozen=True, slots=True)
class Things:
    """What stands at one place: a question that is talked about, one that waits, one answered, one ringing."""

    talking: Ticket
    waiting: Ticket
    resolved: Ticket
    offer_id: UUID
    desk_id: UUID
    asker_id: UUID
    school_id: UUID
    teacher_id: UUID
    import_id: UUID
    ways_in: WaysIn
    listed: Listed
    permit_id: UUID
    workplace: Workplace
    group_id: UUID
    misplaced: Misplaced
    application_id: UUID | None = None
    step_id: UUID | None = None
    change_id: UUID | None = None


def build(session: Session, presence: Presence, cast: Cast, place: Place) -> Things:
    """Let the asker of a place ask four times, with nobody connected, and its technician deal with them."""
    technician = cast.actor(place.technician)
    talking, waiting, resolved, ringing = (ask(session, presence, cast, place) for _question in range(4))
    desk_id = session.scalars(select(Desk.id).where(Desk.unit_id == cast.unit(place.desk_unit).id)).one()
    for ticket in (talking, resolved):
        rung = ring(session, ticket, technician.account_id, desk_id)
        answering.accept_offer(session, technician, rung.id)
    answering.resolve_ticket(session, technician, resolved.id, resolution="请按第三条办理。")
    offer = ring(session, ringing, technician.account_id, desk_id)
    school_id, teacher_id, import_id = keep_records(session, cast.actor(place.asker))
    asker_id = cast.id(place.asker)
    ways_in = let_wait(session, cast.actor(place.asker), technician.account_id)
    listed = keep_directory(session, cast.unit(place.desk_unit), asker_id)
    permit_id = list_qualifications(session, [technician.account_id])[0].id
    workplace = register_places(session, school_id, asker_id)
    group_id = groups.make_group(session, technician, name="本县学籍")
    members.add_member(session, technician, group_id, asker_id)
    misplaced = misplace(session, cast.actor(place.asker), technician, group_id)
    kept = (school_id, teacher_id, import_id, ways_in, listed, permit_id, workplace, group_id, misplaced)
    change_id = enter_change(session, cast.actor(place.asker), teacher_id)
    return Things(talking, waiting, resolved, offer.id, desk_id, asker_id, *kept, change_id=change_id)


def misplace(session: Session, sender: Actor, reader: Actor, group_id: UUID) -> Misplaced:
    """Let somebody send two messages to the wrong group: one is recalled, a reader reports the other."""
    first, _new = post_message(session, sender, group_id, client_id="misplaced", body="三年级名单")
    second, _new = post_message(session, sender, group_id, client_id="reported", body="四年级名单")
    recalling = recalls.Recalling("发错了群", has_personal=True)
    recalled = recalls.recall_message(session, sender, group_id, first.number, recalling)
    recalls.report_message(session, reader, group_id, second.number, reason="不该发在这里")
    report_id = session.scalars(select(MisplacedReport.id).where(MisplacedReport.message_id == second.id)).one()
    assert recalled.incident_id
    return Misplaced(first.id, recalled.incident_id, report_id)


def register_places(session: Session, unit_id: UUID, by: UUID) -> Workplace:
    """Register a computer and addresses of a school; its registry business stays unlimited."""
    made = {"unit_id": unit_id, "registered_at": clock.now(), "registered_by_id": by}
    computer = RegisteredComputer(name="教导处一号机", room="", token_hash=str(unit_id), browser="", **made)
    addresses = RegisteredRange(name="教学楼", network="61.150.42.0/24", **made)
    session.add_all([computer, addresses])
    session.flush()
    return Workplace(computer.id, addresses.id)


def keep_directory(session: Session, unit: OrgUnit, by: UUID) -> Listed:
    """Put into the directory what a department keeps there."""
    body = add_body(session, unit, kind=BodyKind.SERVICE_CENTRE, name="学籍服务中心")
    member = seat_member(session, body, seat=Seat.MEMBER, name="秦岭")
    entry = DirectoryEntry(
        unit_id=unit.id,
        post=Post.TECHNICIAN,
        name="秦岭",
        office="",
        phone="029-88888888",
        email="",
        duties="",
        since=today(),
        entered_by_id=by,
    )
    due_on = today() + timedelta(days=9)
    under_way = CollectionRound(
        unit_id=unit.id, title="收集", clause="", due_on=due_on, opened_at=clock.now(), opened_by_id=by
    )
    codes = CodeList(unit_id=unit.id, file_name="代码.csv", rows=[], checked_by_id=by, checked_at=clock.now())
    session.add_all([entry, under_way, codes])
    session.flush()
    return Listed(body.id, member.id, entry.id, under_way.id, codes.id)


def let_wait(session: Session, officer: Actor, borrower_id: UUID) -> WaysIn:
    """Let people wait to get in at the officer's school, and the officer ask to lend the own role."""
    assert officer.home
    now, unit_id = clock.now(), officer.home.unit_id
    report = AdministratorReport(
        unit_id=unit_id,
        name="秦岭",
        mobile="13912345678",
        email="qinling@example.cn",
        reported_by_id=officer.account_id,
        reported_at=now,
        state=ReportState.OPEN,
    )
    registration = Registration(
        unit_id=unit_id,
        name="秦岭",
        channel=Channel.SMS,
        address="13912345678",
        wish="五年级班主任",
        created_at=now,
        expires_at=now,
        confirmed_at=now,
        state=RegistrationState.OPEN,
    )
    held, _unit = list_held(session, officer.account_id)[0]
    loan = Delegation(
        assignment_id=held.id,
        lender_id=officer.account_id,
        borrower_id=borrower_id,
        purpose="外出培训",
        valid_from=now,
        valid_until=now + timedelta(days=7),
        asked_at=now,
    )
    session.add_all([report, registration, loan])
    session.flush()
    sheet = read_table(write_csv(["姓名", "手机号", "角色"], [["钱二", "13712345678", "普通用户"]]))
    batch = check_batch(session, officer, sheet, file_name="名单.csv")
    return WaysIn(report.id, registration.id, loan.id, held.id, batch.id)


def with_application(session: Session, officer: Actor, things: Things) -> Things:
    """Let an officer apply for something that the county decides; the rules have to be there."""
    assert officer.home
    school = session.get_one(OrgUnit, officer.home.unit_id)
    rule = make_rule([make_step("county", Role.REGISTRY_ADMINISTRATOR, "county")], owner_id=school.id)
    application = submit(session, officer, school, rule)
    return replace(things, application_id=application.id, step_id=application.open_step_id)


def keep_records(session: Session, officer: Actor) -> tuple[UUID, UUID, UUID]:
    """Put a teacher of the officer's school on record, and have a file checked."""
    assert officer.home
    school_id = officer.home.unit_id
    teacher = records.add_teacher(session, officer, school_id, Entity.SCHOOL_TEACHER, {"name": "赵一（演示）"})
    table = read_table(write_csv([UNIT_COLUMN, "联系电话"], [[str(school_id), "029-88888888"]]))
    checked = records.check_import(session, officer, Entity.SCHOOL, table, file_name="学校.csv")
    return school_id, teacher.record.id, checked.id


def enter_change(session: Session, officer: Actor, record_id: UUID) -> UUID:
    """Let a change that the officer has entered wait for the check of the department above.

    Where a pack governs the record already, adding the teacher is such a change.
    """
    waiting = session.scalar(select(EnteredChange.id).where(EnteredChange.record_id == record_id))
    if waiting is not None:
        return waiting
    assert officer.home
    school = session.get_one(OrgUnit, officer.home.unit_id)
    assert school.parent_id
    change = EnteredChange(
        record_id=record_id,
        unit_id=school.id,
        act=EntryAct.SAVE,
        old={"name": "赵一（演示）"},
        new={"name": "赵壹（演示）"},
        version=2,
        revision=0,
        entered_by_id=officer.account_id,
        pack_name="演示",
        clause="演示",
    )
    change.wait_at(school.parent_id, Role.REGISTRY_ADMINISTRATOR, named_unit_id=school.id)
    change.send(clock.now())
    session.add(change)
    session.flush()
    return change.id


def ask(session: Session, presence: Presence, cast: Cast, place: Place) -> Ticket:
    """Ask a question at a place."""
    question = Question("学籍转学怎么办？", str(new_id()))
    return asking.ask_question(session, presence, cast.actor(place.asker), question)


def ring(session: Session, ticket: Ticket, account_id: UUID, desk_id: UUID) -> Offer:
    """Let a question ring for a technician."""
    now = clock.now()
    ticket.state = TicketState.RINGING
    offer = Offer(
        ticket_id=ticket.id,
        desk_id=desk_id,
        account_id=account_id,
        state=OfferState.RINGING,
        created_at=now,
        ends_at=now + timedelta(minutes=5),
    )
    session.add(offer)
    session.flush()
    return offer
