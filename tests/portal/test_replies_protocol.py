"""Replies and mentions over the live line, as docs/protocol.md promises them, against the web process as it runs."""

from __future__ import annotations

from tests.portal.protocol_house import ASKER, COLLEAGUE, NEIGHBOUR, TECHNICIAN, House, message, send
from tests.protocol_client import Talk

COUNTY = "xian_xueji"
NAME = "张国强（演示）"


def test_a_reply_tells_everybody_what_it_quotes_until_that_is_taken_back(house: House) -> None:
    talk = house.direct(COUNTY, ASKER)
    county, school = house.line(COUNTY), house.line(ASKER)
    Talk(talk).catch_up(school)
    asked = send(county, talk, "请在周五前核对名册")
    sent = message(talk, "好的", reply_to=asked["number"], quote="周五前")
    answer = school.call("message:send", sent)
    quote = {
        "number": asked["number"],
        "sender_name": "何文静（演示）",
        "body": "周五前",
        "is_gone": False,
        "is_covered": False,
    }
    assert answer["message"]["reply_to"] == quote
    assert school.call("message:send", sent)["message"]["number"] == answer["message"]["number"]
    other = {**sent, "reply_to": answer["message"]["number"], "quote": None}
    assert school.call("message:send", other)["error"]["code"] == "client_id_reused"
    county.call("message:take-back", {"conversation_id": talk, "number": asked["number"]})
    changed = school.hear("message:changed")
    assert (changed["number"], bool(changed["taken_back_at"])) == (asked["number"], True)
    page = school.call("message:sync", {"conversation_id": talk, "after": answer["message"]["number"] - 1})
    assert page["messages"][0]["reply_to"] == {**quote, "body": "", "is_gone": True}


def test_what_cannot_be_quoted_is_refused_and_the_next_message_goes_through(house: House) -> None:
    talk = house.direct(COUNTY, ASKER)
    line = house.line(COUNTY)
    number = send(line, talk, "学" * 600)["number"]
    for more, code in (
        ({"reply_to": number, "quote": "周四"}, "quote_gone"),
        ({"reply_to": number + 9}, "quote_gone"),
        ({"reply_to": number, "quote": "学" * 501}, "quote_too_long"),
        ({"reply_to": 0}, "invalid_input"),
        ({"mentions": [house.id_of(ASKER)] * 21}, "invalid_input"),
        ({"mentions_all": True}, "owners_only"),
        ({"reply": number}, "invalid_input"),
    ):
        assert line.call("message:send", message(talk, "好的", **more))["error"]["code"] == code
    assert send(line, talk, "一切照旧")["number"] == number + 1


def test_who_is_called_stands_in_the_packet_and_people_are_found_by_who_is_there(house: House) -> None:
    group = house.group(COUNTY, TECHNICIAN, COLLEAGUE)
    county, technician = house.line(COUNTY), house.line(TECHNICIAN)
    Talk(group).catch_up(technician)
    found = county.call("conversation:people", {"conversation_id": group, "words": "zgq"})
    assert [one["name"] for one in found["people"]] == [NAME]
    assert found["may_call_all"]
    assert not technician.call("conversation:people", {"conversation_id": group})["may_call_all"]
    stranger = house.line(NEIGHBOUR).call("conversation:people", {"conversation_id": group})
    assert stranger["error"]["code"] == "conversation_not_found"
    called = [one["account_id"] for one in found["people"]]
    sent = message(group, f"@{NAME} 请看", mentions=[*called, house.id_of(NEIGHBOUR)], mentions_all=True)
    assert county.call("message:send", sent)["ok"]
    heard = technician.hear("message:new")
    assert heard["mentions"] == [{"account_id": called[0], "name": NAME}]
    assert heard["mentions_all"]
    assert county.call("message:send", message(group, "大家好"))["message"]["mentions"] == []
