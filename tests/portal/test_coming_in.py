"""Coming in with several conversations at once: the same as joining each, in one command, and each right on its own."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from chat.queries import coming_in
from tests.portal.protocol_house import ASKER, COLLEAGUE, TECHNICIAN, House, send
from tests.protocol_client import Line


def come_in(line: Line, *wanted: tuple[str, int], cursor: str | None = None) -> dict[str, Any]:
    asked = [{"conversation_id": conversation, "after": after, "changes_after": 0} for conversation, after in wanted]
    answer = line.call("conversations:join", {"conversations": asked, "cursor": cursor})
    assert answer["ok"], answer
    return answer


def test_several_are_told_as_each_alone_would_be(house: House) -> None:
    direct, group = house.direct(ASKER, TECHNICIAN), house.group(ASKER, TECHNICIAN)
    asker = house.line(ASKER)
    for place in range(5):
        send(asker, direct, f"第{place}句")
        send(asker, group, f"群里第{place}句")
    edited = {"conversation_id": group, "number": send(asker, group, "错字")["number"], "body": "改好了"}
    assert asker.call("message:edit", edited)["ok"]
    technician = house.line(TECHNICIAN)
    told = come_in(technician, (direct, 2), (group, 0))["conversations"]
    for one, after in zip(told, (2, 0), strict=True):
        asked = {"conversation_id": one["conversation_id"], "after": after, "changes_after": 0}
        alone = technician.call("conversation:join", asked)
        assert one == {key: value for key, value in {**alone, **asked}.items() if key in one}
    assert [message["number"] for message in told[0]["messages"]] == [3, 4, 5]
    assert [change["body"] for change in told[1]["changes"]] == ["改好了"]


def test_the_line_hears_all_of_them_from_then_on(house: House) -> None:
    direct, group = house.direct(ASKER, TECHNICIAN), house.group(ASKER, TECHNICIAN)
    technician, asker = house.line(TECHNICIAN), house.line(ASKER)
    come_in(technician, (direct, 0), (group, 0), cursor="")
    for conversation in (direct, group):
        said = send(asker, conversation, "在吗？")
        assert technician.hear("message:new")["id"] == said["id"]


def test_what_is_somebody_elses_is_named_and_tells_nothing(house: House) -> None:
    mine, theirs, nobodys = house.question(), house.direct(TECHNICIAN, COLLEAGUE), str(uuid4())
    asker = house.line(ASKER)
    told = come_in(asker, (theirs, 0), (mine, 0), (nobodys, 0))["conversations"]
    assert [one["conversation_id"] for one in told] == [theirs, mine, nobodys]
    assert [one.get("error", {}).get("code") for one in told] == [
        "conversation_not_found",
        None,
        "conversation_not_found",
    ]
    assert set(told[0]) == {"conversation_id", "error"}
    house.line(TECHNICIAN).call("conversation:typing", {"conversation_id": theirs, "typing": True})
    assert not asker.heard("conversation:typing")


def test_the_news_of_all_others_come_with_it_where_a_cursor_is_given(house: House) -> None:
    direct = house.direct(ASKER, TECHNICIAN)
    technician = house.line(TECHNICIAN)
    assert come_in(technician, (direct, 0))["news"] is None
    news = come_in(technician, (direct, 0), cursor="")["news"]
    alone = technician.call("conversations:sync", {"cursor": ""})
    assert news == {key: alone[key] for key in ("cursor", "reload", "conversations", "with_unread")}
    said = send(house.line(ASKER), direct, "有新的吗？")
    news = come_in(technician, (direct, 0), cursor=news["cursor"])["news"]
    assert said["number"] in [one["last_number"] for one in news["conversations"] if one["conversation_id"] == direct]


def test_with_many_asked_for_a_page_is_shorter_and_more_says_so(house: House) -> None:
    direct = house.direct(ASKER, TECHNICIAN)
    asker = house.line(ASKER)
    last = [send(asker, direct, f"第{place}句")["number"] for place in range(coming_in.SMALLEST_PAGE + 5)][-1]
    everything = come_in(asker, (direct, 0))["conversations"][0]
    assert [message["number"] for message in everything["messages"]] == list(range(1, last + 1))
    assert not everything["more"]
    many = come_in(asker, *[(direct, 0)] * 20)["conversations"]
    for one in many:
        assert [message["number"] for message in one["messages"]] == list(range(1, coming_in.SMALLEST_PAGE + 1))
        assert one["more"]
        assert one["last_number"] == last


@pytest.mark.parametrize("count", [0, 51])
def test_none_or_too_many_are_refused(house: House, conversation: str, count: int) -> None:
    sent = {"conversations": [{"conversation_id": conversation}] * count}
    assert house.line(ASKER).call("conversations:join", sent)["error"]["code"] == "invalid_input"
