"""Who brought a file with a virus hears of it, and who looks after the system at their unit."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from registry_core import clock
from registry_core.access.models import Role
from registry_core.access.services import grant_role
from registry_core.db import new_id
from registry_core.files.events import VirusFound
from registry_core.files.models import ContentState, FileContent, StoredFile
from registry_core.notifications.models import Notice
from registry_core.notifications.presenters import present
from registry_core.people.reactions import tell_of_infected_file
from tests.conftest import Cast

BRINGER, KEEPER, ABOVE = "xuexiao2_xueji", "xuexiao_xitong", "xian_guanli"


def bring(session: Session, *account_ids: UUID) -> UUID:
    """Files with one infected content, brought by several people."""
    now = clock.now()
    content = FileContent(
        id=new_id(),
        sha256="0" * 64,
        size=1,
        kind="csv",
        state=ContentState.INFECTED,
        finding="Eicar",
        created_at=now,
        scanned_at=now,
    )
    session.add(content)
    session.flush()
    for account_id in account_ids:
        file = StoredFile(content_id=content.id, account_id=account_id, use="test", name="名单.csv", created_at=now)
        session.add(file)
    session.flush()
    return content.id


def tell(session: Session, content_id: UUID) -> dict[UUID, str]:
    """What everybody reads who was told, the worker having reacted twice."""
    for _again in range(2):
        tell_of_infected_file(session, VirusFound(content_id))
    notices = session.scalars(select(Notice)).all()
    assert len(notices) == len({(one.account_id, one.kind) for one in notices})
    return {one.account_id: present(one).text for one in notices}


def test_who_brought_it_and_the_system_administrator_of_the_unit_are_told(session: Session, cast: Cast) -> None:
    told = tell(session, bring(session, cast.id(BRINGER)))
    keepers = [account_id for account_id in told if account_id != cast.id(BRINGER)]
    assert "您上传的“名单.csv”查出病毒" in told[cast.id(BRINGER)]
    assert keepers
    assert all("周立群（演示）上传的“名单.csv”查出病毒" in told[one] for one in keepers)


def test_a_keeper_who_brought_it_is_told_as_such_and_somebody_else_as_keeper(session: Session, cast: Cast) -> None:
    unit = cast.actor(BRINGER).home
    assert unit is not None
    grant_role(session, account_id=cast.id(BRINGER), unit_id=unit.unit_id, role=Role.SYSTEM_ADMINISTRATOR)
    told = tell(session, bring(session, cast.id(BRINGER)))
    assert told[cast.id(BRINGER)].startswith("您上传的")
    assert len(told) > 1


def test_everybody_who_brought_the_same_content_is_told(session: Session, cast: Cast) -> None:
    told = tell(session, bring(session, cast.id(BRINGER), cast.id("linqu_xueji")))
    assert {cast.id(BRINGER), cast.id("linqu_xueji")} <= set(told)
