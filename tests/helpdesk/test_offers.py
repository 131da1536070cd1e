"""For whom a question rings, how long, and what comes after."""

from __future__ import annotations

import pytest

from chat.presence import Presence
from helpdesk.errors import OfferGone, OfferNotFound
from helpdesk.models import OfferState, Ticket, TicketState
from helpdesk.services import answering
from registry_core.access.models import RoleAssignment
from registry_core.access.services import end_role
from registry_core.store import make_store
from tests.helpdesk.conftest import Scene

BOTH = ("xian_jishu", "xian_jishu2")


def end_roles(scene: Scene, name: str) -> None:
    session = scene.session
    for role in session.query(RoleAssignment).filter_by(account_id=scene.cast.id(name)):
        end_role(session, role.id)


# ── who ───────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_it_rings_for_a_technician_of_the_nearest_desk(scene: Scene) -> None:
    scene.on_duty("sheng_jishu", "shi_jishu", "xian_jishu")
    assert scene.rings_for(scene.ask()) == "xian_jishu"


def test_among_several_it_rings_for_the_one_with_the_fewest_open_questions(scene: Scene) -> None:
    scene.on_duty(*BOTH)
    first = scene.rings_for(scene.ask())
    assert first is not None
    scene.accept(first)
    other = next(name for name in BOTH if name != first)
    assert scene.rings_for(scene.ask("xuexiao2_xueji")) == other


def test_among_equals_it_rings_for_the_longest_idle(scene: Scene) -> None:
    scene.on_duty(*BOTH)
    for ended_first in BOTH:
        for _ in BOTH:
            name = scene.rings_for(scene.ask())
            assert name is not None
            scene.accept(name)
        tickets = {scene.name_of(one.handler_id): one for one in open_tickets(scene) if one.handler_id}
        scene.let_pass(1)
        scene.resolve(ended_first, tickets[ended_first])
        scene.let_pass(1)
        [ended_last] = [name for name in BOTH if name != ended_first]
        scene.resolve(ended_last, tickets[ended_last])
        ticket = scene.ask("xuexiao2_xueji")
        assert scene.rings_for(ticket) == ended_first
        scene.accept(ended_first)
        scene.resolve(ended_first, ticket)


def open_tickets(scene: Scene) -> list[Ticket]:
    return [one for one in scene.session.query(Ticket) if one.state is TicketState.TALKING]


def test_a_desk_lead_answers_like_a_technician(scene: Scene) -> None:
    scene.on_duty("xian_zhuguan")
    assert scene.rings_for(scene.ask()) == "xian_zhuguan"


def test_nobody_is_rung_for_an_own_question(scene: Scene) -> None:
    scene.on_duty("xian_jishu")
    ticket = scene.ask("xian_jishu")
    assert scene.rings_for(ticket) is None
    scene.on_duty("xian_jishu2")
    assert scene.rings_for(ticket) == "xian_jishu2"


def test_somebody_at_two_desks_is_rung_at_the_nearer_one(scene: Scene) -> None:
    scene.add_member("sheng_jishu", "雁塔区")
    scene.on_duty("sheng_jishu")
    scene.ask()
    assert scene.offer_for("sheng_jishu").desk_id == scene.desk("雁塔区").id


def test_two_questions_never_ring_for_one_person_at_once(scene: Scene) -> None:
    scene.on_duty("xian_jishu")
    first, second = scene.ask(), scene.ask("xuexiao2_xueji")
    assert (scene.rings_for(first), scene.rings_for(second)) == ("xian_jishu", None)
    scene.accept("xian_jishu")
    scene.tick()
    assert scene.rings_for(second) == "xian_jishu"


# ── availability, on both sides of each edge ──────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("seconds", "rings"), [(14.999, True), (15.0, False)])
def test_who_was_not_heard_of_for_fifteen_seconds_is_gone(scene: Scene, seconds: float, *, rings: bool) -> None:
    scene.on_duty("xian_jishu")
    scene.present.clear()
    scene.beat("xian_jishu")
    scene.let_pass(seconds)
    assert (scene.rings_for(scene.ask()) is not None) is rings


@pytest.mark.parametrize(("capacity", "rings"), [(2, True), (1, False)])
def test_who_has_all_hands_full_is_not_rung(scene: Scene, capacity: int, *, rings: bool) -> None:
    scene.answered_by("xian_jishu")
    scene.take_at_most("xian_jishu", capacity)
    assert (scene.rings_for(scene.ask("xuexiao2_xueji")) is not None) is rings


def test_a_resolved_question_takes_no_hand(scene: Scene) -> None:
    ticket = scene.answered_by("xian_jishu")
    scene.take_at_most("xian_jishu", 1)
    scene.resolve("xian_jishu", ticket)
    assert scene.rings_for(scene.ask("xuexiao2_xueji")) == "xian_jishu"


def test_who_is_connected_but_takes_no_questions_is_not_rung(scene: Scene) -> None:
    scene.on_duty("xian_jishu")
    scene.off_duty("xian_jishu")
    assert scene.rings_for(scene.ask()) is None


def test_who_takes_questions_but_has_no_page_open_is_not_rung(scene: Scene) -> None:
    scene.switch("xian_jishu", accepting=True)
    assert scene.rings_for(scene.ask()) is None


def test_a_member_whose_role_has_ended_is_not_rung(scene: Scene) -> None:
    scene.on_duty("xian_jishu")
    end_roles(scene, "xian_jishu")
    assert scene.rings_for(scene.ask()) is None


# ── what comes after ──────────────────────────────────────────────────────────────────────────────────────────────────


def test_after_a_decline_it_rings_for_the_next_at_once(scene: Scene) -> None:
    scene.on_duty(*BOTH)
    ticket = scene.ask()
    first = scene.rings_for(ticket)
    assert first is not None
    scene.decline(first)
    assert {first, scene.rings_for(ticket)} == set(BOTH)


def test_who_declined_is_not_asked_again_until_they_come_back(scene: Scene) -> None:
    scene.on_duty("xian_jishu")
    ticket = scene.ask()
    scene.decline("xian_jishu")
    scene.let_pass(60)
    scene.tick()
    assert scene.rings_for(ticket) is None
    scene.off_duty("xian_jishu")
    scene.on_duty("xian_jishu")
    assert scene.rings_for(ticket) == "xian_jishu"


def test_who_let_it_ring_out_is_asked_again_after_having_been_gone(scene: Scene) -> None:
    scene.on_duty("xian_jishu")
    ticket = scene.ask()
    scene.let_pass(20)
    scene.tick()
    assert scene.rings_for(ticket) is None
    scene.present.clear()
    scene.let_pass(15)
    scene.beat("xian_jishu")
    assert scene.rings_for(ticket) == "xian_jishu"


@pytest.mark.parametrize(("seconds", "rings_on"), [(19.999, True), (20.0, False)])
def test_it_rings_for_twenty_seconds_and_then_for_the_next(scene: Scene, seconds: float, *, rings_on: bool) -> None:
    scene.on_duty(*BOTH)
    ticket = scene.ask()
    first = scene.rings_for(ticket)
    scene.let_pass(seconds)
    scene.tick()
    assert (scene.rings_for(ticket) == first) is rings_on
    assert scene.rings_for(ticket) is not None


def test_a_desk_sets_how_long_it_rings(scene: Scene) -> None:
    scene.desk("雁塔区").ring_seconds = 7
    scene.on_duty("xian_jishu")
    scene.ask()
    offer = scene.offer_for("xian_jishu")
    assert (offer.ends_at - offer.created_at).total_seconds() == 7


@pytest.mark.parametrize("seconds", [19.999, 20.0])
def test_an_offer_can_be_accepted_as_long_as_it_rings(scene: Scene, seconds: float) -> None:
    scene.on_duty("xian_jishu")
    ticket = scene.ask()
    offer_id = scene.offer_for("xian_jishu").id
    scene.let_pass(seconds)
    actor = scene.cast.actor("xian_jishu")
    if seconds < 20:
        answering.accept_offer(scene.session, actor, offer_id)
        assert ticket.state is TicketState.TALKING
        return
    with pytest.raises(OfferGone):
        answering.accept_offer(scene.session, actor, offer_id)


def test_a_replayed_accept_says_that_one_has_it_already(scene: Scene) -> None:
    scene.on_duty("xian_jishu")
    scene.ask()
    offer_id = scene.offer_for("xian_jishu").id
    scene.accept("xian_jishu")
    with pytest.raises(OfferGone) as refusal:
        answering.accept_offer(scene.session, scene.cast.actor("xian_jishu"), offer_id)
    assert "您已经接待" in refusal.value.text


def test_an_offer_to_somebody_else_does_not_exist(scene: Scene) -> None:
    scene.on_duty("xian_jishu")
    scene.ask()
    offer_id = scene.offer_for("xian_jishu").id
    with pytest.raises(OfferNotFound):
        answering.accept_offer(scene.session, scene.cast.actor("xian_jishu2"), offer_id)


def test_who_lost_the_role_while_it_rang_cannot_accept(scene: Scene) -> None:
    scene.on_duty("xian_jishu")
    scene.ask()
    offer_id = scene.offer_for("xian_jishu").id
    end_roles(scene, "xian_jishu")
    with pytest.raises(OfferNotFound):
        answering.accept_offer(scene.session, scene.cast.actor("xian_jishu"), offer_id)


# ── taken back ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_who_stops_taking_questions_hands_the_ringing_one_to_the_next_at_once(scene: Scene) -> None:
    scene.on_duty(*BOTH)
    ticket = scene.ask()
    first = scene.rings_for(ticket)
    assert first is not None
    scene.off_duty(first)
    assert scene.rings_for(ticket) == next(name for name in BOTH if name != first)


def test_the_clock_takes_back_what_rings_for_who_has_gone(scene: Scene) -> None:
    scene.on_duty(*BOTH)
    ticket = scene.ask()
    first = scene.rings_for(ticket)
    assert first is not None
    scene.present.discard(first)
    scene.let_pass(15)
    scene.tick()
    assert scene.rings_for(ticket) == next(name for name in BOTH if name != first)


def test_the_clock_takes_back_what_rings_for_who_has_all_hands_full_by_now(scene: Scene) -> None:
    scene.on_duty("xian_jishu")
    waiting = scene.ask("xuexiao2_xueji")
    scene.decline("xian_jishu")
    ringing = scene.ask()
    scene.take_at_most("xian_jishu", 1)
    answering.take_ticket(scene.session, scene.cast.actor("xian_jishu"), waiting.id)
    scene.tick()
    assert scene.rings_for(ringing) is None


def test_the_clock_takes_back_what_rings_for_who_has_lost_the_role(scene: Scene) -> None:
    scene.on_duty("xian_jishu")
    ticket = scene.ask()
    end_roles(scene, "xian_jishu")
    scene.tick()
    assert scene.rings_for(ticket) is None
    assert scene.steps(ticket)[-3:] == ["withdrawn", "level_passed", "record_opened"]


def test_what_was_taken_back_may_ring_for_the_same_person_again(scene: Scene) -> None:
    scene.on_duty("xian_jishu")
    ticket = scene.ask()
    scene.present.clear()
    scene.let_pass(15)
    scene.tick()
    scene.beat("xian_jishu")
    assert scene.rings_for(ticket) == "xian_jishu"


def test_a_question_whose_answerer_lost_the_role_rings_for_a_colleague(scene: Scene) -> None:
    """Once it stayed for ever with somebody who could not even read it any more."""
    ticket = scene.answered_by("xian_jishu")
    scene.on_duty("xian_jishu2")
    end_roles(scene, "xian_jishu")
    scene.tick()
    assert scene.rings_for(ticket) == "xian_jishu2"
    assert "released" in scene.steps(ticket)


# ── Redis is away ─────────────────────────────────────────────────────────────────────────────────────────────────────


def test_without_redis_it_rings_for_one_after_the_other_who_takes_questions(scene: Scene) -> None:
    """Nobody knows who is connected then, and a question must not be told that nobody is there."""
    scene.on_duty("xian_jishu", "xian_jishu2")
    scene.presence = Presence(make_store("redis://127.0.0.1:1/0"))
    scene.present.clear()
    scene.let_pass(60)
    ticket = scene.ask()
    rung = [scene.rings_for(ticket)]
    scene.tick()
    assert [scene.rings_for(ticket)] == rung
    scene.let_pass(20)
    scene.tick()
    rung.append(scene.rings_for(ticket))
    assert sorted(name or "" for name in rung) == ["xian_jishu", "xian_jishu2"]
    scene.let_pass(20)
    scene.tick()
    assert ticket.state is TicketState.WAITING


def test_ended_offers_say_how_they_ended(scene: Scene) -> None:
    scene.on_duty("xian_jishu")
    scene.ask()
    offer = scene.offer_for("xian_jishu")
    scene.decline("xian_jishu")
    assert (offer.state, offer.ended_at) == (OfferState.DECLINED, scene.time.instant)
