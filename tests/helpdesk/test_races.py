"""Two at one moment, with real connections: one wins, the other is told, and nothing is doubled or lost."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import wait
from dataclasses import replace
from functools import partial
from uuid import UUID

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from chat import services as chat
from chat.models import Conversation, Message
from chat.presence import Presence
from helpdesk import jobs
from helpdesk.errors import OfferGone
from helpdesk.models import Offer, OfferState, Ticket, TicketState
from helpdesk.services import answering, asking
from helpdesk.services.asking import Question
from helpdesk.services.duty import set_accepting
from registry_core import clock
from registry_core.access.actors import Actor
from registry_core.db import new_id
from registry_core.errors import DomainError
from tests.conftest import Cast
from tests.helpdesk.at_once import Crowd


@pytest.fixture
def crowd(engine: Engine, committed: Cast, presence: Presence) -> Iterator[Crowd]:
    """Threads on the committed cast; both technicians of the county and the city's are there."""
    people = Crowd(engine)
    with people.under_way() as session:
        for name in ("xian_jishu", "xian_jishu2", "shi_jishu"):
            presence.beat(committed.id(name), clock.now())
            set_accepting(session, presence, committed.actor(name), accepting=True)
    yield people
    people.pool.shutdown()


def ask(session: Session, presence: Presence, actor: Actor, client_id: str = "") -> UUID:
    return asking.ask_question(session, presence, actor, Question("怎么办？", client_id or str(new_id()))).id


def ringing(session: Session, ticket_id: UUID) -> Offer:
    return session.scalars(select(Offer).where(Offer.ticket_id == ticket_id, Offer.state == OfferState.RINGING)).one()


def asked(crowd: Crowd, presence: Presence, actor: Actor) -> tuple[UUID, Offer]:
    """A committed question, and what rings for it."""
    with crowd.under_way() as session:
        ticket_id = ask(session, presence, actor)
        return ticket_id, ringing(session, ticket_id)


def test_of_accept_and_take_one_wins_and_the_other_is_told_who_has_it(
    crowd: Crowd, committed: Cast, presence: Presence
) -> None:
    ticket_id, offer = asked(crowd, presence, committed.actor("xuexiao_xueji"))
    names = {committed.id(name): name for name in ("xian_jishu", "xian_jishu2")}
    winner = names.pop(offer.account_id)
    [loser] = names.values()
    taker = committed.actor(loser)
    with crowd.under_way() as session:
        answering.accept_offer(session, committed.actor(winner), offer.id)
        late = crowd.start_and_block(lambda own: answering.take_ticket(own, taker, ticket_id))
    with pytest.raises(OfferGone) as refusal:
        late.result()
    assert {"xian_jishu": "张国强", "xian_jishu2": "刘思雨"}[winner] in refusal.value.text


def test_of_take_and_accept_the_one_for_whom_it_rang_is_told_who_has_it(
    crowd: Crowd, committed: Cast, presence: Presence
) -> None:
    ticket_id, offer = asked(crowd, presence, committed.actor("xuexiao_xueji"))
    rung = next(name for name in ("xian_jishu", "xian_jishu2") if committed.id(name) == offer.account_id)
    other = next(name for name in ("xian_jishu", "xian_jishu2") if name != rung)
    accepting = committed.actor(rung)
    with crowd.under_way() as session:
        answering.take_ticket(session, committed.actor(other), ticket_id)
        late = crowd.start_and_block(lambda own: answering.accept_offer(own, accepting, offer.id))
    with pytest.raises(OfferGone):
        late.result()


def test_accepted_in_two_windows_at_once_it_is_accepted_once(crowd: Crowd, committed: Cast, presence: Presence) -> None:
    ticket_id, offer = asked(crowd, presence, committed.actor("xuexiao_xueji"))
    actor = replace(committed.actor("xian_jishu"), account_id=offer.account_id)
    both = [crowd.start(lambda own: answering.accept_offer(own, actor, offer.id)) for _ in range(2)]
    wait(both)
    assert sorted(type(one.exception()).__name__ for one in both) == ["NoneType", "OfferGone"]
    with crowd.under_way() as session:
        assert session.get_one(Ticket, ticket_id).state is TicketState.TALKING


def test_the_clock_leaves_alone_what_is_being_accepted(crowd: Crowd, committed: Cast, presence: Presence) -> None:
    ticket_id, offer = asked(crowd, presence, committed.actor("xuexiao_xueji"))
    actor = replace(committed.actor("xian_jishu"), account_id=offer.account_id)
    with crowd.under_way() as session:
        answering.accept_offer(session, actor, offer.id)
        presence.leave(offer.account_id)
        crowd.start(lambda own: jobs.notice_gone(own, presence)).result(timeout=30)
    with crowd.under_way() as session:
        assert session.get_one(Ticket, ticket_id).handler_id == offer.account_id


def test_two_questions_at_once_ring_for_two_people(crowd: Crowd, committed: Cast, presence: Presence) -> None:
    first, second = (committed.actor(name) for name in ("xuexiao_xueji", "xuexiao2_xueji"))
    with crowd.under_way() as session:
        ticket_id = ask(session, presence, first)
        rung = ringing(session, ticket_id).account_id
        late = crowd.start_and_block(lambda own: ask(own, presence, second))
    other_id = late.result()
    with crowd.under_way() as session:
        assert {rung, ringing(session, other_id).account_id} == {
            committed.id("xian_jishu"),
            committed.id("xian_jishu2"),
        }


def test_one_form_sent_twice_at_once_makes_one_question(crowd: Crowd, committed: Cast, presence: Presence) -> None:
    actor = committed.actor("xuexiao_xueji")
    with crowd.under_way() as session:
        first_id = ask(session, presence, actor, "form-1")
        late = crowd.start_and_block(lambda own: ask(own, presence, actor, "form-1"))
    assert late.result() == first_id


def talk(crowd: Crowd, committed: Cast, presence: Presence) -> UUID:
    """The conversation of a question that 张国强 answers."""
    with crowd.under_way() as session:
        ticket_id = ask(session, presence, committed.actor("xuexiao_xueji"))
        answering.take_ticket(session, committed.actor("xian_jishu"), ticket_id)
        return session.get_one(Ticket, ticket_id).conversation_id


def numbers(crowd: Crowd, conversation_id: UUID) -> list[int]:
    with crowd.under_way() as session:
        found = select(Message.number).where(Message.conversation_id == conversation_id).order_by(Message.number)
        last_number = session.get_one(Conversation, conversation_id).last_number
        stored = list(session.scalars(found))
        assert stored[-1] == last_number
        return stored


def test_one_message_sent_by_two_connections_at_once_is_stored_once_without_a_gap(
    crowd: Crowd, committed: Cast, presence: Presence
) -> None:
    conversation_id, actor = talk(crowd, committed, presence), committed.actor("xuexiao_xueji")

    def send(session: Session) -> tuple[int, bool]:
        message, is_new = chat.post_message(session, actor, conversation_id, client_id="m-1", body="在吗")
        return message.number, is_new

    with crowd.under_way() as session:
        assert send(session) == (3, True)
        late = crowd.start_and_block(send)
    assert late.result() == (3, False)
    assert numbers(crowd, conversation_id) == [1, 2, 3]


def test_when_the_first_copy_is_rolled_back_the_second_takes_its_number(
    crowd: Crowd, committed: Cast, presence: Presence
) -> None:
    conversation_id, actor = talk(crowd, committed, presence), committed.actor("xuexiao_xueji")

    def send(session: Session) -> tuple[int, bool]:
        message, is_new = chat.post_message(session, actor, conversation_id, client_id="m-1", body="在吗")
        return message.number, is_new

    with crowd.given_up() as session:
        send(session)
        late = crowd.start_and_block(send)
    assert late.result() == (3, True)
    assert numbers(crowd, conversation_id) == [1, 2, 3]


def test_many_messages_of_both_sides_at_once_are_numbered_without_gaps_in_each_ones_order(
    crowd: Crowd, committed: Cast, presence: Presence
) -> None:
    conversation_id = talk(crowd, committed, presence)
    actors = [committed.actor(name) for name in ("xuexiao_xueji", "xian_jishu")]

    def send(actor: Actor, copy: int) -> list[int]:
        """Send thirty messages, one after the other; both copies send the same ones."""
        sent = []
        for number in range(30):
            with crowd.under_way() as session:
                message, _ = chat.post_message(
                    session, actor, conversation_id, client_id=f"m-{number}", body=f"第{number}句"
                )
                sent.append(message.number)
        assert copy in (0, 1)
        return sent

    writers = [crowd.pool.submit(send, actor, copy) for actor in actors for copy in range(2)]
    sent = [writer.result() for writer in writers]
    assert numbers(crowd, conversation_id) == list(range(1, 63))
    assert sent[0] == sent[1] == sorted(sent[0])
    assert sent[2] == sent[3] == sorted(sent[2])


def test_two_technicians_whose_questions_ring_for_each_other_do_not_wait_for_ever(
    crowd: Crowd, committed: Cast, presence: Presence
) -> None:
    """The county passes up to the city's only technician while he returns another question to the county's."""
    county, city = committed.actor("xian_jishu"), committed.actor("shi_jishu")
    with crowd.under_way() as session:
        set_accepting(session, presence, committed.actor("xian_jishu2"), accepting=False)
    for _ in range(5):
        with crowd.under_way() as session:
            up, back = (ask(session, presence, committed.actor(name)) for name in ("xuexiao_xueji", "xuexiao2_xueji"))
            for ticket_id in (up, back):
                answering.take_ticket(session, county, ticket_id)
            answering.pass_up(session, presence, county, back, summary="请看")
            answering.accept_offer(session, city, ringing(session, back).id)
        both = [
            crowd.start(partial(answering.pass_up, presence=presence, actor=county, ticket_id=up, summary="请看")),
            crowd.start(partial(answering.return_ticket, presence=presence, actor=city, ticket_id=back, advice="请办")),
        ]
        wait(both)
        assert [one.exception() for one in both] == [None, None]
        with crowd.under_way() as session:
            for ticket_id, actor in ((up, city), (back, county)):
                answering.decline_offer(session, presence, actor, ringing(session, ticket_id).id)


def test_a_refusal_leaves_nothing_behind(crowd: Crowd, committed: Cast, presence: Presence) -> None:
    conversation_id = talk(crowd, committed, presence)
    actor = committed.actor("xuexiao_xueji")
    with pytest.raises(DomainError):
        crowd.start(
            lambda own: chat.post_message(own, actor, conversation_id, client_id="m-1", body="长" * 5_000)
        ).result()
    assert numbers(crowd, conversation_id) == [1, 2]
