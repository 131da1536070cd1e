"""The page on which an administrator opens an account."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from registry_core.access.models import RoleAssignment
from registry_core.accounts.models import Account
from tests.conftest import Cast
from tests.people_house import COUNTY, SCHOOL
from tests.portal_house import Browser

SignedIn = Callable[[str], Browser]
FIELDS = {
    "name": "秦岭",
    "mobile": "13912345678",
    "email": "",
    "role": "school_user",
    "narrowed_to": "",
    "user_name": "",
}


def test_an_account_is_opened_in_two_steps(signed_in: SignedIn, session: Session, cast: Cast) -> None:
    school = signed_in("xuexiao_xueji")
    page = f"/people/new?unit={cast.unit(SCHOOL).id}"
    assert page in school.get("/people/new").text
    answer = school.post(page, FIELDS, page=page)
    assert answer.status_code == 303
    account = session.scalars(select(Account).where(Account.user_name == "ql5678")).one()
    assert answer.location.endswith(f"/people/{account.id}")
    assert account.must_change_password


def test_a_role_that_is_not_offered_and_other_fields_cannot_be_smuggled_in(
    signed_in: SignedIn, session: Session, cast: Cast
) -> None:
    school = signed_in("xuexiao_xueji")
    page = f"/people/new?unit={cast.unit(SCHOOL).id}"
    before = session.scalar(select(func.count()).select_from(RoleAssignment))
    assert school.post(page, {**FIELDS, "role": "super_administrator"}, page=page).status_code == 422
    assert session.scalar(select(func.count()).select_from(RoleAssignment)) == before
    smuggled = {
        "is_demonstration": "y",
        "must_change_password": "",
        "password_hash": "x",
        "unit": str(cast.unit("教育部").id),
    }
    assert school.post(page, {**FIELDS, **smuggled}, page=page).status_code == 303
    account = session.scalars(select(Account).where(Account.user_name == "ql5678")).one()
    assert (account.is_demonstration, account.must_change_password, account.password_hash) == (False, True, "!")
    assert {held.unit_id for held in cast.actor("ql5678").assignments} == {cast.unit(SCHOOL).id}


def test_a_unit_outside_the_reach_leads_back_to_the_choice(signed_in: SignedIn, cast: Cast) -> None:
    answer = signed_in("xuexiao_xueji").get(f"/people/new?unit={cast.unit(COUNTY).id}")
    assert "在哪个单位开账号" in answer.text


def test_without_number_and_address_the_page_says_what_is_missing(signed_in: SignedIn, cast: Cast) -> None:
    page = f"/people/new?unit={cast.unit(SCHOOL).id}"
    answer = signed_in("xuexiao_xueji").post(page, {**FIELDS, "mobile": ""}, page=page)
    assert answer.status_code == 422
    assert "请至少填写手机号或邮箱" in answer.text
    assert "秦岭" in answer.text
