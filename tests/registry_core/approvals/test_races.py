"""Two at one moment, with real connections: one decides, the other is told, and nothing is decided twice."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import wait
from datetime import timedelta
from functools import partial
from uuid import UUID

import pytest
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from registry_core.access.actors import Actor
from registry_core.access.models import Role
from registry_core.approvals import jobs, services
from registry_core.approvals.errors import AlreadyRunning, StepGone, TooLateToWithdraw
from registry_core.approvals.models import Application, ApplicationState, Decision, Step
from registry_core.approvals.services import Content
from registry_core.calendars.services import load_own_days
from registry_core.clock import FrozenClock
from registry_core.db import new_id
from registry_core.rules.loader import load_packs
from registry_core.rules.queries import Rule
from tests.conftest import Cast
from tests.helpdesk.at_once import Crowd
from tests.registry_core.approvals.worlds import (
    APPROVE,
    REJECT,
    RETURN,
    SCHOOL,
    Pupil,
    actor_of,
    make_person,
    make_rule,
    make_step,
)


@pytest.fixture
def crowd(engine: Engine, now: FrozenClock, committed: Cast) -> Iterator[Crowd]:
    """Threads on the committed cast, with rules and calendar."""
    del now, committed
    people = Crowd(engine)
    with people.under_way() as session:
        load_own_days(session)
        load_packs(session)
    yield people
    people.pool.shutdown()


@pytest.fixture
def rule(committed: Cast) -> Rule:
    """A procedure of one step, decided by the county."""
    step = make_step("county", Role.REGISTRY_ADMINISTRATOR, "county")
    return make_rule([step], owner_id=committed.unit("陕西省").id, withdraw_until="county")


@pytest.fixture
def deciders(crowd: Crowd, committed: Cast) -> list[Actor]:
    """Two who may decide at the county."""
    with crowd.under_way() as session:
        colleague_id = make_person(session, committed.unit("雁塔区"), Role.REGISTRY_ADMINISTRATOR, name="同事")
        return [committed.actor("xian_xueji"), actor_of(session, colleague_id)]


def applied(crowd: Crowd, cast: Cast, rule: Rule) -> tuple[UUID, UUID]:
    """A committed application and the step that it waits at."""
    pupil = Pupil(cast.unit(SCHOOL).id, new_id())
    with crowd.under_way() as session:
        application = services.submit_application(
            session, cast.actor("xuexiao_xueji"), pupil, rule=rule, content=Content()
        )
        assert application.open_step_id
        return application.id, application.open_step_id


def state_of(crowd: Crowd, application_id: UUID) -> tuple[ApplicationState, int]:
    """The state of an application, and how many decisions there are about it."""
    with crowd.under_way() as session:
        decisions = select(func.count()).where(Decision.application_id == application_id)
        return session.get_one(Application, application_id).state, session.scalars(decisions).one()


def test_of_two_who_decide_at_once_one_is_told_that_the_other_was_first(
    crowd: Crowd, committed: Cast, rule: Rule, deciders: list[Actor]
) -> None:
    application_id, step_id = applied(crowd, committed, rule)
    first, second = deciders
    with crowd.under_way() as session:
        services.decide(session, first, step_id, verdict=APPROVE)
        late = crowd.start_and_block(lambda own: services.decide(own, second, step_id, verdict=REJECT))
    with pytest.raises(StepGone) as refusal:
        late.result()
    assert "何文静" in refusal.value.text
    assert state_of(crowd, application_id) == (ApplicationState.APPROVED, 1)


def test_when_the_first_thinks_better_of_it_the_second_decides(
    crowd: Crowd, committed: Cast, rule: Rule, deciders: list[Actor]
) -> None:
    application_id, step_id = applied(crowd, committed, rule)
    with crowd.given_up() as session:
        services.decide(session, deciders[0], step_id, verdict=APPROVE)
        late = crowd.start_and_block(lambda own: services.decide(own, deciders[1], step_id, verdict=REJECT))
    late.result()
    assert state_of(crowd, application_id) == (ApplicationState.REJECTED, 1)


def test_of_a_decision_and_a_withdrawal_at_once_one_holds(
    crowd: Crowd, committed: Cast, rule: Rule, deciders: list[Actor]
) -> None:
    applicant = committed.actor("xuexiao_xueji")
    application_id, step_id = applied(crowd, committed, rule)
    with crowd.under_way() as session:
        services.decide(session, deciders[0], step_id, verdict=APPROVE)
        late = crowd.start_and_block(lambda own: services.withdraw(own, applicant, application_id))
    with pytest.raises(TooLateToWithdraw):
        late.result()
    other_id, other_step_id = applied(crowd, committed, rule)
    with crowd.under_way() as session:
        services.withdraw(session, applicant, other_id)
        late_decision = crowd.start_and_block(
            lambda own: services.decide(own, deciders[0], other_step_id, verdict=APPROVE)
        )
    with pytest.raises(StepGone):
        late_decision.result()
    assert state_of(crowd, application_id) == (ApplicationState.APPROVED, 1)
    assert state_of(crowd, other_id) == (ApplicationState.WITHDRAWN, 1)


def test_two_who_decide_the_same_lot_at_once_decide_each_once_and_never_block_each_other(
    crowd: Crowd, committed: Cast, rule: Rule, deciders: list[Actor]
) -> None:
    lot = [applied(crowd, committed, rule) for _ in range(12)]
    step_ids = [step_id for _application_id, step_id in lot]
    acts = [
        partial(services.decide_many, actor=deciders[0], step_ids=step_ids, verdict=APPROVE),
        partial(services.decide_many, actor=deciders[1], step_ids=step_ids[::-1], verdict=RETURN),
        partial(services.decide_many, actor=deciders[0], step_ids=step_ids[::-1], verdict=APPROVE),
    ]
    done = [crowd.start(act) for act in acts]
    wait(done, timeout=60)
    assert sum(one.result().decided for one in done) == 12
    assert sum(one.result().passed_over for one in done) == 24
    assert [state_of(crowd, application_id)[1] for application_id, _step_id in lot] == [1] * 12


def test_one_thing_applied_for_twice_at_once_is_applied_for_once(crowd: Crowd, committed: Cast, rule: Rule) -> None:
    pupil, actor = Pupil(committed.unit(SCHOOL).id, new_id()), committed.actor("xuexiao_xueji")

    def submit(session: Session) -> UUID:
        return services.submit_application(session, actor, pupil, rule=rule, content=Content()).id

    with crowd.under_way() as session:
        submit(session)
        late = crowd.start_and_block(submit)
    with pytest.raises(AlreadyRunning):
        late.result()


def test_the_clock_leaves_a_step_alone_that_another_clock_is_telling_of(
    crowd: Crowd, committed: Cast, rule: Rule, now: FrozenClock
) -> None:
    _application_id, step_id = applied(crowd, committed, rule)
    now.move(timedelta(days=30))
    with crowd.under_way() as session:
        jobs.escalate_overdue(session, None)
        assert session.get_one(Step, step_id).escalated_at is not None
        crowd.start(lambda own: jobs.escalate_overdue(own, None)).result(timeout=30)
    told = (
        "SELECT count(*) FROM procrastinate_jobs"
        " WHERE args->>'event' = 'StepOverdue' AND strpos(args->>'reaction', 'leader') > 0"
    )
    with crowd.engine.connect() as connection:
        assert connection.exec_driver_sql(told).scalar_one() == 1
