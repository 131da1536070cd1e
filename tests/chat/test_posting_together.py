"""Messages of many people in one transaction: each gets what it would have got alone."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from chat import policies, services
from chat.errors import ClientIdReused, ConversationNotFound, ConversationReadOnly, MessageEmpty
from chat.models import Conversation, Message, MessageKind
from chat.services import Post, Posted
from chat.services.directs import open_direct
from chat.services.storing import SentTwiceAtOnce, store
from registry_core.db import new_id
from registry_core.errors import DomainError
from tests.chat.conftest import Talk
from tests.conftest import Cast

ASKED = 2
"""The question and the note that somebody answers stand there already."""


def posts_of(talk: Talk, *sent: tuple[str, UUID, str, str]) -> list[Post]:
    """Who says what, where, under which id of their own."""
    actors = {name: talk.cast.actor(name) for name, *_rest in sent}
    accesses = policies.accesses_to(talk.session, [(actors[name], place) for name, place, _id, _body in sent])
    return [
        Post(actors[name], place, client_id, body, access)
        for (name, place, client_id, body), access in zip(sent, accesses, strict=True)
    ]


def outcomes_of(talk: Talk, *sent: tuple[str, UUID, str, str]) -> list[Posted | DomainError]:
    return services.post_messages(talk.session, posts_of(talk, *sent))


def stored(session: Session, conversation_id: UUID, *, after: int = 0) -> list[tuple[int, str]]:
    wanted = (Message.conversation_id == conversation_id, Message.number > after)
    query = select(Message.number, Message.body).where(*wanted)
    return [(number, body) for number, body in session.execute(query.order_by(Message.number))]


def test_each_conversation_counts_for_itself_in_the_order_of_sending(talk: Talk) -> None:
    other = open_direct(talk.session, talk.cast.actor("xuexiao_xueji"), talk.cast.id("xian_jishu"))
    outcomes = outcomes_of(
        talk,
        ("xuexiao_xueji", talk.id, "a", "一"),
        ("xuexiao_xueji", other, "b", "甲"),
        ("xian_jishu", talk.id, "c", "二"),
        ("xian_jishu", talk.id, "d", "三"),
    )
    assert all(isinstance(one, Posted) and one.is_new for one in outcomes)
    assert stored(talk.session, talk.id, after=ASKED) == [(3, "一"), (4, "二"), (5, "三")]
    assert stored(talk.session, other) == [(1, "甲")]
    assert talk.session.get_one(Conversation, talk.id, populate_existing=True).last_number == 5


def test_who_is_refused_stops_nobody_and_leaves_no_gap(talk: Talk) -> None:
    outcomes = outcomes_of(
        talk,
        ("xuexiao_xueji", talk.id, "a", "一"),
        ("xuexiao_xueji", talk.id, "b", "  "),
        ("xuexiao2_xueji", talk.id, "c", "外人"),
        ("xian_jishu", new_id(), "d", "哪里"),
        ("xian_jishu", talk.id, "e", "二"),
    )
    refusals = [type(one) for one in outcomes if isinstance(one, DomainError)]
    assert refusals == [MessageEmpty, ConversationNotFound, ConversationNotFound]
    assert stored(talk.session, talk.id, after=ASKED) == [(3, "一"), (4, "二")]


def test_the_same_message_twice_is_stored_once(talk: Talk) -> None:
    before = outcomes_of(talk, ("xuexiao_xueji", talk.id, "old", "早"))[0]
    outcomes = outcomes_of(
        talk,
        ("xuexiao_xueji", talk.id, "old", "早"),
        ("xuexiao_xueji", talk.id, "new", "晚"),
        ("xuexiao_xueji", talk.id, "new", "晚"),
        ("xuexiao_xueji", talk.id, "new", "别的"),
    )
    assert isinstance(before, Posted)
    known, fresh, again, reused = outcomes
    assert isinstance(known, Posted)
    assert (known.is_new, known.message.id) == (False, before.message.id)
    assert isinstance(fresh, Posted)
    assert isinstance(again, Posted)
    assert (fresh.is_new, again.is_new, again.message.id) == (True, False, fresh.message.id)
    assert isinstance(reused, ClientIdReused)
    assert stored(talk.session, talk.id, after=ASKED) == [(3, "早"), (4, "晚")]


def test_who_may_only_read_gets_back_what_they_sent_before(talk: Talk) -> None:
    outcomes_of(talk, ("xuexiao_xueji", talk.id, "a", "一"))
    closed = [
        Post(
            post.actor, post.conversation_id, post.client_id, post.body, policies.Access(may_read=True, may_write=False)
        )
        for post in posts_of(talk, ("xuexiao_xueji", talk.id, "a", "一"), ("xuexiao_xueji", talk.id, "b", "二"))
    ]
    known, refused = services.post_messages(talk.session, closed)
    assert isinstance(known, Posted)
    assert not known.is_new
    assert isinstance(refused, ConversationReadOnly)


def test_each_is_told_who_spoke_before_also_within_one_transaction(talk: Talk) -> None:
    school, technician = talk.cast.id("xuexiao_xueji"), talk.cast.id("xian_jishu")
    outcomes_of(talk, ("xuexiao_xueji", talk.id, "a", "一"))
    services.post_note(talk.session, talk.id, body="转交")
    said: list[UUID | None] = []
    listening = policies.Access(may_read=True, may_write=True, hear=lambda _session, one: said.append(one.spoke_before))
    posts = posts_of(talk, ("xian_jishu", talk.id, "b", "二"), ("xuexiao_xueji", talk.id, "c", "三"))
    services.post_messages(talk.session, [replace(one, access=listening) for one in posts])
    assert said == [school, technician]


def test_two_copies_that_came_at_once_undo_the_round(talk: Talk, cast: Cast) -> None:
    def copy() -> Message:
        sender = cast.id("xuexiao_xueji")
        return Message(conversation_id=talk.id, sender_id=sender, client_id="same", kind=MessageKind.TEXT, body="一")

    with pytest.raises(SentTwiceAtOnce):
        store(talk.session, [copy(), copy()])
