"""Stars: for oneself alone, of what one may read at this moment; the list of them is paged."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from chat import presenters, services
from chat.errors import ConversationNotFound, MessageNotFound, MessageTakenBack
from chat.models import MessageStar
from chat.presenters.acts import packet_of
from chat.presenters.stars import view_starred
from chat.queries.acts import read_last_change
from chat.queries.stars import STARRED_AT_ONCE, list_stars
from chat.services import acts, groups, members
from chat.services.stars import star
from registry_core import clock
from registry_core.access.models import RoleAssignment
from tests.chat.conftest import Talk
from tests.conftest import Cast

ASKER, ANSWERER, READER, OUTSIDER = "xuexiao_xueji", "xian_jishu", "xian_jishu2", "linsheng_xueji"
COUNTY = "xian_xueji"


def set_star(talk: Talk, number: int, name: str = ASKER, *, on: bool = True) -> None:
    star(talk.session, talk.cast.actor(name), talk.id, number, on=on)


def starred(talk: Talk, name: str = ASKER) -> list[str]:
    actor = talk.cast.actor(name)
    return [row.body for row in view_starred(talk.session, actor, list_stars(talk.session, actor).starred)]


def test_a_star_is_for_oneself_and_changes_nothing_for_others(talk: Talk) -> None:
    message = talk.say("名册用这一版")
    set_star(talk, message.number)
    set_star(talk, message.number)
    assert (starred(talk), starred(talk, ANSWERER)) == (["名册用这一版"], [])
    own = packet_of(talk.session, talk.cast.actor(ASKER), message.id)["own"]
    assert own == {"reactions": [], "is_starred": True}
    assert packet_of(talk.session, talk.cast.actor(ANSWERER), message.id)["own"]["is_starred"] is False
    assert read_last_change(talk.session, talk.id) == 0
    view = presenters.view_conversation(talk.session, talk.cast.actor(ASKER), talk.id, may_write=True)
    assert [one.number for one in view.messages if one.is_starred] == [message.number]
    set_star(talk, message.number, on=False)
    set_star(talk, message.number, on=False)
    assert starred(talk) == []


def test_who_reads_along_may_and_who_may_not_read_may_not(talk: Talk) -> None:
    number = talk.say("名册用这一版").number
    set_star(talk, number, READER)
    assert starred(talk, READER) == ["名册用这一版"]
    with pytest.raises(ConversationNotFound):
        set_star(talk, number, OUTSIDER)
    for other in (2, number + 1):  # a line of the house; nothing there
        with pytest.raises(MessageNotFound):
            set_star(talk, other)


def test_a_row_leads_to_its_place(talk: Talk) -> None:
    number = talk.say("名册用这一版").number
    set_star(talk, number)
    actor = talk.cast.actor(ASKER)
    [row] = view_starred(talk.session, actor, list_stars(talk.session, actor).starred)
    assert row.url.startswith("/questions/")
    assert row.url.endswith(f"?at={number}")
    assert row.conversation_name == "学籍号重复了怎么办？"


def test_a_message_taken_back_is_in_nobodys_list(talk: Talk) -> None:
    number = talk.say("发错了").number
    set_star(talk, number, ANSWERER)
    acts.take_back(talk.session, talk.cast.actor(ASKER), talk.id, number)
    assert starred(talk, ANSWERER) == []
    assert talk.session.scalar(select(func.count()).select_from(MessageStar)) == 0
    with pytest.raises(MessageTakenBack):
        set_star(talk, number, ANSWERER)


def test_after_leaving_a_group_nothing_of_it_is_listed(session: Session, cast: Cast) -> None:
    owner, member = cast.actor(ANSWERER), cast.actor(COUNTY)
    group_id = groups.make_group(session, owner, name="秋季学籍")
    members.add_member(session, owner, group_id, member.account_id)
    message, _ = services.post_message(session, owner, group_id, client_id="a", body="群里说的")
    star(session, member, group_id, message.number, on=True)
    assert len(list_stars(session, member).starred) == 1
    members.remove_member(session, owner, group_id, member.account_id)
    assert list_stars(session, member).starred == ()
    with pytest.raises(ConversationNotFound):
        star(session, member, group_id, message.number, on=False)


def test_after_losing_the_role_nothing_of_the_desk_is_listed(talk: Talk) -> None:
    number = talk.say("名册用这一版").number
    set_star(talk, number, READER)
    account_id = talk.cast.id(READER)
    talk.session.execute(
        update(RoleAssignment).where(RoleAssignment.account_id == account_id).values(valid_until=clock.now())
    )
    talk.session.expire_all()
    assert starred(talk, READER) == []


def test_the_list_is_paged_the_latest_marked_first(talk: Talk) -> None:
    numbers = [talk.say(f"第{place}条").number for place in range(STARRED_AT_ONCE + 2)]
    for number in reversed(numbers):
        set_star(talk, number)
    actor = talk.cast.actor(ASKER)
    first = list_stars(talk.session, actor)
    assert [one.line.number for one in first.starred] == numbers[:STARRED_AT_ONCE]
    assert first.after is not None
    rest = list_stars(talk.session, actor, before=first.after)
    assert [one.line.number for one in rest.starred] == numbers[STARRED_AT_ONCE:]
    assert rest.after is None
