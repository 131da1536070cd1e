"""The pages of leaving and replacement."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from sqlalchemy.orm import Session

from registry_core.access.queries import list_held
from registry_core.orgs.queries import today
from tests.conftest import Cast
from tests.portal_house import Browser

SignedIn = Callable[[str], Browser]


def test_a_successor_is_named_on_the_page_and_listed(signed_in: SignedIn, session: Session, cast: Cast) -> None:
    school, leaving = signed_in("xuexiao_guanli"), cast.id("xuexiao2_xueji")
    held, _unit = list_held(session, leaving)[0]
    page = f"/people/roles/{held.id}/hand-over"
    assert page in school.get(f"/people/{leaving}").text
    fields = {
        "successor": str(cast.id("xuexiao_putong")),
        "last_day": (today() + timedelta(days=2)).isoformat(),
        "reason": "调往市局",
    }
    assert "接任的人都有合格证" in school.get("/people/to-train").text
    assert school.post(page, fields, page=page).status_code == 303
    assert "姜若兰" in school.get("/people/to-train").text
    again = school.post(page, {**fields, "successor": str(cast.id("xuexiao_lingdao"))}, page=page)
    assert again.status_code == 409
    assert "已经定了接任人" in again.text


def test_somebody_of_another_unit_cannot_be_named(signed_in: SignedIn, session: Session, cast: Cast) -> None:
    held, _unit = list_held(session, cast.id("xuexiao2_xueji"))[0]
    page = f"/people/roles/{held.id}/hand-over"
    fields = {"successor": str(cast.id("linsheng_xueji")), "last_day": today().isoformat(), "reason": "调往市局"}
    assert signed_in("xuexiao_guanli").post(page, fields, page=page).status_code == 422


def test_a_role_outside_the_reach_does_not_exist(signed_in: SignedIn, session: Session, cast: Cast) -> None:
    held, _unit = list_held(session, cast.id("xuexiao2_xueji"))[0]
    assert signed_in("linqu_xueji").get(f"/people/roles/{held.id}/hand-over").status_code == 404
