"""What comes of a delivery is kept where it has to be proved: taken, refused for good, put off."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from sqlalchemy import Engine

from portal.subscriptions import LEDGER
from portal.worker.process import Process
from registry_core.db import make_sessions, new_id, transaction
from registry_core.deliveries import DeliveryDelayed, Outcome, Undeliverable, install_ledger
from registry_core.mail import Mail, enqueue_mail
from registry_core.sms import Sms, enqueue_sms
from tests.portal.worker.conftest import at_work, count_jobs, wait_for
from tests.portal.worker.toys import Postbox

MAIL = Mail(to="li@example.org", subject="账号已开通", text="请点开：", account_id=new_id(), is_noted=True)


@pytest.fixture
def noted() -> Iterator[list[Outcome]]:
    """Everything that was noted."""
    kept: list[Outcome] = []
    install_ledger(lambda _session, outcome: kept.append(outcome))
    yield kept
    install_ledger(LEDGER)


def work_off(engine: Engine, process: Process, *things: Mail | Sms) -> None:
    with transaction(make_sessions(engine)) as session:
        for one in things:
            if isinstance(one, Mail):
                enqueue_mail(session, one)
            else:
                enqueue_sms(session, one)
    with at_work(process):
        wait_for(lambda: count_jobs(engine) == 0)


def test_what_was_taken_is_noted_under_its_key(toy_engine: Engine, process: Process, noted: list[Outcome]) -> None:
    sms = Sms("13812345678", "账号已开通", new_id(), is_noted=True)
    work_off(toy_engine, process, MAIL, sms)
    assert {outcome.key: outcome.reason for outcome in noted} == {MAIL.key: "", sms.key: ""}


def test_what_is_refused_for_good_is_noted_with_its_reason(
    toy_engine: Engine, process: Process, postbox: Postbox, noted: list[Outcome]
) -> None:
    postbox.refusals = [Undeliverable("recipient 550")]
    work_off(toy_engine, process, MAIL)
    assert noted == [Outcome(MAIL.key, "recipient 550")]


def test_what_is_put_off_is_noted_and_so_is_its_arrival(
    toy_engine: Engine, process: Process, postbox: Postbox, noted: list[Outcome]
) -> None:
    postbox.refusals = [DeliveryDelayed("TimeoutError")]
    work_off(toy_engine, process, MAIL)
    assert noted == [Outcome(MAIL.key, "TimeoutError", is_final=False), Outcome(MAIL.key)]


def test_a_mail_that_proves_nothing_is_not_noted(toy_engine: Engine, process: Process, noted: list[Outcome]) -> None:
    work_off(toy_engine, process, replace(MAIL, is_noted=False))
    assert noted == []
