"""Replies quote what was said when they were sent; the quoted words belong to who said them."""

from __future__ import annotations

import pytest
from sqlalchemy import event

from chat import policies, presenters, queries, services
from chat.errors import ClientIdReused, QuoteGone, QuoteTooLong
from chat.models import Message
from chat.presenters.acts import packets_of
from chat.presenters.replies import QuoteView
from chat.services import Post, Posted, acts
from chat.services.files import FilesSent, post_with_files
from chat.services.messages import post_one
from chat.services.replies import About
from registry_core.db import new_id
from registry_core.errors import DomainError
from tests.chat.conftest import Talk

ASKER, ANSWERER, COUNTY = "xuexiao_xueji", "xian_jishu", "xian_xueji"
NOTE = 2
MOBILE, COVERED = "13800138000", "138●●●●●●00"


def post(talk: Talk, body: str, about: About, *, name: str = ANSWERER, client_id: str = "") -> Post:
    actor = talk.cast.actor(name)
    access = queries.get_access(talk.session, actor, talk.id)
    return Post(actor, talk.id, client_id or str(new_id()), body, access, about)


def reply(talk: Talk, number: int, quote: str = "", *, body: str = "好的", name: str = ANSWERER) -> Message:
    return post_one(talk.session, post(talk, body, About(number, quote), name=name)).message


def quote_to(talk: Talk, number: int, name: str = ASKER) -> QuoteView:
    """What a reply quotes on somebody's page."""
    view = presenters.view_conversation(talk.session, talk.cast.actor(name), talk.id, may_write=True)
    found = next(one.reply_to for one in view.messages if one.number == number)
    assert found is not None
    return found


def packet_to(talk: Talk, number: int, name: str | None) -> dict[str, object]:
    """What a reply quotes in a packet for somebody, or for the room."""
    actor = talk.cast.actor(name) if name else None
    page = queries.read_messages(talk.session, talk.id, after=number - 1)
    [packet] = packets_of(talk.session, actor, page.lines[:1])
    quote: dict[str, object] = packet["reply_to"]
    return quote


# ── what is quoted ────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_reply_quotes_the_beginning_and_with_a_selection_the_selected_part(talk: Talk) -> None:
    asked = talk.say("请问" + "学籍" * 100)
    short, chosen = reply(talk, asked.number), reply(talk, asked.number, " 学籍学籍 \r\n")
    assert quote_to(talk, short.number).body == asked.body[:120]
    assert quote_to(talk, chosen.number) == QuoteView(
        asked.number, "李晓芸（演示）", "学籍学籍", is_gone=False, is_covered=False
    )
    assert packet_to(talk, chosen.number, None) == {
        "number": asked.number,
        "sender_name": "李晓芸（演示）",
        "body": "学籍学籍",
        "is_gone": False,
        "is_covered": False,
    }


def test_a_message_without_reply_quotes_nothing(talk: Talk) -> None:
    said = talk.say("您好")
    assert packet_to(talk, said.number, None) is None


@pytest.mark.parametrize(("length", "may"), [(500, True), (501, False)])
def test_at_most_five_hundred_characters_are_quoted(talk: Talk, length: int, *, may: bool) -> None:
    asked = talk.say("学" * 600)
    if may:
        assert reply(talk, asked.number, "学" * length).quote == "学" * length
        return
    with pytest.raises(QuoteTooLong):
        reply(talk, asked.number, "学" * length)


def test_what_was_not_said_is_not_quoted(talk: Talk) -> None:
    asked = talk.say("周五之前")
    with pytest.raises(QuoteGone):
        reply(talk, asked.number, "周四之前")
    for number in (NOTE, asked.number + 7):
        with pytest.raises(QuoteGone):
            reply(talk, number)
    acts.take_back(talk.session, talk.cast.actor(ASKER), talk.id, asked.number)
    with pytest.raises(QuoteGone):
        reply(talk, asked.number)


def test_the_quote_stays_when_its_message_is_edited_and_goes_when_it_is_taken_back(talk: Talk) -> None:
    asked = talk.say("周四之前")
    answer = reply(talk, asked.number, "周四")
    acts.edit_message(talk.session, talk.cast.actor(ASKER), talk.id, asked.number, body="周五之前")
    assert quote_to(talk, answer.number).body == "周四"
    acts.take_back(talk.session, talk.cast.actor(ASKER), talk.id, asked.number)
    gone = QuoteView(asked.number, "李晓芸（演示）", "", is_gone=True, is_covered=False)
    assert quote_to(talk, answer.number) == gone
    assert (packet_to(talk, answer.number, None)["is_gone"], packet_to(talk, answer.number, None)["body"]) == (True, "")


def test_a_reply_that_is_taken_back_quotes_nothing_any_more(talk: Talk) -> None:
    answer = reply(talk, talk.say("周四之前").number)
    acts.take_back(talk.session, talk.cast.actor(ANSWERER), talk.id, answer.number)
    assert packet_to(talk, answer.number, None) is None


# ── sent twice, sent together ─────────────────────────────────────────────────────────────────────────────────────────


def test_the_same_id_with_another_reply_is_refused_and_with_the_same_gives_the_stored_one_back(talk: Talk) -> None:
    asked, other = talk.say("周四之前"), talk.say("还有照片")
    about = About(asked.number, "周四")
    first = post_one(talk.session, post(talk, "好的", about, client_id="a"))
    for changed in (About(other.number), About(), About(asked.number, "之前")):
        with pytest.raises(ClientIdReused):
            post_one(talk.session, post(talk, "好的", changed, client_id="a"))
    # The acknowledgement was lost, and by now the message is gone: what is stored stays stored.
    acts.take_back(talk.session, talk.cast.actor(ASKER), talk.id, asked.number)
    again = post_one(talk.session, post(talk, "好的", about, client_id="a"))
    assert (again.is_new, again.message.number) == (False, first.message.number)


def test_replies_of_many_are_stored_together_and_one_that_is_refused_stops_none(talk: Talk) -> None:
    asked = talk.say("周四之前")
    outcomes = services.post_messages(
        talk.session,
        [
            post(talk, "一", About(asked.number), name=ANSWERER),
            post(talk, "二", About(asked.number, "周五"), name=ANSWERER),
            post(talk, "三", About(), name=ASKER),
            post(talk, "四", About(asked.number, "之前"), name=ASKER),
        ],
    )
    refused = [type(one) for one in outcomes if isinstance(one, DomainError)]
    stored = [one.message for one in outcomes if isinstance(one, Posted)]
    assert refused == [QuoteGone]
    assert [(one.body, one.quote) for one in stored] == [("一", "周四之前"), ("三", None), ("四", "之前")]
    assert [one.number for one in stored] == [asked.number + 1, asked.number + 2, asked.number + 3]


def test_without_replies_nothing_more_is_asked_of_the_database(talk: Talk) -> None:
    asked = talk.say("周四之前")

    def count(about: About) -> int:
        wanted = post(talk, "好的", about)
        asked_for: list[str] = []

        def note(_conn: object, _cursor: object, statement: str, *_rest: object) -> None:
            asked_for.append(statement)

        engine = talk.session.get_bind().engine
        event.listen(engine, "before_cursor_execute", note)
        services.post_messages(talk.session, [wanted])
        event.remove(engine, "before_cursor_execute", note)
        return len([one for one in asked_for if "FROM message" in one or "INSERT INTO message" in one])

    assert count(About()) == 1
    assert count(About(asked.number)) == 2


def test_a_message_with_files_replies_too(talk: Talk) -> None:
    sent = FilesSent(talk.id, "a", "见附件", [], About(talk.say("照片呢？").number))
    message, is_new = post_with_files(talk.session, talk.cast.actor(ANSWERER), sent)
    assert is_new
    assert quote_to(talk, message.number).body == "照片呢？"


# ── numbers of persons ────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_quoted_number_is_covered_as_that_of_who_said_it(talk: Talk) -> None:
    """The school may not read the number of the county's technician, also where it quotes it itself."""
    asked = talk.say(f"打我电话 {MOBILE} 也行", ANSWERER)
    answer = reply(talk, asked.number, f"电话 {COVERED}", name=ASKER)
    assert quote_to(talk, answer.number, ASKER).body == f"电话 {COVERED}"
    assert quote_to(talk, answer.number, ASKER).is_covered
    assert packet_to(talk, answer.number, ASKER)["body"] == f"电话 {COVERED}"
    assert quote_to(talk, answer.number, ANSWERER).body == f"电话 {MOBILE}"
    assert packet_to(talk, answer.number, ANSWERER)["body"] == f"电话 {MOBILE}"
    assert packet_to(talk, answer.number, None)["body"] == f"电话 {COVERED}"


def test_half_a_number_is_quoted_whole_and_so_covered(talk: Talk) -> None:
    asked = talk.say(f"打我电话 {MOBILE} 也行", ANSWERER)
    with pytest.raises(QuoteGone):  # nobody finds out what stands below the cover
        reply(talk, asked.number, MOBILE[:8], name=ASKER)
    answer = reply(talk, asked.number, f"电话 {MOBILE[:9]}", name=ANSWERER)
    assert quote_to(talk, answer.number, ASKER).body == f"电话 {COVERED}"


def test_the_beginning_of_a_message_is_not_cut_within_a_number(talk: Talk) -> None:
    asked = talk.say("字" * 115 + MOBILE, ANSWERER)
    answer = reply(talk, asked.number, name=ANSWERER)
    assert quote_to(talk, answer.number, ASKER).body == "字" * 115 + COVERED


# ── where one left off ────────────────────────────────────────────────────────────────────────────────────────────────


def unread_of(talk: Talk, name: str) -> tuple[int, int]:
    view = presenters.view_conversation(talk.session, talk.cast.actor(name), talk.id, may_write=True)
    return view.unread.first, view.unread.count


def test_a_page_knows_the_first_unread_message_of_others(talk: Talk) -> None:
    services.mark(talk.session, talk.cast.actor(ANSWERER), talk.id, delivered=9, read=9)
    talk.say("我自己说的", ANSWERER)
    first = talk.say("新的一条")
    talk.say("新的两条")
    services.post_note(talk.session, talk.id, body="转交")
    assert unread_of(talk, ANSWERER) == (first.number, 2)
    services.mark(talk.session, talk.cast.actor(ANSWERER), talk.id, delivered=9, read=first.number)
    assert unread_of(talk, ANSWERER) == (first.number + 1, 1)
    services.mark(talk.session, talk.cast.actor(ANSWERER), talk.id, delivered=9, read=9)
    assert unread_of(talk, ANSWERER) == (0, 0)


def test_who_reads_along_has_nothing_unread(talk: Talk) -> None:
    talk.say("新的一条")
    assert policies.access_to(talk.session, talk.cast.actor("xian_jishu2"), talk.id).may_read
    assert unread_of(talk, "xian_jishu2") == (0, 0)
