"""Accounts from a sheet: asked for by a person, opened by the worker, all or none."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from threading import Thread

import pytest
from sqlalchemy import Engine, func, select, text
from sqlalchemy.orm import Session

from registry_core import clock, db
from registry_core.access.actors import Origin
from registry_core.access.models import Delegation, Role, RoleAssignment
from registry_core.access.queries import list_held
from registry_core.access.services import end_role
from registry_core.accounts.models import Account
from registry_core.accounts.services.accounts import NO_PASSWORD, close_account
from registry_core.audit.models import AuditEntry
from registry_core.deliveries import Outcome
from registry_core.errors import Forbidden, NotFound
from registry_core.people import policies, progress
from registry_core.people.columns import Column
from registry_core.people.errors import BatchNotReady, TooManyBatches
from registry_core.people.models import AccountBatch, BatchAccount, BatchReason, BatchState, CredentialDelivery
from registry_core.people.queries.batches import count_sending, get_batch, get_content, list_batches, list_unreached
from registry_core.people.queries.loans import find_loan_in_force, stand_in
from registry_core.people.services import batches
from registry_core.people.services.batch_writing import SENT_AT_ONCE, SENT_EVERY
from registry_core.people.services.credentials import note_delivery
from registry_core.people.services.opening import Opening, open_for
from registry_core.store import Redis, make_store
from tests.conftest import Cast
from tests.jobs_house import jobs
from tests.people_house import COUNTY, SCHOOL, passwords_sent, react
from tests.registry_core.people.batch_house import QIAN, QIN, Row, check, faults, sheet

HEAD = "xuexiao_xueji"


def ask(session: Session, cast: Cast, batch: AccountBatch, user_name: str = HEAD) -> None:
    batches.ask_for_accounts(session, cast.actor(user_name), batch.id)


def opened(session: Session, batch: AccountBatch) -> int:
    return session.scalar(select(func.count()).where(BatchAccount.batch_id == batch.id)) or 0


def many(count: int) -> list[Row]:
    return [
        {Column.NAME: f"测试{number}", Column.MOBILE: f"139{number:08d}", Column.ROLE: "学校用户"}
        for number in range(count)
    ]


def test_a_sound_sheet_opens_its_accounts_and_sends_the_passwords(session: Session, cast: Cast) -> None:
    batch = check(session, cast, HEAD, QIN, QIAN)
    assert (batch.state, batch.people_count, opened(session, batch)) == (BatchState.CHECKED, 2, 0)
    ask(session, cast, batch)
    react(session, "AccountsAsked")
    react(session, "CredentialsIssued")
    assert batch.state is BatchState.APPLIED
    assert [held.role for held in cast.actor("ql5678").assignments] == [Role.SCHOOL_USER]
    assert set(passwords_sent(session)) == {"13912345678", "qianle@example.cn"}


def test_until_it_is_asked_for_nothing_is_written_and_no_password_is_hashed(session: Session, cast: Cast) -> None:
    before = session.scalar(select(func.count()).select_from(Account))
    batch = check(session, cast, HEAD, QIN)
    assert session.scalar(select(func.count()).select_from(Account)) == before
    ask(session, cast, batch)
    react(session, "AccountsAsked")
    account = session.get_one(Account, cast.id("ql5678"))
    assert (account.password_hash, account.must_change_password) == (NO_PASSWORD, True)


def test_the_content_is_gone_once_the_accounts_are_open_or_the_batch_is_dropped(session: Session, cast: Cast) -> None:
    applied, dropped = check(session, cast, HEAD, QIN), check(session, cast, HEAD, QIAN)
    ask(session, cast, applied)
    react(session, "AccountsAsked")
    batches.drop_batch(session, cast.actor(HEAD), dropped.id)
    for batch in (applied, dropped):
        session.expire(batch)
        assert get_content(session, cast.actor(HEAD), batch.id).rows is None


def test_neither_jobs_nor_the_trail_hold_names_and_numbers_of_the_rows(session: Session, cast: Cast) -> None:
    ask(session, cast, check(session, cast, HEAD, QIN))
    react(session, "AccountsAsked")
    db.commit(session)
    kept = str(jobs(session)) + str(session.execute(select(AuditEntry.label, AuditEntry.changes)).all())
    assert [secret for secret in ("秦岭", "13912345678") if secret in kept] == []


def test_a_second_run_of_the_job_opens_nothing_twice(session: Session, cast: Cast) -> None:
    batch = check(session, cast, HEAD, QIN)
    ask(session, cast, batch)
    batches.open_accounts(session, batch.id)
    batches.open_accounts(session, batch.id)
    assert opened(session, batch) == 1
    with pytest.raises(BatchNotReady):
        ask(session, cast, batch)


def test_two_workers_at_once_open_each_account_once(engine: Engine, committed: Cast) -> None:
    with Session(engine, expire_on_commit=False) as session:
        batch = check(session, committed, HEAD, *many(30))
        ask(session, committed, batch)
        db.commit(session)

    def work() -> None:
        with db.transaction(db.make_sessions(engine)) as own:
            batches.open_accounts(own, batch.id)

    workers = [Thread(target=work) for _worker in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    with Session(engine) as session:
        assert opened(session, batch) == 30


def test_two_sheets_with_the_same_person_open_one_account(session: Session, cast: Cast) -> None:
    first, second = check(session, cast, HEAD, QIN), check(session, cast, HEAD, QIN, QIAN)
    ask(session, cast, first)
    ask(session, cast, second)
    react(session, "AccountsAsked")
    assert (first.state, second.state, second.reason) == (BatchState.APPLIED, BatchState.REFUSED, BatchReason.ROWS)
    assert opened(session, second) == 0
    assert faults(session, cast, HEAD, second) == [(2, Column.MOBILE, "mobile_known")]


def test_who_has_lost_the_right_meanwhile_opens_nothing(session: Session, cast: Cast) -> None:
    batch = check(session, cast, HEAD, QIN)
    ask(session, cast, batch)
    [(held, _unit)] = list_held(session, cast.id(HEAD))
    end_role(session, held.id, at=clock.now() + timedelta(microseconds=1))
    react(session, "AccountsAsked")
    assert (batch.state, batch.reason, opened(session, batch)) == (BatchState.REFUSED, BatchReason.RIGHTS, 0)


def test_whose_account_was_closed_meanwhile_opens_nothing(session: Session, cast: Cast) -> None:
    batch = check(session, cast, HEAD, QIN)
    ask(session, cast, batch)
    close_account(session, cast.id(HEAD))
    react(session, "AccountsAsked")
    assert (batch.state, batch.reason) == (BatchState.REFUSED, BatchReason.RIGHTS)


def test_a_unit_that_was_closed_meanwhile_stops_the_whole_sheet(session: Session, cast: Cast) -> None:
    batch = check(session, cast, "xian_guanli", {**QIN, Column.UNIT_NAME: SCHOOL}, {**QIAN, Column.UNIT_NAME: COUNTY})
    ask(session, cast, batch, "xian_guanli")
    cast.unit(SCHOOL).close(clock.local(clock.now()).date())
    session.flush()
    react(session, "AccountsAsked")
    assert (batch.reason, opened(session, batch)) == (BatchReason.ROWS, 0)
    assert faults(session, cast, "xian_guanli", batch) == [(2, Column.UNIT_NAME, "unit_unknown")]


def test_nobody_sees_or_opens_the_sheet_of_somebody_else(session: Session, cast: Cast) -> None:
    batch = check(session, cast, HEAD, QIN)
    stranger = cast.actor("xian_guanli")
    assert list_batches(session, stranger) == []
    for act in (batches.ask_for_accounts, batches.drop_batch, get_batch, get_content):
        with pytest.raises(NotFound):
            act(session, stranger, batch.id)


def test_without_the_right_no_sheet_is_checked(session: Session, cast: Cast) -> None:
    with pytest.raises(Forbidden):
        check(session, cast, "xian_jishu", QIN)


def test_the_trail_says_for_each_account_who_opened_it_and_from_where(session: Session, cast: Cast) -> None:
    batch = check(session, cast, HEAD, QIN)
    from_where = Origin("192.0.2.7", "Browser")
    actor = cast.actor(HEAD)
    batches.ask_for_accounts(session, type(actor)(actor.account_id, actor.assignments, origin=from_where), batch.id)
    react(session, "AccountsAsked")
    db.commit(session)
    about = AuditEntry.object_id == str(cast.id("ql5678"))
    entries = session.execute(select(AuditEntry.act, AuditEntry.account_id, AuditEntry.address).where(about)).all()
    assert {entry.act for entry in entries} == {
        "people.account.opened",
        "access.role.given",
        "people.credentials.issued",
    }
    assert {tuple(entry)[1:] for entry in entries} == {(cast.id(HEAD), "192.0.2.7")}


def test_what_was_asked_for_in_a_lent_role_is_opened_in_it_as_long_as_it_is_lent(session: Session, cast: Cast) -> None:
    now = clock.now()
    [(held, _unit)] = list_held(session, cast.id(HEAD))
    loan = Delegation(
        assignment_id=held.id,
        lender_id=cast.id(HEAD),
        borrower_id=cast.id("xian_jishu"),
        purpose="外出",
        valid_from=now,
        valid_until=now + timedelta(days=1),
        asked_at=now,
        consented_by_id=cast.id("xian_guanli"),
        consented_at=now,
    )
    session.add(loan)
    session.flush()
    in_force = find_loan_in_force(session, cast.actor("xian_jishu"), loan.id)
    assert in_force
    standing_in = stand_in(cast.actor("xian_jishu"), in_force)
    kept, ended = (batches.check_batch(session, standing_in, sheet(row), file_name="") for row in (QIN, QIAN))
    batches.ask_for_accounts(session, standing_in, kept.id)
    batches.open_accounts(session, kept.id)
    assert kept.state is BatchState.APPLIED
    batches.ask_for_accounts(session, standing_in, ended.id)
    loan.ended_at = clock.now()
    session.flush()
    batches.open_accounts(session, ended.id)
    assert (ended.state, ended.reason) == (BatchState.REFUSED, BatchReason.RIGHTS)


def test_one_person_in_several_rows_gets_one_account_with_all_roles_and_dates(session: Session, cast: Cast) -> None:
    today = clock.local(clock.now()).date()
    since, until = today + timedelta(days=10), today + timedelta(days=20)
    dated = {Column.SINCE: f"{since:%Y年%m月%d日}", Column.UNTIL: f"{until:%Y/%m/%d}"}
    leads = {**QIN, **dated, Column.ROLE: "班级管理员", Column.NARROWED_TO: "2024级1班"}
    batch = check(session, cast, HEAD, QIN, leads)
    ask(session, cast, batch)
    react(session, "AccountsAsked")
    assert opened(session, batch) == 1
    held = {assignment.role: assignment for assignment, _unit in list_held(session, cast.id("ql5678"))}
    begins, ends = held[Role.CLASS_ADMINISTRATOR].valid_from, held[Role.CLASS_ADMINISTRATOR].valid_until
    assert ends
    assert clock.local(begins).date() == since
    assert clock.local(ends - timedelta(seconds=1)).date() == until
    assert held[Role.CLASS_ADMINISTRATOR].narrowed_to == "2024级1班"
    assert held[Role.SCHOOL_USER].valid_from <= clock.now()


def test_user_names_are_found_for_namesakes(session: Session, cast: Cast) -> None:
    alike: Row = {**QIN, Column.MOBILE: "13700005678"}
    named: Row = {**QIAN, Column.USER_NAME: "ql5678-2"}
    batch = check(session, cast, HEAD, QIN, alike, named)
    ask(session, cast, batch)
    react(session, "AccountsAsked")
    names = session.scalars(
        select(Account.user_name).join(BatchAccount, BatchAccount.account_id == Account.id).order_by(Account.user_name)
    )
    assert list(names) == ["ql5678", "ql5678-2", "ql5678-3"]


def test_passwords_go_out_bit_by_bit(session: Session, cast: Cast) -> None:
    batch = check(session, cast, HEAD, *many(SENT_AT_ONCE + 1))
    ask(session, cast, batch)
    react(session, "AccountsAsked")
    scheduled = "SELECT max(scheduled_at) - min(scheduled_at) FROM procrastinate_jobs WHERE args->>'event' = :event"
    assert session.scalar(text(scheduled), {"event": "CredentialsIssued"}) == SENT_EVERY


def test_passwords_of_a_sheet_stand_behind_what_others_wait_for(session: Session, cast: Cast) -> None:
    ask(session, cast, check(session, cast, HEAD, QIN))
    react(session, "AccountsAsked")
    open_for(session, cast.actor(HEAD), cast.unit(SCHOOL).id, opening=Opening("赵一", "13700000001", "", Role.STUDENT))
    order = (
        "SELECT args->'payload'->>'issue_id' FROM procrastinate_jobs"
        " WHERE args->>'event' = :event ORDER BY priority DESC, id"
    )
    first = session.scalars(text(order), {"event": "CredentialsIssued"}).first()
    latest = session.scalars(select(CredentialDelivery.issue_id).order_by(CredentialDelivery.id.desc())).first()
    assert first == str(latest)


def test_what_was_sent_and_what_was_lost_is_counted_by_person(session: Session, cast: Cast) -> None:
    batch = check(session, cast, HEAD, QIN, QIAN, {**QIN, Column.NAME: "赵", Column.MOBILE: "13700000001"})
    ask(session, cast, batch)
    react(session, "AccountsAsked")
    waiting = count_sending(session, batch.id)
    assert (waiting.total, waiting.arrived, waiting.waiting, waiting.lost, waiting.percent) == (3, 0, 3, 0, 0)
    by_address = {one.address: one for one in session.scalars(select(CredentialDelivery)) if one.address}
    note_delivery(session, Outcome(by_address["13912345678"].id))
    note_delivery(session, Outcome(by_address["qianle@example.cn"].id, "550", is_final=True))
    session.flush()
    sending = count_sending(session, batch.id)
    assert (sending.arrived, sending.waiting, sending.lost, sending.percent) == (1, 1, 1, 66)
    assert [account.name for account, _unit in list_unreached(session, batch.id)] == ["钱乐"]


@pytest.fixture
def noted(store: Redis) -> Iterator[Redis]:
    """The worker notes how far it has come."""
    progress.install_progress(store)
    yield store
    progress._stores.clear()


def test_the_worker_notes_how_far_it_has_come(noted: Redis, session: Session, cast: Cast) -> None:
    batch = check(session, cast, HEAD, QIN, QIAN)
    assert progress.read_progress(noted, batch.id) is None
    ask(session, cast, batch)
    react(session, "AccountsAsked")
    found = progress.read_progress(noted, batch.id)
    assert found
    assert (found.done, found.total, found.percent) == (2, 2, 100)


def test_without_redis_the_accounts_are_opened_all_the_same(session: Session, cast: Cast) -> None:
    progress.install_progress(make_store("redis://127.0.0.1:1"))
    try:
        batch = check(session, cast, HEAD, QIN)
        ask(session, cast, batch)
        react(session, "AccountsAsked")
        assert batch.state is BatchState.APPLIED
        assert progress.read_progress(make_store("redis://127.0.0.1:1"), batch.id) is None
    finally:
        progress._stores.clear()


def test_a_failure_in_the_middle_leaves_nothing_behind(
    session: Session, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = check(session, cast, HEAD, *many(300))
    ask(session, cast, batch)

    class Broken(Exception):
        pass

    def fail(_gauge: progress.Gauge, done: int) -> None:
        if done:
            raise Broken

    monkeypatch.setattr(progress.Gauge, "note", fail)
    savepoint = session.begin_nested()
    with pytest.raises(Broken):
        batches.open_accounts(session, batch.id)
    savepoint.rollback()
    assert opened(session, batch) == 0
    monkeypatch.undo()
    batches.open_accounts(session, batch.id)
    assert opened(session, batch) == 300


def test_what_nobody_touches_for_a_week_is_forgotten(session: Session, cast: Cast) -> None:
    old, young = check(session, cast, HEAD, QIN), check(session, cast, HEAD, QIAN)
    old.created_at -= policies.BATCH_KEPT + timedelta(minutes=1)
    young.created_at -= policies.BATCH_KEPT - timedelta(minutes=1)
    session.flush()
    batches.forget_batches(session)
    assert (old.state, young.state) == (BatchState.DROPPED, BatchState.CHECKED)


def test_what_the_worker_did_not_get_done_within_a_day_is_given_up(session: Session, cast: Cast) -> None:
    batch = check(session, cast, HEAD, QIN)
    ask(session, cast, batch)
    assert batch.asked_at
    batch.asked_at -= policies.BATCH_PATIENCE + timedelta(minutes=1)
    session.flush()
    batches.forget_batches(session)
    assert (batch.state, batch.reason) == (BatchState.REFUSED, BatchReason.LATE)
    batches.open_accounts(session, batch.id)
    assert opened(session, batch) == 0


def test_a_sheet_under_way_is_not_dropped(session: Session, cast: Cast) -> None:
    batch = check(session, cast, HEAD, QIN)
    ask(session, cast, batch)
    with pytest.raises(BatchNotReady):
        batches.drop_batch(session, cast.actor(HEAD), batch.id)


def test_nobody_piles_up_sheets(session: Session, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(policies, "BATCHES_OPEN", 1)
    first = check(session, cast, HEAD, QIN)
    with pytest.raises(TooManyBatches):
        check(session, cast, HEAD, QIAN)
    batches.drop_batch(session, cast.actor(HEAD), first.id)
    check(session, cast, HEAD, QIAN)


def test_five_thousand_rows_are_opened_in_one_go(session: Session, cast: Cast) -> None:
    rows = many(5_000)
    batch = check(session, cast, HEAD, *rows)
    assert (batch.state, batch.people_count) == (BatchState.CHECKED, 5_000)
    ask(session, cast, batch)
    react(session, "AccountsAsked")
    assert (batch.state, opened(session, batch)) == (BatchState.APPLIED, 5_000)
    given = (
        select(func.count())
        .select_from(RoleAssignment)
        .join(BatchAccount, BatchAccount.account_id == RoleAssignment.account_id)
    )
    assert session.scalar(given) == 5_000
    assert count_sending(session, batch.id).waiting == 5_000
