"""Recalls and drafts over the live line, as docs/protocol.md promises them."""

from __future__ import annotations

from http import HTTPStatus

import httpx

from tests.portal.protocol_house import COLLEAGUE, NEIGHBOUR, TECHNICIAN, House, send
from tests.protocol_client import Inbox, Talk

COUNTY, ADMINISTRATOR = "xian_xueji", "xian_guanli"
MOBILE = "13800138000"


def get(house: House, name: str, path: str) -> httpx.Response:
    return house.browser(name).get(path, follow_redirects=False)


def test_a_recall_empties_the_message_on_every_line_and_says_whom_it_had_reached(house: House) -> None:
    group = house.group(COUNTY, TECHNICIAN, COLLEAGUE)
    technician, phone, colleague = house.line(TECHNICIAN), house.line(TECHNICIAN), house.line(COLLEAGUE)
    for line in (technician, phone, colleague):
        Talk(group).catch_up(line)
    number = send(technician, group, f"家长电话 {MOBILE}")["number"]
    colleague.call("message:mark", {"conversation_id": group, "delivered": number, "read": number})
    order = {"conversation_id": group, "number": number, "reason": "发错了", "has_personal": False}
    for other in (COLLEAGUE, NEIGHBOUR):
        code = "not_yours_to_recall" if other is COLLEAGUE else "conversation_not_found"
        assert house.line(other).call("message:recall", order)["error"]["code"] == code
    answer = technician.call("message:recall", order)
    assert (answer["message"]["body"], answer["has_incident"]) == ("", True)
    assert answer["message"]["recalled_at"] == answer["message"]["taken_back_at"]
    assert [(one["name"], one["is_read"]) for one in answer["reached"]] == [("刘思雨（演示）", True)]
    for line in (phone, colleague):
        changed = line.hear("message:changed")
        assert (changed["number"], changed["body"], bool(changed["recalled_at"])) == (number, "", True)
    assert technician.call("message:recall", order)["reached"] == answer["reached"]
    assert get(house, TECHNICIAN, answer["url"]).status_code == HTTPStatus.OK
    assert "刘思雨" in get(house, TECHNICIAN, answer["url"]).text
    assert get(house, COLLEAGUE, answer["url"]).status_code == HTTPStatus.NOT_FOUND


def test_a_report_comes_before_the_administrators_with_the_number_covered(house: House) -> None:
    group = house.group(COUNTY, TECHNICIAN)
    county, technician = house.line(COUNTY), house.line(TECHNICIAN)
    number = send(county, group, f"名单 {MOBILE}")["number"]
    order = {"conversation_id": group, "number": number, "reason": "不该发在这里"}
    assert technician.call("message:report", {**order, "reason": "  "})["error"]["code"] == "must_say_why"
    assert technician.call("message:report", order)["is_new"] is True
    assert county.call("message:report", order)["is_new"] is False
    page = get(house, ADMINISTRATOR, "/messages/recalls").text
    assert "名单 138●●●●●●00" in page
    assert MOBILE not in page
    assert get(house, TECHNICIAN, "/messages/recalls").status_code == HTTPStatus.FORBIDDEN


def test_a_draft_reaches_the_persons_other_lines_and_nobody_elses(house: House) -> None:
    talk = house.direct(COUNTY, TECHNICIAN)
    computer, phone, other = house.line(COUNTY), house.line(COUNTY), house.line(TECHNICIAN)
    Inbox().catch_up(other)
    draft = computer.call("draft:save", {"conversation_id": talk, "body": " 还差两份 "})["draft"]
    assert (draft["body"], draft["version"]) == ("还差两份", 1)
    heard = phone.hear("draft:changed")
    assert (heard["conversation_id"], heard["body"]) == (talk, "还差两份")
    joined = phone.call("conversation:join", {"conversation_id": talk})["draft"]
    assert (joined["body"], joined["version"]) == ("还差两份", 1)
    # What the phone wrote an hour ago, without a line, does not come over it.
    late = phone.call("draft:save", {"conversation_id": talk, "body": "旧的", "seconds": 3600})["draft"]
    assert late["body"] == "还差两份"
    computer.call("draft:save", {"conversation_id": talk, "body": ""})
    assert phone.hear("draft:changed")["body"] == ""
    assert other.heard("draft:changed") == []
    assert other.call("conversation:join", {"conversation_id": talk})["draft"]["version"] == 0
    strange = house.line(NEIGHBOUR).call("draft:save", {"conversation_id": talk, "body": "一"})
    assert strange["error"]["code"] == "conversation_not_found"
    assert computer.call("draft:save", {"conversation_id": talk, "body": "字" * 4001})["error"]["code"] == (
        "message_too_long"
    )
