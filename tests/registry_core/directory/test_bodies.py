"""Bodies beside the tree: who may set them up, one leader at a time, and nothing forgotten."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from registry_core import clock
from registry_core.access.models import Role
from registry_core.access.services import grant_role
from registry_core.directory.errors import (
    BodyExists,
    BodyIsClosed,
    BodyNotFound,
    LeaderExists,
    MemberNotFound,
)
from registry_core.directory.queries.bodies import get_body, list_bodies, list_members
from registry_core.directory.services import bodies as services
from registry_core.directory.services.bodies import Details, Seating
from registry_core.errors import Forbidden
from registry_core.orgs.errors import UnitNotFound
from registry_core.orgs.models import Body, BodyKind, Seat
from registry_core.orgs.services import Contact
from tests.conftest import Cast

GROUP = Details("雁塔区学籍管理领导小组", Contact(host_name="区教育局", phone="029-85381234"))
LEADER = Seating(Seat.LEADER, "钱伟", "分管副局长", "029-85381235")


def add_group(session: Session, cast: Cast, unit: str = "雁塔区") -> Body:
    return services.add_body(
        session, cast.actor("sheng_guanli"), cast.unit(unit).id, kind=BodyKind.LEADING_GROUP, details=GROUP
    )


def test_a_body_stands_beside_its_unit_from_today(session: Session, cast: Cast) -> None:
    body = add_group(session, cast)
    assert list_bodies(session, cast.unit("雁塔区")) == [body]
    assert body.opened_on == clock.local(clock.now()).date()
    assert (body.host_name, body.phone) == ("区教育局", "029-85381234")


def test_a_unit_of_the_neighbouring_province_does_not_exist(session: Session, cast: Cast) -> None:
    with pytest.raises(UnitNotFound):
        add_group(session, cast, "武昌区")
    elsewhere = services.add_body(
        session, cast.actor("bu_guanli"), cast.unit("武昌区").id, kind=BodyKind.LEADING_GROUP, details=GROUP
    )
    with pytest.raises(BodyNotFound):
        services.close_body(session, cast.actor("sheng_guanli"), elsewhere.id)


def test_who_only_sees_the_unit_changes_nothing_there(session: Session, cast: Cast) -> None:
    body = add_group(session, cast)
    registrar = cast.actor("xian_xueji")
    assert get_body(session, registrar, body.id)[0] is body
    with pytest.raises(Forbidden):
        services.change_body(session, registrar, body.id, details=GROUP)
    with pytest.raises(Forbidden):
        services.seat_member(session, registrar, body.id, seating=LEADER)


def test_two_open_bodies_of_one_name_are_refused_and_a_closed_one_is_no_hindrance(session: Session, cast: Cast) -> None:
    first = add_group(session, cast)
    with pytest.raises(BodyExists):
        add_group(session, cast)
    services.close_body(session, cast.actor("sheng_guanli"), first.id)
    second = add_group(session, cast)
    assert list_bodies(session, cast.unit("雁塔区")) == [second, first]


def test_a_body_has_one_leader_and_the_next_comes_when_the_first_has_left(session: Session, cast: Cast) -> None:
    province = cast.actor("sheng_guanli")
    body = add_group(session, cast)
    first = services.seat_member(session, province, body.id, seating=LEADER)
    with pytest.raises(LeaderExists) as refused:
        services.seat_member(session, province, body.id, seating=Seating(Seat.LEADER, "孙敏"))
    assert "钱伟" in refused.value.text
    with clock.frozen(clock.now() + timedelta(days=30)):
        services.unseat_member(session, province, first.id)
        second = services.seat_member(session, province, body.id, seating=Seating(Seat.LEADER, "孙敏"))
        office = services.seat_member(session, province, body.id, seating=Seating(Seat.OFFICE, "吴倩"))
        deputy = services.seat_member(session, province, body.id, seating=Seating(Seat.DEPUTY, "冯磊"))
    assert list_members(session, [body]) == [second, deputy, office, first]
    assert first.joined_on is not None
    assert first.left_on == first.joined_on + timedelta(days=30)


def test_a_seat_is_given_up_once(session: Session, cast: Cast) -> None:
    province = cast.actor("sheng_guanli")
    member = services.seat_member(session, province, add_group(session, cast).id, seating=LEADER)
    services.unseat_member(session, province, member.id)
    with pytest.raises(MemberNotFound):
        services.unseat_member(session, province, member.id)


def test_with_a_body_all_who_sit_in_it_leave_and_it_changes_no_more(session: Session, cast: Cast) -> None:
    province = cast.actor("sheng_guanli")
    body = add_group(session, cast)
    member = services.seat_member(session, province, body.id, seating=LEADER)
    services.close_body(session, province, body.id)
    assert member.left_on == body.closed_on
    for act in (
        lambda: services.seat_member(session, province, body.id, seating=LEADER),
        lambda: services.change_body(session, province, body.id, details=GROUP),
        lambda: services.close_body(session, province, body.id),
    ):
        with pytest.raises(BodyIsClosed):
            act()


def test_a_role_held_through_a_body_ends_with_it(session: Session, cast: Cast) -> None:
    body = add_group(session, cast)
    held = grant_role(session, account_id=cast.id("xuesheng"), unit_id=body.unit_id, role=Role.REGISTRY_ADMINISTRATOR)
    held.body_id = body.id
    assert cast.actor("xuesheng").assignments
    services.close_body(session, cast.actor("sheng_guanli"), body.id)
    assert cast.actor("xuesheng").assignments == ()
    assert held.ended_by_id == cast.id("sheng_guanli")


def test_a_body_may_keep_its_own_name_and_not_take_that_of_another(session: Session, cast: Cast) -> None:
    province = cast.actor("sheng_guanli")
    body = add_group(session, cast)
    other = Details("雁塔区学籍工作组", Contact())
    services.add_body(session, province, cast.unit("雁塔区").id, kind=BodyKind.LEADING_GROUP, details=other)
    services.change_body(session, province, body.id, details=Details(GROUP.name, Contact(host_name="区教体局")))
    assert (body.host_name, body.phone) == ("区教体局", None)
    with pytest.raises(BodyExists):
        services.change_body(session, province, body.id, details=other)


def test_a_leader_seated_by_somebody_else_meanwhile_is_seen(committed: Cast, engine: Engine) -> None:
    with Session(engine, expire_on_commit=False) as first:
        body = services.add_body(
            first,
            committed.actor("sheng_guanli"),
            committed.unit("雁塔区").id,
            kind=BodyKind.LEADING_GROUP,
            details=GROUP,
        )
        first.commit()
        with Session(engine) as second:
            get_body(second, committed.actor("sheng_guanli"), body.id)
            services.seat_member(first, committed.actor("sheng_guanli"), body.id, seating=LEADER)
            first.commit()
            with pytest.raises(LeaderExists):
                services.seat_member(second, committed.actor("sheng_guanli"), body.id, seating=LEADER)
