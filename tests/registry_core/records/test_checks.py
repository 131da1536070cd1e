"""Who enters does not check: an entered change waits, and takes effect when somebody else has checked it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from registry_core import clock
from registry_core.access.errors import DutiesConflict
from registry_core.access.models import Role, RoleAssignment
from registry_core.clock import FrozenClock
from registry_core.errors import Forbidden
from registry_core.orgs.errors import UnitNotFound
from registry_core.records import queries
from registry_core.records.errors import EntryNotFound, NotYoursToEnter, OwnEntry, ReturnWithoutReason
from registry_core.records.models import EnteredChange, Entity, EntryState
from registry_core.records.services import (
    Edit,
    accept_entries,
    add_teacher,
    apply_import,
    check_import,
    let_teacher_leave,
    move_stranded,
    return_entries,
    save_teacher,
    withdraw_entry,
)
from registry_core.sheets import read_table, write_csv
from tests.registry_core.records.conftest import ABOVE, ALONE, ENTERER, LEADER, Governed


def accept(house: Governed, person: str, *ids: UUID) -> tuple[int, int, int]:
    done = accept_entries(house.session, house.actor(person), ids or house.to_check(person))
    return done.done, done.passed_over, done.outdated


def test_what_is_entered_waits_and_the_record_stays_until_the_leader_accepts(governed: Governed) -> None:
    saved = governed.save(ENTERER, phone="029-1", class_total=12)
    assert saved.waiting is not None
    assert governed.held() == {}
    assert governed.to_check(LEADER) == [saved.waiting.id]
    assert accept(governed, LEADER) == (1, 0, 0)
    assert governed.held() == {"phone": "029-1", "class_total": 12}


def test_the_history_and_the_trail_carry_both_names(governed: Governed) -> None:
    governed.save(ENTERER, phone="029-1")
    accept(governed, LEADER)
    [change] = queries.list_changes(governed.session, governed.record())
    assert (change.by, change.checked_by) == ("周立群（演示）", "秦怀远（演示）")
    noted = [one.entry for one in governed.session.info["audit"]]
    assert [entry.act for entry in noted[-2:]] == ["records.entered", "records.checked"]
    assert noted[-1].account_id == governed.cast.id(LEADER)
    assert "周立群" in str(noted[-1].changes)


def test_nobody_checks_their_own_entry_whatever_they_hold(governed: Governed) -> None:
    both = governed.person(governed.school, Role.REGISTRY_ADMINISTRATOR, Role.REGISTRY_LEADER)
    saved = governed.save(both, phone="029-1")
    assert saved.waiting is not None
    assert governed.to_check(both) == []
    with pytest.raises(OwnEntry) as refusal:
        accept_entries(governed.session, both, [saved.waiting.id])
    assert "第十八条" in str(refusal.value.message)
    with pytest.raises(OwnEntry):
        return_entries(governed.session, both, [saved.waiting.id], reason="再看看")
    assert governed.held() == {}


def test_a_lent_role_does_not_make_somebody_else_of_who_entered(governed: Governed) -> None:
    both = governed.person(governed.school, Role.REGISTRY_ADMINISTRATOR, Role.REGISTRY_LEADER)
    borrower = governed.actor("xian_jishu")
    enters, checks = (
        replace(
            borrower,
            assignments=tuple(held for held in both.assignments if held.role is role),
            on_behalf_of=both.account_id,
        )
        for role in (Role.REGISTRY_ADMINISTRATOR, Role.REGISTRY_LEADER)
    )
    own, entered_for = governed.save(both, phone="029-1").waiting, governed.save(enters, fax="029-9").waiting
    assert own is not None
    assert entered_for is not None
    for who, change in ((checks, own), (both, entered_for), (checks, entered_for)):
        with pytest.raises(OwnEntry):
            accept_entries(governed.session, who, [change.id])
    assert governed.held() == {}


def test_the_database_itself_refuses_a_check_by_who_entered(governed: Governed) -> None:
    saved = governed.save(ENTERER, phone="029-1")
    assert saved.waiting is not None
    attempt = text(
        "UPDATE entered_change SET state = 'accepted', decided_by_id = entered_by_id, decided_at = now() WHERE id = :id"
    )
    with pytest.raises(IntegrityError), governed.session.begin_nested():
        governed.session.execute(attempt, {"id": saved.waiting.id})


def test_a_system_administrator_takes_no_part_even_holding_the_checking_role(governed: Governed) -> None:
    saved = governed.save(ENTERER, phone="029-1")
    assert saved.waiting is not None
    clerk = governed.person(governed.school, Role.REGISTRY_LEADER, Role.SYSTEM_ADMINISTRATOR)
    with pytest.raises(DutiesConflict):
        accept_entries(governed.session, clerk, [saved.waiting.id])
    assert governed.held() == {}


@pytest.mark.parametrize("person", ["xuexiao_lingdao", ABOVE, "linqu_xueji"])
def test_a_change_waits_for_those_alone_whom_the_rules_name(governed: Governed, person: str) -> None:
    saved = governed.save(ENTERER, phone="029-1")
    assert saved.waiting is not None
    expected = (1, 0, 0) if person == LEADER else (0, 1, 0)
    assert accept(governed, person, saved.waiting.id) == expected


def test_who_carries_no_check_is_refused(governed: Governed) -> None:
    saved = governed.save(ENTERER, phone="029-1")
    assert saved.waiting is not None
    with pytest.raises(Forbidden):
        accept_entries(governed.session, governed.actor("xian_jishu"), [saved.waiting.id])


def test_a_returned_change_keeps_what_was_typed_and_is_sent_again(governed: Governed) -> None:
    governed.save(ENTERER, phone="029-1", fax="029-9")
    with pytest.raises(ReturnWithoutReason):
        return_entries(governed.session, governed.actor(LEADER), governed.to_check(LEADER), reason=" ")
    return_entries(governed.session, governed.actor(LEADER), governed.to_check(LEADER), reason="电话少一位")
    own = queries.find_own_entry(governed.session, governed.actor(ENTERER), governed.record())
    assert own is not None
    assert (own.state, own.reason, own.new) == (EntryState.RETURNED, "电话少一位", {"phone": "029-1", "fax": "029-9"})
    assert governed.to_check(LEADER) == []
    governed.save(ENTERER, 1, revision=own.revision, phone="029-11", fax="029-9")
    assert accept(governed, LEADER) == (1, 0, 0)
    assert governed.held() == {"phone": "029-11", "fax": "029-9"}


def test_two_changes_of_one_person_are_one(governed: Governed) -> None:
    governed.save(ENTERER, phone="029-1")
    governed.save(ENTERER, fax="029-9")
    [change] = governed.waiting()
    assert change.new == {"phone": "029-1", "fax": "029-9"}
    governed.save(ENTERER, 1, revision=change.revision, phone="029-1")
    assert governed.waiting()[0].new == {"phone": "029-1"}


def test_taking_back_what_was_entered_leaves_nothing_to_check(governed: Governed) -> None:
    governed.save(ENTERER, phone="029-1")
    [change] = governed.waiting()
    governed.save(ENTERER, 1, revision=change.revision)
    assert governed.waiting() == []
    assert change.state is EntryState.WITHDRAWN


def test_only_who_entered_withdraws(governed: Governed) -> None:
    saved = governed.save(ENTERER, phone="029-1")
    assert saved.waiting is not None
    with pytest.raises(EntryNotFound):
        withdraw_entry(governed.session, governed.actor(LEADER), saved.waiting.id)
    withdraw_entry(governed.session, governed.actor(ENTERER), saved.waiting.id)
    assert governed.to_check(LEADER) == []
    with pytest.raises(EntryNotFound):
        withdraw_entry(governed.session, governed.actor(ENTERER), saved.waiting.id)


def test_a_record_that_became_something_else_meanwhile_is_not_overwritten(governed: Governed) -> None:
    first = governed.save(ENTERER, phone="029-1").waiting
    second = governed.save(ABOVE, phone="029-2", fax="029-9").waiting
    assert first is not None
    assert second is not None
    assert accept(governed, LEADER, first.id, second.id) == (1, 0, 1)
    assert governed.held() == {"phone": "029-1"}
    assert second.state is EntryState.WAITING
    return_entries(governed.session, governed.actor(LEADER), [second.id], reason="请对照")
    version = governed.record().version
    governed.save(ABOVE, version, revision=second.revision, phone="029-2", fax="029-9")
    assert accept(governed, LEADER) == (1, 0, 0)
    assert governed.held() == {"phone": "029-2", "fax": "029-9"}


def test_changes_of_different_fields_by_two_people_both_take_effect(governed: Governed) -> None:
    governed.save(ENTERER, phone="029-1")
    governed.save(ABOVE, fax="029-9")
    assert accept(governed, LEADER) == (2, 0, 0)
    assert governed.held() == {"phone": "029-1", "fax": "029-9"}


def test_where_no_pack_speaks_saving_takes_effect_at_once(governed: Governed) -> None:
    saved = governed.save("linqu_xueji", unit=governed.cast.unit("西安市碑林区实验小学（演示）"), phone="029-1")
    assert (saved.waiting, saved.record.values) == (None, {"phone": "029-1"})
    [change] = queries.list_changes(governed.session, saved.record)
    assert change.checked_by == ""


def test_with_one_officer_the_department_checks_and_the_change_says_so(governed: Governed) -> None:
    saved = governed.save(ALONE, unit=governed.alone, phone="029-1").waiting
    assert saved is not None
    assert (saved.check_unit_id, saved.check_role, saved.named_unit_id) == (
        governed.county.id,
        "registry_administrator",
        governed.alone.id,
    )
    assert accept(governed, ABOVE) == (1, 0, 0)


def test_with_one_officer_the_centre_school_comes_before_the_department(governed: Governed) -> None:
    centre = governed.add_centre()
    by_county = governed.save(ALONE, unit=governed.alone, phone="029-1").waiting
    assert by_county is not None
    assert by_county.check_unit_id == governed.county.id
    head = governed.person(centre, Role.CENTRE_SCHOOL_ADMINISTRATOR)
    by_centre = governed.save(ALONE, 1, unit=governed.alone, phone="029-2").waiting
    assert by_centre is not None
    assert (by_centre.check_unit_id, by_centre.check_role) == (centre.id, "centre_school_administrator")
    accept_entries(governed.session, head, [by_centre.id])
    assert governed.held(governed.alone) == {"phone": "029-2"}


def test_a_head_who_enters_is_not_who_checks(governed: Governed) -> None:
    both = governed.person(governed.alone, Role.REGISTRY_LEADER, Role.REGISTRY_ADMINISTRATOR)
    saved = governed.save(both, unit=governed.alone, phone="029-1").waiting
    assert saved is not None
    assert saved.check_unit_id == governed.county.id


def test_a_change_whose_only_checker_leaves_moves_to_who_stands_in(now: FrozenClock, governed: Governed) -> None:
    saved = governed.save(ENTERER, phone="029-1").waiting
    assert saved is not None
    assert move_stranded(governed.session) == 0
    held = select(RoleAssignment).where(RoleAssignment.account_id == governed.cast.id(LEADER))
    governed.session.scalars(held).one().end(clock.now() + timedelta(seconds=1))
    now.move(timedelta(minutes=1))
    assert move_stranded(governed.session) == 1
    assert saved.check_unit_id == governed.county.id
    assert accept(governed, ABOVE) == (1, 0, 0)


def test_schools_enter_the_data_of_their_department_and_its_administrator_checks(governed: Governed) -> None:
    saved = governed.save(ALONE, unit=governed.county, phone="029-1").waiting
    assert saved is not None
    assert (saved.check_unit_id, saved.check_role) == (governed.county.id, "registry_administrator")
    assert accept(governed, ABOVE) == (1, 0, 0)
    with pytest.raises(UnitNotFound):
        governed.save("linqu_xueji", unit=governed.county, phone="029-2")


def test_a_departments_own_entry_is_checked_by_a_colleague_or_above(governed: Governed) -> None:
    above = governed.save(ABOVE, unit=governed.county, phone="029-1").waiting
    assert above is not None
    assert above.check_unit_id == governed.cast.unit("西安市").id
    governed.person(governed.county, Role.REGISTRY_ADMINISTRATOR)
    colleague = governed.save(ABOVE, 1, unit=governed.county, phone="029-2").waiting
    assert colleague is not None
    assert colleague.check_unit_id == governed.county.id


def test_a_centre_school_enters_for_the_schools_that_it_manages_and_no_others(governed: Governed) -> None:
    clerk = governed.person(governed.add_centre(), Role.CENTRE_SCHOOL_ADMINISTRATOR)
    assert governed.save(clerk, unit=governed.alone, phone="029-1").waiting is not None
    with pytest.raises(UnitNotFound):
        governed.save(clerk, unit=governed.school, phone="029-1")


def test_whom_the_rules_do_not_let_enter_is_refused_with_the_rule(governed: Governed) -> None:
    governed.session.execute(
        text(
            "UPDATE pack_rule SET value = jsonb_set(value, '{pairs,1,entered_by}', '[\"class_administrator\"]')"
            " WHERE topic = 'entry_pairs'"
        )
    )
    with pytest.raises(NotYoursToEnter) as refusal:
        governed.save(ENTERER, phone="029-1")
    assert "第十八条" in str(refusal.value.message)


def test_a_new_teacher_is_on_the_list_once_checked_and_leaves_once_checked(governed: Governed) -> None:
    session, actor, entity = governed.session, governed.actor(ENTERER), Entity.SCHOOL_TEACHER
    added = add_teacher(session, actor, governed.school.id, entity, {"name": "赵一（演示）", "sex": "1"})
    assert list(queries.list_teachers(session, governed.school, entity)) == []
    assert [one.record.id for one in queries.list_new_teachers(session, governed.school, entity)] == [added.record.id]
    accept(governed, LEADER)
    assert list(queries.list_teachers(session, governed.school, entity)) == [added.record]
    assert save_teacher(session, actor, added.record.id, Edit({"name": "赵一（演示）", "sex": "2"}, 2)).waiting
    accept(governed, LEADER)
    assert added.record.values["sex"] == "2"
    assert let_teacher_leave(session, actor, added.record.id) is not None
    assert list(queries.list_teachers(session, governed.school, entity)) == [added.record]
    accept(governed, LEADER)
    assert list(queries.list_teachers(session, governed.school, entity)) == []


def test_an_import_says_what_waits_and_the_rest_takes_effect(governed: Governed) -> None:
    other = governed.cast.unit("西安市碑林区实验小学（演示）")
    rows = [[str(governed.school.id), "029-1"], [str(governed.alone.id), "029-2"], [str(other.id), "029-3"]]
    table = read_table(write_csv(["单位编号", "联系电话"], rows))
    actor = governed.actor("shi_xueji")
    batch = check_import(governed.session, actor, Entity.SCHOOL, table, file_name="学校.csv")
    done = apply_import(governed.session, actor, batch.id)
    assert (done.changed, done.waiting) == (1, 2)
    assert governed.held() == {}
    assert governed.held(other) == {"phone": "029-3"}
    assert accept(governed, LEADER) == (1, 0, 0)
    assert accept(governed, ABOVE) == (1, 0, 0)
    assert (governed.held(), governed.held(governed.alone)) == ({"phone": "029-1"}, {"phone": "029-2"})


def test_an_accepted_change_is_not_accepted_twice(governed: Governed) -> None:
    saved = governed.save(ENTERER, phone="029-1").waiting
    assert saved is not None
    accept(governed, LEADER, saved.id)
    assert accept(governed, LEADER, saved.id) == (0, 1, 0)
    assert governed.session.scalars(select(EnteredChange)).one().state is EntryState.ACCEPTED


def test_a_rule_that_came_meanwhile_governs_the_next_save(session: Session, governed: Governed) -> None:
    governed.save(ENTERER, phone="029-1")
    accept(governed, LEADER)
    session.execute(text("UPDATE pack_rule SET retired_at = stated_at WHERE topic = 'entry_pairs'"))
    at_once = governed.save(ENTERER, governed.record().version, phone="029-2")
    assert (at_once.waiting, governed.held()) == (None, {"phone": "029-2"})
