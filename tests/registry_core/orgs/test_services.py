from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy.orm import Session

from registry_core import clock
from registry_core.orgs import queries, services
from registry_core.orgs.errors import (
    CentreDoesNotFit,
    CodeMalformed,
    CodePeriodTaken,
    CodeTaken,
    MinistryExists,
    NameMissing,
    PlaceDoesNotFit,
    UnitHasOpenChildren,
    UnitIsClosed,
    WouldBeOwnAncestor,
)
from registry_core.orgs.models import BodyKind, CodeScheme, Level, OrgUnit, Seat, UnitKind
from registry_core.orgs.queries import WHOLE_TREE

if TYPE_CHECKING:
    from tests.registry_core.orgs.conftest import Grove

TODAY = date(2026, 9, 1)


@pytest.fixture(autouse=True)
def _first_of_september() -> Iterator[None]:
    with clock.frozen(datetime(2026, 9, 1, 2, 0, tzinfo=UTC)):
        yield


def where(session: Session, unit: OrgUnit) -> str:
    session.refresh(unit)
    return queries.path_names(session, unit)


def test_schools_hang_under_a_county_a_city_a_province_or_the_ministry(session: Session, grove: Grove) -> None:
    for above in (grove.yanta, grove.xian, grove.shaanxi, grove.ministry):
        school = services.add_school(session, above, name="某学校")
        assert school.path == f"{above.path}{school.number}/"
        assert (school.level, school.kind) == (Level.SCHOOL, UnitKind.SCHOOL)


def test_a_teaching_point_hangs_under_its_school_and_nothing_under_it(session: Session, grove: Grove) -> None:
    point = services.add_teaching_point(session, grove.school, name="北山教学点")
    assert where(session, point) == "陕西省 › 西安市 › 雁塔区 › 雁塔区第一小学 › 北山教学点"
    for act in (services.add_school, services.add_teaching_point):
        with pytest.raises(PlaceDoesNotFit):
            act(session, point, name="更小的教学点")
    with pytest.raises(PlaceDoesNotFit):
        services.add_teaching_point(session, grove.yanta, name="无学校的教学点")


def test_a_level_cannot_hang_under_a_lower_or_a_wrong_one(session: Session, grove: Grove) -> None:
    for above, level in ((grove.xian, Level.PROVINCE), (grove.ministry, Level.COUNTY), (grove.school, Level.CITY)):
        with pytest.raises(PlaceDoesNotFit):
            services.add_unit(session, above, level=level, name="某单位")
    with pytest.raises(PlaceDoesNotFit):
        services.add_unit(session, None, level=Level.PROVINCE, name="某省")
    with pytest.raises(PlaceDoesNotFit):
        services.add_unit(session, grove.xian, level=Level.COUNTY, kind=UnitKind.SCHOOL, name="某校")


def test_there_is_one_ministry(session: Session, grove: Grove) -> None:
    assert grove.ministry.path == f"/{grove.ministry.number}/"
    with pytest.raises(MinistryExists):
        services.add_unit(session, None, level=Level.MINISTRY, name="又一个部")


def test_a_unit_needs_a_name(session: Session, grove: Grove) -> None:
    with pytest.raises(NameMissing):
        services.add_school(session, grove.yanta, name=" ")
    with pytest.raises(NameMissing):
        services.rename_unit(session, grove.yanta, "\u3000")


def test_the_corps_stands_as_a_province_without_a_code(session: Session, grove: Grove) -> None:
    corps = services.add_unit(session, grove.ministry, level=Level.PROVINCE, name="新疆生产建设兵团")
    division = services.add_unit(session, corps, level=Level.CITY, name="第八师")
    school = services.add_school(session, division, name="第八师第一中学")
    assert where(session, school) == "新疆生产建设兵团 › 第八师 › 第八师第一中学"
    assert queries.find_code(session, corps.id, CodeScheme.GBT2260) is None
    provinces = queries.list_children(session, WHOLE_TREE, grove.ministry.id)
    assert [province.name for province in provinces] == ["湖北省", "陕西省", "新疆生产建设兵团"]


def test_a_move_takes_all_below_along(session: Session, grove: Grove) -> None:
    point = services.add_teaching_point(session, grove.school, name="北山教学点")
    services.move_unit(session, grove.xian, grove.hubei)
    assert where(session, point) == "湖北省 › 西安市 › 雁塔区 › 雁塔区第一小学 › 北山教学点"
    assert grove.xian.parent_id == grove.hubei.id
    assert queries.is_within(session, point.id, grove.hubei.id)
    assert not queries.is_within(session, point.id, grove.shaanxi.id)
    assert queries.count_subtree(session, WHOLE_TREE, grove.shaanxi.path) == 1


def test_a_move_may_skip_a_level(session: Session, grove: Grove) -> None:
    services.move_unit(session, grove.yanta, grove.shaanxi)
    assert where(session, grove.school) == "陕西省 › 雁塔区 › 雁塔区第一小学"
    assert grove.yanta.parent_level is Level.PROVINCE


def test_a_move_to_where_it_stands_changes_nothing(session: Session, grove: Grove) -> None:
    before = grove.yanta.path
    services.move_unit(session, grove.yanta, grove.xian)
    assert grove.yanta.path == before


def test_a_unit_cannot_move_below_itself_or_to_a_wrong_level(session: Session, grove: Grove) -> None:
    for parent in (grove.xian, grove.yanta):
        with pytest.raises(WouldBeOwnAncestor):
            services.move_unit(session, grove.xian, parent)
    with pytest.raises(WouldBeOwnAncestor):
        services.move_unit(session, grove.ministry, grove.hubei)
    with pytest.raises(PlaceDoesNotFit):
        services.move_unit(session, grove.hubei, grove.shaanxi)


def test_a_centre_school_manages_schools_that_stay_where_they_are(session: Session, grove: Grove) -> None:
    village = services.add_school(session, grove.yanta, name="杨家湾小学")
    services.set_managing_school(session, village, grove.school)
    assert where(session, village) == "陕西省 › 西安市 › 雁塔区 › 杨家湾小学"
    managed = queries.list_managed_schools(session, WHOLE_TREE, grove.school.id)
    assert [school.name for school in managed] == ["杨家湾小学"]
    services.set_managing_school(session, village, None)
    assert queries.list_managed_schools(session, WHOLE_TREE, grove.school.id) == []


def test_only_a_school_that_is_not_managed_itself_manages(session: Session, grove: Grove) -> None:
    village = services.add_school(session, grove.yanta, name="杨家湾小学")
    other = services.add_school(session, grove.yanta, name="李家坪小学")
    point = services.add_teaching_point(session, village, name="北山教学点")
    services.set_managing_school(session, village, grove.school)
    pairs = [(other, village), (grove.school, other), (other, other), (other, grove.yanta), (point, grove.school)]
    for school, centre in pairs:
        with pytest.raises(CentreDoesNotFit):
            services.set_managing_school(session, school, centre)


def test_a_new_code_ends_the_old_one_on_its_first_day(session: Session, grove: Grove) -> None:
    services.assign_code(session, grove.yanta, CodeScheme.GBT2260, "610199", valid_from=date(2026, 10, 1))
    history = [(code.code, code.valid_from, code.valid_until) for code in queries.list_codes(session, grove.yanta.id)]
    assert history == [("610113", TODAY, date(2026, 10, 1)), ("610199", date(2026, 10, 1), None)]
    for day, code in ((date(2026, 9, 30), "610113"), (date(2026, 10, 1), "610199")):
        assert queries.find_code(session, grove.yanta.id, CodeScheme.GBT2260, on=day) == code
        assert queries.find_unit_by_code(session, CodeScheme.GBT2260, code, on=day) is grove.yanta
    assert queries.find_unit_by_code(session, CodeScheme.GBT2260, "610113", on=date(2026, 10, 1)) is None
    assert queries.find_unit_by_code(session, CodeScheme.GBT2260, "610113", on=date(2026, 8, 31)) is None


def test_the_same_code_again_is_no_change(session: Session, grove: Grove) -> None:
    first = queries.list_codes(session, grove.yanta.id)[0]
    assert services.assign_code(session, grove.yanta, CodeScheme.GBT2260, "610113") is first


def test_a_code_passes_to_another_unit_once_it_is_given_up(session: Session, grove: Grove) -> None:
    with pytest.raises(CodeTaken) as refused:
        services.assign_code(session, grove.hubei, CodeScheme.GBT2260, "610113")
    assert "“雁塔区”" in refused.value.text
    services.assign_code(session, grove.yanta, CodeScheme.GBT2260, "610199", valid_from=TODAY + timedelta(1))
    with pytest.raises(CodeTaken):
        services.assign_code(session, grove.hubei, CodeScheme.GBT2260, "610113")
    with clock.frozen(datetime(2026, 9, 2, 2, 0, tzinfo=UTC)):
        services.assign_code(session, grove.hubei, CodeScheme.GBT2260, "610113")
        assert queries.find_unit_by_code(session, CodeScheme.GBT2260, "610113") is grove.hubei


def test_history_is_not_rewritten(session: Session, grove: Grove) -> None:
    for day in (TODAY, TODAY - timedelta(1)):
        with pytest.raises(CodePeriodTaken, match="code_period_taken"):
            services.assign_code(session, grove.yanta, CodeScheme.GBT2260, "610199", valid_from=day)
    services.close_unit(session, grove.hubei, on=date(2026, 12, 1))
    with pytest.raises(CodePeriodTaken):
        services.assign_code(session, grove.hubei, CodeScheme.GBT2260, "420099", valid_from=date(2026, 11, 1))


@pytest.mark.parametrize("code", ["", "61011", "6101130", "61011x", "６１０１１３"])
def test_a_code_of_the_wrong_shape_is_refused(session: Session, grove: Grove, code: str) -> None:
    with pytest.raises(CodeMalformed):
        services.assign_code(session, grove.yanta, CodeScheme.GBT2260, code)


def test_a_closed_unit_frees_its_code_and_takes_nothing_new(session: Session, grove: Grove) -> None:
    services.close_unit(session, grove.school, on=TODAY + timedelta(1))
    services.close_unit(session, grove.yanta, on=TODAY + timedelta(1))
    assert grove.yanta.is_open(TODAY)
    assert queries.list_children(session, WHOLE_TREE, grove.xian.id) == [grove.yanta]
    with clock.frozen(datetime(2026, 9, 2, 2, 0, tzinfo=UTC)):
        assert not grove.yanta.is_open(queries.today())
        assert queries.list_children(session, WHOLE_TREE, grove.xian.id) == []
        assert queries.find_unit_by_code(session, CodeScheme.GBT2260, "610113") is None
        with pytest.raises(UnitIsClosed):
            services.add_school(session, grove.yanta, name="新学校")
        with pytest.raises(UnitIsClosed):
            services.move_unit(session, services.add_school(session, grove.xian, name="新学校"), grove.yanta)
    assert queries.get_unit(session, WHOLE_TREE, grove.yanta.id) is grove.yanta


def test_a_unit_with_open_units_below_or_managed_ones_cannot_close(session: Session, grove: Grove) -> None:
    with pytest.raises(UnitHasOpenChildren):
        services.close_unit(session, grove.yanta)
    services.set_managing_school(session, services.add_school(session, grove.yanta, name="村小"), grove.school)
    with pytest.raises(UnitHasOpenChildren):
        services.close_unit(session, grove.school)


def test_a_body_acts_for_a_unit_without_being_a_rung(session: Session, grove: Grove) -> None:
    contact = services.Contact(host_name="市电化教育馆", contact_name="演示联系人", phone="029-00000000")
    body = services.add_body(
        session, grove.xian, kind=BodyKind.SERVICE_CENTRE, name="西安市学生信息管理服务中心", contact=contact
    )
    services.add_body(session, grove.xian, kind=BodyKind.FINANCE_BUREAU, name="西安市财政局")
    assert queries.list_bodies(session, WHOLE_TREE, grove.xian.id, kind=BodyKind.SERVICE_CENTRE) == [body]
    assert body.host_name == "市电化教育馆"
    assert len(queries.list_bodies(session, WHOLE_TREE, grove.xian.id)) == 2
    assert queries.list_children(session, WHOLE_TREE, grove.xian.id) == [grove.yanta]
    body.close(TODAY)
    assert queries.list_bodies(session, WHOLE_TREE, grove.xian.id, kind=BodyKind.SERVICE_CENTRE) == []


def test_a_leading_group_has_a_leader_deputies_members_and_an_office(session: Session, grove: Grove) -> None:
    group = services.add_body(session, grove.xian, kind=BodyKind.LEADING_GROUP, name="学籍管理领导小组")
    for seat in (Seat.OFFICE, Seat.MEMBER, Seat.LEADER, Seat.DEPUTY):
        services.seat_member(session, group, seat=seat, name=f"演示{seat}", post="局长")
    members = queries.list_body_members(session, WHOLE_TREE, group.id)
    assert [member.seat for member in members] == [Seat.LEADER, Seat.DEPUTY, Seat.MEMBER, Seat.OFFICE]
    members[0].leave(TODAY)
    assert len(queries.list_body_members(session, WHOLE_TREE, group.id)) == 3
