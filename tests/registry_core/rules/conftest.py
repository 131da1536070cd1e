"""A tree with the four provinces whose rules ship, and the packs loaded into it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from sqlalchemy.orm import Session

from registry_core.orgs.models import Level
from registry_core.orgs.services import add_unit
from registry_core.rules.loader import load_packs
from registry_core.rules.queries import find_rule
from tests.conftest import Cast

OTHERS = {"浙江省": "330000", "安徽省": "340000", "上海市": "310000"}
# After Shaanxi's and before the ministry's of 2025.
DAY = date(2016, 5, 4)
Say = Callable[..., Any]


@pytest.fixture
def land(session: Session, cast: Cast) -> Cast:
    """The small tree and three more provinces, with the shipped packs."""
    ministry = cast.unit("教育部")
    for name, code in OTHERS.items():
        add_unit(session, ministry, level=Level.PROVINCE, name=name, code=code)
    load_packs(session)
    return cast


@pytest.fixture
def say(session: Session, land: Cast) -> Say:
    """Ask what holds about a topic at a unit."""

    def ask(unit: str, topic: str, on: date = DAY) -> Any:
        return find_rule(session, land.unit(unit), topic, on=on).value

    return ask
