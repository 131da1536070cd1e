"""How a question climbs, waits, comes back and ends, and who has it in custody meanwhile."""

from __future__ import annotations

import pytest
from sqlalchemy import select, text

from chat.models import Message, MessageKind
from helpdesk.errors import (
    NoHigherTier,
    NothingToReturnTo,
    NotYourTicket,
    OfferGone,
    OwnQuestion,
    TextMissing,
    TicketNotOpen,
)
from helpdesk.events import NobodyThere
from helpdesk.models import Ticket, TicketState, TicketStep
from helpdesk.queries.tickets import find_record
from helpdesk.services import answering, asking
from tests.helpdesk.conftest import DETAILS, Scene


def notes(scene: Scene, ticket: Ticket) -> list[str]:
    return list(
        scene.session.scalars(
            select(Message.body)
            .where(Message.conversation_id == ticket.conversation_id, Message.kind == MessageKind.NOTE)
            .order_by(Message.number)
        )
    )


def passed_desks(scene: Scene, ticket: Ticket) -> list[tuple[str, str]]:
    """Each desk that the search went past, and why."""
    steps = scene.session.scalars(
        select(TicketStep)
        .where(TicketStep.ticket_id == ticket.id, TicketStep.kind == "level_passed")
        .order_by(TicketStep.number)
    )
    names = {scene.desk(unit).id: unit for unit in ("雁塔区", "西安市", "陕西省", "教育部")}
    return [(names[step.desk_id], step.details["why"]) for step in steps if step.desk_id]


# ── nobody at this level ──────────────────────────────────────────────────────────────────────────────────────────────


def test_where_nobody_is_there_the_template_opens_and_the_question_waits_at_the_lowest_desk(scene: Scene) -> None:
    scene.on_duty("shi_jishu", "sheng_jishu")
    ticket = scene.ask()
    record = find_record(scene.session, ticket.id)
    assert record is not None
    assert record.submitted_at is None
    assert ticket.state is TicketState.WAITING
    assert scene.custody(ticket) == ["雁塔区"]


def test_where_somebody_is_there_no_template_opens(scene: Scene) -> None:
    scene.on_duty("xian_jishu")
    assert find_record(scene.session, scene.ask().id) is None


def test_the_template_opens_once_all_who_are_there_have_had_their_turn(scene: Scene) -> None:
    scene.on_duty("xian_jishu", "xian_jishu2")
    ticket = scene.ask()
    for _ in range(2):
        assert find_record(scene.session, ticket.id) is None
        name = scene.rings_for(ticket)
        assert name is not None
        scene.decline(name)
    assert find_record(scene.session, ticket.id) is not None


def test_an_unsubmitted_record_leaves_the_question_at_the_lowest_desk_whoever_comes_above(scene: Scene) -> None:
    ticket = scene.ask()
    scene.on_duty("shi_jishu", "sheng_jishu", "bu_jishu")
    scene.let_pass(60)
    scene.tick()
    assert scene.rings_for(ticket) is None
    scene.on_duty("xian_jishu")
    assert scene.rings_for(ticket) == "xian_jishu"


def test_a_submitted_record_lets_the_question_climb_level_by_level(scene: Scene) -> None:
    scene.on_duty("shi_jishu", "sheng_jishu", "bu_jishu")
    ticket = scene.ask()
    scene.submit_record(ticket)
    rung = []
    for _ in range(3):
        name = scene.rings_for(ticket)
        assert name is not None
        rung.append(name)
        scene.decline(name)
    assert rung == ["shi_jishu", "sheng_jishu", "bu_jishu"]
    assert ticket.state is TicketState.WAITING
    assert passed_desks(scene, ticket) == [
        ("雁塔区", "nobody"),
        ("西安市", "no_answer"),
        ("陕西省", "no_answer"),
        ("教育部", "no_answer"),
    ]


def test_somebody_nearer_who_comes_meanwhile_is_rung_before_the_next_level(scene: Scene) -> None:
    scene.on_duty("shi_jishu", "sheng_jishu")
    ticket = scene.ask()
    scene.submit_record(ticket)
    scene.on_duty("xian_jishu")
    scene.decline("shi_jishu")
    assert scene.rings_for(ticket) == "xian_jishu"


def test_with_nobody_anywhere_it_waits_at_the_lowest_desk_and_says_so(scene: Scene) -> None:
    ticket = scene.ask()
    scene.submit_record(ticket)
    assert (ticket.state, scene.custody(ticket)) == (TicketState.WAITING, ["雁塔区"])
    assert scene.steps(ticket)[-1] == "waits"


def test_the_first_of_the_chain_to_come_is_rung_for_what_waits(scene: Scene) -> None:
    ticket = scene.ask()
    scene.submit_record(ticket)
    scene.on_duty("sheng_jishu")
    assert scene.rings_for(ticket) == "sheng_jishu"


def test_of_several_that_wait_the_nearest_level_rings_first_then_the_longest_wait(scene: Scene) -> None:
    climbing = scene.ask()
    scene.submit_record(climbing)
    scene.let_pass(1)
    own = scene.ask("shi_xueji")
    scene.let_pass(1)
    own_later = scene.ask("shi_xueji", "还有一个问题")
    scene.on_duty("shi_jishu")
    rung = []
    for _ in range(3):
        rung.append(scene.offer_for("shi_jishu").ticket_id)
        scene.accept("shi_jishu")
        scene.tick()
    assert rung == [own.id, own_later.id, climbing.id]


def test_the_clock_rings_what_waits_for_all_who_are_free_nearest_first(scene: Scene) -> None:
    """By the clock alone: the desks were off when the technicians came."""
    first = scene.ask()
    scene.let_pass(1)
    tickets = [first, scene.ask("xuexiao2_xueji")]
    for ticket in tickets:
        scene.submit_record(ticket)
    for unit in ("雁塔区", "西安市"):
        scene.desk(unit).switched_on = False
    scene.on_duty("shi_jishu", "xian_jishu")
    for unit in ("雁塔区", "西安市"):
        scene.desk(unit).switched_on = True
    scene.session.flush()
    scene.tick()
    assert [scene.rings_for(ticket) for ticket in tickets] == ["xian_jishu", "shi_jishu"]


def test_word_goes_out_once_when_nobody_is_there_and_not_at_every_tick(scene: Scene) -> None:
    scene.ask()
    for _ in range(3):
        scene.let_pass(3)
        scene.tick()
    told = text("SELECT count(*) FROM procrastinate_jobs WHERE args->>'event' = :name")
    assert scene.session.scalar(told, {"name": NobodyThere.__qualname__}) == 1


# ── custody ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_custody_stays_at_the_lowest_desk_while_it_rings_above(scene: Scene) -> None:
    scene.on_duty("sheng_jishu")
    ticket = scene.ask()
    scene.submit_record(ticket)
    assert (scene.rings_for(ticket), scene.custody(ticket)) == ("sheng_jishu", ["雁塔区"])


def test_custody_moves_to_the_desk_that_accepts(scene: Scene) -> None:
    ticket = scene.answered_by("sheng_jishu")
    assert scene.custody(ticket) == ["雁塔区", "陕西省"]


# ── by hand ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_question_is_passed_up_one_level_with_a_summary_that_everybody_reads(scene: Scene) -> None:
    ticket = scene.answered_by("xian_jishu")
    scene.on_duty("shi_jishu", "sheng_jishu")
    scene.pass_up("xian_jishu", ticket, "已核对身份证件，需要合并学籍")
    assert scene.rings_for(ticket) == "shi_jishu"
    assert scene.custody(ticket) == ["雁塔区", "西安市"]
    assert "已核对身份证件，需要合并学籍" in notes(scene, ticket)[-1]


def test_passed_up_to_a_desk_where_nobody_is_it_climbs_on_without_a_template(scene: Scene) -> None:
    ticket = scene.answered_by("xian_jishu")
    scene.on_duty("sheng_jishu")
    scene.pass_up("xian_jishu", ticket)
    assert (scene.rings_for(ticket), scene.custody(ticket)) == ("sheng_jishu", ["雁塔区", "西安市"])
    assert find_record(scene.session, ticket.id) is None


def test_the_ministry_has_nobody_above(scene: Scene) -> None:
    ticket = scene.answered_by("bu_jishu")
    with pytest.raises(NoHigherTier):
        scene.pass_up("bu_jishu", ticket)


def test_returned_with_advice_it_rings_first_for_who_had_it_there(scene: Scene) -> None:
    ticket = scene.answered_by("xian_jishu")
    scene.on_duty("shi_jishu")
    scene.pass_up("xian_jishu", ticket)
    scene.accept("shi_jishu")
    scene.on_duty("xian_jishu2")
    scene.give_back("shi_jishu", ticket, "请先核验出生日期")
    assert scene.rings_for(ticket) == "xian_jishu"
    assert scene.custody(ticket) == ["雁塔区", "西安市", "雁塔区"]
    assert "请先核验出生日期" in notes(scene, ticket)[-1]


def test_returned_it_stays_below_although_somebody_above_is_free(scene: Scene) -> None:
    ticket = scene.answered_by("xian_jishu")
    scene.on_duty("shi_jishu")
    scene.pass_up("xian_jishu", ticket)
    scene.accept("shi_jishu")
    scene.off_duty("xian_jishu")
    scene.give_back("shi_jishu", ticket)
    scene.tick()
    assert (ticket.state, scene.custody(ticket)[-1]) == (TicketState.WAITING, "雁塔区")


def test_a_question_that_no_lower_desk_had_cannot_be_returned(scene: Scene) -> None:
    ticket = scene.answered_by("xian_jishu")
    with pytest.raises(NothingToReturnTo):
        scene.give_back("xian_jishu", ticket)


@pytest.mark.parametrize("act", ["pass_up", "give_back", "resolve"])
def test_summary_advice_and_answer_cannot_be_empty(scene: Scene, act: str) -> None:
    ticket = scene.answered_by("xian_jishu")
    with pytest.raises(TextMissing):
        getattr(scene, act)("xian_jishu", ticket, " \n")


@pytest.mark.parametrize("act", ["pass_up", "give_back", "resolve"])
def test_only_who_answers_passes_up_returns_or_resolves(scene: Scene, act: str) -> None:
    ticket = scene.answered_by("xian_jishu")
    with pytest.raises(NotYourTicket):
        getattr(scene, act)("xian_jishu2", ticket)


# ── taken by hand ─────────────────────────────────────────────────────────────────────────────────────────────────────


def take(scene: Scene, name: str, ticket: Ticket) -> Ticket:
    return answering.take_ticket(scene.session, scene.cast.actor(name), ticket.id)


def test_what_waits_can_be_taken_by_a_member_of_its_desk_who_is_not_even_on_duty(scene: Scene) -> None:
    ticket = scene.ask()
    take(scene, "xian_jishu", ticket)
    assert (ticket.state, ticket.handler_id) == (TicketState.TALKING, scene.cast.id("xian_jishu"))


def test_taking_what_rings_for_a_colleague_stops_the_ringing(scene: Scene) -> None:
    scene.on_duty("xian_jishu")
    ticket = scene.ask()
    take(scene, "xian_jishu2", ticket)
    assert scene.rings_for(ticket) is None
    with pytest.raises(OfferGone) as refusal:
        take(scene, "xian_jishu", ticket)
    assert "刘思雨" in refusal.value.text


def test_an_own_question_cannot_be_taken(scene: Scene) -> None:
    ticket = scene.ask("xian_jishu")
    with pytest.raises(OwnQuestion):
        take(scene, "xian_jishu", ticket)


def test_an_answered_question_cannot_be_taken(scene: Scene) -> None:
    ticket = scene.answered_by("xian_jishu")
    scene.resolve("xian_jishu", ticket)
    with pytest.raises(TicketNotOpen):
        take(scene, "xian_jishu2", ticket)


# ── the end ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_confirmed_answer_closes_the_question_and_ends_custody(scene: Scene) -> None:
    ticket = scene.answered_by("xian_jishu")
    scene.resolve("xian_jishu", ticket, "已经更正，请核对。")
    assert (ticket.state, ticket.resolution) == (TicketState.RESOLVED, "已经更正，请核对。")
    asking.confirm_resolution(scene.session, scene.cast.actor("xuexiao_xueji"), ticket.id)
    assert (ticket.state, ticket.custody_open) == (TicketState.CLOSED, None)
    assert scene.steps(ticket)[-1] == "confirmed"


def test_reopened_it_rings_first_for_who_had_answered(scene: Scene) -> None:
    ticket = scene.answered_by("xian_jishu")
    scene.resolve("xian_jishu", ticket)
    scene.on_duty("xian_jishu2")
    scene.let_pass(1)
    asking.reopen_question(
        scene.session, scene.presence, scene.cast.actor("xuexiao_xueji"), ticket.id, reason="号码还是不对"
    )
    assert scene.rings_for(ticket) == "xian_jishu"
    assert (ticket.resolution, ticket.resolved_at) == (None, None)
    assert "号码还是不对" in notes(scene, ticket)[-1]


@pytest.mark.parametrize("name", ["xian_jishu", "xuexiao_xueji"])
def test_an_answer_that_was_not_given_can_be_confirmed_by_nobody(scene: Scene, name: str) -> None:
    ticket = scene.answered_by("xian_jishu")
    with pytest.raises((TicketNotOpen, NotYourTicket)):
        asking.confirm_resolution(scene.session, scene.cast.actor(name), ticket.id)


def test_a_record_submitted_twice_is_one_record(scene: Scene) -> None:
    ticket = scene.ask()
    scene.submit_record(ticket)
    scene.submit_record(ticket)
    assert scene.steps(ticket).count("record_submitted") == 1


def test_a_record_that_was_never_opened_cannot_be_submitted(scene: Scene) -> None:
    scene.on_duty("xian_jishu")
    ticket = scene.ask()
    with pytest.raises(TicketNotOpen):
        asking.submit_record(scene.session, scene.presence, scene.cast.actor("xuexiao_xueji"), ticket.id, DETAILS)


def test_the_same_form_sent_twice_is_one_question(scene: Scene) -> None:
    first = scene.ask(client_id="form-1")
    again = scene.ask(client_id="form-1")
    assert again.id == first.id
    assert scene.steps(first).count("asked") == 1


def test_the_same_form_id_of_another_person_is_another_question(scene: Scene) -> None:
    assert scene.ask(client_id="form-1").id != scene.ask("xuexiao2_xueji", client_id="form-1").id
