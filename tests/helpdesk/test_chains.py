"""Which desks a question may come to, in which order, and when a desk is open."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

import pytest
from sqlalchemy import delete

from helpdesk.errors import NoDeskAbove
from helpdesk.models import Desk, DeskMember, TicketState
from helpdesk.queries.chains import ChainDesk, list_chain
from registry_core.orgs.models import CodeScheme
from registry_core.orgs.queries import find_unit_by_code
from registry_core.orgs.services import add_teaching_point, move_unit
from tests.helpdesk.conftest import Scene

SCHOOL = "西安市雁塔区第一小学（演示）"
MORNING = (time(8, 30), time(12, 0))


def chain_of(scene: Scene, unit_name: str) -> list[str]:
    return [desk.unit_name for desk in list_chain(scene.session, scene.cast.unit(unit_name).path)]


def county_desk(scene: Scene) -> ChainDesk:
    scene.session.expire_all()
    return list_chain(scene.session, scene.cast.unit("雁塔区").path)[0]


def in_china(hour: int, minute: int, second: int = 0, *, day: int = 3) -> datetime:
    """An instant of June 2026 in China; the third is a Wednesday."""
    return datetime(2026, 6, day, hour, minute, second, tzinfo=UTC) - timedelta(hours=8)


def test_the_chain_goes_from_the_county_to_the_ministry_nearest_first(scene: Scene) -> None:
    assert chain_of(scene, SCHOOL) == ["雁塔区", "西安市", "陕西省", "教育部"]


def test_a_school_with_a_desk_of_its_own_comes_first(scene: Scene) -> None:
    scene.add_desk(SCHOOL)
    assert chain_of(scene, SCHOOL)[:2] == [SCHOOL, "雁塔区"]


def test_a_teaching_point_goes_by_the_desk_of_its_school(scene: Scene) -> None:
    scene.add_desk(SCHOOL)
    point = add_teaching_point(scene.session, scene.cast.unit(SCHOOL), name="南湖教学点")
    assert chain_of(scene, point.name)[0] == SCHOOL


def test_a_level_without_a_desk_is_no_rung(scene: Scene) -> None:
    assert chain_of(scene, "武汉市武昌区实验小学（演示）") == ["武昌区", "湖北省", "教育部"]


def test_a_neighbouring_county_is_on_nobodys_way(scene: Scene) -> None:
    assert "碑林区" not in chain_of(scene, SCHOOL)


def test_without_any_desk_on_the_way_one_cannot_ask_and_is_told_so(scene: Scene) -> None:
    scene.session.execute(delete(DeskMember))
    scene.session.execute(delete(Desk))
    with pytest.raises(NoDeskAbove):
        scene.ask()


def test_a_desk_without_hours_is_always_open(scene: Scene) -> None:
    assert county_desk(scene).is_open(in_china(3, 0, day=7))


@pytest.mark.parametrize(
    ("at", "is_open"),
    [
        (in_china(8, 29, 59), False),
        (in_china(8, 30), True),
        (in_china(11, 59, 59), True),
        (in_china(12, 0), False),
        (in_china(9, 0, day=2), False),
        (in_china(9, 0, day=4), False),
    ],
    ids=["before opening", "at opening", "before closing", "at closing", "the day before", "the day after"],
)
def test_a_desk_is_open_from_its_opening_until_just_before_its_closing(
    scene: Scene, at: datetime, *, is_open: bool
) -> None:
    scene.open_hours("雁塔区", *MORNING, 3)
    assert county_desk(scene).is_open(at) is is_open


def test_hours_are_read_in_chinas_time_also_where_the_day_changes(scene: Scene) -> None:
    """Half past midnight on Thursday in China is still Wednesday in UTC."""
    scene.open_hours("雁塔区", time(0, 0), time(1, 0), 4)
    assert county_desk(scene).is_open(in_china(0, 30, day=4))
    assert not county_desk(scene).is_open(in_china(0, 30, day=5))


def test_a_closed_desk_says_when_it_opens_next(scene: Scene) -> None:
    scene.open_hours("雁塔区", *MORNING, 1, 3)
    assert county_desk(scene).opens_at(in_china(12, 0)) == in_china(8, 30, day=8)
    assert county_desk(scene).opens_at(in_china(8, 29)) == in_china(8, 30)


def test_a_desk_that_is_switched_off_is_closed_and_opens_at_no_time(scene: Scene) -> None:
    scene.open_hours("雁塔区", *MORNING, 3)
    scene.desk("雁塔区").switched_on = False
    scene.session.flush()
    assert not county_desk(scene).is_open(in_china(9, 0))
    assert county_desk(scene).opens_at(in_china(8, 0)) is None


def test_nobody_is_rung_at_a_closed_desk_and_the_clock_rings_when_it_opens(scene: Scene) -> None:
    scene.open_hours("雁塔区", time(9, 1), time(12, 0), 3)
    scene.on_duty("xian_jishu")
    ticket = scene.ask()
    scene.let_pass(58)
    scene.tick()
    assert scene.rings_for(ticket) is None
    scene.let_pass(1)
    scene.tick()
    assert scene.rings_for(ticket) == "xian_jishu"


def test_a_question_climbs_past_a_desk_that_is_switched_off(scene: Scene) -> None:
    scene.desk("西安市").switched_on = False
    scene.on_duty("shi_jishu", "sheng_jishu")
    ticket = scene.ask()
    scene.submit_record(ticket)
    assert scene.rings_for(ticket) == "sheng_jishu"


def test_a_question_whose_school_was_moved_goes_on_from_the_desk_that_has_it(scene: Scene) -> None:
    """A merger of counties must not stop the clock for everybody, as an index beyond the chain once did."""
    ticket = scene.ask()
    neighbour = find_unit_by_code(scene.session, CodeScheme.GBT2260, "610103")
    assert neighbour is not None
    move_unit(scene.session, scene.cast.unit(SCHOOL), neighbour)
    scene.on_duty("xian_jishu", "linqu_jishu")
    scene.tick()
    assert scene.rings_for(ticket) == "xian_jishu"
    scene.accept("xian_jishu")
    scene.pass_up("xian_jishu", ticket)
    assert scene.custody(ticket) == ["雁塔区", "西安市"]
    assert ticket.state is TicketState.WAITING
