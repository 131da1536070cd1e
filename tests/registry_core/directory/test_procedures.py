"""Applying for a code, a merger, a closure: who may, who decides, and what the last decision brings about."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from registry_core.access.actors import Actor
from registry_core.access.models import Role, RoleAssignment
from registry_core.approvals import effects
from registry_core.approvals import services as approvals
from registry_core.approvals.errors import AlreadyRunning, AnswersMissing, EvidenceMissing
from registry_core.approvals.evidence import EvidenceKeeper
from registry_core.approvals.models import Application, ApplicationState, Decision, DecisionKind, Step
from registry_core.approvals.paths import Fact
from registry_core.approvals.policies import EVIDENCE
from registry_core.approvals.services import Verdict
from registry_core.calendars.services import load_own_days
from registry_core.clock import frozen
from registry_core.directory.effects import EFFECTS
from registry_core.directory.errors import (
    CodeHeld,
    CodeNotRight,
    MergedIntoItself,
    PaperNumberMissing,
    SchoolHasTeachingPoints,
    SchoolIsClosed,
)
from registry_core.directory.presenters.procedures import view_due
from registry_core.directory.queries.procedures import CLOSE, CODE, MERGE, find_due, find_procedure
from registry_core.directory.queries.weight import list_changes
from registry_core.directory.services import procedures, schools
from registry_core.directory.services.history import Cause
from registry_core.directory.services.procedures import Papers
from registry_core.errors import Forbidden
from registry_core.files import policies
from registry_core.files import services as files
from registry_core.orgs import queries as orgs
from registry_core.orgs.errors import CodeTaken, UnitNotFound
from registry_core.orgs.models import BodyKind, CodeScheme, OrgUnit
from registry_core.orgs.queries import today
from registry_core.orgs.services import add_body, add_teaching_point
from registry_core.rules.loader import load_packs
from registry_core.rules.queries import Rule
from tests.conftest import Cast
from tests.portal.conftest import app, shared_app
from tests.registry_core.approvals.conftest import NINE
from tests.registry_core.approvals.worlds import actor_of, make_person
from tests.registry_core.files.conftest import send, shelved
from tests.registry_core.files.samples import PDF

__all__ = ["app", "shared_app"]

FIRST = "西安市雁塔区第一小学（演示）"
SECOND = "西安市雁塔区第二小学（演示）"
LICENCE, ORDER = "批准办学的文件", "批准撤并的文件"
GOOD = "2161000123"
PAPER = Cause("区编办批复", paper="雁教发〔2026〕7号")
YES, NO = DecisionKind.APPROVE, DecisionKind.REJECT


@pytest.fixture
def now() -> Iterator[None]:
    """The clock stands."""
    with frozen(NINE):
        yield


@pytest.fixture
def house(now: None, session: Session, cast: Cast, tmp_path: Path) -> Iterator[Cast]:
    """The cast with rules, calendar, a place for files, and what approvals bring about."""
    del now
    with shelved(tmp_path / "files"):
        policies.install_file_keepers([EvidenceKeeper()])
        effects.install_effects(EFFECTS)
        load_own_days(session)
        load_packs(session)
        yield cast


@pytest.fixture
def school(house: Cast) -> OrgUnit:
    """A school without a code."""
    return house.unit(FIRST)


def rule_of(session: Session, unit: OrgUnit, code: str) -> Rule:
    rule = find_procedure(session, unit, code)
    assert rule
    return rule


def papers(session: Session, actor: Actor, name: str) -> Papers:
    file = files.keep(session, actor, send(session, actor, "批复.pdf", PDF, use=EVIDENCE))
    return Papers("雁教发〔2026〕3 号", {name: [file.id]})


def ask_for_code(session: Session, actor: Actor, school: OrgUnit) -> Application:
    proof = papers(session, actor, LICENCE)
    rule = rule_of(session, school, CODE)
    return procedures.apply_for_code(session, actor, school.id, rule=rule, school_class="21", papers=proof)


def ask_for_merger(session: Session, actor: Actor, school: OrgUnit, into: OrgUnit) -> Application:
    proof = papers(session, actor, ORDER)
    wish: dict[str, Fact] = {"into": str(into.id), "stays_as_point": False}
    rule = rule_of(session, school, MERGE)
    return procedures.apply_for_merger(session, actor, school.id, rule=rule, into=wish, papers=proof)


def step_of(session: Session, application: Application) -> Step:
    assert application.open_step_id
    return session.get_one(Step, application.open_step_id, populate_existing=True)


def decide(session: Session, actor: Actor, application: Application, kind: DecisionKind = YES, **answers: str) -> None:
    verdict = Verdict(kind, "说明", answers)
    approvals.decide(session, actor, step_of(session, application).id, verdict=verdict)


def test_a_school_gets_the_code_that_the_last_decider_names(session: Session, house: Cast, school: OrgUnit) -> None:
    application = ask_for_code(session, house.actor("xuexiao_xueji"), school)
    assert step_of(session, application).unit_id == house.unit("雁塔区").id
    decide(session, house.actor("xian_xueji"), application)
    last = step_of(session, application)
    assert (last.unit_id, last.body) == (house.unit("陕西省").id, None)
    decide(session, house.actor("sheng_xueji"), application, code=f" {GOOD} ")
    assert application.state is ApplicationState.APPROVED
    assert orgs.find_code(session, school.id, CodeScheme.SCHOOL_CODE) == GOOD
    [(change, _other)] = list_changes(session, school)
    assert (change.after, change.reason, change.done_by_id) == (GOOD, "雁教发〔2026〕3 号", house.id("sheng_xueji"))
    answers = session.scalars(select(Decision.answers).order_by(Decision.at, Decision.id)).all()
    assert sorted(map(len, answers)) == [0, 1]


@pytest.mark.parametrize(
    ("code", "refusal"),
    [("", AnswersMissing), ("216100012", CodeNotRight), ("2142000123", CodeNotRight), ("2161000999", CodeTaken)],
)
def test_a_code_that_cannot_be_given_undoes_the_decision(
    session: Session, house: Cast, school: OrgUnit, code: str, refusal: type[Exception]
) -> None:
    schools.give_code(session, house.actor("xian_xueji"), house.unit(SECOND).id, code="2161000999", cause=PAPER)
    application = ask_for_code(session, house.actor("xuexiao_xueji"), school)
    decide(session, house.actor("xian_xueji"), application)
    step_id = step_of(session, application).id
    with pytest.raises(refusal), session.begin_nested():
        decide(session, house.actor("sheng_xueji"), application, code=code)
    session.expire_all()
    assert (application.state, application.open_step_id) == (ApplicationState.OPEN, step_id)
    assert orgs.find_code(session, school.id, CodeScheme.SCHOOL_CODE) is None


def test_only_the_last_decider_is_asked_for_the_code(
    session: Session, house: Cast, school: OrgUnit, app: Flask
) -> None:
    application = ask_for_code(session, house.actor("xuexiao_xueji"), school)
    with app.test_request_context("/"):
        assert not approvals.list_asked(session, application, step_of(session, application))
        decide(session, house.actor("xian_xueji"), application)
        [asked] = approvals.list_asked(session, application, step_of(session, application))
    assert asked.name == "code"
    assert "2161" in asked.help


def test_many_at_once_do_not_pass_over_what_has_to_be_filled_in(session: Session, house: Cast, school: OrgUnit) -> None:
    application = ask_for_code(session, house.actor("xuexiao_xueji"), school)
    decide(session, house.actor("xian_xueji"), application)
    steps = [step_of(session, application).id]
    with pytest.raises(AnswersMissing) as refused:
        approvals.decide_many(session, house.actor("sheng_xueji"), steps, verdict=Verdict(YES))
    assert "第一小学" in refused.value.text
    assert "学校标识码" in refused.value.text


def test_turned_down_it_gives_nothing(session: Session, house: Cast, school: OrgUnit) -> None:
    application = ask_for_code(session, house.actor("xuexiao_xueji"), school)
    decide(session, house.actor("xian_xueji"), application, NO)
    assert application.state is ApplicationState.REJECTED
    assert orgs.find_code(session, school.id, CodeScheme.SCHOOL_CODE) is None
    ask_for_code(session, house.actor("xuexiao_xueji"), school)


def test_the_code_planning_office_decides_where_a_province_has_one(
    session: Session, house: Cast, school: OrgUnit
) -> None:
    province = house.unit("陕西省")
    office = add_body(session, province, kind=BodyKind.CODE_PLANNING_OFFICE, name="代码规划处")
    clerk = make_person(session, province, Role.REGISTRY_ADMINISTRATOR, name="代码处")
    session.scalars(select(RoleAssignment).where(RoleAssignment.account_id == clerk)).one().body_id = office.id
    session.flush()
    application = ask_for_code(session, house.actor("xuexiao_xueji"), school)
    decide(session, house.actor("xian_xueji"), application)
    assert step_of(session, application).body == "code_planning_office"
    decide(session, actor_of(session, clerk), application, code=GOOD)
    assert orgs.find_code(session, school.id, CodeScheme.SCHOOL_CODE) == GOOD


def test_a_county_applies_on_behalf_of_a_school_and_does_not_check_itself(
    session: Session, house: Cast, school: OrgUnit
) -> None:
    application = ask_for_code(session, house.actor("xian_xueji"), school)
    step = step_of(session, application)
    assert (step.unit_id, step.moved_from_id) == (house.unit("西安市").id, house.unit("雁塔区").id)


@pytest.mark.parametrize(
    ("person", "refusal"),
    [
        ("xuexiao2_xueji", UnitNotFound),
        ("linqu_xueji", UnitNotFound),
        ("linsheng_xueji", UnitNotFound),
        ("xian_jishu", Forbidden),
        ("xian_lingdao", Forbidden),
    ],
)
def test_nobody_else_applies_for_a_school(
    session: Session, house: Cast, school: OrgUnit, person: str, refusal: type[Exception]
) -> None:
    with pytest.raises(refusal):
        ask_for_code(session, house.actor(person), school)
    with pytest.raises(refusal):
        ask_for_merger(session, house.actor(person), school, house.unit(SECOND))


def test_without_proof_twice_or_with_a_code_one_does_not_apply(session: Session, house: Cast, school: OrgUnit) -> None:
    officer, rule = house.actor("xuexiao_xueji"), rule_of(session, school, CODE)
    with pytest.raises(EvidenceMissing) as refused:
        procedures.apply_for_code(
            session, officer, school.id, rule=rule, school_class="21", papers=Papers("批复", {LICENCE: []})
        )
    assert LICENCE in refused.value.text
    ask_for_code(session, officer, school)
    with pytest.raises(AlreadyRunning):
        ask_for_code(session, officer, school)
    schools.give_code(session, house.actor("xian_xueji"), school.id, code=GOOD, cause=PAPER)
    with pytest.raises(CodeHeld, match="code_held"):
        ask_for_code(session, officer, school)


def test_a_code_is_recorded_past_the_procedure_only_with_the_number_of_a_paper(
    session: Session, house: Cast, school: OrgUnit
) -> None:
    county = house.actor("xian_xueji")
    with pytest.raises(PaperNumberMissing):
        schools.give_code(session, county, school.id, code=GOOD, cause=Cause("区编办批复"))
    assert list_changes(session, school) == []
    schools.give_code(session, county, school.id, code=GOOD, cause=PAPER)
    assert [change.reason for change, _other in list_changes(session, school)] == ["雁教发〔2026〕7号：区编办批复"]


def test_a_merger_happens_with_its_last_decision_and_not_before(session: Session, house: Cast, school: OrgUnit) -> None:
    application = ask_for_merger(session, house.actor("xian_xueji"), school, house.unit(SECOND))
    decide(session, house.actor("shi_xueji"), application)
    assert school.is_open(today())
    decide(session, house.actor("sheng_xueji"), application)
    session.refresh(school)
    assert school.closed_on == today()
    held = session.scalars(
        select(RoleAssignment.account_id).where(RoleAssignment.unit_id == house.unit(SECOND).id)
    ).all()
    assert house.id("xuexiao_xueji") in held


def test_what_has_become_impossible_meanwhile_is_refused_at_the_last_decision(
    session: Session, house: Cast, school: OrgUnit
) -> None:
    county, second = house.actor("xian_xueji"), house.unit(SECOND)
    rule = rule_of(session, second, CLOSE)
    closing = procedures.apply_for_closure(session, county, second.id, rule=rule, papers=papers(session, county, ORDER))
    merging = ask_for_merger(session, county, school, second)
    for application in (closing, merging):
        decide(session, house.actor("shi_xueji"), application)
    point = add_teaching_point(session, second, name="东村教学点")
    province = house.actor("sheng_xueji")
    with pytest.raises(SchoolHasTeachingPoints), session.begin_nested():
        decide(session, province, closing)
    session.expire_all()
    schools.close_school(session, county, point.id, cause=Cause("批复"))
    decide(session, province, closing)
    with pytest.raises(MergedIntoItself), session.begin_nested():
        decide(session, province, merging)
    session.expire_all()
    assert merging.state is ApplicationState.OPEN
    with pytest.raises(SchoolIsClosed):
        ask_for_code(session, county, second)


def test_the_day_until_which_codes_are_applied_for_comes_from_the_pack(
    session: Session, house: Cast, school: OrgUnit, app: Flask
) -> None:
    with app.test_request_context("/"), frozen(NINE.replace(day=20)):
        due = view_due(session, school)
        assert due
        assert (due.day, due.is_over, due.pack_code) == ("9月20日", False, "shaanxi_2014")
    with app.test_request_context("/"), frozen(NINE.replace(day=21)):
        late = view_due(session, school)
        assert late
        assert late.is_over
    assert find_due(session, house.unit("武汉市武昌区实验小学（演示）")) is None


def test_where_no_pack_carries_a_procedure_there_is_none(session: Session, cast: Cast) -> None:
    assert find_procedure(session, cast.unit(FIRST), MERGE) is None
