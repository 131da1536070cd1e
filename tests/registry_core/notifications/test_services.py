"""A notice comes once for each cause, to one person, and is read by that person alone."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy.orm import Session

from registry_core import db, live
from registry_core.live import pushes
from registry_core.notifications import queries, services
from tests.conftest import Cast


@pytest.fixture
def pushed() -> Iterator[list[tuple[str, str]]]:
    """What open pages hear: event and room."""
    heard: list[tuple[str, str]] = []
    before = list(pushes._emitters)
    live.install_emitter(lambda event, _payload, room, _skip: heard.append((event, room)))
    yield heard
    pushes._emitters[:] = before


def tell(session: Session, cast: Cast, name: str, source: str = "answered:1") -> bool:
    details: dict[str, Any] = {"title": "学籍号重复", "asked_on": "2026-06-03"}
    return services.notify(session, cast.id(name), kind="answered", details=details, url="/questions/1", source=source)


def test_the_same_cause_gives_one_notice(session: Session, cast: Cast) -> None:
    assert tell(session, cast, "xuexiao_xueji")
    assert not tell(session, cast, "xuexiao_xueji")
    assert tell(session, cast, "xuexiao_xueji", "answered:2")
    assert queries.count_unread(session, cast.actor("xuexiao_xueji")) == 2


def test_the_same_cause_may_concern_two_people(session: Session, cast: Cast) -> None:
    assert tell(session, cast, "xian_jishu")
    assert tell(session, cast, "xian_jishu2")


def test_open_pages_hear_of_a_notice_after_commit_and_only_of_a_new_one(
    session: Session, cast: Cast, pushed: list[tuple[str, str]]
) -> None:
    tell(session, cast, "xuexiao_xueji")
    assert pushed == []
    db.commit(session)
    tell(session, cast, "xuexiao_xueji")
    db.commit(session)
    assert pushed == [("notices:changed", f"account:{cast.id('xuexiao_xueji')}")]


def test_reading_marks_the_own_notices_alone(session: Session, cast: Cast) -> None:
    for name in ("xian_jishu", "xian_jishu2"):
        tell(session, cast, name)
    services.mark_all_read(session, cast.actor("xian_jishu"))
    assert queries.count_unread(session, cast.actor("xian_jishu")) == 0
    assert queries.count_unread(session, cast.actor("xian_jishu2")) == 1


def test_the_list_shows_the_own_notices_latest_first(session: Session, cast: Cast) -> None:
    for number in range(3):
        tell(session, cast, "xian_jishu", f"answered:{number}")
    tell(session, cast, "xian_jishu2")
    found = queries.list_notices(session, cast.actor("xian_jishu"), limit=2)
    assert [notice.source for notice in found] == ["answered:2", "answered:1"]
