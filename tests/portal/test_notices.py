"""The bell's page: one's own notices, and a button that marks them read."""

from __future__ import annotations

from collections.abc import Callable

from flask import Flask
from sqlalchemy.orm import Session

from helpdesk.letters import question_path
from helpdesk.models import Ticket
from registry_core.db import new_id
from registry_core.notifications import queries
from registry_core.notifications.services import notify
from tests.conftest import Cast
from tests.portal_house import Browser

SignIn = Callable[[str], Browser]


def tell(session: Session, cast: Cast, name: str) -> None:
    details = {"title": "学籍号重复", "desk": "雁塔区学籍服务台"}
    notify(session, cast.id(name), kind="waiting", details=details, url="/console/1", source=f"waiting:{new_id()}")


def test_the_page_shows_the_own_notices_and_a_button_that_marks_them_read(
    session: Session, cast: Cast, signed_in: SignIn
) -> None:
    tell(session, cast, "xian_jishu")
    tell(session, cast, "xian_jishu2")
    browser = signed_in("xian_jishu")
    page = browser.get("/notices")
    assert page.status_code == 200
    assert page.text.count("有问题在 雁塔区学籍服务台 等待接待") == 1
    assert browser.post("/notices/read", page="/notices").status_code == 303
    assert queries.count_unread(session, cast.actor("xian_jishu")) == 0
    assert queries.count_unread(session, cast.actor("xian_jishu2")) == 1


def test_opening_the_page_marks_nothing(session: Session, cast: Cast, signed_in: SignIn) -> None:
    tell(session, cast, "xian_jishu")
    signed_in("xian_jishu").get("/notices")
    assert queries.count_unread(session, cast.actor("xian_jishu")) == 1


def test_a_forged_request_marks_nothing(session: Session, cast: Cast, signed_in: SignIn) -> None:
    tell(session, cast, "xian_jishu")
    answer = signed_in("xian_jishu").post("/notices/read", {"csrf_token": "stale"}, page="/notices")
    assert answer.status_code >= 400
    assert queries.count_unread(session, cast.actor("xian_jishu")) == 1


def test_nobody_sees_notices_without_signing_in(browser: Browser) -> None:
    assert "/sign-in" in browser.get("/notices").headers["Location"]


def test_the_links_of_notices_and_mails_lead_to_pages_that_exist(app: Flask) -> None:
    rules = app.url_map.bind("localhost")
    ticket = Ticket(id=new_id())
    assert rules.match(question_path(ticket))[0] == "helpdesk.show_question"
    assert rules.match(f"/console/{ticket.id}")[0] == "helpdesk.console"
