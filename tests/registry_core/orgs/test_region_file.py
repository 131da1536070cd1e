from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry_core.orgs.errors import LoadRefused, RowFault
from registry_core.orgs.models import Level, UnitKind
from registry_core.orgs.region_file import read_regions

HEADER = "code,name,level,parent_code,kind,source\n"
GOOD = (
    "610000,陕西省,province,,admin,cd\n"
    "610100,西安市,city,610000,admin,cd\n"
    "610113,雁塔区,county,610100,admin,cd\n"
    "500000,重庆市,province,,admin,cd\n"
    "500100,市辖区,city,500000,pseudo,cd\n"
    "500101,万州区,county,500100,admin,cd\n"
)


def faults_of(content: bytes) -> list[tuple[int, str]]:
    with pytest.raises(LoadRefused) as refused:
        read_regions(content)
    return [(fault.line, str(fault.reason)) for fault in refused.value.faults]


def test_provinces_come_first_and_a_grouping_passes_its_counties_up() -> None:
    regions = read_regions((HEADER + GOOD).encode())
    assert [region.code for region in regions] == ["610000", "500000", "610100", "500100", "610113", "500101"]
    wanzhou = regions[-1]
    assert (wanzhou.level, wanzhou.kind, wanzhou.parent_code) == (Level.COUNTY, UnitKind.AUTHORITY, "500000")
    assert regions[3].kind is UnitKind.GROUPING


@pytest.mark.parametrize("mark", ["", "\ufeff"])
@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_a_byte_order_mark_and_windows_line_ends_make_no_difference(mark: str, ending: str) -> None:
    content = (mark + HEADER + GOOD).replace("\n", ending).encode()
    assert read_regions(content)[0].name == "陕西省"


def test_columns_may_stand_in_another_order_and_further_ones_are_passed_over() -> None:
    content = "备注,kind,parent_code,level,name,code\n省会在西安,admin,,province,陕西省,610000\n"
    assert read_regions(content.encode())[0].name == "陕西省"


def test_empty_lines_are_passed_over_and_lines_are_counted_as_in_the_file() -> None:
    content = HEADER + "\n\n" + "61,陕西省,province,,admin,cd\n"
    assert faults_of(content.encode()) == [(4, "代码“61”不是 6 位数字。")]


def test_a_file_in_gb18030_is_refused_with_a_way_to_convert_it() -> None:
    [(line, reason)] = faults_of((HEADER + GOOD).encode("gb18030"))
    assert line == 2
    assert "GB18030" in reason
    assert "iconv -f GB18030 -t UTF-8" in reason


def test_a_file_that_is_no_text_is_refused() -> None:
    [(_, reason)] = faults_of(b"\x89PNG\r\n\x1a\n\xff\xff\xff\xff")
    assert "CSV UTF-8" in reason


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("61000,某省,province,,admin,cd", "代码“61000”不是 6 位数字。"),
        ("６２００００,某省,province,,admin,cd", "代码“６２００００”不是 6 位数字。"),
        ("610000,陕西省,province,,admin,cd", "代码 610000 与第 2 行重复。"),
        ("620000,  ,province,,admin,cd", "名称为空。"),
        (f"620000,{'长' * 61},province,,admin,cd", "名称超过 60 个字，或含有换行等不可见字符。"),
        ("620000,甘\u0000肃省,province,,admin,cd", "名称超过 60 个字，或含有换行等不可见字符。"),
        ("620000,甘肃省,region,,admin,cd", "级别“region”不认识，应为 province、city 或 county。"),
        ("620000,甘肃省,school,,admin,cd", "级别“school”不认识，应为 province、city 或 county。"),
        (
            "620000,甘肃省,province,,real,cd",
            "类别“real”不认识，应为 admin、admin_no_county、pseudo、zone、nbs_only 之一。",
        ),
        ("610114,阎良区,county,610100,pseudo,cd", "类别 pseudo（没有政府的分组）只能用在市级。"),
        ("620000,甘肃省,province,,zone,cd", "省级的类别只能是 admin。"),
        ("620000,甘肃省,province,610000,admin,cd", "省级不应填写上级代码。"),
        ("620100,兰州市,city,620000,admin,cd", "上级代码“620000”在文件中不存在。"),
        ("620100,兰州市,city,,admin,cd", "上级代码“”在文件中不存在。"),
        ("610200,铜川市,city,610100,admin,cd", "上级“西安市”的级别是 city，不能作 city 的上级。"),
        ("610115,临潼区,county,610113,admin,cd", "上级“雁塔区”的级别是 county，不能作 county 的上级。"),
        ("620000,甘肃省,province,,admin", "应有 6 列，实有 5 列。"),
        ('620000,"甘肃省,province,,admin,cd', "引号不成对或有多余字符，无法读下去，请检查这一行及上一行。"),
    ],
)
def test_a_wrong_row_is_named_with_its_line_and_the_reason(line: str, reason: str) -> None:
    assert faults_of((HEADER + GOOD + line + "\n").encode()) == [(8, reason)]


def test_every_wrong_row_is_named_at_once_in_the_order_of_the_file() -> None:
    content = HEADER + GOOD.replace("610113", "61011x").replace("500101", "500100") + "1,,x,,y,cd\n"
    assert [line for line, _ in faults_of(content.encode())] == [4, 7, 8, 8, 8, 8]


def test_a_wrong_parent_is_not_held_against_its_children() -> None:
    content = HEADER + GOOD.replace("西安市", " ")
    assert [line for line, _ in faults_of(content.encode())] == [3]


@pytest.mark.parametrize("header", ["", "code,name,level,parent_code\n", "code,code,name,level,parent_code,kind\n"])
def test_a_header_without_the_five_columns_is_refused(header: str) -> None:
    [(line, reason)] = faults_of((header + GOOD).encode())
    assert line == 1
    assert reason.startswith("表头应包含 code,name,level,parent_code,kind 各一列")


def test_a_file_without_rows_is_refused() -> None:
    assert faults_of(HEADER.encode()) == [(2, "文件中没有数据行，请确认选对了文件。")]


def test_the_refusal_counts_its_faults_and_each_tells_its_line() -> None:
    with pytest.raises(LoadRefused) as refused:
        read_regions((HEADER + "1,,province,,admin,cd\n").encode())
    assert refused.value.text == "文件中有 2 处错误，一行也没有写入。请按下面的说明改正后重新导入。"
    assert refused.value.faults[1].text == "第 2 行：名称为空。"


@given(st.binary(max_size=300) | st.text(max_size=300).map(str.encode))
def test_whatever_the_bytes_a_file_is_read_or_refused(content: bytes) -> None:
    faults: tuple[RowFault, ...] = ()
    try:
        read_regions(HEADER.encode() + content)
    except LoadRefused as refused:
        faults = refused.faults or (RowFault(0, "nothing named"),)
    assert all(fault.line > 0 for fault in faults)
