"""Who waits at a desk that is closed reads when it opens again."""

from __future__ import annotations

from datetime import time

from helpdesk.models import Ticket
from helpdesk.presenters.ladders import ladder_of_ticket, read_place, read_standings
from registry_core.orgs.models import OrgUnit
from tests.helpdesk.conftest import Scene


def sentence(scene: Scene, ticket: Ticket) -> str:
    place = read_place(scene.session, scene.session.get_one(OrgUnit, ticket.unit_id).path)
    return ladder_of_ticket(place, read_standings(scene.session, [ticket], {})[ticket.id], None).sentence


def test_a_closed_desk_says_when_it_opens_again(scene: Scene) -> None:
    """The scene plays on Wednesday, 3 June, at nine."""
    scene.open_hours("雁塔区", time(14, 0), time(17, 30), 3)
    assert sentence(scene, scene.ask()).endswith("雁塔区学籍服务台 6-3 14:00 上班。")


def test_an_open_desk_does_not(scene: Scene) -> None:
    assert "上班" not in sentence(scene, scene.ask())
