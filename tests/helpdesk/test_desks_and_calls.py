"""What a lead sets rings at the own desk alone, and a call is written down by who can answer it."""

from __future__ import annotations

import pytest
from sqlalchemy import delete

from helpdesk.errors import NoOwnDesk, NotYourTicket
from helpdesk.models import Channel, DeskMember, Duty, TicketState
from helpdesk.queries.tickets import get_ticket
from helpdesk.services import asking
from helpdesk.services.asking import Question
from helpdesk.services.desks import DeskSettings, RecordedCall, record_call, set_desk
from registry_core.calendars.hours_text import Slots
from tests.helpdesk.conftest import DETAILS, Scene

ALWAYS: list[Slots] = []


def switch(scene: Scene, lead: str, unit_name: str, *, on: bool) -> None:
    settings = DeskSettings(switched_on=on, ring_seconds=20, hours=ALWAYS)
    set_desk(scene.session, scene.presence, scene.cast.actor(lead), scene.desk(unit_name).id, settings)


def call_for(scene: Scene, name: str) -> RecordedCall:
    return RecordedCall(scene.cast.id(name), Channel.PHONE, "李老师", Question("电话里问学籍号", "call"))


def test_a_desk_that_is_switched_on_rings_at_once_for_what_waits(scene: Scene) -> None:
    switch(scene, "xian_zhuguan", "雁塔区", on=False)
    scene.on_duty("xian_jishu")
    ticket = scene.ask()
    assert scene.rings_for(ticket) is None
    switch(scene, "xian_zhuguan", "雁塔区", on=True)
    assert scene.rings_for(ticket) == "xian_jishu"


def test_setting_a_desk_leaves_what_waits_elsewhere_to_the_clock(scene: Scene) -> None:
    ticket = scene.ask("linqu_xueji")
    neighbour_id = scene.cast.id("linqu_jishu")
    scene.presence.beat(neighbour_id, scene.time.instant)
    scene.session.get_one(Duty, neighbour_id).accepting = True
    switch(scene, "xian_zhuguan", "雁塔区", on=True)
    assert scene.rings_for(ticket) is None
    scene.tick()
    assert scene.rings_for(ticket) == "linqu_jishu"


def test_a_call_is_at_once_with_who_wrote_it_down(scene: Scene) -> None:
    ticket = record_call(scene.session, scene.cast.actor("sheng_jishu"), call_for(scene, "xuexiao_xueji"))
    assert ticket.state is TicketState.TALKING
    assert scene.custody(ticket) == ["雁塔区", "陕西省"]
    assert get_ticket(scene.session, scene.cast.actor("sheng_jishu"), ticket.id) is ticket


def test_who_answers_at_no_desk_writes_no_call_down(scene: Scene) -> None:
    province = scene.desk("陕西省")
    scene.session.execute(delete(DeskMember).where(DeskMember.desk_id == province.id))
    scene.session.delete(province)
    scene.session.flush()
    with pytest.raises(NoOwnDesk):
        record_call(scene.session, scene.cast.actor("sheng_jishu"), call_for(scene, "xuexiao_xueji"))


def test_what_only_the_asker_may_do_is_refused_to_the_desk_that_has_it(scene: Scene) -> None:
    ticket = scene.ask()
    with pytest.raises(NotYourTicket) as refusal:
        asking.submit_record(scene.session, scene.presence, scene.cast.actor("xian_jishu"), ticket.id, DETAILS)
    assert refusal.value.status == 403
