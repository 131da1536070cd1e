"""The judge of the chaos run finds each sort of fault that is planted, and nothing where nothing is wrong."""

from __future__ import annotations

import ast
from dataclasses import replace
from pathlib import Path

from tests.chaos import checker
from tests.chaos.checker import Changed, Fault, Said, Stored, Witness, Written, check

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


# ── what was changed ──────────────────────────────────────────────────────────────────────────────────────────────────

# Anna edits her first message and then takes it back; Bo edits his last one.
ALTERED = (NOTE, Said(2, "anna", "a1", "", 2, is_taken_back=True), *MESSAGES[2:4], Said(5, "bo", "b2", "五", 3))
RECORD = ((1, 2), (2, 2), (3, 5))
ANNA_LATER = replace(
    ANNA, changed=(Changed(TALK, "a1", "壹", 1), Changed(TALK, "a1", "", 2)), changes={TALK: 3}, last_numbers={}
)
BO_LATER = replace(BO, changed=(Changed(TALK, "b2", "五", 3),), changes={TALK: 3})


def altered(*messages: Said, record: tuple[tuple[int, int], ...] = RECORD, last: int = 3) -> Stored:
    return Stored({TALK: messages or ALTERED}, {TALK: 5}, {TALK: record}, {TALK: last})


def judged(stored: Stored, anna: Witness = ANNA_LATER, bo: Witness = BO_LATER) -> dict[Fault, int]:
    """What is found where everybody holds what is stored."""
    return found(*(holds(one, *stored.messages[TALK]) for one in (anna, bo, LURKER)), stored=stored)


def test_a_sound_run_with_changes_passes() -> None:
    assert judged(altered()) == {}


def test_a_change_that_was_promised_and_is_not_there_is_lost() -> None:
    unchanged = altered(*ALTERED[:4], MESSAGES[4], record=RECORD[:2], last=2)
    bo, anna = replace(BO_LATER, changes={TALK: 2}), replace(ANNA_LATER, changes={TALK: 2})
    assert judged(unchanged, anna, bo) == {Fault.CHANGE_LOST: 1}


def test_a_message_that_was_taken_back_and_speaks_again_is_a_change_lost() -> None:
    back = altered(NOTE, Said(2, "anna", "a1", "壹", 1), *ALTERED[2:])
    assert judged(back) == {Fault.CHANGE_LOST: 1}


def test_an_earlier_text_that_came_after_a_later_one_is_a_change_lost() -> None:
    turned = replace(ANNA_LATER, changed=(Changed(TALK, "a1", "", 1), Changed(TALK, "a1", "壹", 2)))
    assert judged(altered(), turned) == {Fault.CHANGE_LOST: 1}


def test_a_change_of_another_number_than_promised_is_told() -> None:
    bo = replace(BO_LATER, changed=(Changed(TALK, "b2", "五", 2),))
    assert judged(altered(), bo=bo) == {Fault.CHANGE_LOST: 1}


def test_a_change_that_was_never_acknowledged_is_told() -> None:
    bo = replace(BO_LATER, changed=(Changed(TALK, "b2", "五", None),))
    assert judged(altered(), bo=bo) == {Fault.CHANGE_UNANSWERED: 1}


def test_a_change_that_was_refused_must_have_changed_nothing() -> None:
    bo = replace(BO_LATER, changed=(Changed(TALK, "b2", "五", None, is_refused=True),))
    assert judged(altered(), bo=bo)[Fault.CHANGE_DOUBLED] == 2
    unchanged = altered(*ALTERED[:4], MESSAGES[4], record=RECORD[:2], last=2)
    assert judged(unchanged, replace(ANNA_LATER, changes={TALK: 2}), replace(bo, changes={TALK: 2})) == {}


def test_a_change_made_twice_is_doubled() -> None:
    twice = altered(*ALTERED[:4], Said(5, "bo", "b2", "五", 4), record=(*RECORD, (4, 5)), last=4)
    bo = replace(BO_LATER, changed=(Changed(TALK, "b2", "五", 4),), changes={TALK: 4})
    assert judged(twice, replace(ANNA_LATER, changes={TALK: 4}), bo) == {Fault.CHANGE_DOUBLED: 1}


def test_a_change_that_nobody_made_is_told() -> None:
    bo = replace(BO_LATER, changed=())
    assert judged(altered(), bo=bo) == {Fault.CHANGE_DOUBLED: 2, Fault.INVENTED: 1}


def test_a_change_that_is_not_on_record_or_not_counted_is_a_gap() -> None:
    assert judged(altered(record=RECORD[1:])) == {Fault.CHANGE_GAP: 1}
    for last in (2, 4):
        people = (replace(one, changes={TALK: last}) for one in (ANNA_LATER, BO_LATER))
        assert judged(altered(last=last), *people) == {Fault.CHANGE_GAP: 1}


def test_who_did_not_hear_of_a_change_differs() -> None:
    late = holds(LURKER, *ALTERED[:4], MESSAGES[4])
    assert found(holds(ANNA_LATER, *ALTERED), holds(BO_LATER, *ALTERED), late, stored=altered()) == {Fault.DIFFERING: 1}
    unaware = replace(holds(LURKER, *ALTERED), changes={TALK: 2})
    witnesses = (holds(ANNA_LATER, *ALTERED), holds(BO_LATER, *ALTERED), unaware)
    assert found(*witnesses, stored=altered()) == {Fault.DIFFERING: 1}


def test_messages_taken_back_are_not_taken_for_one_text_twice() -> None:
    messages = (NOTE, *(Said(place + 2, "anna", f"a{place}", "", place + 1, is_taken_back=True) for place in range(2)))
    stored = Stored({TALK: messages}, {TALK: 3}, {TALK: ((1, 2), (2, 3))}, {TALK: 2})
    anna = Witness(
        "anna",
        (Written(TALK, "a0", "一", 2), Written(TALK, "a1", "二", 3)),
        {TALK: messages},
        changed=(Changed(TALK, "a0", "", 1), Changed(TALK, "a1", "", 2)),
    )
    assert found(anna, stored=stored) == {}


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
