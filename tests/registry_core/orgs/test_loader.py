from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from registry_core.orgs import queries, services
from registry_core.orgs.errors import LoadRefused
from registry_core.orgs.load_report import Change, ChangeKind, UnitLine
from registry_core.orgs.loader import KNOWN_SINCE, MINISTRY_NAME, load_regions
from registry_core.orgs.models import CodeScheme, Level, OrgUnit, UnitKind
from registry_core.orgs.queries import WHOLE_TREE

HEADER = "code,name,level,parent_code,kind,source\n"
FILE = (
    HEADER + "420000,湖北省,province,,admin,cd\n"
    "420100,武汉市,city,420000,admin,cd\n"
    "420106,武昌区,county,420100,admin,cd\n"
    "420171,武汉经济技术开发区,county,420100,zone,cd\n"
    "429000,省直辖县级行政区划,city,420000,pseudo,cd\n"
    "429004,仙桃市,county,429000,admin,cd\n"
    "610000,陕西省,province,,admin,cd\n"
    "610100,西安市,city,610000,admin,cd\n"
    "610113,雁塔区,county,610100,admin,cd\n"
)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "regions.csv"
    path.write_text(FILE, encoding="utf-8")
    return path


def edit(file: Path, old: str, new: str) -> None:
    content = file.read_text(encoding="utf-8")
    assert old in content
    file.write_text(content.replace(old, new), encoding="utf-8")


def unit(session: Session, code: str) -> OrgUnit:
    found = queries.find_unit_by_code(session, CodeScheme.GBT2260, code)
    assert found is not None, code
    return found


def test_the_first_load_says_what_it_added_and_what_it_left_out(session: Session, file: Path) -> None:
    report = load_regions(session, file)
    assert [report.added_at(level) for level in Level] == [1, 2, 2, 3, 0]
    assert report.added[0] == UnitLine(Level.MINISTRY, MINISTRY_NAME, None)
    assert report.left_out == {UnitKind.ZONE: 1, UnitKind.GROUPING: 1}
    assert (report.changes, report.unchanged, report.given_up, report.not_in_file) == ((), 0, (), ())
    assert report.lines() == (
        "新增 8 个单位（部 1，省 2，市 2，县 3）",
        "未变 0 个单位",
        "按规则未导入 2 行（没有政府的分组 1，开发区等统计区划 1）",
    )


def test_a_second_load_changes_nothing(session: Session, file: Path) -> None:
    load_regions(session, file)
    before = session.execute(select(OrgUnit.id, OrgUnit.path).order_by(OrgUnit.path)).all()
    report = load_regions(session, file)
    assert (report.added, report.changes, report.unchanged) == ((), (), 7)
    assert session.execute(select(OrgUnit.id, OrgUnit.path).order_by(OrgUnit.path)).all() == before


def test_codes_are_in_force_since_the_day_that_the_file_describes(session: Session, file: Path) -> None:
    load_regions(session, file)
    [code] = queries.list_codes(session, unit(session, "610113").id)
    assert (code.scheme, code.valid_from, code.valid_until) == (CodeScheme.GBT2260, KNOWN_SINCE, None)


def test_a_wrong_row_stops_the_whole_load(session: Session, file: Path) -> None:
    edit(file, "610113,雁塔区,county,610100", "610113,雁塔区,county,610199")
    with pytest.raises(LoadRefused) as refused:
        load_regions(session, file)
    assert [fault.text for fault in refused.value.faults] == ["第 10 行：上级代码“610199”在文件中不存在。"]
    assert session.scalar(select(func.count()).select_from(OrgUnit)) == 0


def test_another_name_in_the_file_renames_the_unit_and_keeps_its_identity(session: Session, file: Path) -> None:
    load_regions(session, file)
    before = unit(session, "429004").id
    edit(file, "仙桃市", "沔阳县")
    report = load_regions(session, file)
    assert report.changes == (Change(ChangeKind.RENAMED, "429004", "沔阳县", "仙桃市", "沔阳县"),)
    assert report.unchanged == 6
    assert (unit(session, "429004").id, unit(session, "429004").name) == (before, "沔阳县")
    assert "更名 429004：仙桃市 → 沔阳县" in report.lines()


def test_another_parent_in_the_file_moves_the_unit_with_all_below(session: Session, file: Path) -> None:
    load_regions(session, file)
    school = services.add_school(session, unit(session, "420106"), name="某小学")
    edit(file, "420100,武汉市,city,420000", "420100,武汉市,city,610000")
    report = load_regions(session, file)
    assert report.changes == (Change(ChangeKind.MOVED, "420100", "武汉市", "湖北省", "陕西省"),)
    assert queries.path_names(session, school) == "陕西省 › 武汉市 › 武昌区 › 某小学"
    assert "改隶 420100 武汉市：湖北省 → 陕西省" in report.lines()


def test_a_new_county_hangs_right_under_a_city_that_moves_in_the_same_load(session: Session, file: Path) -> None:
    load_regions(session, file)
    edit(file, "420100,武汉市,city,420000", "420100,武汉市,city,610000")
    edit(file, "610113,", "420107,青山区,county,420100,admin,cd\n610113,")
    report = load_regions(session, file)
    assert report.added == (UnitLine(Level.COUNTY, "青山区", "420107"),)
    assert queries.path_names(session, unit(session, "420107")) == "陕西省 › 武汉市 › 青山区"


def test_a_county_moves_under_a_city_that_is_new_in_the_same_load(session: Session, file: Path) -> None:
    load_regions(session, file)
    edit(file, "429004,仙桃市,county,429000", "420200,黄石市,city,420000,admin,cd\n429004,仙桃市,county,420200")
    report = load_regions(session, file)
    assert [change.after for change in report.changed(ChangeKind.MOVED)] == ["黄石市"]
    assert queries.path_names(session, unit(session, "429004")) == "湖北省 › 黄石市 › 仙桃市"


def test_a_zone_that_becomes_a_district_is_added_then(session: Session, file: Path) -> None:
    load_regions(session, file, kinds=frozenset({UnitKind.ZONE}))
    assert unit(session, "420171").kind is UnitKind.ZONE
    edit(file, "420100,zone", "420100,admin")
    report = load_regions(session, file)
    assert [change.what for change in report.changes] == [ChangeKind.RECLASSIFIED]
    assert unit(session, "420171").kind is UnitKind.AUTHORITY


def test_a_unit_that_the_file_lacks_stays_and_is_reported(session: Session, file: Path) -> None:
    load_regions(session, file)
    edit(file, "610113,雁塔区,county,610100,admin,cd\n", "")
    report = load_regions(session, file)
    assert report.not_in_file == (UnitLine(Level.COUNTY, "雁塔区", "610113"),)
    assert unit(session, "610113").is_open(queries.today())
    assert report.lines()[-2:] == ("库中有、文件中没有的单位 1 个，均已保留", "  雁塔区（610113）")


def test_the_corps_without_a_code_survives_every_load_and_is_reported(session: Session, file: Path) -> None:
    load_regions(session, file)
    ministry = queries.find_ministry(session)
    corps = services.add_unit(session, ministry, level=Level.PROVINCE, name="新疆生产建设兵团")
    division = services.add_unit(session, corps, level=Level.CITY, name="第八师")
    report = load_regions(session, file)
    assert set(report.not_in_file) == {
        UnitLine(Level.PROVINCE, "新疆生产建设兵团", None),
        UnitLine(Level.CITY, "第八师", None),
    }
    assert ministry is not None
    assert len(queries.list_children(session, WHOLE_TREE, ministry.id)) == 3
    assert queries.path_names(session, division) == "新疆生产建设兵团 › 第八师"


def test_a_closed_unit_does_not_come_back_by_an_old_file(session: Session, file: Path) -> None:
    load_regions(session, file)
    services.close_unit(session, unit(session, "429004"))
    report = load_regions(session, file)
    assert report.added == ()
    assert report.given_up == (UnitLine(Level.COUNTY, "仙桃市", "429004"),)
    assert "代码在库中已停用、未重新导入 1 行" in report.lines()


def test_a_unit_with_a_new_code_is_not_doubled_by_a_file_with_the_old_one(session: Session, file: Path) -> None:
    load_regions(session, file)
    services.assign_code(session, unit(session, "429004"), CodeScheme.GBT2260, "429099")
    report = load_regions(session, file)
    assert report.added == ()
    assert report.given_up == (UnitLine(Level.COUNTY, "仙桃市", "429004"),)
    assert report.not_in_file == (UnitLine(Level.COUNTY, "仙桃市", "429099"),)


def test_nothing_new_hangs_under_a_unit_that_was_closed_here(session: Session, file: Path) -> None:
    load_regions(session, file)
    services.close_unit(session, unit(session, "610113"))
    services.close_unit(session, unit(session, "610100"))
    edit(file, "610113,雁塔区", "610114,阎良区")
    with pytest.raises(LoadRefused) as refused:
        load_regions(session, file)
    assert [fault.text for fault in refused.value.faults] == [
        "第 10 行：上级代码 610100 在库中已停用，请先处理上级单位。"
    ]


def test_a_code_that_changes_its_level_is_refused(session: Session, file: Path) -> None:
    load_regions(session, file)
    edit(file, "429004,仙桃市,county,429000", "429004,仙桃市,city,420000")
    with pytest.raises(LoadRefused) as refused:
        load_regions(session, file)
    assert refused.value.faults[0].line == 7
    assert "429004 在库中的级别是 county，文件中是 city" in str(refused.value.faults[0].reason)


def test_equal_names_are_told_apart_by_their_codes(session: Session, file: Path) -> None:
    edit(file, "雁塔区", "武昌区")
    load_regions(session, file)
    assert unit(session, "610113").id != unit(session, "420106").id
    assert load_regions(session, file).unchanged == 7
