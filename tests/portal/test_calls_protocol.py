"""Calls over the live line, as docs/protocol.md promises them, against the web process as it really runs."""

from __future__ import annotations

import json
from typing import Any
from uuid import uuid4

from tests.portal.protocol_house import ASKER, COLLEAGUE, NEIGHBOUR, TECHNICIAN, House
from tests.protocol_client import Line

COUNTY = "xian_xueji"


def start(line: Line, conversation: str, device: str, kind: str = "voice") -> dict[str, Any]:
    return line.call("call:start", {"conversation_id": conversation, "kind": kind, "device": device})


def answer(line: Line, call_id: str, device: str) -> dict[str, Any]:
    return line.call("call:accept", {"call_id": call_id, "device": device})


def states(call: dict[str, Any]) -> dict[str, str]:
    return {one["account_id"]: one["state"] for one in call["people"]}


def signal(line: Line, call_id: str, to: str, data: str) -> dict[str, Any]:
    return line.call("call:signal", {"call_id": call_id, "to": to, "data": data})


def hang_up(line: Line, call_id: str, device: str) -> None:
    assert line.call("call:leave", {"call_id": call_id, "device": device})["call"]["state"] == "ended"


def test_a_call_rings_on_all_lines_is_answered_on_one_and_the_others_hear_of_it(house: House) -> None:
    talk = house.direct(COUNTY, ASKER)
    county, school, phone = house.line(COUNTY), house.line(ASKER), house.line(ASKER)
    me, other = house.id_of(COUNTY), house.id_of(ASKER)
    started = start(county, talk, "page-a", "video")
    assert started["ok"], started
    assert (started["call"]["state"], started["ice_servers"]) == ("ringing", [])
    call_id = started["call"]["call_id"]
    for line in (school, phone):
        ringing = line.hear("call:ringing")
        assert (ringing["call_id"], ringing["kind"], ringing["started_by"]) == (call_id, "video", me)
    assert [one["call_id"] for one in house.line(ASKER).call("call:mine", {})["calls"]] == [call_id]
    assert answer(school, call_id, "page-b")["call"]["state"] == "running"
    while states(heard := phone.hear("call:changed"))[other] == "ringing":
        pass
    assert next(one["device"] for one in heard["people"] if one["account_id"] == other) == "page-b"
    # Signals reach the page in the call and no other of the same person.
    assert signal(county, call_id, other, json.dumps({"description": None})) == {"ok": True}
    heard = school.hear("call:signal")
    assert heard == {"call_id": call_id, "from": me, "device": "page-a", "data": '{"description": null}'}
    assert phone.heard("call:signal") == []
    assert signal(phone, call_id, me, "x")["error"]["code"] == "call_not_found"
    hang_up(county, call_id, "page-a")
    while (ended := school.hear("call:changed"))["state"] != "ended":
        pass
    assert ended["outcome"] == "answered"
    said = school.call("conversation:join", {"conversation_id": talk, "after": 0})["messages"]
    assert (said[-1]["kind"], "已接通" in said[-1]["body"]) == ("note", True)


def test_who_speaks_is_busy_and_a_third_person_is_told_so(house: House) -> None:
    county, school, technician = house.line(COUNTY), house.line(ASKER), house.line(TECHNICIAN)
    call_id = start(county, house.direct(COUNTY, ASKER), "a")["call"]["call_id"]
    answer(school, call_id, "b")
    busy = start(technician, house.direct(TECHNICIAN, ASKER), "c")["call"]
    assert (busy["state"], busy["outcome"]) == ("ended", "busy")
    assert start(county, house.direct(COUNTY, TECHNICIAN), "d")["error"]["code"] == "already_in_call"
    hang_up(school, call_id, "b")


def test_a_call_let_be_is_declined_and_a_withdrawn_one_missed(house: House) -> None:
    talk = house.direct(COUNTY, ASKER)
    county, school = house.line(COUNTY), house.line(ASKER)
    call_id = start(county, talk, "a")["call"]["call_id"]
    declined = school.call("call:decline", {"call_id": call_id})["call"]
    assert (declined["outcome"], states(declined)[house.id_of(ASKER)]) == ("declined", "declined")
    call_id = start(county, talk, "a")["call"]["call_id"]
    hang_up(county, call_id, "a")
    assert answer(school, call_id, "b")["error"]["code"] == "call_not_found"


def test_nobody_else_learns_of_a_call(house: House) -> None:
    talk = house.direct(COUNTY, ASKER)
    county, stranger = house.line(COUNTY), house.line(NEIGHBOUR)
    call_id = start(county, talk, "a")["call"]["call_id"]
    assert start(stranger, talk, "x")["error"]["code"] == "conversation_not_found"
    assert answer(stranger, call_id, "x")["error"]["code"] == "call_not_found"
    for name, payload in (
        ("call:decline", {"call_id": call_id}),
        ("call:leave", {"call_id": call_id, "device": "x"}),
        ("call:signal", {"call_id": call_id, "to": house.id_of(COUNTY), "data": "x"}),
        ("call:decline", {"call_id": str(uuid4())}),
    ):
        assert stranger.call(name, payload)["error"]["code"] == "call_not_found", name
    assert stranger.call("call:mine", {})["calls"] == []
    hang_up(county, call_id, "a")


def test_who_is_taken_out_of_a_group_can_signal_no_more(house: House) -> None:
    group = house.group(COUNTY, TECHNICIAN)
    county, technician = house.line(COUNTY), house.line(TECHNICIAN)
    call_id = start(county, group, "a")["call"]["call_id"]
    answer(technician, call_id, "b")
    house.press(COUNTY, f"/messages/{group}/members/remove", {"account_id": house.id_of(TECHNICIAN)})
    refused = signal(technician, call_id, house.id_of(COUNTY), "x")
    assert refused["error"]["code"] == "conversation_not_found"
    assert answer(technician, call_id, "b")["error"]["code"] == "call_not_found"
    technician.call("call:leave", {"call_id": call_id, "device": "b"})


def test_a_page_that_connects_anew_goes_on_under_its_own_name(house: House) -> None:
    talk = house.direct(COUNTY, ASKER)
    county, school = house.line(COUNTY), house.line(ASKER)
    call_id = start(county, talk, "a")["call"]["call_id"]
    answer(school, call_id, "b")
    school.close()
    again = house.line(ASKER)
    assert answer(again, call_id, "b")["call"]["state"] == "running"
    signal(county, call_id, house.id_of(ASKER), "still there?")
    assert again.hear("call:signal")["data"] == "still there?"
    hang_up(again, call_id, "b")


def test_signals_are_bounded_in_size(house: House) -> None:
    talk = house.direct(COUNTY, ASKER)
    county, school = house.line(COUNTY), house.line(ASKER)
    other = house.id_of(ASKER)
    call_id = start(county, talk, "a")["call"]["call_id"]
    answer(school, call_id, "b")
    assert signal(county, call_id, other, "x" * 65536)["ok"]
    for data in ("", "x" * 65537, "学" * 30000):
        assert signal(county, call_id, other, data)["error"]["code"] == "invalid_input"
    hang_up(school, call_id, "b")


def test_of_a_group_one_chooses_whom_to_call(house: House) -> None:
    group = house.group(COUNTY, ASKER, TECHNICIAN)
    county, school, technician = house.line(COUNTY), house.line(ASKER), house.line(TECHNICIAN)
    offered = county.call("call:people", {"conversation_id": group})
    assert {one["account_id"]: one["is_busy"] for one in offered["people"]} == {
        house.id_of(ASKER): False,
        house.id_of(TECHNICIAN): False,
    }
    assert offered["most"] == 3
    chosen = {"conversation_id": group, "kind": "voice", "device": "a", "people": [house.id_of(ASKER)]}
    call_id = county.call("call:start", chosen)["call"]["call_id"]
    assert school.hear("call:ringing")["call_id"] == call_id
    assert technician.heard("call:ringing") == []
    hang_up(county, call_id, "a")
    four = {**chosen, "people": [str(uuid4()) for _one in range(4)]}
    assert county.call("call:start", four)["error"]["code"] == "invalid_input"
    stranger = house.line(NEIGHBOUR)
    assert stranger.call("call:people", {"conversation_id": group})["error"]["code"] == "conversation_not_found"


def test_nobody_starts_calls_without_end(house: House) -> None:
    talk = house.direct(COLLEAGUE, TECHNICIAN)
    colleague = house.line(COLLEAGUE)
    answers = [start(colleague, talk, "a") for _turn in range(11)]
    assert [answer["ok"] for answer in answers] == [True] * 10 + [False]
    assert answers[-1]["error"]["code"] == "too_many_requests"
    hang_up(colleague, answers[0]["call"]["call_id"], "a")


def test_who_reads_along_hears_at_once_that_a_call_left_a_note(house: House) -> None:
    talk = house.question()
    house.take(talk, TECHNICIAN)
    school, technician, onlooker = house.line(ASKER), house.line(TECHNICIAN), house.line(COLLEAGUE)
    joined = onlooker.call("conversation:join", {"conversation_id": talk, "after": 0})
    assert (joined["ok"], joined["may_write"]) == (True, False)
    call_id = start(technician, talk, "a")["call"]["call_id"]
    answer(school, call_id, "b")
    assert onlooker.heard("call:changed") == []
    hang_up(school, call_id, "b")
    ended = onlooker.hear("call:changed")
    assert (ended["call_id"], ended["state"]) == (call_id, "ended")
    said = onlooker.call("message:sync", {"conversation_id": talk, "after": joined["last_number"]})["messages"]
    assert "已接通" in said[-1]["body"]
