"""What the database itself refuses, whatever the code above it does."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from helpdesk.models import Ticket
from tests.helpdesk.conftest import Scene


def check_now(scene: Scene) -> None:
    """Check at once what is otherwise checked at commit."""
    scene.session.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))


@pytest.fixture
def ticket(scene: Scene) -> Ticket:
    return scene.answered_by("xian_jishu")


@pytest.mark.parametrize("statement", ["UPDATE ticket_step SET kind = 'waits'", "DELETE FROM ticket_step"])
def test_a_step_is_never_changed_or_deleted(scene: Scene, ticket: Ticket, statement: str) -> None:
    assert scene.steps(ticket)
    with pytest.raises(IntegrityError, match="never changed or deleted"):
        scene.session.execute(text(statement))


def test_two_steps_never_bear_one_number(scene: Scene, ticket: Ticket) -> None:
    copy = text(
        "INSERT INTO ticket_step (id, ticket_id, number, kind, at)"
        " SELECT uuidv7(), ticket_id, number, kind, at FROM ticket_step WHERE ticket_id = :id"
    )
    with pytest.raises(IntegrityError, match="uq_ticket_step_ticket_id_number"):
        scene.session.execute(copy, {"id": ticket.id})


def test_an_open_question_without_custodian_cannot_be_stored(scene: Scene, ticket: Ticket) -> None:
    scene.session.execute(
        text("UPDATE custody SET is_open = NULL, until = since WHERE ticket_id = :id"), {"id": ticket.id}
    )
    with pytest.raises(IntegrityError, match="fk_ticket_custody"):
        check_now(scene)


def test_a_question_that_names_another_desk_than_its_custodian_cannot_be_stored(scene: Scene, ticket: Ticket) -> None:
    other = scene.desk("西安市").id
    scene.session.execute(
        text("UPDATE ticket SET custody_desk_id = :desk WHERE id = :id"), {"desk": other, "id": ticket.id}
    )
    with pytest.raises(IntegrityError, match="fk_ticket_custody"):
        check_now(scene)


@pytest.mark.parametrize(("seconds", "is_refused"), [(-1, True), (0, False)])
def test_two_desks_never_have_a_question_at_one_time(
    scene: Scene, ticket: Ticket, seconds: int, *, is_refused: bool
) -> None:
    scene.let_pass(10)
    end = scene.time.instant
    scene.session.execute(
        text("UPDATE custody SET is_open = NULL, until = :end WHERE ticket_id = :id"), {"end": end, "id": ticket.id}
    )
    add = text(
        "INSERT INTO custody (id, ticket_id, desk_id, reason, is_open, since)"
        " VALUES (uuidv7(), :id, :desk, 'passed_up', true, :since)"
    )
    values = {"id": ticket.id, "desk": scene.desk("西安市").id, "since": end + timedelta(seconds=seconds)}
    if not is_refused:
        scene.session.execute(add, values)
        return
    with pytest.raises(IntegrityError, match="ex_custody_no_overlap"):
        scene.session.execute(add, values)


def test_two_open_custodies_of_one_question_cannot_be_stored(scene: Scene, ticket: Ticket) -> None:
    add = text(
        "INSERT INTO custody (id, ticket_id, desk_id, reason, is_open, since)"
        " VALUES (uuidv7(), :id, :desk, 'passed_up', true, 'infinity')"
    )
    with pytest.raises(IntegrityError, match=r"uq_custody_open|ex_custody_no_overlap"):
        scene.session.execute(add, {"id": ticket.id, "desk": scene.desk("西安市").id})


@pytest.mark.parametrize(
    ("index", "account", "question"),
    [("uq_offer_ringing_ticket", "xian_jishu2", 0), ("uq_offer_ringing_account", "xian_jishu", 1)],
)
def test_one_question_rings_for_one_person_at_a_time(scene: Scene, index: str, account: str, question: int) -> None:
    scene.on_duty("xian_jishu")
    asked = [scene.ask(), scene.ask("xuexiao2_xueji")]
    add = text(
        "INSERT INTO offer (id, ticket_id, desk_id, account_id, state, created_at, ends_at)"
        " VALUES (uuidv7(), :ticket, :desk, :account, 'ringing', now(), now() + interval '20 seconds')"
    )
    values = {"ticket": asked[question].id, "desk": scene.desk("雁塔区").id, "account": scene.cast.id(account)}
    with pytest.raises(IntegrityError, match=index):
        scene.session.execute(add, values)


@pytest.mark.parametrize(
    ("change", "check"),
    [
        ("handler_id = NULL", "talking_has_handler"),
        ("state = 'waiting'", "searching_has_no_handler"),
        ("state = 'resolved'", "resolved_has_time"),
        ("resolution = '好了'", "resolved_has_text"),
        ("custody_open = NULL", "open_has_custody"),
    ],
)
def test_a_state_that_contradicts_its_columns_cannot_be_stored(
    scene: Scene, ticket: Ticket, change: str, check: str
) -> None:
    with pytest.raises(IntegrityError, match=check):
        scene.session.execute(text(f"UPDATE ticket SET {change} WHERE id = :id"), {"id": ticket.id})  # noqa: S608 - above
