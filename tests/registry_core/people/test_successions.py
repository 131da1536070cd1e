"""Leaving and replacement: the role passes on its day, to a named person, who is on the list of those to be trained."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from registry_core import clock
from registry_core.access.errors import (
    DutiesConflict,
    EndsBeforeItBegins,
    GivenToOneself,
    HandedOver,
    MayNotGive,
    RoleAlreadyHeld,
)
from registry_core.access.models import Qualification, QualificationKind, Role, RoleAssignment
from registry_core.access.queries import list_held
from registry_core.access.services import Permit, hand_over, qualify_provisionally
from registry_core.db import new_id
from registry_core.errors import NotFound
from registry_core.people.queries.successions import get_held, list_to_train
from tests.conftest import Cast
from tests.people_house import notices, react

LEAVING, SUCCESSOR, ABOVE = "xuexiao2_xueji", "xuexiao_putong", "xuexiao_guanli"


def role_of(session: Session, cast: Cast, user_name: str) -> RoleAssignment:
    return list_held(session, cast.id(user_name))[0][0]


def pass_on(
    session: Session, cast: Cast, *, by: str = ABOVE, to: str = SUCCESSOR, at: datetime | None = None
) -> RoleAssignment:
    return hand_over(
        session,
        cast.actor(by),
        role_of(session, cast, LEAVING).id,
        successor_id=cast.id(to),
        at=at or clock.now() + timedelta(days=3),
        reason="调往市局",
    )


def roles(cast: Cast, user_name: str) -> set[Role]:
    return {held.role for held in cast.actor(user_name).assignments}


def test_the_role_passes_on_its_day_without_a_gap_and_without_two_holders(session: Session, cast: Cast) -> None:
    with clock.frozen(clock.now() + timedelta(minutes=1)) as time:
        pass_on(session, cast)
        time.move(timedelta(days=3, seconds=-1))
        assert Role.REGISTRY_ADMINISTRATOR in roles(cast, LEAVING)
        assert Role.REGISTRY_ADMINISTRATOR not in roles(cast, SUCCESSOR)
        time.move(timedelta(seconds=1))
        assert Role.REGISTRY_ADMINISTRATOR not in roles(cast, LEAVING)
        assert Role.REGISTRY_ADMINISTRATOR in roles(cast, SUCCESSOR)


def test_the_successor_hears_of_it_and_is_to_be_trained_until_certified(session: Session, cast: Cast) -> None:
    successor = pass_on(session, cast)
    react(session, "RoleGiven")
    assert "role_taken_over" in notices(session, cast.id(SUCCESSOR))
    county = cast.actor("xian_guanli")
    assert [row.account_id for row in list_to_train(session, county)] == [cast.id(SUCCESSOR)]
    leave = Permit(QualificationKind.REGISTRY, "暂代", clock.now() + timedelta(days=30))
    permit = qualify_provisionally(session, None, successor.account_id, leave)
    assert len(list_to_train(session, county)) == 1  # a permit is no certificate
    session.execute(
        update(Qualification).where(Qualification.id == permit.id).values(certificate_id=new_id(), reason=None)
    )
    assert list_to_train(session, county) == []


def test_a_neighbour_sees_nobody_to_train_and_no_role_to_pass_on(session: Session, cast: Cast) -> None:
    pass_on(session, cast)
    assert list_to_train(session, cast.actor("linsheng_guanli")) == []
    with pytest.raises(NotFound):
        get_held(session, cast.actor("linsheng_guanli"), role_of(session, cast, LEAVING).id)
    with pytest.raises(NotFound):
        pass_on(session, cast, by="linsheng_guanli")


def test_who_may_not_give_the_role_does_not_pass_it_on(session: Session, cast: Cast) -> None:
    with pytest.raises(MayNotGive):
        pass_on(session, cast, by="xian_xueji")


def test_nobody_makes_themselves_the_successor_nor_the_holder(session: Session, cast: Cast) -> None:
    with pytest.raises(GivenToOneself):
        pass_on(session, cast, to=ABOVE)
    with pytest.raises(RoleAlreadyHeld):
        pass_on(session, cast, to=LEAVING)


def test_duties_that_are_kept_apart_stay_apart(session: Session, cast: Cast) -> None:
    with pytest.raises(DutiesConflict):
        pass_on(session, cast, to="xuexiao_xitong")


def test_a_role_has_one_successor(session: Session, cast: Cast) -> None:
    pass_on(session, cast)
    with pytest.raises(HandedOver):
        pass_on(session, cast, to="xuexiao_lingdao")


@pytest.mark.parametrize("days", [-1, 0, 367])
def test_a_day_that_is_over_or_too_far_ahead_is_refused(session: Session, cast: Cast, days: int) -> None:
    with clock.frozen(clock.now() + timedelta(minutes=1)), pytest.raises(EndsBeforeItBegins):
        pass_on(session, cast, at=clock.now() + timedelta(days=days))
