"""Evidence: brought by who applies, held on to when it is sent in, opened by who has a part, and by nobody else."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from registry_core import clock
from registry_core.access.actors import Actor
from registry_core.access.models import Role, RoleAssignment
from registry_core.approvals import services
from registry_core.approvals.evidence import EvidenceKeeper
from registry_core.approvals.models import ApplicationState
from registry_core.approvals.policies import EVIDENCE
from registry_core.approvals.presenters.evidence import view_evidence
from registry_core.approvals.queries.applications import get_round, procedure_of
from registry_core.approvals.queries.evidence import FURTHER, list_attached
from registry_core.approvals.services import Content
from registry_core.clock import FrozenClock
from registry_core.files import policies, queries
from registry_core.files import services as files
from registry_core.files.errors import FileInfected, FileNotFound
from registry_core.files.models import FileContent, StoredFile
from registry_core.orgs.models import OrgUnit
from registry_core.rules.queries import Rule
from tests.conftest import Cast
from tests.registry_core.approvals.worlds import (
    APPROVE,
    RETURN,
    actor_of,
    make_person,
    make_rule,
    make_step,
    open_step,
    submit,
)
from tests.registry_core.files.conftest import send, shelved
from tests.registry_core.files.samples import PDF, picture

BOOK = "户口簿"
SECOND = "西安市雁塔区第二小学（演示）"


@pytest.fixture(autouse=True)
def storage(tmp_path: Path) -> Iterator[None]:
    """A place for files, with the keeper of evidence."""
    with shelved(tmp_path / "files"):
        policies.install_file_keepers([EvidenceKeeper()])
        yield


@pytest.fixture
def asking(house: Cast) -> Rule:
    """The head decides, then the county; the household register has to be attached."""
    steps = [
        make_step("school", Role.REGISTRY_LEADER, "school"),
        make_step("county", Role.REGISTRY_ADMINISTRATOR, "county"),
    ]
    return make_rule(steps, owner_id=house.unit("陕西省").id, evidence=(BOOK,))


def bring(session: Session, actor: Actor, name: str = "户口簿.pdf", content: bytes = PDF) -> StoredFile:
    return files.keep(session, actor, send(session, actor, name, content, use=EVIDENCE))


def may_open(session: Session, actor: Actor, file: StoredFile) -> bool:
    try:
        queries.open_file(session, actor, file.id)
    except FileNotFound:
        return False
    return True


def test_before_it_is_sent_in_only_who_brought_a_file_opens_it(
    session: Session, house: Cast, officer: Actor, head: Actor
) -> None:
    file = bring(session, officer)
    assert may_open(session, officer, file)
    for other in (head, house.actor("xian_xueji"), house.actor("sheng_xueji")):
        assert not may_open(session, other, file)


def test_applicant_deciders_and_overseers_open_it_and_nobody_else(
    session: Session, house: Cast, school: OrgUnit, officer: Actor, head: Actor, asking: Rule
) -> None:
    file = bring(session, officer)
    application = submit(session, officer, school, asking, Content(evidence={BOOK: [file.id]}))
    seen = {
        who
        for who in ("xian_xueji", "sheng_xueji", "bu_xueji", "xian_lingdao")
        if may_open(session, house.actor(who), file)
    }
    assert seen == {"xian_xueji", "sheng_xueji", "bu_xueji", "xian_lingdao"}
    assert may_open(session, officer, file)
    assert may_open(session, head, file)
    for outside in ("xuexiao2_xueji", "linqu_xueji", "linsheng_xueji", "xian_jishu", "xian_guanli", "xuesheng"):
        assert not may_open(session, house.actor(outside), file)
    services.decide(session, head, open_step(session, application).id, verdict=APPROVE)
    assert may_open(session, head, file), "who decided a step before may still look at what it was decided upon"


def test_the_right_is_asked_anew_each_time(
    session: Session, school: OrgUnit, officer: Actor, head: Actor, asking: Rule, now: FrozenClock
) -> None:
    file = bring(session, officer)
    submit(session, officer, school, asking, Content(evidence={BOOK: [file.id]}))
    assert may_open(session, head, file)
    for held in session.query(RoleAssignment).filter_by(account_id=head.account_id):
        held.end(clock.now() + timedelta(seconds=1))
    now.move(timedelta(minutes=1))
    assert not may_open(session, actor_of(session, head.account_id), file)


def test_nobody_attaches_what_somebody_else_has_brought(
    session: Session, house: Cast, school: OrgUnit, officer: Actor, asking: Rule
) -> None:
    stolen = bring(session, house.actor("xuexiao2_xueji"))
    with pytest.raises(FileNotFound):
        submit(session, officer, school, asking, Content(evidence={BOOK: [stolen.id]}))


def test_a_file_of_another_use_is_no_evidence(session: Session, school: OrgUnit, officer: Actor, asking: Rule) -> None:
    file = bring(session, officer)
    file.use = "chat.message"
    session.flush()
    with pytest.raises(FileNotFound):
        submit(session, officer, school, asking, Content(evidence={BOOK: [file.id]}))


def test_an_infected_file_is_refused_and_one_found_later_is_shown_so(
    session: Session, school: OrgUnit, officer: Actor, head: Actor, asking: Rule, app: Flask
) -> None:
    file = bring(session, officer)
    content = session.get_one(FileContent, file.content_id)
    application = submit(session, officer, school, asking, Content(evidence={BOOK: [file.id]}))
    content.fail_scan("Eicar", clock.now())
    session.flush()
    with pytest.raises(FileInfected):
        queries.open_file(session, head, file.id)
    with pytest.raises(FileInfected):
        submit(session, officer, school, asking, Content(evidence={BOOK: [file.id]}))
    with app.test_request_context("/"):
        [group] = view_evidence(session, application, procedure_of(application)).groups
    assert [(one.name, one.state) for one in group.files] == [("户口簿.pdf", "infected")]


def test_what_was_there_is_sent_in_again_and_added_to(
    session: Session, school: OrgUnit, officer: Actor, head: Actor, asking: Rule, app: Flask
) -> None:
    first, spare = bring(session, officer), bring(session, officer, "旧.pdf", PDF + b"\n%\n%%EOF\n")
    application = submit(session, officer, school, asking, Content(evidence={BOOK: [first.id, spare.id]}))
    services.decide(session, head, open_step(session, application).id, verdict=RETURN)
    added = bring(session, officer, "照片.png", picture())
    evidence = {BOOK: [first.id], FURTHER: [added.id]}
    services.resubmit_corrected(session, officer, application.id, note="已补", evidence=evidence)
    assert list_attached(session, application) == evidence
    with app.test_request_context("/"):
        view = view_evidence(session, application, procedure_of(application))
    assert [one.name for group in view.groups for one in group.files] == ["户口簿.pdf", "照片.png"]
    assert [one.name for one in view.former] == ["旧.pdf"]
    assert application.state is ApplicationState.OPEN
    with pytest.raises(DBAPIError), session.begin_nested():
        session.execute(text("UPDATE application_evidence SET name = 'x'"))


def test_what_the_procedure_does_not_know_is_a_fault_of_the_feature(
    session: Session, school: OrgUnit, officer: Actor, asking: Rule
) -> None:
    file = bring(session, officer)
    with pytest.raises(ValueError, match="no evidence called"):
        submit(session, officer, school, asking, Content(evidence={BOOK: [file.id], "别的": [file.id]}))


def test_who_has_no_role_brings_nothing(session: Session, house: Cast, school: OrgUnit) -> None:
    del house
    nobody = actor_of(session, make_person(session, school, None))
    assert not EvidenceKeeper().may_bring(session, nobody)


def test_what_was_sent_in_stands_before_the_step_that_it_opened(
    session: Session, school: OrgUnit, officer: Actor, rule: Rule
) -> None:
    application = submit(session, officer, school, rule)
    assert get_round(session, application).at <= open_step(session, application).opened_at
