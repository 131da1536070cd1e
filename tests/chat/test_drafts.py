"""What stands unsent in a box: one for each person and conversation, the newest wins, white space is nothing."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from chat.errors import ConversationNotFound, ConversationReadOnly, MessageNotText, MessageTooLong
from chat.models import Draft
from chat.presence import Presence
from chat.presenters import view_conversation
from chat.presenters.messenger import list_rows
from chat.queries.drafts import find_draft, find_stored
from chat.services.directs import open_direct
from chat.services.drafts import Written, save_draft
from registry_core import clock
from registry_core.access.queries import load_actor
from tests.chat.conftest import Talk
from tests.conftest import Cast

ASKER, ANSWERER, READER, OUTSIDER = "xuexiao_xueji", "xian_jishu", "xian_jishu2", "linsheng_xueji"
MOBILE = "13800138000"


def save(talk: Talk, body: str, *, name: str = ASKER, seconds: float = 0, reply_to: int | None = None) -> bool:
    written = Written(body, reply_to, None, timedelta(seconds=seconds))
    return save_draft(talk.session, talk.cast.actor(name), talk.id, written)[1]


def found(talk: Talk, name: str = ASKER) -> str:
    draft = find_draft(talk.session, talk.cast.actor(name), talk.id)
    return draft.body if draft else ""


def test_a_draft_is_found_again_by_its_writer_and_by_nobody_else(talk: Talk) -> None:
    assert save(talk, f" 家长电话 {MOBILE}\r\n还有\n")
    assert found(talk) == f"家长电话 {MOBILE}\n还有"
    assert found(talk, ANSWERER) == ""
    view = view_conversation(talk.session, talk.cast.actor(ASKER), talk.id, may_write=True)
    assert view.draft is not None
    assert view.draft["body"] == found(talk)
    other = view_conversation(talk.session, talk.cast.actor(ANSWERER), talk.id, may_write=True)
    assert other.draft is None


def test_the_same_again_is_no_news_and_something_else_is(talk: Talk) -> None:
    assert save(talk, "一")
    assert not save(talk, "一")
    assert save(talk, "一二")
    stored = find_stored(talk.session, talk.cast.id(ASKER), talk.id)
    assert stored is not None
    assert stored.version == 2


def test_what_was_written_earlier_never_covers_what_was_written_later(talk: Talk) -> None:
    """A device that was without a line comes back with what it had an hour ago."""
    save(talk, "刚写的", seconds=5)
    kept, is_new = save_draft(
        talk.session, talk.cast.actor(ASKER), talk.id, Written("一小时前写的", age=timedelta(hours=1))
    )
    assert (kept and kept.body, is_new) == ("刚写的", False)
    save(talk, "更晚写的", seconds=4)
    assert found(talk) == "更晚写的"


def test_emptying_takes_it_away_and_nothing_older_brings_it_back(talk: Talk) -> None:
    save(talk, "写了一半", seconds=60)
    assert save(talk, " \n\u200b ", seconds=30)
    assert found(talk) == ""
    assert not save(talk, "写了一半", seconds=45)
    assert found(talk) == ""


def test_white_space_alone_is_no_draft(talk: Talk) -> None:
    assert not save(talk, " \n ")
    assert talk.session.scalars(select(Draft)).all() == []


def test_what_is_answered_goes_with_the_text_and_goes_away_with_it(talk: Talk) -> None:
    actor = talk.cast.actor(ASKER)
    save_draft(talk.session, actor, talk.id, Written("好的", 1, "学籍号"))
    draft = find_draft(talk.session, actor, talk.id)
    assert draft is not None
    assert (draft.reply_to, draft.quote) == (1, "学籍号")
    save_draft(talk.session, actor, talk.id, Written("", 1, "学籍号"))
    stored = find_stored(talk.session, actor.account_id, talk.id)
    assert stored is not None
    assert (stored.body, stored.reply_to, stored.quote) == ("", None, None)


def test_a_draft_is_bounded_as_a_message_is(talk: Talk) -> None:
    assert save(talk, "字" * 4000)
    with pytest.raises(MessageTooLong):
        save(talk, "字" * 4001)
    with pytest.raises(MessageNotText):
        save(talk, "a\x00b")


def test_only_who_may_write_there_leaves_a_draft(talk: Talk) -> None:
    with pytest.raises(ConversationReadOnly):
        save(talk, "我只能看", name=READER)
    with pytest.raises(ConversationNotFound):
        save(talk, "我看不见", name=OUTSIDER)


def test_the_list_says_draft_also_where_nobody_has_spoken_yet(session: Session, cast: Cast, presence: Presence) -> None:
    county = cast.actor("xian_xueji")
    conversation_id = open_direct(session, county, cast.id(ASKER))
    assert list_rows(session, presence, county) == []
    save_draft(session, county, conversation_id, Written(f"写给您\n电话 {MOBILE}"))
    [row] = list_rows(session, presence, county)
    assert row.draft == f"写给您 电话 {MOBILE}"
    assert list_rows(session, presence, cast.actor(ASKER)) == []


def test_of_two_devices_at_once_the_later_writing_stays(engine: Engine, committed: Cast) -> None:
    one, other = committed.id(ASKER), committed.id("xian_xueji")
    with Session(engine) as session, session.begin():
        talk = open_direct(session, load_actor(session, one, at=clock.now()), other)

    def save_from(place: int) -> None:
        with Session(engine) as session, session.begin():
            actor = load_actor(session, one, at=clock.now())
            save_draft(session, actor, talk, Written(f"第{place}稿", age=timedelta(seconds=60 * (place + 1))))

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(save_from, range(12)))
    with Session(engine) as session:
        assert session.scalars(select(Draft.body).where(Draft.conversation_id == talk)).one() == "第0稿"
