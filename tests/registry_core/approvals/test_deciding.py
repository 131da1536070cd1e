"""What happens to an application, as its applicant and those who decide it see it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from uuid import UUID

import pytest
from sqlalchemy import Executable, insert, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from registry_core.access.actors import Actor
from registry_core.access.models import Role
from registry_core.approvals import services
from registry_core.approvals.errors import (
    AlreadyRunning,
    ApplicationNotFound,
    EvidenceMissing,
    NotApplicant,
    NothingToDecide,
    NotReturned,
    NotYourStep,
    OwnApplication,
    ReasonMissing,
    StepGone,
    TooLateToWithdraw,
)
from registry_core.approvals.models import ApplicationState, Decision, DecisionKind, StepState
from registry_core.approvals.queries import applications, inbox
from registry_core.approvals.services import Content, Verdict
from registry_core.db import new_id
from registry_core.orgs.models import OrgUnit
from registry_core.rules.queries import Rule
from registry_core.rules.topics import Condition
from tests.conftest import Cast
from tests.registry_core.approvals.worlds import (
    APPROVE,
    REJECT,
    RETURN,
    Pupil,
    actor_of,
    make_person,
    make_rule,
    make_step,
    open_step,
    steps_of,
    submit,
)


def require_refused(session: Session, name: str, statement: Executable) -> None:
    """The database refuses a statement by the constraint or trigger of this name, at its end or at commit."""

    def run() -> None:
        with session.begin_nested():
            session.execute(statement)
            session.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))

    with pytest.raises(IntegrityError, match=name):
        run()
    session.execute(text("SET CONSTRAINTS ALL DEFERRED"))


def test_an_application_goes_from_step_to_step_and_is_approved_at_the_last(
    session: Session, house: Cast, school: OrgUnit, officer: Actor, head: Actor, rule: Rule
) -> None:
    application = submit(session, officer, school, rule)
    first = open_step(session, application)
    assert (first.unit_id, first.role, first.due_on) == (school.id, "registry_leader", date(2026, 10, 8))
    services.decide(session, head, first.id, verdict=APPROVE)
    second = open_step(session, application)
    assert (second.unit_id, second.due_on) == (house.unit("雁塔区").id, date(2026, 10, 13))
    services.decide(session, house.actor("xian_xueji"), second.id, verdict=APPROVE)
    assert (application.state, application.open_step_id) == (ApplicationState.APPROVED, None)
    session.commit()


def test_the_application_keeps_the_procedure_that_it_began_with(
    session: Session, school: OrgUnit, officer: Actor, head: Actor, rule: Rule
) -> None:
    del head
    application = submit(session, officer, school, rule)
    session.expire(application)
    assert applications.procedure_of(application) == rule.value
    assert (application.pack_code, application.clause) == ("shaanxi_2014", "附件1 二")


def test_what_is_returned_is_corrected_sent_again_and_takes_all_its_steps_anew(
    session: Session, house: Cast, school: OrgUnit, officer: Actor, head: Actor, rule: Rule
) -> None:
    application = submit(session, officer, school, rule)
    services.decide(session, head, open_step(session, application).id, verdict=APPROVE)
    services.decide(session, house.actor("xian_xueji"), open_step(session, application).id, verdict=RETURN)
    assert application.state is ApplicationState.RETURNED
    services.resubmit(session, officer, application.id, content=Content(note="已补正"))
    step = open_step(session, application)
    assert (step.round, step.code) == (2, "school")
    assert [one.state for one in steps_of(session, application)] == [
        StepState.APPROVED,
        StepState.RETURNED,
        StepState.OPEN,
    ]
    session.commit()


def test_what_is_rejected_is_over(session: Session, school: OrgUnit, officer: Actor, head: Actor, rule: Rule) -> None:
    application = submit(session, officer, school, rule)
    services.decide(session, head, open_step(session, application).id, verdict=REJECT)
    assert application.state is ApplicationState.REJECTED
    with pytest.raises(NotReturned):
        services.resubmit(session, officer, application.id, content=Content())
    with pytest.raises(TooLateToWithdraw):
        services.withdraw(session, officer, application.id)
    session.commit()


@pytest.mark.parametrize("kind", [DecisionKind.RETURN, DecisionKind.REJECT])
def test_nothing_is_sent_back_or_turned_down_without_a_reason(
    session: Session, school: OrgUnit, officer: Actor, head: Actor, rule: Rule, kind: DecisionKind
) -> None:
    application = submit(session, officer, school, rule)
    with pytest.raises(ReasonMissing):
        services.decide(session, head, open_step(session, application).id, verdict=Verdict(kind, " "))
    assert application.state is ApplicationState.OPEN


def test_a_step_is_not_decided_twice_and_the_second_learns_who_was_first(
    session: Session, school: OrgUnit, officer: Actor, head: Actor, rule: Rule
) -> None:
    application = submit(session, officer, school, rule)
    step_id = open_step(session, application).id
    services.decide(session, head, step_id, verdict=APPROVE)
    with pytest.raises(StepGone) as refusal:
        services.decide(session, head, step_id, verdict=REJECT)
    assert "郝校长" in refusal.value.text


def test_nobody_decides_what_they_applied_for_or_entered_for_another(
    session: Session, school: OrgUnit, head: Actor, officer: Actor, rule: Rule
) -> None:
    other_head = actor_of(session, make_person(session, school, Role.REGISTRY_LEADER))
    own = submit(session, head, school, rule)
    entered = services.submit_application(
        session, head, Pupil(school.id, new_id()), rule=rule, content=Content(), applicant_id=officer.account_id
    )
    for application in (own, entered):
        with pytest.raises(OwnApplication):
            services.decide(session, head, open_step(session, application).id, verdict=APPROVE)
    services.decide(session, other_head, open_step(session, own).id, verdict=APPROVE)


def test_nobody_decides_what_they_have_sent_again_for_a_colleague(
    session: Session, house: Cast, school: OrgUnit, head: Actor, officer: Actor, rule: Rule
) -> None:
    other_head = actor_of(session, make_person(session, school, Role.REGISTRY_LEADER))
    application = submit(session, officer, school, rule)
    services.decide(session, head, open_step(session, application).id, verdict=RETURN)
    lent = replace(other_head, on_behalf_of=officer.account_id)
    services.resubmit(session, lent, application.id, content=Content())
    with pytest.raises(OwnApplication):
        services.decide(session, other_head, open_step(session, application).id, verdict=APPROVE)
    assert house.id("xuexiao_xueji") in applications.list_parties(session, application)


def test_a_lent_role_decides_with_both_names_on_record_and_never_on_the_lenders_own(
    session: Session, house: Cast, school: OrgUnit, head: Actor, officer: Actor, rule: Rule
) -> None:
    borrower = Actor(house.id("xian_jishu"), head.assignments, on_behalf_of=head.account_id)
    own = submit(session, head, school, rule)
    with pytest.raises((OwnApplication, NotYourStep)):
        services.decide(session, borrower, open_step(session, own).id, verdict=APPROVE)
    application = submit(session, officer, school, rule)
    services.decide(session, borrower, open_step(session, application).id, verdict=APPROVE)
    decision = session.scalars(select(Decision).where(Decision.application_id == application.id)).one()
    assert (decision.by_id, decision.on_behalf_of_id) == (borrower.account_id, head.account_id)


@pytest.mark.parametrize("person", ["xian_jishu", "xian_zhuguan", "linqu_xueji", "linsheng_xueji", "xuesheng"])
def test_for_those_without_a_part_in_it_an_application_does_not_exist(
    session: Session, house: Cast, school: OrgUnit, officer: Actor, rule: Rule, person: str
) -> None:
    make_person(session, school, Role.REGISTRY_LEADER)
    application = submit(session, officer, school, rule)
    with pytest.raises(ApplicationNotFound):
        applications.get_application(session, house.actor(person), application.id)


def test_those_above_look_but_do_not_decide_what_is_not_theirs(
    session: Session, house: Cast, school: OrgUnit, head: Actor, officer: Actor, rule: Rule
) -> None:
    del head
    application = submit(session, officer, school, rule)
    for person in ("xian_xueji", "shi_xueji", "sheng_xueji", "bu_xueji"):
        actor = house.actor(person)
        assert applications.get_application(session, actor, application.id) is application
        with pytest.raises(NotYourStep):
            services.decide(session, actor, open_step(session, application).id, verdict=APPROVE)


def test_a_system_administrator_takes_no_part(
    session: Session, school: OrgUnit, officer: Actor, head: Actor, rule: Rule
) -> None:
    application = submit(session, officer, school, rule)
    system = actor_of(session, make_person(session, school, Role.SYSTEM_ADMINISTRATOR))
    both = replace(head, assignments=(*head.assignments, *system.assignments))
    assert inbox.count_waiting(session, both) == (0, 0)
    with pytest.raises(Exception, match="duties_conflict"):
        services.decide(session, both, open_step(session, application).id, verdict=APPROVE)


def test_evidence_that_the_procedure_asks_for_has_to_be_there(
    session: Session, house: Cast, school: OrgUnit, officer: Actor, rule: Rule
) -> None:
    asking = make_rule(rule.value.steps, owner_id=house.unit("陕西省").id, evidence=("户口簿", "证明"))
    with pytest.raises(EvidenceMissing) as refusal:
        submit(session, officer, school, asking, Content(evidence={"户口簿": [new_id()], "证明": []}))
    assert "证明" in refusal.value.text
    assert "户口簿" not in refusal.value.text


def test_the_same_thing_is_applied_for_once_at_a_time(
    session: Session, school: OrgUnit, officer: Actor, head: Actor, rule: Rule
) -> None:
    pupil = Pupil(school.id, new_id())
    first = services.submit_application(session, officer, pupil, rule=rule, content=Content())
    with pytest.raises(AlreadyRunning):
        services.submit_application(session, officer, pupil, rule=rule, content=Content())
    services.decide(session, head, open_step(session, first).id, verdict=REJECT)
    services.submit_application(session, officer, pupil, rule=rule, content=Content())


def test_a_feature_that_leaves_a_fact_or_a_side_out_is_stopped_at_once(
    session: Session, house: Cast, school: OrgUnit, officer: Actor
) -> None:
    owner_id = house.unit("陕西省").id
    by_stage = make_step("county", Role.REGISTRY_ADMINISTRATOR, "county", condition=Condition(stages=("senior",)))
    two_sides = make_step("county", Role.REGISTRY_ADMINISTRATOR, "county", side="receiving")
    for step, named in ((by_stage, "stage"), (two_sides, "receiving")):
        with pytest.raises(ValueError, match=named):
            submit(session, officer, school, make_rule([step], owner_id=owner_id))
    with pytest.raises(NothingToDecide):
        submit(session, officer, school, make_rule([by_stage], owner_id=owner_id), Content(facts={"stage": "primary"}))


def test_one_withdraws_until_the_step_that_the_procedure_names(
    session: Session, house: Cast, school: OrgUnit, officer: Actor, head: Actor, rule: Rule
) -> None:
    limited = make_rule(rule.value.steps, owner_id=house.unit("陕西省").id, withdraw_until="school")
    early, late = (submit(session, officer, school, limited) for _ in range(2))
    with pytest.raises(NotApplicant):
        services.withdraw(session, head, early.id)
    services.withdraw(session, officer, early.id, reason="填错了")
    assert early.state is ApplicationState.WITHDRAWN
    services.decide(session, head, open_step(session, late).id, verdict=APPROVE)
    with pytest.raises(TooLateToWithdraw):
        services.withdraw(session, officer, late.id)
    session.commit()


def test_what_came_back_can_always_be_withdrawn(
    session: Session, school: OrgUnit, officer: Actor, head: Actor, rule: Rule
) -> None:
    application = submit(session, officer, school, rule)
    services.decide(session, head, open_step(session, application).id, verdict=RETURN)
    services.withdraw(session, officer, application.id)
    assert application.state is ApplicationState.WITHDRAWN
    session.commit()


def test_many_are_decided_at_once_and_those_that_others_dealt_with_are_counted(
    session: Session, school: OrgUnit, officer: Actor, head: Actor, rule: Rule
) -> None:
    mine = [submit(session, officer, school, rule) for _ in range(3)]
    own = submit(session, head, school, rule)
    ids: list[UUID] = [open_step(session, one).id for one in (*mine, own)]
    services.decide(session, head, ids[0], verdict=RETURN)
    done = services.decide_many(session, head, [*ids, new_id()], verdict=APPROVE)
    assert (done.decided, done.passed_over) == (2, 3)
    assert [open_step(session, one).code for one in mine[1:]] == ["county", "county"]
    assert open_step(session, own).code == "school"
    session.commit()


def test_the_database_itself_refuses_a_decision_about_ones_own_and_one_that_is_changed(
    session: Session, school: OrgUnit, officer: Actor, head: Actor, rule: Rule
) -> None:
    application = submit(session, officer, school, rule)
    step = open_step(session, application)
    own = insert(Decision).values(
        id=new_id(),
        application_id=application.id,
        applicant_id=application.applicant_id,
        entered_by_id=application.entered_by_id,
        step_id=step.id,
        kind=DecisionKind.APPROVE,
        by_id=officer.account_id,
        at=step.opened_at,
    )
    require_refused(session, "not_by_applicant", own)
    services.decide(session, head, step.id, verdict=APPROVE)
    for statement in ("UPDATE decision SET reason = 'x'", "DELETE FROM decision", "DELETE FROM application_round"):
        require_refused(session, "never changed", text(statement))


def test_the_database_itself_keeps_an_open_application_at_exactly_one_open_step(
    session: Session, school: OrgUnit, officer: Actor, head: Actor, rule: Rule
) -> None:
    del head
    application = submit(session, officer, school, rule)
    session.commit()
    for statement, name in (
        ("UPDATE step SET state = 'approved', is_open = NULL, decided_at = opened_at", "fk_application_open_step"),
        ("UPDATE application SET state = 'returned', is_open = NULL, open_step_id = NULL", "fk_step_open_application"),
    ):
        require_refused(session, name, text(statement))
    assert application.state is ApplicationState.OPEN
