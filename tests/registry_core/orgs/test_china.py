"""The shipped divisions come out of the loader in their real shapes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from registry_core.orgs import queries
from registry_core.orgs.loader import ALL_KINDS, load_regions
from registry_core.orgs.models import CodeScheme, Level, OrgUnit, UnitKind
from registry_core.orgs.queries import WHOLE_TREE


@pytest.fixture(scope="module")
def china(engine: Engine) -> Iterator[Session]:
    """One load for all tests of this module, which only read; a test that used `session` too would wait for ever."""
    with engine.connect() as connection:
        outer = connection.begin()
        with Session(connection, join_transaction_mode="create_savepoint") as opened:
            load_regions(opened)
            yield opened
        outer.rollback()


def unit(session: Session, code: str) -> OrgUnit:
    found = queries.find_unit_by_code(session, CodeScheme.GBT2260, code)
    assert found is not None, code
    return found


def below(session: Session, code: str) -> Counter[Level]:
    return Counter(child.level for child in queries.list_children(session, WHOLE_TREE, unit(session, code).id))


def test_there_are_34_provinces_333_cities_and_2846_counties_under_one_ministry(china: Session) -> None:
    assert Counter(china.scalars(select(OrgUnit.level))) == {
        Level.MINISTRY: 1,
        Level.PROVINCE: 34,
        Level.CITY: 333,
        Level.COUNTY: 2846,
    }


def test_every_loaded_unit_is_a_real_authority(china: Session) -> None:
    assert china.scalars(select(OrgUnit.kind).distinct()).all() == [UnitKind.AUTHORITY]


@pytest.mark.parametrize(
    ("code", "name", "counties"),
    [("110000", "北京市", 16), ("120000", "天津市", 16), ("310000", "上海市", 16), ("500000", "重庆市", 38)],
)
def test_a_municipality_runs_its_counties_without_cities(china: Session, code: str, name: str, counties: int) -> None:
    assert unit(china, code).name == name
    assert below(china, code) == {Level.COUNTY: counties}


def test_chongqing_runs_its_districts_and_its_counties_alike(china: Session) -> None:
    names = {child.name for child in queries.list_children(china, WHOLE_TREE, unit(china, "500000").id)}
    assert {"渝中区", "城口县", "石柱土家族自治县"} <= names


@pytest.mark.parametrize(
    ("province", "direct"),
    [
        ("410000", {"济源市"}),
        ("420000", {"仙桃市", "潜江市", "天门市", "神农架林区"}),
        (
            "460000",
            {
                "五指山市",
                "琼海市",
                "文昌市",
                "万宁市",
                "东方市",
                "定安县",
                "屯昌县",
                "澄迈县",
                "临高县",
                "白沙黎族自治县",
            }
            | {"昌江黎族自治县", "乐东黎族自治县", "陵水黎族自治县", "保亭黎族苗族自治县", "琼中黎族苗族自治县"},
        ),
        (
            "650000",
            {"石河子市", "阿拉尔市", "图木舒克市", "五家渠市", "北屯市", "铁门关市", "双河市", "可克达拉市", "昆玉市"}
            | {"胡杨河市", "新星市", "白杨市"},
        ),
    ],
)
def test_a_province_runs_some_counties_itself(china: Session, province: str, direct: set[str]) -> None:
    children = queries.list_children(china, WHOLE_TREE, unit(china, province).id)
    assert {child.name for child in children if child.level is Level.COUNTY} == direct


@pytest.mark.parametrize(("code", "name"), [("441900", "东莞市"), ("442000", "中山市"), ("460400", "儋州市")])
def test_a_city_without_counties_stands_alone(china: Session, code: str, name: str) -> None:
    city = unit(china, code)
    assert (city.name, city.level) == (name, Level.CITY)
    assert below(china, code) == {}


@pytest.mark.parametrize(
    ("code", "name"), [("710000", "台湾省"), ("810000", "香港特别行政区"), ("820000", "澳门特别行政区")]
)
def test_hong_kong_macao_and_taiwan_are_provinces_with_nothing_listed_below(
    china: Session, code: str, name: str
) -> None:
    assert (unit(china, code).name, unit(china, code).level) == (name, Level.PROVINCE)
    assert below(china, code) == {}


def test_the_two_counties_of_december_2024_are_there(china: Session) -> None:
    assert queries.path_names(china, unit(china, "653228")) == "新疆维吾尔自治区 › 和田地区 › 和康县"
    assert queries.path_names(china, unit(china, "653229")) == "新疆维吾尔自治区 › 和田地区 › 和安县"


def test_equal_names_are_four_different_districts(china: Session) -> None:
    places = {queries.path_names(china, unit(china, code)) for code in ("320106", "320302", "350102", "410204")}
    assert places == {
        "江苏省 › 南京市 › 鼓楼区",
        "江苏省 › 徐州市 › 鼓楼区",
        "福建省 › 福州市 › 鼓楼区",
        "河南省 › 开封市 › 鼓楼区",
    }


def test_no_unit_of_the_statistics_is_in_the_ladder(china: Session) -> None:
    for code in ("110100", "500200", "419000", "130171", "460321", "620201"):
        assert queries.find_unit_by_code(china, CodeScheme.GBT2260, code) is None


def test_on_request_zones_and_groupings_stand_in_the_tree_and_nothing_else_changes(china: Session) -> None:
    with china.begin_nested() as savepoint:
        report = load_regions(china, kinds=ALL_KINDS)
        assert Counter(line.level for line in report.added) == {Level.CITY: 9, Level.COUNTY: 133}
        assert (report.changes, report.unchanged, report.left_out) == ((), 3213, {})
        assert below(china, "110000") == {Level.COUNTY: 16, Level.CITY: 1}
        assert unit(china, "110100").kind is UnitKind.GROUPING
        assert below(china, "110100") == {}
        assert queries.path_names(china, unit(china, "130171")) == "河北省 › 石家庄市 › 石家庄高新技术产业开发区"
        again = load_regions(china)
        assert (again.added, again.changes, again.not_in_file) == ((), (), ())
        savepoint.rollback()
