"""Whose account is closed answers nothing any more: nothing rings for them, nothing stays with them."""

from __future__ import annotations

from chat.presence import Presence
from helpdesk.models import Ticket, TicketState
from helpdesk.queries.members import list_member_ids
from registry_core import clock
from registry_core.accounts.services import close_account
from registry_core.store import make_store
from tests.helpdesk.conftest import Scene


def close(scene: Scene, name: str) -> None:
    close_account(scene.session, scene.cast.id(name))
    scene.present.discard(name)


def test_nobody_rings_whose_account_is_closed_even_where_nobody_knows_who_is_there(scene: Scene) -> None:
    scene.on_duty("xian_jishu")
    close(scene, "xian_jishu")
    scene.presence = Presence(make_store("redis://127.0.0.1:1/0"))
    assert scene.rings_for(scene.ask()) is None


def test_what_rings_when_the_account_is_closed_rings_for_a_colleague(scene: Scene) -> None:
    scene.on_duty("xian_jishu", "xian_jishu2")
    ticket = scene.ask()
    assert scene.rings_for(ticket) == "xian_jishu"
    close(scene, "xian_jishu")
    scene.tick()
    assert scene.rings_for(ticket) == "xian_jishu2"


def test_what_they_were_answering_rings_for_a_colleague(scene: Scene) -> None:
    ticket = scene.answered_by("xian_jishu")
    scene.on_duty("xian_jishu2")
    close(scene, "xian_jishu")
    scene.tick()
    found = scene.session.get_one(Ticket, ticket.id)
    assert found.state is TicketState.RINGING
    assert scene.rings_for(ticket) == "xian_jishu2"


def test_they_get_no_notice_of_what_waits(scene: Scene) -> None:
    close(scene, "xian_jishu")
    members = list_member_ids(scene.session, scene.desk("雁塔区").id, at=clock.now())
    assert scene.cast.id("xian_jishu") not in members
    assert scene.cast.id("xian_jishu2") in members
