"""When the registry business of a unit is limited, by whose decision, and where somebody is."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from registry_core import clock
from registry_core.access.actors import Actor, Origin
from registry_core.orgs.models import OrgUnit
from registry_core.records.policies import EDIT_RECORDS
from registry_core.rules.loader import load_packs
from registry_core.workplaces import policies, queries, services
from registry_core.workplaces.errors import DemandedByRule
from registry_core.workplaces.policies import is_inside, mark_of, read_network
from registry_core.workplaces.presenters import list_bars
from tests.conftest import Cast
from tests.registry_core.workplaces.house import SCHOOL

PACK = """
code = "places"
name = "试验规则"
owner = "610000"
source = "试验"
valid_from = 2020-01-01

[rules.workplaces]
clause = "第一条"
value = {{ limited = "{limited}", levels = {levels} }}
"""
AT_SCHOOL = Origin("61.150.43.9", "")
AT_HOME = Origin("1.2.3.4", "")


def load(session: Session, tmp_path: Path, limited: str, levels: str = '["school"]') -> None:
    file = tmp_path / "places.toml"
    file.write_text(PACK.format(limited=limited, levels=levels), encoding="utf-8")
    load_packs(session, [file])


@pytest.fixture
def school(cast: Cast) -> OrgUnit:
    return cast.unit(SCHOOL)


@pytest.fixture
def keeper(cast: Cast) -> Actor:
    return replace(cast.actor("xuexiao_xitong"), origin=AT_SCHOOL)


def is_shut(session: Session, cast: Cast, origin: Origin) -> bool:
    officer = replace(cast.actor("xuexiao2_xueji"), origin=origin)
    barred = replace(officer, bars=list_bars(session, officer))
    return not barred.may(EDIT_RECORDS)


def test_a_rule_that_begins_with_the_first_place(
    session: Session, cast: Cast, tmp_path: Path, school: OrgUnit, keeper: Actor
) -> None:
    load(session, tmp_path, "once_registered")
    assert not is_shut(session, cast, AT_HOME)
    services.add_range(session, keeper, school.id, network="61.150.43.0/24", name="教学楼")
    assert is_shut(session, cast, AT_HOME)
    assert not is_shut(session, cast, AT_SCHOOL)


def test_a_rule_that_holds_always_and_that_the_unit_cannot_switch_off(
    session: Session, cast: Cast, tmp_path: Path, school: OrgUnit, keeper: Actor
) -> None:
    load(session, tmp_path, "always")
    assert is_shut(session, cast, AT_SCHOOL)
    with pytest.raises(DemandedByRule):
        services.switch_off(session, keeper, school.id, reason="不想要")
    services.add_range(session, keeper, school.id, network="61.150.43.9", name="教学楼")
    assert not is_shut(session, cast, AT_SCHOOL)


def test_a_rule_for_another_level_or_another_province_does_not_hold(
    session: Session, cast: Cast, tmp_path: Path
) -> None:
    load(session, tmp_path, "always", '["county"]')
    assert not is_shut(session, cast, AT_HOME)
    county = replace(cast.actor("xian_xueji"), origin=AT_HOME)
    assert [bar.unit_id for bar in list_bars(session, county)] == [cast.unit("雁塔区").id]
    neighbour = replace(cast.actor("linsheng_xueji"), origin=AT_HOME)
    assert list_bars(session, neighbour) == ()


def test_a_refusal_names_the_rule(session: Session, cast: Cast, tmp_path: Path) -> None:
    load(session, tmp_path, "always")
    officer = replace(cast.actor("xuexiao2_xueji"), origin=AT_HOME)
    (bar,) = list_bars(session, officer)
    assert "试验规则：第一条" in str(bar.words)
    assert "系统管理员" in str(bar.words)


def test_registering_and_lifting_is_no_registry_business(
    session: Session, cast: Cast, tmp_path: Path, school: OrgUnit, keeper: Actor
) -> None:
    load(session, tmp_path, "always")
    made = services.register_computer(session, keeper, school.id, name="一号机", room="", browser="")
    assert not is_shut(session, cast, replace(AT_HOME, computers=(mark_of(made.token),)))
    above = cast.actor("xian_guanli")
    services.lift(session, above, school.id, until=clock.now() + timedelta(days=1), reason="主机坏了")
    assert not is_shut(session, cast, AT_HOME)
    # Whoever switches it on again ends the lifting.
    services.switch_on(session, replace(keeper, origin=replace(AT_HOME, computers=(mark_of(made.token),))), school.id)
    assert is_shut(session, cast, AT_HOME)


def test_who_carries_no_registry_business_is_not_looked_up(session: Session, cast: Cast) -> None:
    assert queries.registry_assignments(cast.actor("xuesheng")) == []
    assert list_bars(session, cast.actor("xuesheng")) == ()


@pytest.mark.parametrize(
    ("typed", "network"),
    [
        (" 61.150.43.7 ", "61.150.43.7/32"),
        ("61.150.43.7/24", "61.150.43.0/24"),
        ("61.150.0.0/16", "61.150.0.0/16"),
        ("61.150.0.0/15", None),
        ("2001:da8::/48", "2001:da8::/48"),
        ("2001:da8::/47", None),
        ("", None),
        ("61.150.43", None),
    ],
)
def test_addresses_are_read(typed: str, network: str | None) -> None:
    assert read_network(typed) == network


@pytest.mark.parametrize(
    ("address", "inside"),
    [("61.150.43.255", True), ("61.150.44.0", False), ("::ffff:61.150.43.1", True), ("unknown", False), ("", False)],
)
def test_an_address_lies_in_a_network(address: str, inside: bool) -> None:  # noqa: FBT001 - a column of the table
    assert is_inside(address, ["61.150.43.0/24", "2001:da8::/48"]) is inside


def test_a_cookie_knows_eight_computers_and_no_more() -> None:
    cookie = policies.SEPARATOR.join(str(number) for number in range(20))
    assert len(policies.marks_in(cookie)) == policies.MOST_COMPUTERS
    assert policies.marks_in("") == ()
