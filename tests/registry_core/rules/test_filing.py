"""Filing one's own rules with the level above."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from registry_core.orgs.errors import UnitNotFound
from registry_core.orgs.models import Level
from registry_core.orgs.services import add_unit
from registry_core.rules.errors import NothingToFileWith, PackOfAnotherUnit
from registry_core.rules.loader import load_packs
from registry_core.rules.queries import list_filings
from registry_core.rules.services import LocalRules, file_rules, get_receiver
from tests.conftest import Cast
from tests.registry_core.rules.test_packs import SOUND, write

DAY = date(2026, 3, 2)


def rules(pack_code: str | None = None) -> LocalRules:
    return LocalRules(
        title="雁塔区转学细则",
        summary="转学材料当日核对。",
        topics=("transfers",),
        filed_on=DAY,
        valid_from=date(2026, 4, 1),
        number="陕备〔2026〕7号",
        pack_code=pack_code,
    )


def test_a_county_files_with_its_city_and_everybody_above_and_below_sees_it(session: Session, land: Cast) -> None:
    file_rules(session, land.actor("sheng_guanli"), land.unit("雁塔区").id, rules())
    for unit in ("陕西省", "西安市", "雁塔区", "西安市雁塔区第一小学（演示）"):
        [filed] = list_filings(session, land.unit(unit))
        assert (filed.unit_name, filed.filed_with_name, filed.filing.number) == ("雁塔区", "西安市", "陕备〔2026〕7号")
    assert list_filings(session, land.unit("碑林区")) == ()


def test_in_zhejiang_a_county_files_with_the_province(session: Session, land: Cast) -> None:
    city = add_unit(session, land.unit("浙江省"), level=Level.CITY, name="杭州市", code="330100")
    county = add_unit(session, city, level=Level.COUNTY, name="上城区", code="330102")
    assert get_receiver(session, county, on=DAY).name == "浙江省"
    assert get_receiver(session, land.unit("雁塔区"), on=DAY).name == "西安市"


def test_a_school_files_nothing(session: Session, land: Cast) -> None:
    with pytest.raises(NothingToFileWith):
        file_rules(session, land.actor("sheng_guanli"), land.unit("西安市雁塔区第一小学（演示）").id, rules())


def test_the_ministry_has_nobody_to_file_with(session: Session, land: Cast) -> None:
    with pytest.raises(NothingToFileWith):
        get_receiver(session, land.unit("教育部"), on=DAY)


@pytest.mark.parametrize("person", ["xian_xueji", "xuexiao_xueji"])
def test_who_is_no_super_administrator_files_nothing(session: Session, land: Cast, person: str) -> None:
    with pytest.raises(UnitNotFound):
        file_rules(session, land.actor(person), land.unit("雁塔区").id, rules())


def test_a_unit_of_another_province_does_not_exist(session: Session, land: Cast) -> None:
    with pytest.raises(UnitNotFound):
        file_rules(session, land.actor("sheng_guanli"), land.unit("武昌区").id, rules())


def test_only_an_own_pack_can_be_named(session: Session, land: Cast, tmp_path: Path) -> None:
    load_packs(session, [write(tmp_path, SOUND)])
    county = land.unit("雁塔区").id
    assert file_rules(session, land.actor("sheng_guanli"), county, rules("yanta_2026")).pack_id is not None
    with pytest.raises(PackOfAnotherUnit):
        file_rules(session, land.actor("sheng_guanli"), county, rules("shaanxi_2014"))


@pytest.mark.parametrize("statement", ["UPDATE rule_filing SET title = ''", "DELETE FROM rule_filing"])
def test_a_filing_is_never_changed(session: Session, land: Cast, statement: str) -> None:
    file_rules(session, land.actor("sheng_guanli"), land.unit("雁塔区").id, rules())
    with pytest.raises(IntegrityError), session.begin_nested():
        session.execute(text(statement))
