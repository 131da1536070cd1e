"""Mail and short messages as jobs: with the transaction, again when delayed, never again when refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from procrastinate.jobs import Job
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from portal.worker.backoff import MAILS, MESSAGES, REACTIONS, BackOff
from portal.worker.house import House
from portal.worker.process import Process
from registry_core.db import make_sessions, new_id, transaction
from registry_core.deliveries import DeliveryDelayed, Undeliverable
from registry_core.mail import Mail, enqueue_mail
from registry_core.sms import Sms, enqueue_sms
from tests.portal.worker.conftest import at_work, count_jobs, wait_for
from tests.portal.worker.toys import Postbox

MAIL = Mail(to="li@example.org", subject="您 6月3日 提的问题有答复了", text="请点开：", account_id=new_id())


def post(engine: Engine) -> None:
    with transaction(make_sessions(engine)) as session:
        enqueue_mail(session, MAIL)


def test_a_mail_of_a_transaction_that_rolls_back_was_never_written(toy_engine: Engine) -> None:
    with Session(toy_engine) as session:
        enqueue_mail(session, MAIL)
        enqueue_sms(session, Sms(mobile="13812345678", text="有答复了", account_id=new_id()))
        session.rollback()
    assert count_jobs(toy_engine) == 0


def test_a_committed_mail_goes_out_as_it_was_written(
    toy_engine: Engine, process: Process, house: House, postbox: Postbox
) -> None:
    assert house.mail is postbox
    post(toy_engine)
    with at_work(process):
        wait_for(lambda: count_jobs(toy_engine) == 0)
    assert postbox.mails == [MAIL]


def test_a_delayed_mail_is_tried_again_under_the_same_number(
    toy_engine: Engine, process: Process, postbox: Postbox
) -> None:
    postbox.refusals = [DeliveryDelayed("recipient 450"), DeliveryDelayed("TimeoutError")]
    post(toy_engine)
    with at_work(process):
        wait_for(lambda: count_jobs(toy_engine) == 0)
    assert postbox.refusals == []
    assert postbox.mails == [MAIL]


def test_a_refused_mail_leaves_a_line_with_the_account_and_nothing_else(
    toy_engine: Engine, process: Process, postbox: Postbox, capsys: pytest.CaptureFixture[str]
) -> None:
    postbox.refusals = [Undeliverable("recipient 550")]
    post(toy_engine)
    with at_work(process):
        wait_for(lambda: count_jobs(toy_engine) == 0)
    assert postbox.mails == []
    printed = capsys.readouterr().out
    assert str(MAIL.account_id) in printed
    assert "recipient 550" in printed
    assert MAIL.to not in printed
    assert MAIL.subject not in printed


@given(st.sampled_from([REACTIONS, MAILS, MESSAGES]), st.integers(0, 10_000))
def test_the_wait_never_shrinks_and_never_passes_its_limit(backoff: BackOff, tried: int) -> None:
    assert backoff.first <= backoff.wait(tried) <= backoff.wait(tried + 1) <= backoff.longest


def test_the_last_attempt_is_the_last() -> None:
    def decide(attempts: int) -> object:
        job = Job(queue="default", lock=None, queueing_lock=None, task_name="x", attempts=attempts)
        return MESSAGES.get_retry_decision(exception=RuntimeError(), job=job)

    assert decide(MESSAGES.attempts - 2) is not None
    assert decide(MESSAGES.attempts - 1) is None
