"""The pages of rules: what holds where, what a pack says, and filing one's own."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from sqlalchemy.orm import Session

from registry_core.orgs.models import CodeScheme
from registry_core.orgs.queries import find_unit_by_code
from registry_core.rules.loader import load_packs
from registry_core.rules.presenters import group_topics
from registry_core.rules.presenters.labels import TOPICS
from registry_core.rules.presenters.sections import PLACED
from tests.conftest import Cast
from tests.portal_house import Browser

SignedIn = Callable[[str], Browser]
FILING = {
    "title": "陕西省转学细则",
    "topics": "transfers",
    "summary": "转学材料当日核对。",
    "pack": "",
    "filed_on": "2026-03-02",
    "number": "教备〔2026〕7号",
    "valid_from": "2026-03-02",
}


@pytest.fixture(autouse=True)
def _packs(session: Session, cast: Cast) -> None:
    del cast
    load_packs(session)


def test_a_school_sees_what_holds_there_in_words_with_clause_and_pack(signed_in: SignedIn) -> None:
    page = signed_in("xuexiao_xueji").get("/rules?on=2016-05-04").text
    assert "西安市雁塔区第一小学（演示）的规则" in page
    assert "8月10日" in page
    assert "附件1 四、六" in page
    assert "陕西省中小学生学籍信息管理系统规则（2014）" in page
    assert "{" not in page.partition("<main")[2].partition("</main>")[0]


def test_rules_stand_under_headings_and_each_is_one_jump_away(signed_in: SignedIn) -> None:
    page = signed_in("xuexiao_xueji").get("/rules?on=2016-05-04").text
    jumps = set(re.findall('href="#([^"]+)"', page)) - {"main"}
    places = set(re.findall('id="((?:rule|part)-[^"]+)"', page))
    assert {"part-business", "rule-contact_list", "rule-passwords"} <= places
    assert places <= jumps


def test_no_topic_is_without_a_heading_of_its_own() -> None:
    named = {topic for part in group_topics(TOPICS) for topic, _label in part.topics if topic in PLACED}
    assert named == set(TOPICS), "a new topic wants its place in registry_core/rules/presenters/sections.py"


def test_the_page_says_plainly_that_nobody_has_to_use_a_second_factor(signed_in: SignedIn) -> None:
    page = signed_in("xuexiao_xueji").get("/rules").text
    told = page.partition('id="rule-second_factor"')[2].partition("</section>")[0]
    assert "现在不要求任何角色使用" in told


def test_another_day_has_other_rules(signed_in: SignedIn) -> None:
    browser = signed_in("xuexiao_xueji")
    assert "8月10日" not in browser.get("/rules?on=2014-08-17").text
    assert "这一天在这个单位没有生效的规则" in browser.get("/rules?on=1999-01-01").text


def test_what_this_project_chose_is_never_shown_as_official(signed_in: SignedIn) -> None:
    page = signed_in("xuexiao_xueji").get("/rules?on=2016-05-04").text
    passwords = page.partition('id="rule-passwords"')[2].partition("</section>")[0]
    contacts = page.partition('id="rule-contact_list"')[2].partition("</section>")[0]
    assert "本项目的约定" in passwords
    assert "本项目的约定" not in contacts


def test_a_later_rule_above_is_pointed_out(signed_in: SignedIn) -> None:
    page = signed_in("xuexiao_xueji").get("/rules?on=2026-09-01").text
    transfers = page.partition('id="rule-transfers"')[2].partition("</section>")[0]
    assert "上级后来另有规定" in transfers
    assert "全国中小学生学籍管理规则（2025，部分）" in transfers


def test_the_tree_can_be_walked_and_ends_where_the_reach_ends(
    signed_in: SignedIn, cast: Cast, session: Session
) -> None:
    browser = signed_in("sheng_guanli")
    assert "西安市" in browser.get("/rules").text
    county = find_unit_by_code(session, CodeScheme.GBT2260, "610113")
    assert county is not None
    assert "雁塔区的规则" in browser.get(f"/rules?unit={county.id}").text
    assert browser.get(f"/rules?unit={cast.unit('武昌区').id}").status_code == 404
    assert browser.get("/rules?unit=none").status_code == 404


def test_everybody_reads_a_pack_and_an_unknown_one_does_not_exist(signed_in: SignedIn) -> None:
    browser = signed_in("xuexiao_xueji")
    page = browser.get("/rules/national_2025").text
    assert "原文不在来源之中" in page
    assert "10" in page
    assert browser.get("/rules/no_such_pack").status_code == 404


def test_a_province_files_its_rules_and_its_schools_see_them(signed_in: SignedIn, cast: Cast) -> None:
    browser = signed_in("sheng_guanli")
    unit = str(cast.unit("陕西省").id)
    answer = browser.post("/rules/filings/new", {**FILING, "unit": unit}, page="/rules/filings/new")
    assert answer.status_code == 303, answer.text
    page = signed_in("xuexiao_xueji").get("/rules?on=2026-03-02").text
    assert "陕西省另有细则：陕西省转学细则" in page
    assert "2026-03-02 报教育部" in page
    assert "教备〔2026〕7号" in page


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"valid_until": "2026-03-02"}, "失效日期要晚于施行日期"),
        ({"topics": "weather"}, "weather"),
        ({"summary": " "}, "请用几句话写明规定了什么"),
    ],
)
def test_a_faulty_form_comes_back_with_what_was_typed(
    signed_in: SignedIn, cast: Cast, wrong: dict[str, str], words: str
) -> None:
    fields = {**FILING, "unit": str(cast.unit("陕西省").id), **wrong}
    answer = signed_in("sheng_guanli").post("/rules/filings/new", fields, page="/rules/filings/new")
    assert answer.status_code == 422
    assert words in answer.text
    assert "陕西省转学细则" in answer.text


@pytest.mark.parametrize("person", ["xuexiao_xueji", "xian_zhuguan", "bu_guanli"])
def test_neither_registrars_nor_the_ministry_file_anything(signed_in: SignedIn, person: str) -> None:
    assert signed_in(person).get("/rules/filings/new").status_code == 403
