"""A small tree under real names: 部, 陕西省, 西安市, 雁塔区, and 湖北省 beside it."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from sqlalchemy.orm import Session

from registry_core.orgs import services
from registry_core.orgs.models import Level, OrgUnit


@dataclass(frozen=True, slots=True)
class Grove:
    """The units of the small tree."""

    ministry: OrgUnit
    shaanxi: OrgUnit
    xian: OrgUnit
    yanta: OrgUnit
    hubei: OrgUnit
    school: OrgUnit


def plant(session: Session) -> Grove:
    """Plant the small tree."""
    ministry = services.add_unit(session, None, level=Level.MINISTRY, name="教育部")
    shaanxi = services.add_unit(session, ministry, level=Level.PROVINCE, name="陕西省", code="610000")
    xian = services.add_unit(session, shaanxi, level=Level.CITY, name="西安市", code="610100")
    yanta = services.add_unit(session, xian, level=Level.COUNTY, name="雁塔区", code="610113")
    hubei = services.add_unit(session, ministry, level=Level.PROVINCE, name="湖北省", code="420000")
    school = services.add_school(session, yanta, name="雁塔区第一小学", code="2161000001")
    return Grove(ministry, shaanxi, xian, yanta, hubei, school)


@pytest.fixture
def grove(session: Session) -> Grove:
    """The small tree in the test's own transaction."""
    return plant(session)
