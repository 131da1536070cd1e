"""Everything that people can do with records under a division of duties, in random order.

Whatever they do: nothing takes effect without a checker who neither entered it nor lent the right to enter it; stored
values change by accepting alone; nobody has two open changes of one record; and nothing typed is lost before it is
accepted or taken back.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from uuid import UUID

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test
from sqlalchemy import select

from registry_core.access.actors import Actor
from registry_core.access.models import Role
from registry_core.errors import DomainError
from registry_core.records import queries
from registry_core.records.models import (
    OPEN_ENTRIES,
    EnteredChange,
    Entity,
    EntryAct,
    EntryState,
    RecordChange,
    UnitRecord,
)
from registry_core.records.services import (
    Edit,
    accept_entries,
    add_teacher,
    apply_import,
    check_import,
    let_teacher_leave,
    move_stranded,
    return_entries,
    save_record,
    save_teacher,
    withdraw_entry,
)
from registry_core.sheets import read_table, write_csv
from tests.registry_core.records.conftest import ABOVE, ALONE, ENTERER, LEADER, Governed

IS_DEEP = os.environ.get("DESK_HYPOTHESIS") == "deep"
PHONES, FAXES = ("029-11111", "029-22222", "029-33333"), ("029-77777", "029-88888")
picks = st.integers(0, 59)
typed = st.fixed_dictionaries(
    {}, optional={"phone": st.sampled_from((*PHONES, None)), "fax": st.sampled_from((*FAXES, None))}
)


class Checks(RuleBasedStateMachine):
    """Enterers, checkers, people who are both, who borrow, and who are neither."""

    house: Governed

    @initialize()
    def build(self) -> None:
        house = self.house
        self.savepoint = house.session.begin_nested()
        both = house.person(house.school, Role.REGISTRY_ADMINISTRATOR, Role.REGISTRY_LEADER)
        leaders = [house.person(house.alone, Role.REGISTRY_LEADER), house.actor(LEADER)]
        cast = [house.actor(name) for name in (ENTERER, ALONE, ABOVE, "shi_xueji", "linqu_xueji", "xian_jishu")]
        enterer = house.actor(ENTERER)
        # The head borrows the enterer's role, and somebody else borrows the head's: both act for the other.
        borrowed = replace(leaders[1], assignments=enterer.assignments, on_behalf_of=enterer.account_id)
        lent = replace(enterer, assignments=leaders[1].assignments, on_behalf_of=leaders[1].account_id)
        # Who enters and could check lends the checking role to a third: it is still the enterer's own check.
        checking = tuple(held for held in both.assignments if held.role is Role.REGISTRY_LEADER)
        third = replace(cast[-1], assignments=checking, on_behalf_of=both.account_id)
        self.people: list[Actor] = [*cast, *leaders, both, both, borrowed, lent, third]
        self.units = [house.school, house.alone]

    def teardown(self) -> None:
        if hasattr(self, "savepoint"):
            self.house.session.expunge_all()
            self.savepoint.rollback()

    # ── what people do ────────────────────────────────────────────────────────────────────────────────────────────────

    @rule(by=picks, at=picks, values=typed, stale=st.booleans(), shown=st.booleans())
    def save(self, *, by: int, at: int, values: dict[str, Any], stale: bool, shown: bool) -> None:
        actor, unit = self.people[by % len(self.people)], self.units[at % 2]
        record = queries.find_record(self.house.session, unit, Entity.SCHOOL)
        version = 0 if stale or record is None else record.version
        own = queries.find_own_entry(self.house.session, actor, record) if record else None
        edit = Edit(values, version, own.revision if own and shown else 0)
        self.attempt(lambda: save_record(self.house.session, actor, unit.id, Entity.SCHOOL, edit))

    @rule(by=picks, at=picks, phone=st.sampled_from(PHONES))
    def upload(self, by: int, at: int, phone: str) -> None:
        actor = self.people[by % len(self.people)]
        table = read_table(write_csv(["单位编号", "联系电话"], [[str(self.units[at % 2].id), phone]]))
        session = self.house.session

        def run() -> None:
            batch = check_import(session, actor, Entity.SCHOOL, table, file_name="学校.csv")
            apply_import(session, actor, batch.id)

        self.attempt(run)

    @rule(by=picks, pick=picks, what=st.sampled_from(["add", "change", "leave"]), name=st.sampled_from("甲乙丙"))
    def staff(self, by: int, pick: int, what: str, name: str) -> None:
        session, actor = self.house.session, self.people[by % len(self.people)]
        teachers = list(session.scalars(select(UnitRecord).where(UnitRecord.entity == Entity.SCHOOL_TEACHER)))
        if what == "add" or not teachers:
            unit_id = self.units[pick % 2].id
            self.attempt(lambda: add_teacher(session, actor, unit_id, Entity.SCHOOL_TEACHER, {"name": name}))
            return
        one = teachers[pick % len(teachers)]
        if what == "leave":
            self.attempt(lambda: let_teacher_leave(session, actor, one.id))
        else:
            self.attempt(lambda: save_teacher(session, actor, one.id, Edit({"name": name}, one.version)))

    @rule(by=picks, pick=picks, accepts=st.booleans(), right=st.integers(0, 3))
    def check(self, *, by: int, pick: int, accepts: bool, right: int) -> None:
        session = self.house.session
        changes = list(session.scalars(select(EnteredChange.id).order_by(EnteredChange.id)))
        actor = self.people[by % len(self.people)]
        mine = self.house.to_check(actor)
        ids = mine if right and mine else [changes[pick % len(changes)]] if changes else []
        before = {change.id: change.parties for change in session.scalars(select(EnteredChange))}
        done = self.attempt(
            lambda: (
                accept_entries(session, actor, ids)
                if accepts
                else return_entries(session, actor, ids, reason="请再看看")
            )
        )
        decided = list(session.scalars(select(EnteredChange).where(EnteredChange.decided_at.is_not(None))))
        assert all(one.decided_by_id not in before.get(one.id, ()) for one in decided if one.decided_by_id)
        assert done is None or done.done <= len(mine)

    @rule(by=picks, pick=picks)
    def withdraw(self, by: int, pick: int) -> None:
        session, actor = self.house.session, self.people[by % len(self.people)]
        changes = list(session.scalars(select(EnteredChange.id).order_by(EnteredChange.id)))
        if changes:
            self.attempt(lambda: withdraw_entry(session, actor, changes[pick % len(changes)]))

    @rule()
    def tick(self) -> None:
        self.attempt(lambda: move_stranded(self.house.session))

    # ── what has to hold ──────────────────────────────────────────────────────────────────────────────────────────────

    def attempt(self, act: Callable[[], Any]) -> Any:
        """Do something as one transaction would, then look at everything."""
        session = self.house.session
        done = None
        accepted_before = self.accepted()
        held_before = {record.id: (dict(record.values), record.left_at) for record in self.records()}
        try:
            with session.begin_nested():
                done = act()
        except DomainError:
            session.expire_all()
        fresh = self.accepted() - accepted_before
        self.look(held_before, fresh)
        return done

    def look(self, held_before: dict[UUID, tuple[dict[str, Any], Any]], accepted: frozenset[UUID]) -> None:
        session = self.house.session
        touched = set(session.scalars(select(EnteredChange.record_id).where(EnteredChange.id.in_(accepted))))
        for record in self.records():
            before, left = held_before.get(record.id, ({}, None))
            assert record.id in touched or (record.values == before and record.left_at == left)
            assert record.values == self.retold(record)
        for change in session.scalars(select(EnteredChange)):
            if change.state is EntryState.ACCEPTED:
                deciders = {change.decided_by_id, change.decided_for_id} - {None}
                assert deciders
                assert deciders.isdisjoint(change.parties)
            if change.state in OPEN_ENTRIES and change.act is EntryAct.SAVE:
                assert change.new
        for written in session.scalars(select(RecordChange)):
            assert written.checked_by_id is not None
            assert written.checked_by_id != written.changed_by_id
        open_ones = [
            (one.record_id, one.entered_by_id, one.entered_for_id)
            for one in session.scalars(select(EnteredChange).where(EnteredChange.state.in_(OPEN_ENTRIES)))
        ]
        assert len(open_ones) == len(set(open_ones))

    def records(self) -> list[UnitRecord]:
        return list(self.house.session.scalars(select(UnitRecord).execution_options(populate_existing=True)))

    def accepted(self) -> frozenset[UUID]:
        query = select(EnteredChange.id).where(EnteredChange.state == EntryState.ACCEPTED)
        return frozenset(self.house.session.scalars(query))

    def retold(self, record: UnitRecord) -> dict[str, Any]:
        """What the history says that the record holds."""
        told: dict[str, Any] = {}
        for one in reversed(queries.list_changes(self.house.session, record)):
            told[one.change.field] = one.change.new
        return {name: value for name, value in told.items() if value is not None}


def test_nothing_entered_takes_effect_without_a_checker_who_is_somebody_else(governed: Governed) -> None:
    class Machine(Checks):
        house = governed

    depth = settings(
        max_examples=400 if IS_DEEP else 12,
        stateful_step_count=30,
        deadline=None,
        derandomize=not IS_DEEP,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(Machine, settings=depth)
