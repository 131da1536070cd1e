"""Lent roles: consent beforehand by a third, own credentials, both names, an end by date, by either side, by loss."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from registry_core import clock
from registry_core.access.errors import DutiesConflict, GivenToOneself, LoanNotOpen
from registry_core.access.models import Delegation, Role, RoleAssignment
from registry_core.access.queries import list_held
from registry_core.access.services import Post, end_role, give_role, grant_role
from registry_core.errors import Forbidden, NotFound
from registry_core.people.errors import LoanTooLong, NotAColleague, NotWhileActing
from registry_core.people.queries.loans import find_loan_in_force, get_loan, list_consenters, list_to_consent, stand_in
from registry_core.people.services.loans import Loan, ask_to_lend, consent_to_loan, end_loan, refuse_loan
from tests.conftest import Cast
from tests.people_house import notices, react

LENDER, BORROWER, SYSTEM = "xuexiao2_xueji", "xuexiao_putong", "xuexiao_xitong"
WEEK = timedelta(days=7)


def role_of(session: Session, cast: Cast, user_name: str) -> RoleAssignment:
    return list_held(session, cast.id(user_name))[0][0]


def ask(session: Session, cast: Cast, *, borrower: str = BORROWER, days: int = 7) -> Delegation:
    now = clock.now()
    loan = Loan(cast.id(borrower), "外出培训", now, now + timedelta(days=days))
    return ask_to_lend(session, cast.actor(LENDER), role_of(session, cast, LENDER).id, loan=loan)


def lent(session: Session, cast: Cast) -> Delegation:
    loan = ask(session, cast)
    return consent_to_loan(session, cast.actor(SYSTEM), loan.id)


def in_force(session: Session, cast: Cast, delegation_id: UUID) -> bool:
    return find_loan_in_force(session, cast.actor(BORROWER), delegation_id) is not None


def test_the_borrower_acts_with_the_lent_role_alone_and_both_names(session: Session, cast: Cast) -> None:
    loan = lent(session, cast)
    borrower = cast.actor(BORROWER)
    found = find_loan_in_force(session, borrower, loan.id)
    assert found is not None
    acting = stand_in(borrower, found)
    assert (acting.account_id, acting.on_behalf_of) == (cast.id(BORROWER), cast.id(LENDER))
    assert [held.role for held in acting.assignments] == [Role.REGISTRY_ADMINISTRATOR]


def test_without_consent_nothing_is_lent(session: Session, cast: Cast) -> None:
    assert not in_force(session, cast, ask(session, cast).id)


def test_the_system_administrator_is_asked_and_both_sides_hear_the_answer(session: Session, cast: Cast) -> None:
    loan = ask(session, cast)
    react(session, "LoanAsked")
    assert notices(session, cast.id(SYSTEM)) == ["loan_asked"]
    assert [row.loan.id for row in list_to_consent(session, cast.actor(SYSTEM))] == [loan.id]
    refuse_loan(session, cast.actor(SYSTEM), loan.id, reason="换一位")
    react(session, "LoanDecided")
    assert notices(session, cast.id(LENDER)) == notices(session, cast.id(BORROWER)) == ["loan_refused"]
    assert not in_force(session, cast, loan.id)


def test_without_a_system_administrator_the_super_administrator_above_consents(session: Session, cast: Cast) -> None:
    held = role_of(session, cast, SYSTEM)
    end_role(session, held.id, at=held.valid_from + timedelta(microseconds=1))
    loan = ask(session, cast)
    assert list_consenters(session, get_loan(session, loan.id)) == [cast.id("xian_guanli")]
    with pytest.raises(NotFound):  # of the own unit: not above it
        consent_to_loan(session, cast.actor("xuexiao_guanli"), loan.id)
    assert consent_to_loan(session, cast.actor("xian_guanli"), loan.id).consented_by_id == cast.id("xian_guanli")


@pytest.mark.parametrize("side", [LENDER, BORROWER])
def test_neither_side_consents(session: Session, cast: Cast, side: str) -> None:
    loan = ask(session, cast)
    with pytest.raises(Forbidden):
        consent_to_loan(session, cast.actor(side), loan.id)


@pytest.mark.parametrize("stranger", ["linqu_xueji", "linsheng_guanli", "xian_guanli"])
def test_for_others_there_is_nothing_to_consent_to(session: Session, cast: Cast, stranger: str) -> None:
    loan = ask(session, cast)
    with pytest.raises(NotFound):
        consent_to_loan(session, cast.actor(stranger), loan.id)
    with pytest.raises(NotFound):
        end_loan(session, cast.actor(stranger), loan.id)


def test_a_decided_lending_is_not_decided_again(session: Session, cast: Cast) -> None:
    loan = lent(session, cast)
    with pytest.raises(LoanNotOpen):
        refuse_loan(session, cast.actor(SYSTEM), loan.id, reason="改主意了")


def test_a_role_is_lent_for_thirty_days_at_most(session: Session, cast: Cast) -> None:
    with pytest.raises(LoanTooLong):
        ask(session, cast, days=31)
    loan = ask(session, cast, days=30)
    assert loan.valid_until - loan.valid_from <= timedelta(days=30)


def test_a_lending_begins_and_ends_by_its_dates(session: Session, cast: Cast) -> None:
    with clock.frozen(clock.now()) as time:
        loan = lent(session, cast)
        time.move(WEEK - timedelta(seconds=1))
        assert in_force(session, cast, loan.id)
        time.move(timedelta(seconds=1))
        assert not in_force(session, cast, loan.id)


@pytest.mark.parametrize("side", [LENDER, BORROWER])
def test_either_side_ends_it_at_once(session: Session, cast: Cast, side: str) -> None:
    loan = lent(session, cast)
    end_loan(session, cast.actor(side), loan.id)
    assert not in_force(session, cast, loan.id)


def test_it_ends_when_the_lender_loses_the_role(session: Session, cast: Cast) -> None:
    loan = lent(session, cast)
    held = role_of(session, cast, LENDER)
    end_role(session, held.id, at=held.valid_from + timedelta(microseconds=1))
    assert not in_force(session, cast, loan.id)


def test_somebody_else_cannot_act_under_it(session: Session, cast: Cast) -> None:
    loan = lent(session, cast)
    assert find_loan_in_force(session, cast.actor("xuexiao_guanli"), loan.id) is None


def test_duties_that_are_kept_apart_are_not_joined_by_lending(session: Session, cast: Cast) -> None:
    with pytest.raises(DutiesConflict):
        ask(session, cast, borrower=SYSTEM)
    loan = lent(session, cast)
    end_role(session, role_of(session, cast, BORROWER).id, at=clock.now() + timedelta(microseconds=1))
    school = role_of(session, cast, BORROWER).unit_id
    grant_role(session, account_id=cast.id(BORROWER), unit_id=school, role=Role.SYSTEM_ADMINISTRATOR)
    assert not in_force(session, cast, loan.id)


def test_a_role_of_somebody_else_and_to_a_stranger_is_not_lent(session: Session, cast: Cast) -> None:
    now = clock.now()
    loan = Loan(cast.id(BORROWER), "外出培训", now, now + WEEK)
    with pytest.raises(NotFound):
        ask_to_lend(session, cast.actor(BORROWER), role_of(session, cast, LENDER).id, loan=loan)
    with pytest.raises(NotAColleague):
        ask(session, cast, borrower="linsheng_xueji")


def test_who_acts_for_another_lends_nothing_on_and_gives_neither_side_a_role(session: Session, cast: Cast) -> None:
    found = find_loan_in_force(session, cast.actor(BORROWER), lent(session, cast).id)
    assert found is not None
    acting = stand_in(cast.actor(BORROWER), found)
    now = clock.now()
    loan = Loan(cast.id("xuexiao_lingdao"), "再借", now, now + WEEK)
    with pytest.raises(NotWhileActing):
        ask_to_lend(session, acting, role_of(session, cast, BORROWER).id, loan=loan)
    for side in (LENDER, BORROWER):
        with pytest.raises(GivenToOneself):
            give_role(session, acting, cast.id(side), Post(found.assignment.unit_id, Role.SCHOOL_USER))


def test_who_asked_may_take_it_back_before_the_consent(session: Session, cast: Cast) -> None:
    loan = ask(session, cast)
    end_loan(session, cast.actor(LENDER), loan.id)
    with pytest.raises(LoanNotOpen):
        consent_to_loan(session, cast.actor(SYSTEM), loan.id)
    assert session.scalars(select(Delegation.consented_at)).all() == [None]
