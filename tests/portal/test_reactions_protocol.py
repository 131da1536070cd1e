"""Reactions, pins and stars over the live line, as docs/protocol.md promises them, against the running process."""

from __future__ import annotations

from tests.portal.protocol_house import ASKER, COLLEAGUE, NEIGHBOUR, TECHNICIAN, House, message, send
from tests.protocol_client import Talk

COUNTY = "xian_xueji"
NAME = "李晓芸（演示）"


def test_everybody_hears_of_a_reaction_and_ones_other_lines_of_what_is_ones_own(house: House) -> None:
    talk = house.direct(COUNTY, ASKER)
    county, school, tab = house.line(COUNTY), house.line(ASKER), house.line(ASKER)
    sent = message(talk, "请在周五前核对名册")
    stored = county.call("message:send", sent)["message"]
    nothing = {"reactions": [], "is_starred": False}
    assert (stored["reactions"], stored["is_pinned"], stored["own"]) == ([], False, nothing)
    for line in (county, school, tab):
        Talk(talk).catch_up(line)
    place = {"conversation_id": talk, "number": stored["number"]}
    answer = school.call("message:react", {**place, "emoji": "👍", "on": True})
    reactions = [{"emoji": "👍", "count": 1, "names": [NAME]}]
    own = {"reactions": ["👍"], "is_starred": False}
    assert (answer["message"]["reactions"], answer["message"]["own"]) == (reactions, own)
    for line in (county, tab):
        changed = line.hear("message:changed")
        assert (changed["reactions"], changed["own"], changed["change"]) == (reactions, None, 1)
    assert tab.hear("message:own") == {**place, "own": own}
    assert school.heard("message:own") == school.heard("message:changed") == []
    assert county.heard("message:own") == []
    # The same again is no change, and what was sent again comes back with all that stands beside it.
    assert school.call("message:react", {**place, "emoji": "👍", "on": True})["message"]["change"] == 1
    assert tab.heard("message:changed") == []
    again = county.call("message:send", sent)["message"]
    assert (again["number"], again["reactions"]) == (stored["number"], reactions)
    assert again["own"] == nothing
    # Whoever was away asks for what has changed.
    missed = tab.call("message:sync", {"conversation_id": talk, "after": stored["number"], "changes_after": 0})
    assert [(one["number"], one["own"]) for one in missed["changes"]] == [(stored["number"], own)]


def test_a_star_is_told_to_nobody_else_and_needs_no_right_to_write(house: House) -> None:
    talk = house.direct(COUNTY, ASKER)
    county, school, tab = house.line(COUNTY), house.line(ASKER), house.line(ASKER)
    place = {"conversation_id": talk, "number": send(county, talk, "请在周五前核对名册")["number"]}
    for line in (county, school, tab):
        Talk(talk).catch_up(line)
    told = school.call("message:star", {**place, "on": True})["message"]
    assert (told["own"], told["change"]) == ({"reactions": [], "is_starred": True}, 0)
    assert tab.hear("message:own") == {**place, "own": told["own"]}
    assert county.heard("message:own") == county.heard("message:changed") == []


def test_pins_are_for_owners_in_a_group_and_refusals_say_why(house: House) -> None:
    group = house.group(COUNTY, TECHNICIAN, COLLEAGUE)
    county, technician = house.line(COUNTY), house.line(TECHNICIAN)
    Talk(group).catch_up(technician)
    place = {"conversation_id": group, "number": send(technician, group, "名册用这一版")["number"]}
    assert technician.call("message:pin", {**place, "on": True})["error"]["code"] == "owners_only"
    assert county.call("message:pin", {**place, "on": True})["message"]["is_pinned"]
    assert technician.hear("message:changed")["is_pinned"]
    for name, more, code in (
        ("message:react", {"emoji": "好", "on": True}, "not_an_emoji"),
        ("message:react", {"emoji": "", "on": True}, "invalid_input"),
        ("message:react", {"emoji": "👍"}, "invalid_input"),
        ("message:pin", {"on": 1}, "invalid_input"),
        ("message:star", {"on": True, "number": 0}, "invalid_input"),
        ("message:star", {"on": True, "number": 99}, "message_not_found"),
    ):
        assert technician.call(name, {**place, **more})["error"]["code"] == code
    outsider = house.line(NEIGHBOUR)
    for name, more in (("message:react", {"emoji": "👍"}), ("message:pin", {}), ("message:star", {})):
        refused = outsider.call(name, {**place, **more, "on": True})
        assert refused["error"]["code"] == "conversation_not_found"
