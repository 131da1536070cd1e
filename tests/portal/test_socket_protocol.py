"""The live line as docs/protocol.md promises it, against the web process as it really runs; mostly bad input."""

from __future__ import annotations

import threading
from typing import Any
from uuid import uuid4

import pytest

from tests.portal.protocol_house import (
    ASKER,
    COLLEAGUE,
    NEIGHBOUR,
    QUESTION,
    TECHNICIAN,
    House,
    message,
    said,
    send,
)
from tests.portal.test_web_process import Process
from tests.protocol_client import Line, LineRefused, Talk

# ── coming in ─────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("cookie", ["", "desk=made-up", "desk=eyJicm93c2VyIjoieCJ9.aAAAAA.signature"])
def test_without_a_cookie_of_the_house_no_line_comes_in(process: Process, cookie: str) -> None:
    with pytest.raises(LineRefused) as refused:
        Line(process.address, cookie)
    assert refused.value.code == "signed_out"
    assert "登录" in refused.value.message


# ── bodies that are no message ────────────────────────────────────────────────────────────────────────────────────────

REFUSED_BODIES = {
    "one character too long": ("中" * 4_001, "message_too_long"),
    "far too long": ("中" * 100_000, "message_too_long"),
    "empty": ("", "message_empty"),
    "white space": (" \n\t\u3000 ", "message_empty"),
    "a NUL": ("中\0文", "invalid_input"),
    "a control character": ("中\x07文", "message_not_text"),
    "a number": (7, "invalid_input"),
    "nothing": (None, "invalid_input"),
    "a list": (["中"], "invalid_input"),
    "an object": ({"text": "中"}, "invalid_input"),
}


@pytest.mark.parametrize("name", REFUSED_BODIES)
def test_what_is_no_message_is_refused_in_words_and_leaves_no_gap(house: House, conversation: str, name: str) -> None:
    body, code = REFUSED_BODIES[name]
    line = house.line(ASKER)
    refused = line.call("message:send", message(conversation, body))
    assert (refused["ok"], refused["error"]["code"]) == (False, code)
    assert len(refused["error"]["message"]) > 5
    assert send(line, conversation, "接着说")["number"] == 2
    assert said(line, conversation) == [QUESTION, "接着说"]


def test_the_longest_message_is_taken_whole(house: House, conversation: str) -> None:
    line = house.line(ASKER)
    assert send(line, conversation, "𠮷" * 4_000)["body"] == "𠮷" * 4_000
    assert said(line, conversation)[1] == "𠮷" * 4_000


def test_bytes_are_no_text(house: House, conversation: str) -> None:
    line = house.line(ASKER)
    hole = {"_placeholder": True, "num": 0}
    number = line.send_binary("message:send", message(conversation, hole), b"\x89PNG\r\n\x1a\n" + bytes(1_000))
    assert line.answer(number)["error"]["code"] == "invalid_input"
    assert said(line, conversation) == [QUESTION]


# ── shapes ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_client_cannot_name_a_sender(house: House, conversation: str) -> None:
    line = house.line(ASKER)
    for forged in ({"sender_id": str(uuid4())}, {"sender_name": "教育部"}, {"number": 1}, {"kind": "note"}):
        assert line.call("message:send", message(conversation, "冒名", **forged))["error"]["code"] == "invalid_input"
    assert said(line, conversation) == [QUESTION]


def test_payloads_of_another_shape_are_refused(house: House, conversation: str) -> None:
    line = house.line(ASKER)
    named = {"conversation_id": conversation}
    for name, *payload in (
        ("message:send", named),
        ("message:send", message("no-uuid", "好")),
        ("message:send", {**message(conversation, "好"), "client_id": ""}),
        ("message:send", {**message(conversation, "好"), "client_id": "x" * 65}),
        ("message:send", message(conversation, "好"), message(conversation, "好")),
        ("message:send", "好"),
        ("message:send",),
        ("message:sync", {**named, "after": -1}),
        ("message:sync", {**named, "after": 2**31}),
        ("message:sync", {**named, "after": "1"}),
        ("message:sync", {**named, "afer": 1}),
        ("message:mark", {**named, "delivered": 1.5, "read": 1}),
        ("message:sync", {**named, "changes_after": -1}),
        ("message:edit", {**named, "number": 0, "body": "好"}),
        ("message:edit", {**named, "number": 1}),
        ("message:take-back", {**named, "number": "1"}),
        ("message:take-back", {**named, "number": 1, "body": ""}),
        ("message:earlier", named),
        ("conversation:typing", {**named, "typing": "yes"}),
        ("presence:beat", {"at": 1}),
        ("conversations:sync", {"cursor": 7}),
        ("conversations:sync", {"cursor": "1" * 65}),
        ("conversations:sync", {"after": ""}),
        ("conversations:presence", {"conversation_id": "no-uuid"}),
    ):
        assert line.call(name, *payload)["error"]["code"] == "invalid_input", (name, payload)
    assert line.call("message:delete", named)["error"]["code"] == "unknown_command"
    assert said(line, conversation) == [QUESTION]


# ── rights ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_what_is_somebody_elses_does_not_exist(house: House, conversation: str) -> None:
    outsider = house.line(NEIGHBOUR)
    for name, more in (
        ("conversation:join", {}),
        ("message:sync", {}),
        ("message:send", {"client_id": "c", "body": "您好"}),
        ("message:mark", {"delivered": 1, "read": 1}),
        ("message:edit", {"number": 1, "body": "改"}),
        ("message:take-back", {"number": 1}),
        ("message:earlier", {"number": 1}),
        ("conversation:typing", {"typing": True}),
    ):
        theirs = outsider.call(name, {"conversation_id": conversation, **more})
        nobodys = outsider.call(name, {"conversation_id": str(uuid4()), **more})
        assert theirs == nobodys
        assert theirs["error"]["code"] == "conversation_not_found"
    asker = house.line(ASKER)
    assert said(asker, conversation) == [QUESTION]
    send(asker, conversation, "还在吗？")
    assert outsider.heard("message:new") == []


def test_an_edited_and_a_taken_back_message_reach_who_listens_and_who_comes_back(
    house: House, conversation: str
) -> None:
    asker, reader = house.line(ASKER), house.line(COLLEAGUE)
    send(asker, conversation, "发错了")
    talk = Talk(conversation)
    assert talk.catch_up(reader)["last_change"] == 0
    edited = asker.call("message:edit", {"conversation_id": conversation, "number": 2, "body": "还是错的"})["message"]
    assert (edited["body"], edited["change"]) == ("还是错的", 1)
    heard = reader.hear("message:changed")
    assert (heard["number"], heard["body"], heard["taken_back_at"]) == (2, "还是错的", None)
    earlier = reader.call("message:earlier", {"conversation_id": conversation, "number": 2})
    assert [text["body"] for text in earlier["texts"]] == ["发错了"]
    assert asker.call("message:take-back", {"conversation_id": conversation, "number": 2})["ok"]
    assert reader.hear("message:changed")["body"] == ""
    page = reader.call("message:sync", {"conversation_id": conversation, "after": 2, "changes_after": 1})
    assert [(one["number"], one["change"], one["body"]) for one in page["changes"]] == [(2, 2, "")]
    assert (page["last_change"], page["more_changes"], page["messages"]) == (2, False, [])
    assert reader.call("message:earlier", {"conversation_id": conversation, "number": 2})["texts"] == []
    again = reader.call("message:take-back", {"conversation_id": conversation, "number": 1})
    assert again["error"]["code"] == "conversation_read_only"


def test_who_reads_along_cannot_write(house: House, conversation: str) -> None:
    line = house.line(COLLEAGUE)
    joined = Talk(conversation).catch_up(line)
    assert joined["may_write"] is False
    assert line.call("message:send", message(conversation, "我来"))["error"]["code"] == "conversation_read_only"
    assert line.call("message:mark", {"conversation_id": conversation, "delivered": 1, "read": 1}) == {"ok": True}
    assert said(line, conversation) == [QUESTION]


# ── sending twice ─────────────────────────────────────────────────────────────────────────────────────────────────────


def test_sent_twice_is_stored_once(house: House, conversation: str) -> None:
    first, second = house.line(ASKER), house.line(ASKER)
    Talk(conversation).catch_up(second)
    packet = message(conversation, "还有一个问题")
    answers = [first.call("message:send", packet), second.call("message:send", packet)]
    assert answers[0] == answers[1]
    assert answers[0]["message"]["number"] == 2
    assert [heard["number"] for heard in second.heard("message:new")] == [2]
    changed = first.call("message:send", {**packet, "body": "换了内容"})
    assert changed["error"]["code"] == "client_id_reused"
    assert send(first, conversation, "接着说")["number"] == 3
    assert said(first, conversation) == [QUESTION, "还有一个问题", "接着说"]


def test_sent_many_times_at_once_is_stored_once_and_leaves_no_gap(house: House, conversation: str) -> None:
    lines = [house.line(ASKER) for _ in range(4)]
    packets = [message(conversation, str(number)) for number in range(10)]
    answers: list[list[dict[str, Any]]] = [[] for _ in lines]

    def talk(place: int) -> None:
        answers[place] = [lines[place].call("message:send", packet) for packet in packets]

    threads = [threading.Thread(target=talk, args=(place,)) for place in range(len(lines))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers[0][0]["ok"]
    assert all(each == answers[0] for each in answers)
    assert sorted(said(lines[0], conversation)) == sorted([QUESTION, *(packet["body"] for packet in packets)])


# ── hearing and coming back ───────────────────────────────────────────────────────────────────────────────────────────


def test_the_other_line_of_the_same_person_hears_and_the_sending_one_does_not(house: House, conversation: str) -> None:
    sending, reading, closed = house.line(ASKER), house.line(ASKER), house.line(ASKER)
    Talk(conversation).catch_up(sending)
    Talk(conversation).catch_up(reading)
    sent = send(sending, conversation, "两个窗口")
    assert reading.hear("message:new") == {**sent, "own": None}
    assert sending.heard("message:new") == []
    assert closed.heard("message:new") == []


def test_what_was_said_before_and_after_joining_comes_once_and_in_order(house: House, conversation: str) -> None:
    asker, colleague = house.line(ASKER), house.line(COLLEAGUE)
    pending = [asker.send("message:send", message(conversation, str(number))) for number in range(30)]
    talk = Talk(conversation)
    talk.catch_up(colleague)
    assert all(asker.answer(number)["ok"] for number in pending)
    for heard in colleague.heard("message:new", 1.0):
        talk.take(heard)
    assert talk.bodies == [QUESTION, *(str(number) for number in range(30))]
    assert talk.whole_up_to == 31


def test_after_a_lost_line_asking_after_the_last_number_brings_all_that_was_missed(
    house: House, conversation: str
) -> None:
    asker, colleague = house.line(ASKER), house.line(COLLEAGUE)
    talk = Talk(conversation)
    talk.catch_up(colleague)
    colleague.close()
    pending = [asker.send("message:send", message(conversation, str(number))) for number in range(205)]
    assert all(asker.answer(number)["ok"] for number in pending)
    again = house.line(COLLEAGUE)
    first = again.call("conversation:join", {"conversation_id": conversation, "after": 1})
    assert [one["number"] for one in first["messages"]] == list(range(2, 202))
    assert (first["more"], first["last_number"]) == (True, 206)
    talk.catch_up(again)
    assert talk.bodies == [QUESTION, *(str(number) for number in range(205))]
    nothing = again.call("message:sync", {"conversation_id": conversation, "after": 206})
    assert {name: nothing[name] for name in ("ok", "messages", "last_number", "more")} == {
        "ok": True,
        "messages": [],
        "last_number": 206,
        "more": False,
    }


def test_what_was_not_acknowledged_before_the_line_was_cut_is_sent_again_and_stored_once(
    house: House, conversation: str
) -> None:
    line = house.line(ASKER)
    packets = [message(conversation, str(number)) for number in range(20)]
    for packet in packets:
        line.send("message:send", packet)
    line.close()
    again = house.line(ASKER)
    answers = [again.call("message:send", packet) for packet in packets]
    assert all(answer["ok"] for answer in answers)
    assert said(again, conversation) == [QUESTION, *(packet["body"] for packet in packets)]


def test_marks_go_forward_only_and_the_others_see_them(house: House, conversation: str) -> None:
    house.take(conversation, TECHNICIAN)
    asker, technician = house.line(ASKER), house.line(TECHNICIAN)
    Talk(conversation).catch_up(technician)
    last = send(technician, conversation, "您好，我看一下。")["number"]
    asker.call("message:mark", {"conversation_id": conversation, "delivered": last, "read": 1})
    marks = technician.hear("conversation:marks")
    assert (marks["delivered"], marks["read"]) == (last, 1)
    asker.call("message:mark", {"conversation_id": conversation, "delivered": 10_000, "read": last})
    asker.call("message:mark", {"conversation_id": conversation, "delivered": 0, "read": 0})
    joined = Talk(conversation).catch_up(asker)
    assert joined["marks"][marks["account_id"]] == [last, last]


def test_a_typing_sign_names_who_types_and_reaches_the_others_alone(house: House, conversation: str) -> None:
    asker, colleague = house.line(ASKER), house.line(COLLEAGUE)
    Talk(conversation).catch_up(asker)
    Talk(conversation).catch_up(colleague)
    asker.call("conversation:typing", {"conversation_id": conversation, "typing": True})
    sign = colleague.hear("conversation:typing")
    assert (sign["name"], sign["typing"]) == ("李晓芸（演示）", True)
    assert asker.heard("conversation:typing") == []
    colleague.call("conversation:typing", {"conversation_id": conversation, "typing": True})
    assert asker.heard("conversation:typing") == []
