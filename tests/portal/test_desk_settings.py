"""The settings page of a desk: several slots a day, typed simply, told where they cannot be read."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from helpdesk.models import Desk
from tests.conftest import Cast
from tests.portal_house import Browser

SignIn = Callable[[str], Browser]
SENT = {"switched_on": "y", "ring_seconds": "20", "works_on_makeup_days": "y"}


@pytest.fixture
def desk(session: Session, cast: Cast) -> Desk:
    return session.scalars(select(Desk).where(Desk.unit_id == cast.unit("雁塔区").id)).one()


def test_slots_typed_simply_are_kept_and_shown_as_they_are_read(
    session: Session, signed_in: SignIn, desk: Desk
) -> None:
    lead, page = signed_in("xian_zhuguan"), f"/desks/{desk.id}"
    typed = SENT | {"monday": "8-12，14-17:30", "sunday": "9:00-11:00", "on_call": "10-11"}
    assert lead.post(page, typed, page=page).status_code == 303
    session.refresh(desk)
    assert desk.weekly_slots == "mon 08:00-12:00,14:00-17:30;sun 09:00-11:00"
    assert (desk.holiday_slots, desk.works_on_makeup_days) == ("10:00-11:00", True)
    shown = lead.get(page).text
    assert 'value="08:00-12:00, 14:00-17:30"' in shown
    assert 'value="10:00-11:00"' in shown


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("早上八点", "时段应写成 08:30-12:00 的样子"),
        ("8-12, 11-14", "同一天的时段不能重叠"),
        ("1-2,3-4,5-6,7-8,9-10,11-12", "一天最多写五个时段"),
    ],
)
def test_what_cannot_be_read_is_told_at_its_day_and_nothing_is_kept(
    session: Session, signed_in: SignIn, desk: Desk, typed: str, told: str
) -> None:
    lead, page = signed_in("xian_zhuguan"), f"/desks/{desk.id}"
    answer = lead.post(page, SENT | {"monday": "8-12", "wednesday": typed}, page=page)
    assert answer.status_code == 422
    assert told in answer.text
    assert "星期三：" in answer.text
    assert f'value="{typed}"' in answer.text
    session.refresh(desk)
    assert desk.weekly_slots == ""


def test_without_any_slot_a_desk_is_open_at_all_times(session: Session, signed_in: SignIn, desk: Desk) -> None:
    lead, page = signed_in("xian_zhuguan"), f"/desks/{desk.id}"
    lead.post(page, SENT | {"monday": "8-12"}, page=page)
    assert lead.post(page, SENT | {"monday": ""}, page=page).status_code == 303
    session.refresh(desk)
    assert (desk.weekly_slots, desk.holiday_slots) == ("", "none")
