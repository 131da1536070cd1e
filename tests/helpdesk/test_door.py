"""Who cannot sign in asks at the door: it rings at the desk of the unit, marked until somebody has checked who asks."""

from __future__ import annotations

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from chat.models import Message
from chat.presence import Presence
from helpdesk import reactions
from helpdesk.errors import NotYourTicket, TextMissing, TooManyAtDoor
from helpdesk.events import TicketResolved
from helpdesk.models import Channel, StepKind, Ticket, TicketState, TicketStep
from helpdesk.queries import tickets
from helpdesk.services import answering, door
from helpdesk.services.asking import Question
from helpdesk.services.door import Plea
from registry_core import events
from registry_core.accounts.models import Account
from registry_core.db import new_id
from registry_core.orgs.errors import UnitNotFound
from tests.conftest import Cast
from tests.helpdesk.conftest import Scene
from tests.jobs_house import jobs

SCHOOL = "西安市雁塔区第一小学（演示）"


def ask(
    session: Session, presence: Presence, cast: Cast, *, reach: str = "139 1234 5678", client_id: str = ""
) -> Ticket:
    plea = Plea("王小梅", cast.unit(SCHOOL).id, reach)
    question = Question("换了手机，收不到验证码。", client_id or str(new_id()), "/cannot-sign-in", "Firefox")
    return door.ask_at_door(session, presence, plea, question)


def talk(session: Session, presence: Presence, cast: Cast, scene: Scene) -> Ticket:
    scene.on_duty("xian_jishu")
    ticket = ask(session, presence, cast)
    scene.accept("xian_jishu")
    return ticket


def test_it_rings_at_the_desk_of_the_unit(scene: Scene, session: Session, presence: Presence, cast: Cast) -> None:
    scene.on_duty("xian_jishu")
    ticket = ask(session, presence, cast)
    assert ticket.state is TicketState.RINGING
    assert scene.rings_for(ticket) == "xian_jishu"
    assert ticket.channel is Channel.DOOR


def test_the_title_and_the_first_words_say_that_nobody_has_checked_who_asks(
    session: Session, presence: Presence, cast: Cast
) -> None:
    ticket = ask(session, presence, cast)
    assert ticket.title.startswith("【身份未核实】登录不了：换了手机")
    (said,) = session.scalars(select(Message.body).where(Message.conversation_id == ticket.conversation_id)).all()
    assert "139 1234 5678" in said
    assert tickets.is_unverified(session, ticket)


def test_where_nobody_is_there_it_climbs_at_once(
    scene: Scene, session: Session, presence: Presence, cast: Cast
) -> None:
    scene.on_duty("shi_jishu")
    assert scene.rings_for(ask(session, presence, cast)) == "shi_jishu"


def test_nobody_is_asked_for_a_record_that_a_guest_could_not_fill_in(
    session: Session, presence: Presence, cast: Cast
) -> None:
    ticket = ask(session, presence, cast)
    assert ticket.state is TicketState.WAITING
    assert tickets.find_record(session, ticket.id) is None


@pytest.mark.parametrize(
    ("reach", "mobile", "email"),
    [
        ("139 1234 5678", "139 1234 5678", None),
        ("029-8888 1234", "029-8888 1234", None),
        ("wang@example.cn", None, "wang@example.cn"),
        ("微信 wangxm", None, None),
    ],
)
def test_the_desk_reads_how_to_reach_the_person(
    session: Session, presence: Presence, cast: Cast, reach: str, mobile: str | None, email: str | None
) -> None:
    ticket = ask(session, presence, cast, reach=reach)
    guest = session.get_one(Account, ticket.requester_id)
    assert (guest.is_guest, guest.mobile, guest.email) == (True, mobile, email)
    assert ticket.caller == f"王小梅 {reach}"


def test_a_form_sent_twice_makes_one_question(session: Session, presence: Presence, cast: Cast) -> None:
    first, second = (ask(session, presence, cast, client_id="the same") for _time in range(2))
    assert first.id == second.id
    assert len(session.scalars(select(Account.id).where(Account.is_guest)).all()) == 1


def test_a_unit_that_is_not_there_is_refused(session: Session, presence: Presence, cast: Cast) -> None:
    del cast
    with pytest.raises(UnitNotFound):
        door.ask_at_door(session, presence, Plea("王小梅", new_id(), "1"), Question("?", "matrix"))


def test_a_flood_stops_at_the_desk_and_leaves_the_others_alone(
    session: Session, presence: Presence, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(door, "OPEN_AT_ONCE", 2)
    for _question in range(2):
        ask(session, presence, cast)
    with pytest.raises(TooManyAtDoor):
        ask(session, presence, cast)
    elsewhere = Plea("王小梅", cast.unit("武汉市武昌区实验小学（演示）").id, "13912345678")
    asked = door.ask_at_door(session, presence, elsewhere, Question("登录不了", "elsewhere"))
    assert asked.unit_id == elsewhere.unit_id


def test_who_answers_writes_down_how_the_identity_was_checked(
    scene: Scene, session: Session, presence: Presence, cast: Cast
) -> None:
    ticket = talk(session, presence, cast, scene)
    door.check_identity(session, cast.actor("xian_jishu"), ticket.id, how="打学校总机找到本人")
    assert not tickets.is_unverified(session, ticket)
    step = session.scalars(select(TicketStep).where(TicketStep.kind == StepKind.IDENTITY_CHECKED)).one()
    assert step.actor_id == cast.id("xian_jishu")
    assert step.details["how"] == "打学校总机找到本人"


def test_nobody_else_checks_it_and_nobody_without_words(
    scene: Scene, session: Session, presence: Presence, cast: Cast
) -> None:
    ticket = talk(session, presence, cast, scene)
    with pytest.raises(NotYourTicket):
        door.check_identity(session, cast.actor("xian_jishu2"), ticket.id, how="认识他")
    with pytest.raises(TextMissing):
        door.check_identity(session, cast.actor("xian_jishu"), ticket.id, how=" ")


def test_a_question_that_was_asked_inside_has_no_identity_to_check(scene: Scene, cast: Cast, session: Session) -> None:
    scene.on_duty("xian_jishu")
    ticket = scene.ask("xuexiao_xueji")
    scene.accept("xian_jishu")
    assert not tickets.is_unverified(session, ticket)
    with pytest.raises(NotYourTicket):
        door.check_identity(session, cast.actor("xian_jishu"), ticket.id, how="认识他")


def test_the_written_answer_closes_it_and_no_mail_leads_to_a_page_that_a_guest_cannot_open(
    scene: Scene, session: Session, presence: Presence, cast: Cast
) -> None:
    scene.on_duty("xian_jishu")
    ticket = ask(session, presence, cast, reach="wang@example.cn")
    scene.accept("xian_jishu")
    answering.resolve_ticket(session, cast.actor("xian_jishu"), ticket.id, resolution="已重设，请登录。")
    assert ticket.state is TicketState.CLOSED
    assert ticket.custody_open is None
    (resolved,) = jobs(session, "TicketResolved")
    event = events.from_payload("TicketResolved", resolved["payload"])
    assert isinstance(event, TicketResolved)
    scene.let_pass(600)
    reactions.tell_asker_of_resolution(session, event)
    assert [job for job in jobs(session) if "mail" in job] == []
