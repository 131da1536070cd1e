"""The judge of the chaos run finds each sort of fault that is planted, and nothing where nothing is wrong."""

from __future__ import annotations

import ast
from dataclasses import replace
from pathlib import Path

from tests.chaos import checker
from tests.chaos.checker import Fault, Said, Stored, Witness, Written, check

TALK, OTHER_TALK = "talk", "other talk"
NOTE = Said(1, None, None, "建了这个群")
MESSAGES = (
    NOTE,
    Said(2, "anna", "a1", "一"),
    Said(3, "bo", "b1", "二"),
    Said(4, "anna", "a2", "三"),
    Said(5, "bo", "b2", "四"),
)
STORED = Stored({TALK: MESSAGES, OTHER_TALK: ()}, {TALK: 5, OTHER_TALK: 0})
ANNA = Witness(
    "anna",
    (Written(TALK, "a1", "一", 2), Written(TALK, "a2", "三", 4)),
    {TALK: MESSAGES, OTHER_TALK: ()},
    last_numbers={TALK: 5},
)
BO = Witness("bo", (Written(TALK, "b1", "二", 3), Written(TALK, "b2", "四", 5)), {TALK: MESSAGES})
LURKER = Witness("lu", (), {TALK: MESSAGES})


def found(*witnesses: Witness, stored: Stored = STORED) -> dict[Fault, int]:
    return dict(check(witnesses, stored).counts)


def rows(*messages: Said, last: int | None = None) -> Stored:
    return Stored({TALK: messages}, {TALK: len(messages) if last is None else last})


def holds(witness: Witness, *messages: Said) -> Witness:
    return replace(witness, histories={TALK: messages})


def everybody_holds(stored: Stored) -> tuple[Witness, ...]:
    return tuple(holds(replace(one, last_numbers={}), *stored.messages[TALK]) for one in (ANNA, BO, LURKER))


def test_a_sound_run_passes() -> None:
    verdict = check([ANNA, BO, LURKER], STORED)
    assert verdict.is_sound
    assert verdict.examples == {}


def test_a_message_that_nobody_stored_is_lost() -> None:
    stored = rows(*MESSAGES[:4])
    anna, bo, lurker = everybody_holds(stored)
    unpromised = replace(bo, written=(bo.written[0], replace(bo.written[1], acknowledged=None)))
    assert found(anna, unpromised, lurker, stored=stored) == {Fault.LOST: 1, Fault.UNANSWERED: 1}


def test_a_promised_message_that_is_missing_is_told_as_such() -> None:
    stored = rows(*MESSAGES[:4])
    assert found(*everybody_holds(stored), stored=stored) == {Fault.LOST: 1, Fault.PROMISED_AND_MISSING: 1}


def test_a_promise_of_another_number_is_a_broken_one() -> None:
    bo = replace(BO, written=(replace(BO.written[0], acknowledged=2), BO.written[1]))
    assert found(ANNA, bo, LURKER) == {Fault.PROMISED_AND_MISSING: 1}


def test_a_message_stored_and_never_acknowledged_is_told() -> None:
    bo = replace(BO, written=(BO.written[0], replace(BO.written[1], acknowledged=None)))
    assert found(ANNA, bo, LURKER) == {Fault.UNANSWERED: 1}


def test_one_id_stored_twice_is_doubled() -> None:
    stored = rows(*MESSAGES, Said(6, "bo", "b2", "四"))
    assert found(*everybody_holds(stored), stored=stored) == {Fault.DOUBLED: 1}


def test_one_text_under_two_ids_is_doubled_and_written_by_nobody() -> None:
    stored = rows(*MESSAGES, Said(6, "bo", "b3", "四"))
    assert found(*everybody_holds(stored), stored=stored) == {Fault.DOUBLED: 1, Fault.INVENTED: 1}


def test_one_id_stored_in_two_conversations_is_doubled() -> None:
    stray = Said(1, "bo", "b2", "四")
    stored = Stored({TALK: MESSAGES, OTHER_TALK: (stray,)}, {TALK: 5, OTHER_TALK: 1})
    anna = replace(ANNA, histories={TALK: MESSAGES, OTHER_TALK: (stray,)})
    assert found(anna, BO, LURKER, stored=stored) == {Fault.DOUBLED: 1, Fault.INVENTED: 1}


def test_one_number_given_twice_is_doubled() -> None:
    stored = rows(*MESSAGES[:4], Said(4, "bo", "b2", "四"), last=4)
    anna, bo, lurker = everybody_holds(stored)
    bo = replace(bo, written=(bo.written[0], replace(bo.written[1], acknowledged=4)))
    assert found(anna, bo, lurker, stored=stored) == {Fault.DOUBLED: 1}


def test_messages_stored_in_another_order_than_written_are_out_of_order() -> None:
    stored = rows(NOTE, Said(2, "anna", "a2", "三"), MESSAGES[2], Said(4, "anna", "a1", "一"), MESSAGES[4])
    anna, bo, lurker = everybody_holds(stored)
    anna = replace(anna, written=(Written(TALK, "a1", "一", 4), Written(TALK, "a2", "三", 2)))
    assert found(anna, bo, lurker, stored=stored) == {Fault.OUT_OF_ORDER: 1}


def test_a_client_that_keeps_messages_in_another_order_is_out_of_order() -> None:
    turned = holds(LURKER, *MESSAGES[:3], MESSAGES[4], MESSAGES[3])
    assert found(ANNA, BO, turned) == {Fault.OUT_OF_ORDER: 1}


def test_a_client_that_holds_a_message_twice_has_it_doubled() -> None:
    assert found(ANNA, BO, holds(LURKER, *MESSAGES, MESSAGES[4])) == {Fault.DOUBLED: 1}


def test_a_number_that_was_left_out_is_a_gap() -> None:
    stored = rows(*MESSAGES[:4], Said(7, "bo", "b2", "四"), last=7)
    anna, bo, lurker = everybody_holds(stored)
    bo = replace(bo, written=(bo.written[0], replace(bo.written[1], acknowledged=7)))
    assert found(anna, bo, lurker, stored=stored) == {Fault.GAP: 2}


def test_a_counter_that_ran_ahead_or_stayed_behind_is_a_gap() -> None:
    for last in (4, 6):
        stored = rows(*MESSAGES, last=last)
        assert found(*everybody_holds(stored), stored=stored) == {Fault.GAP: 1}


def test_a_client_that_misses_the_middle_or_the_end_differs() -> None:
    assert found(ANNA, BO, holds(LURKER, *MESSAGES[:2], *MESSAGES[3:])) == {Fault.DIFFERING: 1}
    assert found(ANNA, BO, holds(LURKER, *MESSAGES[:2])) == {Fault.DIFFERING: 3}
    assert found(ANNA, BO, holds(LURKER)) == {Fault.DIFFERING: 5}


def test_a_client_that_holds_another_text_or_more_than_is_stored_differs() -> None:
    assert found(ANNA, BO, holds(LURKER, *MESSAGES[:4], Said(5, "bo", "b2", "五"))) == {Fault.DIFFERING: 1}
    assert found(ANNA, BO, holds(LURKER, *MESSAGES, Said(6, "bo", "b3", "五"))) == {Fault.DIFFERING: 1}


def test_a_text_that_was_changed_on_the_way_was_written_by_nobody() -> None:
    stored = rows(*MESSAGES[:4], Said(5, "bo", "b2", "?"))
    assert found(*everybody_holds(stored), stored=stored) == {Fault.INVENTED: 1}


def test_a_message_under_another_name_is_lost_to_its_writer_and_written_by_nobody() -> None:
    stored = rows(*MESSAGES[:4], Said(5, "anna", "b2", "四"))
    assert found(*everybody_holds(stored), stored=stored) == {
        Fault.LOST: 1,
        Fault.PROMISED_AND_MISSING: 1,
        Fault.INVENTED: 1,
    }


def test_one_number_told_with_two_messages_is_told() -> None:
    assert found(ANNA, BO, replace(LURKER, told_otherwise=3)) == {Fault.TOLD_OTHERWISE: 3}


def test_a_cursor_that_left_out_the_last_message_is_told() -> None:
    assert found(replace(ANNA, last_numbers={TALK: 4}), BO, LURKER) == {Fault.CURSOR: 1}


def test_only_the_first_faults_keep_their_words_but_all_are_counted() -> None:
    many = tuple(Written(TALK, f"c{number}", f"第{number}句", None) for number in range(50))
    verdict = check([ANNA, BO, replace(LURKER, written=many)], STORED)
    assert verdict.counts[Fault.LOST] == 50
    assert len(verdict.examples[Fault.LOST]) == checker.SHOWN
    assert not verdict.is_sound


def test_the_judge_knows_nothing_of_the_product_or_of_the_clients() -> None:
    tree = ast.parse(Path(checker.__file__).read_text("utf-8"))
    imported = {
        name.split(".")[0]
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in ([node.module or ""] if isinstance(node, ast.ImportFrom) else [each.name for each in node.names])
    }
    assert imported == {"__future__", "collections", "dataclasses", "enum", "itertools", "typing"}
