"""The pages of the directory: the tree and its search, a unit's page, and who sees none of it."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.demonstration import sign_beforehand
from registry_core.audit.models import AuditEntry
from registry_core.orgs.models import CodeScheme
from registry_core.orgs.services import assign_code
from registry_core.rules.loader import load_packs
from tests.conftest import Cast
from tests.portal_house import Browser

SignedIn = Callable[[str], Browser]
SCHOOL = "西安市雁塔区第一小学（演示）"
OTHER_SCHOOL = "西安市雁塔区第二小学（演示）"


def text_of(browser: Browser, url: str) -> str:
    answer = browser.get(url)
    assert answer.status_code == 200, answer.status_code
    return answer.text


def test_the_tree_begins_at_what_i_reach_and_opens_branch_by_branch(signed_in: SignedIn, cast: Cast) -> None:
    city = signed_in("shi_xueji")
    roots = text_of(city, "/units")
    assert "西安市" in roots
    assert "雁塔区" not in roots
    branch = text_of(city, f"/units/{cast.unit('西安市').id}/branch")
    assert "雁塔区" in branch
    assert "碑林区" in branch
    assert "<html" not in branch


def test_a_unit_is_found_by_part_of_its_name_and_by_its_whole_code(
    signed_in: SignedIn, cast: Cast, session: Session
) -> None:
    assign_code(session, cast.unit(SCHOOL), CodeScheme.SCHOOL_CODE, "2161000001")
    county = signed_in("xian_xueji")
    for words in ("第一小学", "2161000001"):
        found = text_of(county, f"/units?q={words}")
        assert SCHOOL in found
        assert OTHER_SCHOOL not in found


def test_a_search_finds_nothing_beside_my_reach_and_says_so(signed_in: SignedIn, cast: Cast) -> None:
    del cast
    county = signed_in("xian_xueji")
    for words in ("碑林", "610103", "420000", "武昌"):
        assert "没有找到" in text_of(county, f"/units?q={words}")


def test_a_unit_beside_my_reach_does_not_exist(signed_in: SignedIn, cast: Cast) -> None:
    county = signed_in("xian_xueji")
    for name in ("碑林区", "西安市", "湖北省"):
        unit_id = cast.unit(name).id
        assert county.get(f"/units/{unit_id}").status_code == 404
        assert county.get(f"/units/{unit_id}/branch").status_code == 404


def test_a_units_page_tells_place_code_people_and_what_hangs_below(signed_in: SignedIn, cast: Cast) -> None:
    page = text_of(signed_in("shi_xueji"), f"/units/{cast.unit('雁塔区').id}")
    for told in ("陕西省", "610113", "何文静", "学籍管理员", "雁塔区学籍服务台"):
        assert told in page
    assert f"/people/{cast.id('xian_xueji')}" in page
    # Its two schools, and none of the county beside it.
    assert "2 个" in page


def test_who_may_not_see_people_sees_the_unit_without_them(signed_in: SignedIn, cast: Cast) -> None:
    page = text_of(signed_in("xian_jishu"), f"/units/{cast.unit('雁塔区').id}")
    assert "610113" in page
    assert "何文静" not in page


def test_a_leading_group_is_set_up_filled_and_dissolved_on_pages(signed_in: SignedIn, cast: Cast) -> None:
    province, unit = signed_in("sheng_guanli"), f"/units/{cast.unit('雁塔区').id}"
    fields = {"kind": "leading_group", "name": "雁塔区领导小组", "host_name": "区教育局", "phone": "029-85381234"}
    made = province.post(f"{unit}/bodies/new", fields, page=f"{unit}/bodies/new")
    assert made.status_code == 303
    body = made.location
    assert "还没有登记成员" in text_of(province, body)
    seat = {"seat": "leader", "name": "钱伟", "post": "分管副局长", "phone": ""}
    assert province.post(f"{body}/members/new", seat, page=f"{body}/members/new").status_code == 303
    assert "钱伟" in text_of(province, unit)
    second = province.post(f"{body}/members/new", {**seat, "name": "孙敏"}, page=f"{body}/members/new")
    assert second.status_code == 409
    assert "现任组长（负责人）是钱伟" in second.text
    assert 'value="孙敏"' in second.text
    assert province.post(f"{body}/close", {}, page=body).status_code == 303
    closed = text_of(province, body)
    assert "历任成员" in closed
    assert f"{body}/change" not in closed


def test_faults_in_a_body_are_told_at_the_field_and_nothing_is_kept(signed_in: SignedIn, cast: Cast) -> None:
    province, unit = signed_in("sheng_guanli"), f"/units/{cast.unit('雁塔区').id}"
    answer = province.post(
        f"{unit}/bodies/new", {"kind": "leading_group", "name": " ", "phone": "打我手机"}, page=f"{unit}/bodies/new"
    )
    assert answer.status_code == 422
    assert "请填写名称" in answer.text
    assert "电话只写数字" in answer.text
    assert "还没有登记领导小组" in text_of(province, unit)


def test_a_registrar_sees_a_body_and_no_button_to_change_it(signed_in: SignedIn, cast: Cast) -> None:
    unit = f"/units/{cast.unit('雁塔区').id}"
    fields = {"kind": "service_centre", "name": "雁塔区服务中心", "host_name": "电教馆"}
    body = signed_in("sheng_guanli").post(f"{unit}/bodies/new", fields, page=f"{unit}/bodies/new").location
    registrar = signed_in("xian_xueji")
    assert "电教馆" in text_of(registrar, body)
    assert "/change" not in text_of(registrar, body)
    assert "/bodies/new" not in text_of(registrar, unit)
    assert registrar.get(f"{body}/change").status_code == 403
    assert signed_in("linqu_xueji").get(body).status_code == 404


def test_a_merger_shows_first_what_depends_on_the_school(signed_in: SignedIn, cast: Cast) -> None:
    county, school = signed_in("xian_xueji"), f"/units/{cast.unit(SCHOOL).id}"
    question = {"body": "怎么转学？", "client_id": "m", "page": "/"}
    assert signed_in("xuexiao_xueji").post("/ask", question, page="/ask").status_code == 303
    page = text_of(county, f"{school}/merge")
    for told in ("在任人员", "还没有解决的提问 1 个", OTHER_SCHOOL):
        assert told in page
    assert "碑林区实验小学" not in page
    fields = {"into": str(cast.unit(OTHER_SCHOOL).id), "reason": ""}
    assert county.post(f"{school}/merge", fields, page=f"{school}/merge").status_code == 422
    done = county.post(f"{school}/merge", {**fields, "reason": "批复 3 号"}, page=f"{school}/merge")
    assert done.status_code == 303
    into = text_of(county, done.location)
    assert "李晓芸" in into
    assert "批复 3 号" in into
    assert "已撤销" in text_of(county, school)


def test_a_school_is_renamed_coded_and_closed_on_pages(signed_in: SignedIn, cast: Cast) -> None:
    county, school = signed_in("xian_xueji"), f"/units/{cast.unit(SCHOOL).id}"
    rename = {"name": "雁塔区实验小学", "reason": "批复 1 号"}
    assert county.post(f"{school}/rename", rename, page=f"{school}/rename").status_code == 303
    wrong = county.post(f"{school}/code", {"code": "2999", "reason": "批复"}, page=f"{school}/code")
    assert wrong.status_code == 422
    assert "不是 10 位数字" in wrong.text
    code = {"code": "2161000001", "reason": "批复 2 号"}
    assert county.post(f"{school}/code", code, page=f"{school}/code").status_code == 303
    page = text_of(county, school)
    for told in ("雁塔区实验小学", SCHOOL, "2161000001", "批复 1 号"):
        assert told in page
    assert county.post(f"{school}/close", {"reason": "批复 4 号"}, page=f"{school}/close").status_code == 303
    assert f"{school}/rename" not in text_of(county, school)


def test_where_codes_are_applied_for_a_direct_one_asks_for_the_paper(
    signed_in: SignedIn, cast: Cast, session: Session
) -> None:
    load_packs(session)
    sign_beforehand(session)
    county, page = signed_in("xian_xueji"), f"/units/{cast.unit(SCHOOL).id}/code"
    shown = text_of(county, page)
    assert "批准文件的文号" in shown
    assert "去申请标识码" in shown
    fields = {"code": "2161000001", "reason": "区编办批复"}
    refused = county.post(page, fields, page=page)
    assert refused.status_code == 422
    assert "请填写文件的文号" in refused.text
    assert county.post(page, {**fields, "paper": "雁教发〔2026〕7号"}, page=page).status_code == 303
    assert "雁教发〔2026〕7号：区编办批复" in text_of(county, page.removesuffix("/code"))
    noted = session.scalars(select(AuditEntry).where(AuditEntry.act == "directory.code.recorded_directly")).all()
    assert len(noted) == 1


def test_a_county_finds_its_schools_without_a_code(signed_in: SignedIn, cast: Cast, session: Session) -> None:
    county, unit = signed_in("xian_xueji"), f"/units/{cast.unit('雁塔区').id}"
    assert f"{unit}/uncoded" in text_of(county, unit)
    page = text_of(county, f"{unit}/uncoded")
    assert "共 2 所学校和教学点，2 所还没有学校标识码" in page
    assert "登记标识码" in page  # no procedure holds here
    assign_code(session, cast.unit(SCHOOL), CodeScheme.SCHOOL_CODE, "2161000001")
    page = text_of(county, f"{unit}/uncoded")
    assert SCHOOL not in page
    assert OTHER_SCHOOL in page
    assert "请换几个字再找" in text_of(county, f"{unit}/uncoded?q=第三小学")
    load_packs(session)
    sign_beforehand(session)
    assert "/code/apply" in text_of(county, f"{unit}/uncoded")
    assign_code(session, cast.unit(OTHER_SCHOOL), CodeScheme.SCHOOL_CODE, "2161000002")
    assert "都有标识码了" in text_of(county, f"{unit}/uncoded")
    assert county.get(f"/units/{cast.unit('碑林区').id}/uncoded").status_code == 404


def test_a_school_does_not_dispose_of_itself(signed_in: SignedIn, cast: Cast) -> None:
    school = f"/units/{cast.unit(SCHOOL).id}"
    registrar = signed_in("xuexiao_xueji")
    assert "/merge" not in text_of(registrar, school)
    assert registrar.get(f"{school}/close").status_code == 403
