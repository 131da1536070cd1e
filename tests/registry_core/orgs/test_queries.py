from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import uuid4

import pytest
from sqlalchemy.orm import Session

from registry_core.access.actors import Scope
from registry_core.orgs import queries, services
from registry_core.orgs.errors import UnitNotFound
from registry_core.orgs.models import BodyKind, Level, OrgUnit, Seat
from registry_core.orgs.queries import WHOLE_TREE

if TYPE_CHECKING:
    from tests.registry_core.orgs.conftest import Grove


def names(units: object) -> list[str]:
    assert isinstance(units, list)
    return [unit.name for unit in units]


def test_the_ancestors_of_a_school_are_its_ladder_top_first(session: Session, grove: Grove) -> None:
    assert names(queries.list_ancestors(session, grove.school)) == [
        "教育部",
        "陕西省",
        "西安市",
        "雁塔区",
        "雁塔区第一小学",
    ]
    assert queries.list_ancestors(session, grove.ministry) == [grove.ministry]


def test_a_subtree_is_a_unit_and_all_below_it(session: Session, grove: Grove) -> None:
    assert names(queries.list_subtree(session, WHOLE_TREE, grove.xian.path)) == ["西安市", "雁塔区", "雁塔区第一小学"]
    assert queries.list_subtree(session, WHOLE_TREE, grove.xian.path, level=Level.SCHOOL) == [grove.school]
    assert queries.count_subtree(session, WHOLE_TREE, grove.ministry.path) == 6
    assert queries.count_subtree(session, WHOLE_TREE, grove.ministry.path, level=Level.PROVINCE) == 2


def test_a_unit_whose_number_begins_alike_is_in_no_foreign_subtree(session: Session, grove: Grove) -> None:
    twins = [services.add_school(session, grove.yanta, name=f"第{count}小学") for count in range(12)]
    for twin in twins:
        assert queries.list_subtree(session, WHOLE_TREE, twin.path) == [twin]


def test_within_is_asked_by_identity_and_an_unknown_unit_lies_nowhere(session: Session, grove: Grove) -> None:
    assert queries.is_within(session, grove.school.id, grove.shaanxi.id)
    assert queries.is_within(session, grove.school.id, grove.school.id)
    assert not queries.is_within(session, grove.shaanxi.id, grove.school.id)
    assert not queries.is_within(session, grove.school.id, grove.hubei.id)
    assert not queries.is_within(session, uuid4(), grove.ministry.id)
    assert not queries.is_within(session, grove.school.id, uuid4())


def test_outside_the_scope_nothing_exists(session: Session, grove: Grove) -> None:
    hubei = Scope((grove.hubei.path,))
    body = services.add_body(session, grove.xian, kind=BodyKind.FINANCE_BUREAU, name="西安市财政局")
    services.seat_member(session, body, seat=Seat.LEADER, name="演示局长")
    with pytest.raises(UnitNotFound):
        queries.get_unit(session, hubei, grove.school.id)
    assert queries.find_unit(session, hubei, grove.school.id) is None
    assert queries.list_subtree(session, hubei, grove.ministry.path) == [grove.hubei]
    assert queries.list_children(session, hubei, grove.xian.id) == []
    assert queries.list_bodies(session, hubei, grove.xian.id) == []
    assert queries.list_body_members(session, hubei, body.id) == []
    assert queries.search_units(session, hubei, "雁塔") == []
    assert queries.search_units(session, Scope(()), "雁塔") == []


def test_inside_the_scope_everything_is_found(session: Session, grove: Grove) -> None:
    shaanxi = Scope((grove.shaanxi.path,))
    assert queries.get_unit(session, shaanxi, grove.school.id) is grove.school
    assert queries.list_children(session, shaanxi, grove.xian.id) == [grove.yanta]
    assert names(queries.search_units(session, shaanxi, "雁塔")) == ["雁塔区", "雁塔区第一小学"]


@pytest.fixture
def schools(session: Session, grove: Grove) -> list[OrgUnit]:
    wanted = ("文昌小学", "西安市第八十九中学", "K12实验学校", "100%小学", "一小_二小", "高新第一小学")
    return [services.add_school(session, grove.yanta, name=name) for name in wanted]


@pytest.mark.usefixtures("schools")
@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("文昌小学", ["文昌小学"]),
        ("昌小", ["文昌小学"]),
        ("塔", ["雁塔区", "雁塔区第一小学"]),
        ("西安市", ["西安市", "西安市第八十九中学"]),
        ("小学 第一", ["高新第一小学", "雁塔区第一小学"]),
        ("k12", ["K12实验学校"]),
        ("%", ["100%小学"]),
        ("_", ["一小_二小"]),
        ("小二", []),
        ("学小", []),
        ("  ", []),
        ("' OR 1=1 --", []),
        ("没有这样的学校", []),
    ],
)
def test_a_search_finds_every_name_with_the_text_and_no_other(session: Session, words: str, found: list[str]) -> None:
    assert names(queries.search_units(session, WHOLE_TREE, words)) == found


def test_a_search_stops_at_its_limit_and_leaves_closed_units_out(session: Session, schools: list[OrgUnit]) -> None:
    assert len(queries.search_units(session, WHOLE_TREE, "小", limit=2)) == 2
    services.close_unit(session, schools[0])
    assert queries.search_units(session, WHOLE_TREE, "文昌") == []


def test_the_place_of_a_unit_is_told_without_the_ministry(session: Session, grove: Grove) -> None:
    assert queries.path_names(session, grove.yanta) == "陕西省 › 西安市 › 雁塔区"
    assert queries.path_names(session, grove.ministry) == "教育部"
    assert queries.list_path_names(session, [grove.hubei, grove.school]) == {
        grove.hubei.id: "湖北省",
        grove.school.id: "陕西省 › 西安市 › 雁塔区 › 雁塔区第一小学",
    }
    assert queries.list_path_names(session, []) == {}
