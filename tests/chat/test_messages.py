"""What is a message, how it is numbered, what comes after number N, and what sending twice does."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from chat import queries, services
from chat.errors import ClientIdReused, ConversationNotFound, MessageEmpty, MessageNotText, MessageTooLong
from chat.models import LONGEST_MESSAGE, Conversation, Message, MessageKind
from chat.queries import PAGE
from registry_core.db import new_id
from tests.chat.conftest import Talk


def numbers(talk: Talk, after: int = 0, name: str = "xuexiao_xueji") -> list[int]:
    page = queries.list_messages(talk.session, talk.cast.actor(name), talk.id, after=after)
    return [line.number for line in page.lines]


def count(talk: Talk) -> int:
    return talk.session.scalars(select(func.count()).where(Message.conversation_id == talk.id)).one()


# ── what is a message ─────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("body", ["", " ", "\n\t \r\n", "\u3000", "\u200b\ufeff\u2060"])
def test_nothing_but_space_is_no_message(talk: Talk, body: str) -> None:
    with pytest.raises(MessageEmpty):
        talk.say(body)


@pytest.mark.parametrize("sign", ["问", "a", "😀", "𠮷"])
def test_a_message_has_at_most_four_thousand_characters_whatever_their_bytes(talk: Talk, sign: str) -> None:
    assert len(talk.say(sign * LONGEST_MESSAGE).body) == 4_000
    with pytest.raises(MessageTooLong) as refusal:
        talk.say(sign * (LONGEST_MESSAGE + 1))
    assert "4000" in refusal.value.text


def test_space_at_the_ends_does_not_count(talk: Talk) -> None:
    assert talk.say(f"  {'问' * LONGEST_MESSAGE}\n\n").body == "问" * LONGEST_MESSAGE


def test_line_ends_count_once_as_the_writer_counted_them(talk: Talk) -> None:
    """Forms send two characters for each line end; the box that counted knew one."""
    assert talk.say("一\r\n" * 1_998 + "二\r三四").body.count("\n") == 1_999


def test_a_hundred_thousand_characters_are_refused_and_nothing_is_stored(talk: Talk) -> None:
    before = count(talk)
    with pytest.raises(MessageTooLong):
        talk.say("长" * 100_000)
    assert count(talk) == before


@pytest.mark.parametrize("sign", ["\x00", "\x07", "\x1b", "\x7f", "\x85", "\ud800"])
def test_what_is_no_text_is_refused(talk: Talk, sign: str) -> None:
    with pytest.raises(MessageNotText):
        talk.say(f"前{sign}后")


@pytest.mark.parametrize(
    "body",
    [
        "第一行\n第二行\t缩进",
        "<script>alert(1)</script> '; DROP TABLE message; --",
        "\u4e00\U00031350\U0002ebf0",
        "姓名用字：\ue5e5",
        "复制来的\u200b文字\ufeff和\u00ad软连字符",
        "👨‍👩‍👧 ❤️ 🏴\U000e0067\U000e0062\U000e007f",
        "مرحبا \u202eabc",
    ],
    ids=["lines", "markup", "rare names", "private use", "unseen signs", "emoji", "other directions"],
)
def test_all_that_people_write_is_stored_as_it_was(talk: Talk, body: str) -> None:
    talk.say(body)
    [line] = queries.list_messages(talk.session, talk.cast.actor("xian_jishu"), talk.id, after=2).lines
    assert line.body == body


# ── numbers ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_messages_of_both_sides_and_the_house_are_numbered_in_one_row(talk: Talk) -> None:
    talk.say("您好", "xian_jishu")
    services.post_note(talk.session, talk.id, body="已记录")
    talk.say("谢谢")
    assert numbers(talk) == [1, 2, 3, 4, 5]
    assert talk.session.get_one(Conversation, talk.id, populate_existing=True).last_number == 5


def test_a_refused_message_leaves_no_gap(talk: Talk) -> None:
    talk.say("一")
    with pytest.raises(MessageEmpty):
        talk.say(" ")
    assert talk.say("二").number == 4


def test_one_asks_for_what_came_after_a_number(talk: Talk) -> None:
    talk.say("三")
    talk.say("四")
    assert [numbers(talk, after) for after in (0, 2, 3, 4, 99)] == [[1, 2, 3, 4], [3, 4], [4], [], []]


@pytest.mark.parametrize(("extra", "more"), [(0, False), (1, True)])
def test_a_page_holds_two_hundred_and_says_whether_more_follow(talk: Talk, extra: int, *, more: bool) -> None:
    for _ in range(PAGE - 2 + extra):
        services.post_note(talk.session, talk.id, body="一条")
    page = queries.list_messages(talk.session, talk.cast.actor("xuexiao_xueji"), talk.id)
    assert (len(page.lines), page.more, page.last_number) == (PAGE, more, PAGE + extra)
    assert numbers(talk, after=page.lines[-1].number) == list(range(PAGE + 1, PAGE + extra + 1))


def test_the_last_page_ends_with_the_last_message(talk: Talk) -> None:
    for _ in range(PAGE):
        services.post_note(talk.session, talk.id, body="一条")
    page = queries.read_recent(talk.session, talk.id)
    assert [page.lines[0].number, page.lines[-1].number] == [3, PAGE + 2]


# ── sent twice ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_sent_twice_it_is_stored_once_and_gives_the_same_number(talk: Talk) -> None:
    first, is_new = talk.send("收到了吗？", client_id="m-1")
    again, is_new_again = talk.send("收到了吗？", client_id="m-1")
    assert (is_new, is_new_again) == (True, False)
    assert (first.number, first.id) == (again.number, again.id)
    assert talk.say("下一条").number == first.number + 1


def test_space_at_the_ends_makes_no_other_message(talk: Talk) -> None:
    first = talk.say("收到了吗？", client_id="m-1")
    assert talk.say(" 收到了吗？\r\n", client_id="m-1").number == first.number


def test_another_text_under_a_used_id_is_refused(talk: Talk) -> None:
    talk.say("收到了吗？", client_id="m-1")
    with pytest.raises(ClientIdReused):
        talk.say("另一句", client_id="m-1")
    assert numbers(talk) == [1, 2, 3]


def test_two_people_may_happen_to_use_one_id(talk: Talk) -> None:
    assert talk.say("问", client_id="m-1").number != talk.say("答", "xian_jishu", client_id="m-1").number


# ── conversations that are not theirs ─────────────────────────────────────────────────────────────────────────────────


def test_an_unknown_conversation_does_not_exist(talk: Talk) -> None:
    actor = talk.cast.actor("xuexiao_xueji")
    with pytest.raises(ConversationNotFound):
        services.post_message(talk.session, actor, new_id(), client_id="m-1", body="您好")
    with pytest.raises(ConversationNotFound):
        queries.list_messages(talk.session, actor, new_id())
    with pytest.raises(ConversationNotFound):
        services.mark(talk.session, actor, new_id(), delivered=1, read=1)


def test_a_conversation_that_nobody_keeps_is_closed_to_all(talk: Talk) -> None:
    actor = talk.cast.actor("xuexiao_xueji")
    kept_by_nobody = services.open_conversation(talk.session, account_ids=[actor.account_id])
    with pytest.raises(ConversationNotFound):
        queries.list_messages(talk.session, actor, kept_by_nobody.id)


# ── marks ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_marks_move_forward_only_and_never_past_the_last_message(talk: Talk) -> None:
    actor = talk.cast.actor("xuexiao_xueji")

    def mark(delivered: int, read: int) -> tuple[int, int] | None:
        return services.mark(talk.session, actor, talk.id, delivered=delivered, read=read)

    assert mark(1, 0) == (1, 0)
    assert mark(2, 1) == (2, 1)
    assert mark(1, 0) is None
    assert mark(99, 99) == (2, 2)
    assert mark(99, 99) is None


def test_what_is_read_was_delivered(talk: Talk) -> None:
    actor = talk.cast.actor("xuexiao_xueji")
    assert services.mark(talk.session, actor, talk.id, delivered=0, read=2) == (2, 2)


def test_unread_are_the_messages_of_others_after_the_mark(talk: Talk) -> None:
    asker = talk.cast.id("xuexiao_xueji")
    talk.say("第一步", "xian_jishu")
    talk.say("我来试试")
    talk.say("第二步", "xian_jishu")
    services.post_note(talk.session, talk.id, body="已记录")
    assert queries.count_unread(talk.session, asker, [talk.id]) == {talk.id: 2}
    services.mark(talk.session, talk.cast.actor("xuexiao_xueji"), talk.id, delivered=3, read=3)
    assert queries.count_unread(talk.session, asker, [talk.id]) == {talk.id: 1}


def test_who_reads_along_has_no_marks(talk: Talk) -> None:
    actor = talk.cast.actor("xian_jishu2")
    assert services.mark(talk.session, actor, talk.id, delivered=2, read=2) is None


def test_a_note_has_no_sender_and_a_text_has_one(talk: Talk) -> None:
    talk.say("您好")
    page = queries.list_messages(talk.session, talk.cast.actor("xuexiao_xueji"), talk.id)
    assert [(line.kind, line.sender_name) for line in page.lines] == [
        (MessageKind.TEXT, "李晓芸（演示）"),
        (MessageKind.NOTE, None),
        (MessageKind.TEXT, "李晓芸（演示）"),
    ]
