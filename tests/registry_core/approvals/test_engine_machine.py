"""Everything that can happen to applications, in random order under random procedures; the oracle looks each time.

No step is decided twice, nobody decides their own application, nothing is approved without each decision that its
procedure requires, there is one open step at a time, and the clocks are right over holidays.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from registry_core import clock
from registry_core.access.actors import Actor
from registry_core.access.models import Role
from registry_core.approvals import jobs, services
from registry_core.approvals.models import Application, ApplicationState, Decision, DecisionKind, Step
from registry_core.approvals.services import Content, Verdict
from registry_core.db import new_id
from registry_core.errors import DomainError
from registry_core.orgs.models import OrgUnit
from registry_core.orgs.queries import today
from registry_core.rules.topics import Condition, ProcedureSpec, StepSpec
from tests.conftest import Cast
from tests.registry_core.approvals.conftest import NINE
from tests.registry_core.approvals.oracle import Expected, Post, post_of
from tests.registry_core.approvals.worlds import SCHOOL, Pupil, actor_of, make_person, make_rule, make_step

IS_DEEP = os.environ.get("DESK_HYPOTHESIS") == "deep"
UNITS = {"school": SCHOOL, "county": "雁塔区", "city": "西安市", "province": "陕西省", "ministry": "教育部"}
OFFICERS = {"school": "xuexiao_xueji", "county": "xian_xueji", "city": "shi_xueji", "province": "sheng_xueji"}
LAST_INSTANT = datetime(2026, 12, 10, tzinfo=UTC)
ROLES = (Role.REGISTRY_LEADER, Role.REGISTRY_ADMINISTRATOR)

conditions = st.sampled_from(
    [None, None, None, Condition(stages=("senior",)), Condition(crosses_city=True), Condition(stages=("primary",))]
)
sketches = st.lists(
    st.tuples(st.sampled_from(ROLES), st.sampled_from(["school", "county", "city"]), st.integers(0, 12), conditions),
    min_size=1,
    max_size=4,
)
all_facts = st.fixed_dictionaries({"stage": st.sampled_from(["primary", "senior"]), "crosses_city": st.booleans()})
spans = st.one_of(st.timedeltas(timedelta(0), timedelta(hours=30)), st.timedeltas(timedelta(0), timedelta(days=20)))
picks = st.integers(0, 59)
colleagues = st.lists(st.tuples(picks, picks), min_size=3, max_size=8)


class Engine(RuleBasedStateMachine):
    """People of five rungs, who mostly do what they may and now and then what they may not."""

    session: Session
    cast: Cast

    @initialize(
        sketch=sketches, limit=st.integers(-1, 3), posts=st.lists(st.tuples(picks, picks), min_size=3, max_size=8)
    )
    def build(
        self, sketch: list[tuple[Role, str, int, Condition | None]], limit: int, posts: list[tuple[int, int]]
    ) -> None:
        self.clock = clock._frozen[-1]
        self.clock.instant = NINE
        self.savepoint = self.session.begin_nested()
        self.units: dict[str, OrgUnit] = {rung: self.cast.unit(name) for rung, name in UNITS.items()}
        self.posts: dict[UUID, set[Post]] = {
            self.cast.id(name): {(rung, Role.REGISTRY_ADMINISTRATOR)} for rung, name in OFFICERS.items()
        }
        self.posts[self.cast.id("bu_xueji")] = {("ministry", Role.REGISTRY_ADMINISTRATOR)}
        self.posts[self.cast.id("xian_lingdao")] = {("county", Role.REGISTRY_LEADER)}
        for at, role in posts:
            rung = list(UNITS)[at % 3]
            person = make_person(self.session, self.units[rung], ROLES[role % 2])
            self.posts[person] = {(rung, ROLES[role % 2])}
        steps: list[StepSpec] = [
            make_step(f"step{place}", role, at, working_days=days, condition=condition)
            for place, (role, at, days, condition) in enumerate(sketch)
        ]
        steps.append(make_step("last", Role.REGISTRY_ADMINISTRATOR, "county", working_days=7))
        until = steps[limit].code if 0 <= limit < len(steps) else ""
        self.rule = make_rule(steps, owner_id=self.units["province"].id, withdraw_until=until)
        self.spec: ProcedureSpec = self.rule.value
        self.known: dict[UUID, Expected] = {}

    def teardown(self) -> None:
        if hasattr(self, "savepoint"):
            self.session.expunge_all()
            self.savepoint.rollback()

    # ── what people do ────────────────────────────────────────────────────────────────────────────────────────────────

    @rule(by=picks, other=picks, facts=all_facts, for_another=st.booleans())
    def apply(self, by: int, other: int, facts: dict[str, bool | str], *, for_another: bool) -> None:
        actor, applicant = self.person(by), self.person(other)
        application = services.submit_application(
            self.session,
            actor,
            Pupil(self.units["school"].id, new_id()),
            rule=self.rule,
            content=Content(facts=facts),
            applicant_id=applicant.account_id if for_another else None,
        )
        parties = {actor.account_id} | ({applicant.account_id} if for_another else set())
        expected = Expected(self.spec, facts, parties)
        self.known[application.id] = expected
        self.reach(expected, expected.required[0])
        self.look()

    @rule(pick=picks, by=picks, kind=st.sampled_from(DecisionKind), right=st.integers(0, 3))
    def decide(self, pick: int, by: int, kind: DecisionKind, right: int) -> None:
        application = self.application(pick)
        if application is None or kind is DecisionKind.WITHDRAW:
            return
        expected = self.known[application.id]
        may = [person for person in self.posts if self.may_decide(person, expected)]
        actor = self.actor(may[by % len(may)]) if may and right else self.person(by)
        step_id = self.latest_step(application)
        is_allowed = self.may_decide(actor.account_id, expected)
        try:
            services.decide(self.session, actor, step_id, verdict=Verdict(kind, "原因"))
        except DomainError:
            assert not is_allowed
        else:
            assert is_allowed
            self.follow(expected, kind)
        self.look()

    @rule(by=picks, kind=st.sampled_from([DecisionKind.APPROVE, DecisionKind.RETURN]))
    def decide_everything(self, by: int, kind: DecisionKind) -> None:
        actor = self.person(by)
        mine = [one for one in self.known.values() if self.may_decide(actor.account_id, one)]
        every_step = list(self.session.scalars(select(Step.id)))
        done = services.decide_many(self.session, actor, every_step, verdict=Verdict(kind, "原因"))
        assert (done.decided, done.passed_over) == (len(mine), len(every_step) - len(mine))
        for expected in mine:
            self.follow(expected, kind)
        self.look()

    @rule(pick=picks, by=picks, right=st.integers(0, 3))
    def withdraw(self, pick: int, by: int, right: int) -> None:
        application = self.application(pick)
        if application is None or pick % 3:
            return
        expected = self.known[application.id]
        actor = self.actor(min(expected.parties)) if right else self.person(by)
        is_allowed = actor.account_id in expected.parties and expected.may_withdraw()
        try:
            services.withdraw(self.session, actor, application.id)
        except DomainError:
            assert not is_allowed
        else:
            assert is_allowed
            expected.state, expected.decided = "withdrawn", expected.decided + 1
        self.look()

    @rule(pick=picks, by=picks, right=st.integers(0, 3), facts=all_facts)
    def send_again(self, pick: int, by: int, right: int, facts: dict[str, bool | str]) -> None:
        application = self.application(pick, "returned")
        if application is None:
            return
        expected = self.known[application.id]
        actor = self.actor(min(expected.parties)) if right else self.person(by)
        is_allowed = actor.account_id in expected.parties and expected.state == "returned"
        try:
            services.resubmit(self.session, actor, application.id, content=Content(facts=facts))
        except DomainError:
            assert not is_allowed
        else:
            assert is_allowed
            expected.facts, expected.round, expected.state = facts, expected.round + 1, "open"
            self.reach(expected, expected.required[0])
        self.look()

    @rule(span=spans)
    def let_time_pass(self, span: timedelta) -> None:
        # The year after is not published: the tests of the clocks look at that.
        self.clock.instant = min(self.clock.instant + span, LAST_INSTANT)
        jobs.escalate_overdue(self.session, None)
        late = self.session.scalars(select(Step).where(Step.is_open.is_(True), Step.due_on < today()))
        assert all(step.escalated_at is not None for step in late)
        early = self.session.scalars(select(Step).where(Step.is_open.is_(True), Step.due_on >= today()))
        assert all(step.escalated_at is None for step in early)

    # ── what ought to be ──────────────────────────────────────────────────────────────────────────────────────────────

    def follow(self, expected: Expected, kind: DecisionKind) -> None:
        """Do to the expectation what a decision does."""
        expected.decided += 1
        following = expected.next_after(expected.waits_at)
        if kind is DecisionKind.RETURN:
            expected.state = "returned"
        elif kind is DecisionKind.REJECT:
            expected.state = "rejected"
        elif following is None:
            expected.state = "approved"
        else:
            self.reach(expected, following)

    def reach(self, expected: Expected, place: int) -> None:
        expected.waits_at, expected.opened_on = place, today()

    def may_decide(self, person: UUID, expected: Expected) -> bool:
        is_open = expected.state == "open" and person not in expected.parties
        return is_open and post_of(expected, self.posts) in self.posts[person]

    def look(self) -> None:
        """Compare every application with what is expected of it; let the database check what it checks at commit."""
        self.session.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))
        self.session.execute(text("SET CONSTRAINTS ALL DEFERRED"))
        for application_id, expected in self.known.items():
            self.session.expire_all()
            application = self.session.get_one(Application, application_id)
            assert application.state.value == expected.state
            steps = self.session.scalars(select(Step).where(Step.application_id == application_id)).all()
            self.look_at_steps(application, expected, steps)
            decisions = self.session.scalars(select(Decision).where(Decision.application_id == application_id)).all()
            assert len(decisions) == expected.decided
            decided = [one.step_id for one in decisions if one.step_id is not None]
            assert len(decided) == len(set(decided))
            deciders = {one.by_id for one in decisions if one.kind is not DecisionKind.WITHDRAW}
            assert deciders.isdisjoint(expected.parties)

    def look_at_steps(self, application: Application, expected: Expected, steps: Sequence[Step]) -> None:
        waiting = [step for step in steps if step.is_open]
        assert len(waiting) == (expected.state == "open")
        for step in waiting:
            rung, role = post_of(expected, self.posts)
            assert (step.position, step.unit_id, step.role) == (expected.waits_at, self.units[rung].id, role.value)
            assert (step.due_on, step.is_due_provisional) == (expected.due(), False)
        if application.state is ApplicationState.APPROVED:
            approved = [step.position for step in steps if step.round == expected.round and step.state == "approved"]
            assert sorted(approved) == expected.required

    # ── choosing ──────────────────────────────────────────────────────────────────────────────────────────────────────

    def person(self, pick: int) -> Actor:
        """Choose anybody; every third time somebody who applied for something and may be tempted to decide it."""
        parties = sorted({person for one in self.known.values() for person in one.parties})
        people = parties if parties and not pick % 3 else list(self.posts)
        return self.actor(people[pick % len(people)])

    def actor(self, account_id: UUID) -> Actor:
        return actor_of(self.session, account_id)

    def application(self, pick: int, state: str = "open") -> Application | None:
        """Choose an application, mostly one in a state."""
        wanted = [known for known, expected in self.known.items() if expected.state == state]
        found = wanted if wanted and pick < 50 else list(self.known)
        return self.session.get_one(Application, found[pick % len(found)]) if found else None

    def latest_step(self, application: Application) -> UUID:
        query = select(Step.id).where(Step.application_id == application.id)
        return self.session.scalars(query.order_by(Step.round.desc(), Step.position.desc())).first() or application.id


def test_applications_keep_their_path_whatever_happens(session: Session, house: Cast) -> None:
    class Machine(Engine):
        def __init__(self) -> None:
            super().__init__()
            self.session, self.cast = session, house

    examples, steps = (600, 60) if IS_DEEP else (40, 30)
    depth = settings(
        max_examples=examples,
        stateful_step_count=steps,
        deadline=None,
        derandomize=not IS_DEEP,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(Machine, settings=depth)
