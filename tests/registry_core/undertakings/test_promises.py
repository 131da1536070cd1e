"""Undertakings and purposes: what is asked of whom, how often, and what is kept."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from registry_core import clock
from registry_core.access.actors import Actor, Origin
from registry_core.db import new_id
from registry_core.undertakings import queries, services
from registry_core.undertakings.errors import PurposeNeeded, PurposeNotOpen, TextChanged, UndertakingNeeded
from registry_core.undertakings.models import Undertaking, UndertakingText
from registry_core.undertakings.policies import UNDERTAKING, hash_text
from tests.conftest import Cast
from tests.registry_core.undertakings.house import load


@pytest.fixture
def officer(cast: Cast, session: Session, tmp_path: Path) -> Actor:
    load(session, tmp_path)
    return at(cast, "xuexiao2_xueji")


def at(cast: Cast, user_name: str, browser: UUID | None = None) -> Actor:
    return replace(cast.actor(user_name), origin=Origin("1.2.3.4", "", browser or new_id()))


def sign(session: Session, actor: Actor) -> None:
    rule = queries.find_rule_for(session, actor, UNDERTAKING)
    assert rule
    services.sign(session, actor, text_hash=hash_text(rule.value))


def test_first_the_promise_then_the_purpose_then_the_data(session: Session, officer: Actor) -> None:
    with pytest.raises(UndertakingNeeded):
        services.require_ready(session, officer)
    sign(session, officer)
    with pytest.raises(PurposeNeeded):
        services.require_ready(session, officer)
    services.state_purpose(session, officer, code="business")
    assert services.require_ready(session, officer).purpose == "办理业务"


def test_another_version_is_promised_anew_and_the_old_text_is_kept(
    session: Session, officer: Actor, tmp_path: Path
) -> None:
    sign(session, officer)
    load(session, tmp_path, version="2")
    with pytest.raises(UndertakingNeeded):
        services.require_ready(session, officer)
    sign(session, officer)
    versions = [text.version for _undertaking, text, _unit in queries.list_own(session, officer.account_id)]
    assert sorted(versions) == ["1", "2"]
    assert session.scalars(select(UndertakingText.text)).first() == ["我保守秘密。"]


def test_who_reads_an_old_text_signs_nothing(session: Session, officer: Actor, tmp_path: Path) -> None:
    rule = queries.find_rule_for(session, officer, UNDERTAKING)
    assert rule
    load(session, tmp_path, version="2")
    with pytest.raises(TextChanged):
        services.sign(session, officer, text_hash=hash_text(rule.value))


def test_signing_twice_is_one_signature_that_nobody_changes(session: Session, officer: Actor) -> None:
    sign(session, officer)
    sign(session, officer)
    assert len(session.scalars(select(Undertaking)).all()) == 1
    with pytest.raises(DBAPIError):
        session.execute(update(Undertaking).values(signed_at=clock.now()))


def test_the_list_of_purposes_is_closed_and_by_group(session: Session, officer: Actor, cast: Cast) -> None:
    for wrong in ("leading", "nonsense", ""):
        with pytest.raises(PurposeNotOpen):
            services.state_purpose(session, officer, code=wrong)
    leader = at(cast, "xuexiao_lingdao")
    assert services.state_purpose(session, leader, code="leading").name == "领导查阅"


def test_a_day_has_one_question_and_tomorrow_another(session: Session, officer: Actor, cast: Cast) -> None:
    sign(session, officer)
    services.state_purpose(session, officer, code="business")
    elsewhere = at(cast, "xuexiao2_xueji")
    assert services.require_ready(session, elsewhere).purpose == "办理业务"
    with clock.frozen(clock.now() + timedelta(days=1)), pytest.raises(PurposeNeeded):
        services.require_ready(session, officer)


def test_each_session_is_asked_where_the_rule_says_so(
    session: Session, officer: Actor, cast: Cast, tmp_path: Path
) -> None:
    load(session, tmp_path, asked="each_session")
    sign(session, officer)
    services.state_purpose(session, officer, code="business")
    with clock.frozen(clock.now() + timedelta(days=2)):
        assert services.require_ready(session, officer).purpose == "办理业务"
    with pytest.raises(PurposeNeeded):
        services.require_ready(session, at(cast, "xuexiao2_xueji"))


def test_exports_always_name_a_purpose(session: Session, officer: Actor, tmp_path: Path) -> None:
    load(session, tmp_path, asked="exports_only")
    sign(session, officer)
    assert services.require_ready(session, officer).purpose == ""
    with pytest.raises(PurposeNeeded):
        services.require_ready(session, officer, is_export=True)


def test_where_no_rule_asks_nobody_is_asked(session: Session, officer: Actor, cast: Cast) -> None:
    del officer
    neighbour = at(cast, "linsheng_xueji")
    assert services.require_ready(session, neighbour) == neighbour


def test_the_list_says_who_has_signed_and_who_has_not(session: Session, officer: Actor, cast: Cast) -> None:
    sign(session, officer)
    head = cast.actor("xuexiao_guanli")
    signers, has_more = queries.list_signers(session, head, queries.Wanted())
    assert not has_more
    found = {one.name: one.signed_at is not None for one in signers}
    assert found == {"周立群（演示）": True, "秦怀远（演示）": False, "田秀英（演示）": False}
    missing, _more = queries.list_signers(session, head, queries.Wanted(only_missing=True))
    assert {one.name for one in missing} == {"秦怀远（演示）", "田秀英（演示）"}
    county, _more = queries.list_signers(session, cast.actor("xian_guanli"), queries.Wanted(with_below=True))
    assert "周立群（演示）" in {one.name for one in county}
    assert "冯春梅（演示）" not in {one.name for one in county}
