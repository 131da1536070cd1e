"""The workbench answers one question: what waits for me?"""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from chat import services as chat
from chat.presence import Presence
from portal.home.presenters import Workbench, view_workbench
from tests.conftest import Cast
from tests.portal.matrix_scene import PLACES, Things, build
from tests.portal_house import Browser

OWN, SIBLING, _NEIGHBOUR = PLACES


@pytest.fixture
def things(session: Session, presence: Presence, cast: Cast) -> Things:
    """A question in each state at the own county's desk."""
    return build(session, presence, cast, OWN)


@pytest.fixture
def bench_of(app: Flask, session: Session, cast: Cast) -> Callable[[str], Workbench]:
    """Read the workbench of somebody."""

    def read(user_name: str) -> Workbench:
        with app.test_request_context():
            return view_workbench(session, cast.actor(user_name))

    return read


def test_an_asker_sees_own_open_questions_and_the_answer_to_confirm(
    bench_of: Callable[[str], Workbench], things: Things
) -> None:
    bench = bench_of(OWN.asker)
    assert {row.id for row in bench.my_questions} >= {things.talking.id, things.waiting.id, things.resolved.id}
    (answered,) = bench.waiting
    assert answered.tone == "solved"
    assert str(things.resolved.id) in answered.url


def test_a_technician_sees_what_rings_and_what_waits_at_the_desk(
    bench_of: Callable[[str], Workbench], things: Things
) -> None:
    waiting = bench_of(OWN.technician).waiting
    assert waiting[0].icon == "bell-ringing"
    assert [item.icon for item in waiting].count("hourglass") == 1
    assert any(str(things.waiting.id) in item.url for item in waiting)


@pytest.mark.usefixtures("things")
def test_what_rings_for_a_colleague_does_not_wait_for_me(bench_of: Callable[[str], Workbench]) -> None:
    assert {item.icon for item in bench_of("xian_jishu2").waiting} == {"hourglass"}


def test_a_talk_waits_for_me_once_the_asker_has_written(
    bench_of: Callable[[str], Workbench], things: Things, session: Session, cast: Cast
) -> None:
    chat.mark(session, cast.actor(OWN.technician), things.talking.conversation_id, delivered=99, read=99)
    assert "message-circle" not in {item.icon for item in bench_of(OWN.technician).waiting}
    chat.post_message(
        session, cast.actor(OWN.asker), things.talking.conversation_id, client_id="again", body="还有一个问题"
    )
    assert "message-circle" in {item.icon for item in bench_of(OWN.technician).waiting}


@pytest.mark.usefixtures("things")
@pytest.mark.parametrize("user_name", [SIBLING.asker, SIBLING.technician, "bu_guanli"])
def test_what_others_do_is_not_on_my_bench(bench_of: Callable[[str], Workbench], user_name: str) -> None:
    bench = bench_of(user_name)
    assert bench.waiting == ()
    assert bench.my_questions == ()


@pytest.mark.usefixtures("things")
@pytest.mark.parametrize("user_name", [OWN.asker, OWN.technician, "bu_guanli", "xian_zhuguan"])
def test_the_page_shows_the_frame_of_the_person(signed_in: Callable[[str], Browser], user_name: str) -> None:
    page = signed_in(user_name).get("/")
    assert page.status_code == 200
    assert "您好" in page.text


def test_a_desk_lead_finds_the_way_to_the_settings_of_the_own_desk(
    signed_in: Callable[[str], Browser], things: Things
) -> None:
    assert f"/desks/{things.desk_id}" in signed_in("xian_zhuguan").get("/").text
    assert "/desks/" not in signed_in(OWN.technician).get("/").text
