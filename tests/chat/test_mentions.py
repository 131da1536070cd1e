"""People called by name: only who is there, only where the name stands, and also where the conversation is muted."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from chat import queries, services
from chat.errors import ConversationNotFound, OwnersOnly
from chat.events import PeopleMentioned
from chat.models import Message, Participant
from chat.presence import Presence
from chat.presenters import view_conversation
from chat.presenters.acts import packets_of
from chat.presenters.messenger import list_rows
from chat.presenters.replies import split_said
from chat.queries.messenger import count_with_news, list_threads
from chat.queries.replies import Mentioned, search_present
from chat.reactions import tell_of_mention
from chat.services import Post, acts, groups, members
from chat.services.messages import post_one
from chat.services.replies import About, may_call_all
from registry_core.accounts.models import Account
from registry_core.accounts.services.names import spell_names
from registry_core.db import new_id
from registry_core.notifications.models import Notice
from registry_core.notifications.presenters import present
from registry_core.rules.loader import load_packs
from tests.chat.conftest import Talk
from tests.conftest import Cast

OWNER, MEMBER, OTHER, OUTSIDER = "xian_xueji", "xian_jishu", "xuexiao_xueji", "linsheng_xueji"
NAME, OTHERS_NAME = "张国强（演示）", "李晓芸（演示）"


@dataclass(frozen=True, slots=True)
class Group:
    """A group by hand with two members beside its owner."""

    session: Session
    cast: Cast
    id: UUID

    def say(self, body: str, *names: str, to_all: bool = False, by: str = OWNER) -> Message:
        """Say something that calls people."""
        actor = self.cast.actor(by)
        about = About(mentions=tuple(self.cast.id(name) for name in names), mentions_all=to_all)
        access = queries.get_access(self.session, actor, self.id)
        return post_one(self.session, Post(actor, self.id, str(new_id()), body, access, about)).message

    def called(self, message: Message) -> list[dict[str, str]]:
        page = queries.read_messages(self.session, self.id, after=message.number - 1)
        [packet] = packets_of(self.session, None, page.lines[:1])
        mentions: list[dict[str, str]] = packet["mentions"]
        return mentions

    def tell(self, message: Message) -> None:
        """Let the worker do what follows."""
        tell_of_mention(self.session, PeopleMentioned(self.id, message.number))

    def notices(self, name: str, *, is_read: bool = False) -> list[Notice]:
        query = select(Notice).where(Notice.account_id == self.cast.id(name), Notice.read_at.is_not(None) == is_read)
        return list(self.session.scalars(query.execution_options(populate_existing=True)))

    def read(self, name: str, number: int) -> None:
        services.mark(self.session, self.cast.actor(name), self.id, delivered=number, read=number)

    def badge(self, presence: Presence, name: str) -> bool:
        [row] = [one for one in list_rows(self.session, presence, self.cast.actor(name)) if one.id == self.id]
        return row.is_called

    def in_menu(self, name: str) -> int:
        actor = self.cast.actor(name)
        return count_with_news(self.session, actor, list_threads(self.session, actor))


@pytest.fixture
def group(session: Session, cast: Cast) -> Group:
    load_packs(session)
    while spell_names(session):
        pass
    owner = cast.actor(OWNER)
    made = groups.make_group(session, owner, name="名册核对")
    for name in (MEMBER, OTHER):
        members.add_member(session, owner, made, cast.id(name))
    return Group(session, cast, made)


# ── who is called ─────────────────────────────────────────────────────────────────────────────────────────────────────


def test_called_is_who_is_there_and_whose_name_stands_in_the_text(group: Group) -> None:
    said = group.say(f"@{NAME} 请看，@何文静（演示） @韩雪（演示）", MEMBER, OTHER, OUTSIDER, OWNER)
    assert group.called(said) == [{"account_id": str(group.cast.id(MEMBER)), "name": NAME}]
    group.tell(said)
    assert [len(group.notices(name)) for name in (MEMBER, OTHER, OUTSIDER, OWNER)] == [1, 0, 0, 0]


def test_an_edit_keeps_whose_name_still_stands_and_calls_nobody_new(group: Group) -> None:
    said = group.say(f"@{NAME} @{OTHERS_NAME} 请看", MEMBER, OTHER)
    actor = group.cast.actor(OWNER)
    acts.edit_message(group.session, actor, group.id, said.number, body=f"@{OTHERS_NAME} 请看")
    assert [one["name"] for one in group.called(said)] == [OTHERS_NAME]
    acts.take_back(group.session, actor, group.id, said.number)
    assert group.called(said) == []
    group.tell(said)
    assert group.notices(OTHER) == []


def test_owners_alone_call_everybody(group: Group) -> None:
    with pytest.raises(OwnersOnly):
        group.say("@所有人 请看", to_all=True, by=MEMBER)
    assert may_call_all(group.session, group.cast.actor(OWNER), group.id)
    assert not may_call_all(group.session, group.cast.actor(MEMBER), group.id)
    said = group.say("@所有人 请看", to_all=True)
    group.tell(said)
    assert [len(group.notices(name)) for name in (OWNER, MEMBER, OTHER)] == [0, 1, 1]


# ── called for ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_who_is_called_hears_of_it_once_also_where_the_group_is_muted(group: Group, presence: Presence) -> None:
    groups.mute(group.session, group.cast.actor(MEMBER), group.id, is_muted=True)
    group.say("大家好")
    assert (group.badge(presence, MEMBER), group.in_menu(MEMBER)) == (False, 0)
    said = group.say(f"@{NAME} 家长电话 13800138000", MEMBER)
    assert (group.badge(presence, MEMBER), group.badge(presence, OTHER)) == (True, False)
    assert group.in_menu(MEMBER) == 1
    group.tell(said)
    group.tell(said)
    [notice] = group.notices(MEMBER)
    assert notice.url == f"/messages/{group.id}?at={said.number}"
    assert notice.details == {"name": "何文静（演示）", "talk": "名册核对"}
    assert group.notices(OTHER) == []


def test_the_notice_says_who_called_where(group: Group, presence: Presence) -> None:
    group.tell(group.say(f"@{NAME} 请看", MEMBER))
    [notice] = group.notices(MEMBER)
    assert "何文静（演示）" in present(notice).text
    assert "名册核对" in present(notice).text
    del presence


def test_who_has_read_it_hears_of_nothing_and_reading_takes_the_notice_back(group: Group, presence: Presence) -> None:
    first = group.say(f"@{NAME} 一", MEMBER)
    group.read(MEMBER, first.number)
    group.tell(first)
    assert group.notices(MEMBER) == []
    second, third = group.say(f"@{NAME} 二", MEMBER), group.say("@所有人 三", to_all=True)
    group.tell(second)
    group.tell(third)
    group.read(MEMBER, second.number)
    assert [len(group.notices(MEMBER, is_read=one)) for one in (True, False)] == [1, 1]
    assert group.badge(presence, MEMBER)
    group.read(MEMBER, third.number)
    assert group.notices(MEMBER) == []
    assert not group.badge(presence, MEMBER)


def test_who_has_left_meanwhile_hears_of_nothing(group: Group) -> None:
    said = group.say(f"@{NAME} 请看", MEMBER)
    members.remove_member(group.session, group.cast.actor(OWNER), group.id, group.cast.id(MEMBER))
    group.tell(said)
    assert group.notices(MEMBER) == []


def test_the_asker_of_a_question_is_called_to_its_page(talk: Talk) -> None:
    group = Group(talk.session, talk.cast, talk.id)
    said = group.say(f"@{OTHERS_NAME} 请补一张照片", OTHER, by=MEMBER)
    group.tell(said)
    [notice] = group.notices(OTHER)
    assert notice.url.startswith("/questions/")
    assert group.called(said)


# ── the list behind an @ ──────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("words", ["国强", "zhangguo", "zgq", "ZGQ"])
def test_people_of_the_conversation_are_found_by_name_pinyin_and_initials(group: Group, words: str) -> None:
    assert search_present(group.session, group.cast.actor(OWNER), group.id, words) == [
        Mentioned(group.cast.id(MEMBER), NAME)
    ]


def test_only_the_others_who_are_there_are_offered_and_only_to_who_may_read(group: Group) -> None:
    def offered(name: str) -> set[UUID]:
        return {one.account_id for one in search_present(group.session, group.cast.actor(name), group.id, "")}

    assert offered(OWNER) == {group.cast.id(MEMBER), group.cast.id(OTHER)}
    group.session.execute(update(Account).where(Account.user_name == OTHER).values(closed_at=Account.created_at))
    assert offered(OWNER) == {group.cast.id(MEMBER)}
    group.session.execute(
        update(Participant)
        .where(Participant.account_id == group.cast.id(MEMBER), Participant.conversation_id == group.id)
        .values(left_at=Participant.joined_at)
    )
    assert offered(OWNER) == set()
    with pytest.raises(ConversationNotFound):
        offered(OUTSIDER)


# ── how it is drawn ───────────────────────────────────────────────────────────────────────────────────────────────────


def test_names_are_marked_one_s_own_apart_and_the_text_stays_text(group: Group) -> None:
    group.say(f"<b>@{NAME}</b> 和 @{OTHERS_NAME} 见 https://example.org/@{NAME}", MEMBER, OTHER)
    view = view_conversation(group.session, group.cast.actor(MEMBER), group.id, may_write=True)
    parts = view.messages[-1].parts
    assert "".join(part.words for part in parts) == view.messages[-1].body
    assert [(part.words, part.called) for part in parts if part.called] == [
        (f"@{NAME}", "me"),
        (f"@{OTHERS_NAME}", "other"),
    ]
    assert parts[0].words == "<b>"


def test_the_longer_of_two_names_is_meant() -> None:
    me, other = new_id(), new_id()
    called = [Mentioned(me, "张伟"), Mentioned(other, "张伟明")]
    parts = split_said("@张伟明 @张伟 @所有人", called, me, calls_all=True)
    assert [(part.words, part.called) for part in parts if part.called] == [
        ("@张伟明", "other"),
        ("@张伟", "me"),
        ("@所有人", "me"),
    ]
