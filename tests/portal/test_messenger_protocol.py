"""The messenger over the live line, as docs/protocol.md promises it, against the web process as it really runs."""

from __future__ import annotations

from tests.portal.protocol_house import ASKER, COLLEAGUE, NEIGHBOUR, TECHNICIAN, House, message, send
from tests.protocol_client import Inbox, Talk

COUNTY = "xian_xueji"


def test_what_is_said_to_somebody_reaches_every_line_of_theirs_and_counts_as_unread(house: House) -> None:
    talk = house.direct(COUNTY, ASKER)
    county, school, phone = house.line(COUNTY), house.line(ASKER), house.line(ASKER)
    inbox = Inbox()
    inbox.catch_up(school)
    before = inbox.with_unread
    last = send(county, talk, "您好")["number"]
    for line in (school, phone):
        changed = line.hear("conversations:changed")
        assert (changed["conversation_id"], changed["what"]) == (talk, "message")
    assert inbox.catch_up(school) == [talk]
    assert inbox.conversations[talk]["kind"] == "direct"
    assert inbox.conversations[talk]["unread"] >= 1
    assert inbox.with_unread == before + 1
    phone.call("message:mark", {"conversation_id": talk, "delivered": last, "read": last})
    assert school.hear("conversations:changed")["what"] == "read"
    inbox.catch_up(school)
    assert (inbox.conversations[talk]["unread"], inbox.with_unread) == (0, before)


def test_who_has_a_conversation_open_gets_the_message_alone_and_every_other_line_word_of_it(house: House) -> None:
    direct, group = house.direct(COUNTY, ASKER), house.group(COUNTY, ASKER)
    county, opened, closed = house.line(COUNTY), house.line(ASKER), house.line(ASKER)
    for talk in (direct, group):
        for line in (county, opened, closed):
            Inbox().catch_up(line)
            if line is not closed:
                Talk(talk).catch_up(line)
            line.events.clear()
        send(county, talk, "请看通知")
        word = closed.hear("conversations:changed")
        assert (word["conversation_id"], word["what"]) == (talk, "message")
        assert opened.hear("message:new")["body"] == "请看通知"
        assert opened.heard("conversations:changed") == []
        assert closed.heard("message:new") == []
        assert county.heard("conversations:changed") == []


def test_a_lively_group_hears_everything_in_its_order(house: House) -> None:
    group = house.group(COUNTY, ASKER, TECHNICIAN, COLLEAGUE)
    listener = house.line(COUNTY)
    Talk(group).catch_up(listener)
    writers = [house.line(who) for who in (ASKER, TECHNICIAN, COLLEAGUE)]
    sent = [(line, [line.send("message:send", message(group, f"{turn}")) for turn in range(15)]) for line in writers]
    answers = [line.answer(number) for line, numbers in sent for number in numbers]
    last = max(answer["message"]["number"] for answer in answers)
    heard = [listener.hear("message:new")["number"] for _ in answers]
    assert heard == list(range(last - len(answers) + 1, last + 1))


def test_a_question_is_among_all_conversations_and_not_in_the_count(house: House, conversation: str) -> None:
    inbox = Inbox()
    inbox.catch_up(house.line(ASKER))
    assert inbox.conversations[conversation]["kind"] == "other"


def test_members_hear_of_a_group_and_who_is_taken_out_hears_nothing_more(house: House) -> None:
    group = house.group(COUNTY, TECHNICIAN, COLLEAGUE)
    county, technician, colleague = house.line(COUNTY), house.line(TECHNICIAN), house.line(COLLEAGUE)
    inbox = Inbox()
    for line in (technician, colleague):
        inbox.catch_up(line)
        Talk(group).catch_up(line)
    send(county, group, "开会")
    assert technician.hear("message:new")["body"] == "开会"
    technician.events.clear()
    house.press(COUNTY, f"/messages/{group}/members/remove", {"account_id": house.id_of(TECHNICIAN)})
    assert technician.hear("conversations:changed")["what"] == "members"
    technician.heard("message:new")
    technician.events.clear()
    colleague.hear("conversations:changed")
    Talk(group).catch_up(colleague)
    send(county, group, "只对留下的人说")
    assert technician.heard("message:new") == []
    assert colleague.hear("message:new")["body"] in {"开会", "只对留下的人说"}
    assert technician.call("message:sync", {"conversation_id": group})["error"]["code"] == "conversation_not_found"
    inbox.conversations[group] = {}
    inbox.cursor = ""
    inbox.catch_up(technician)
    assert group not in inbox.conversations


def test_who_is_there_is_told_of_those_with_whom_one_talks_and_of_nobody_else(house: House) -> None:
    talk = house.direct(COUNTY, ASKER)
    county, school = house.line(COUNTY), house.line(ASKER)
    send(county, talk, "在吗")
    asker = house.id_of(ASKER)
    Inbox().catch_up(school)
    assert county.call("conversations:presence", {})["people"][asker] is True
    assert house.id_of(TECHNICIAN) not in school.call("conversations:presence", {"conversation_id": None})["people"]
    strange = house.line(NEIGHBOUR).call("conversations:presence", {"conversation_id": talk})
    assert strange["error"]["code"] == "conversation_not_found"


def test_a_cursor_of_elsewhere_means_reload(house: House) -> None:
    inbox = Inbox(cursor="1.1")
    assert inbox.catch_up(house.line(ASKER)) == []
    assert inbox.must_reload
    inbox.catch_up(house.line(ASKER))
    assert not inbox.must_reload
