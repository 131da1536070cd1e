"""Lists of school codes from above: every wrong row named, the effect shown, applied whole and only as shown."""

from __future__ import annotations

from datetime import date
from time import monotonic

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from registry_core.access.models import Role
from registry_core.access.services import grant_role
from registry_core.directory.code_rows import ListRow, read_rows
from registry_core.directory.errors import (
    ListApplied,
    ListBlocked,
    ListColumnsMissing,
    ListNotFound,
    ListOutdated,
)
from registry_core.directory.models import ChangeKind, CodeList, UnitChange
from registry_core.directory.services import code_lists, schools
from registry_core.directory.services.history import Cause
from registry_core.errors import Forbidden
from registry_core.orgs import queries as orgs
from registry_core.orgs.errors import LoadRefused, UnitNotFound
from registry_core.orgs.models import CodeScheme, OrgUnit
from registry_core.orgs.services import add_school, add_teaching_point, assign_code
from registry_core.sheets import read_table
from tests.conftest import Cast

LONG_AGO = date(2020, 9, 1)
PATIENCE_SECONDS = 60


def plant(session: Session, cast: Cast, name: str, code: str, county: str = "雁塔区") -> OrgUnit:
    school = add_school(session, cast.unit(county), name=name)
    assign_code(session, school, CodeScheme.SCHOOL_CODE, code, valid_from=LONG_AGO)
    return school


def check(session: Session, cast: Cast, *rows: ListRow, by: str = "shi_xueji", unit: str = "西安市") -> CodeList:
    return code_lists.check_list(session, cast.actor(by), cast.unit(unit).id, file_name="2027.csv", rows=list(rows))


def apply(session: Session, cast: Cast, kept: CodeList) -> CodeList:
    effect = code_lists.foresee(session, kept, cast.unit("西安市"))
    return code_lists.apply_list(session, cast.actor("shi_xueji"), kept.id, digest=effect.plan.digest)


def code_of(session: Session, school: OrgUnit) -> str | None:
    return orgs.find_code(session, school.id, CodeScheme.SCHOOL_CODE)


def test_a_list_updates_deletes_and_corrects_and_each_change_is_on_record(session: Session, cast: Cast) -> None:
    same = plant(session, cast, "不变小学", "2161000001")
    renamed = plant(session, cast, "旧名小学", "2161000002")
    moved = plant(session, cast, "迁移小学", "2161000003")
    corrected = plant(session, cast, "错码小学", "2161000004")
    closed = plant(session, cast, "撤并小学", "2161000005")
    without = add_school(session, cast.unit("碑林区"), name="无码小学")
    waiting = add_school(session, cast.unit("碑林区"), name="不在表里也没有代码的小学")
    kept = check(
        session,
        cast,
        ListRow(2, "2161000001", "不变小学", "610113"),
        ListRow(3, "2161000002", "新名小学", "610113"),
        ListRow(4, "2161000003", "迁移小学", "610103"),
        ListRow(5, "2161000014", "错码小学", "610113"),
        ListRow(6, "2161000006", "无码小学", "610103"),
        ListRow(7, "2161000007", "新设小学", "610103"),
    )
    outcome = apply(session, cast, kept).outcome
    assert outcome == {"additions": 1, "renamings": 1, "codings": 2, "moves": 1, "closings": 1, "unchanged": 1}
    assert (same.name, renamed.name) == ("不变小学", "新名小学")
    assert moved.parent_id == cast.unit("碑林区").id
    assert (code_of(session, corrected), code_of(session, without)) == ("2161000014", "2161000006")
    assert (closed.closed_on, code_of(session, closed)) == (orgs.today(), None)
    assert waiting.is_open(orgs.today())
    assert code_of(session, cast.unit("新设小学")) == "2161000007"
    kinds = session.execute(select(UnitChange.kind, func.count()).group_by(UnitChange.kind))
    assert {row[0]: row[1] for row in kinds} == {
        ChangeKind.OPENED: 1,
        ChangeKind.RENAMED: 1,
        ChangeKind.CODE_GIVEN: 2,
        ChangeKind.MOVED: 1,
        ChangeKind.CLOSED: 1,
    }
    assert session.scalars(select(UnitChange.list_id).distinct()).all() == [kept.id]


def test_what_depends_on_a_deleted_school_is_told_before(session: Session, cast: Cast) -> None:
    school = plant(session, cast, "撤并小学", "2161000005")
    grant_role(session, account_id=cast.id("xuesheng"), unit_id=school.id, role=Role.REGISTRY_ADMINISTRATOR)
    kept = check(session, cast, ListRow(2, "2161000007", "新设小学", "610103"))
    effect = code_lists.foresee(session, kept, cast.unit("西安市"))
    assert effect.plan.closings == (school,)
    assert effect.weights[school.id].people == 1
    assert school.is_open(orgs.today())


def test_a_school_with_a_teaching_point_blocks_the_list_until_both_go(session: Session, cast: Cast) -> None:
    school = plant(session, cast, "撤并小学", "2161000005")
    point = add_teaching_point(session, school, name="东村教学点")
    kept = check(session, cast, ListRow(2, "2161000007", "新设小学", "610103"))
    with pytest.raises(ListBlocked):
        apply(session, cast, kept)
    assert school.is_open(orgs.today())
    assign_code(session, point, CodeScheme.SCHOOL_CODE, "2161000008", valid_from=LONG_AGO)
    apply(session, cast, kept)
    assert point.closed_on == school.closed_on == orgs.today()


def test_every_wrong_row_is_named_and_nothing_is_kept(session: Session, cast: Cast) -> None:
    plant(session, cast, "邻省小学", "2142000001", county="武昌区")
    with pytest.raises(LoadRefused) as refused:
        check(
            session,
            cast,
            ListRow(2, "2161000001", "甲小学", "610113"),
            ListRow(3, "21610", "乙小学", "610113"),
            ListRow(4, "2161000001", "丙小学", "610113"),
            ListRow(5, "2161000002", "甲小学", "610113"),
            ListRow(6, "2161000003", "丁小学", "420106"),
            ListRow(7, "2161000004", "", "610113"),
            ListRow(8, "2142000001", "戊小学", "610113"),
        )
    assert {fault.line for fault in refused.value.faults} == {3, 4, 5, 6, 7, 8}
    assert any("属于范围以外的“邻省小学”" in str(fault.reason) for fault in refused.value.faults)
    assert session.scalars(select(CodeList.id)).all() == []


def test_a_list_is_read_by_the_names_of_its_columns() -> None:
    chinese = read_table("区划代码,备注,学校名称,学校标识码\n610113,x,甲小学,2161000001\n".encode())
    english = read_table(b"code,name,county\n2161000001,\xe7\x94\xb2\xe5\xb0\x8f\xe5\xad\xa6,610113\n")
    assert read_rows(chinese) == read_rows(english) == [ListRow(2, "2161000001", "甲小学", "610113")]
    with pytest.raises(ListColumnsMissing):
        read_rows(read_table("学校名称,学校标识码\n甲小学,2161000001\n".encode()))


def test_a_list_does_what_was_shown_or_nothing(session: Session, cast: Cast) -> None:
    school = plant(session, cast, "旧名小学", "2161000002")
    kept = check(session, cast, ListRow(2, "2161000002", "新名小学", "610113"))
    shown = code_lists.foresee(session, kept, cast.unit("西安市")).plan.digest
    schools.rename_school(session, cast.actor("shi_xueji"), school.id, name="别名小学", cause=Cause("批复"))
    with pytest.raises(ListOutdated):
        code_lists.apply_list(session, cast.actor("shi_xueji"), kept.id, digest=shown)
    assert school.name == "别名小学"


def test_a_list_is_applied_once(session: Session, cast: Cast) -> None:
    kept = check(session, cast, ListRow(2, "2161000007", "新设小学", "610103"))
    apply(session, cast, kept)
    with pytest.raises(ListApplied):
        apply(session, cast, kept)


def test_nobody_checks_or_applies_a_list_beside_the_own_reach(session: Session, cast: Cast) -> None:
    row = ListRow(2, "2161000007", "新设小学", "610113")
    with pytest.raises(UnitNotFound):
        check(session, cast, row, by="xian_xueji")
    with pytest.raises(Forbidden):
        check(session, cast, row, by="shi_jishu")
    kept = check(session, cast, row)
    for neighbour in ("xian_xueji", "linsheng_xueji"):
        with pytest.raises(ListNotFound):
            code_lists.apply_list(session, cast.actor(neighbour), kept.id, digest="")


def test_five_thousand_rows_go_through_in_one_go(session: Session, cast: Cast) -> None:
    start = monotonic()
    rows = [ListRow(n + 2, f"2161{n:06d}", f"第 {n} 小学", "610113" if n % 2 else "610103") for n in range(5000)]
    outcome = apply(session, cast, check(session, cast, *rows)).outcome
    assert outcome is not None
    assert outcome["additions"] == 5000
    again = code_lists.foresee(session, check(session, cast, *rows), cast.unit("西安市"))
    assert again.plan.counts["unchanged"] == 5000
    assert monotonic() - start < PATIENCE_SECONDS
