"""What the clock does for all that waits, also where the country is large."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy.orm import Session

from chat.presence import Presence
from helpdesk.models import Desk, DeskMember, Duty, Ticket
from helpdesk.queries.technicians import FEW_DESKS, Technician, list_available
from helpdesk.services import asking, waiting
from registry_core.access.models import Role
from registry_core.access.services import grant_role
from registry_core.accounts.models import Account
from registry_core.orgs.services import add_school
from registry_core.store import make_store
from tests.certificates import certify
from tests.helpdesk.conftest import Scene


def add_technician(scene: Scene, number: int, desk: Desk, *, is_there: bool = True) -> UUID:
    """Somebody at a desk who takes questions, with a small id: sorted before the cast."""
    now = scene.time.instant
    account_id = UUID(int=number)
    scene.session.add(
        Account(
            id=account_id,
            user_name=f"technician{number}",
            name="技术员",
            password_hash="-",
            password_changed_at=now,
            created_at=now,
        )
    )
    scene.session.flush()
    grant_role(scene.session, account_id=account_id, unit_id=desk.unit_id, role=Role.TECHNICIAN)
    certify(scene.session, account_id)
    scene.session.add(DeskMember(desk_id=desk.id, account_id=account_id, joined_at=now))
    scene.session.add(Duty(account_id=account_id, accepting=True, there_since=now, idle_since=now))
    scene.session.flush()
    if is_there:
        scene.presence.beat(account_id, now)
    return account_id


def test_free_technicians_elsewhere_do_not_keep_the_clock_from_a_waiting_question(scene: Scene) -> None:
    """It once looked at the first two hundred free ones of the country, and rang for nobody beyond them."""
    elsewhere = scene.desk("湖北省")
    for number in range(1, 221):
        add_technician(scene, number, elsewhere)
    ticket = scene.ask()
    county = scene.desk("雁塔区")
    add_technician(scene, 1_000, county)
    scene.tick()
    assert scene.rings_for(ticket) == "technician1000"


def test_what_was_declined_keeps_nobody_else_waiting(scene: Scene) -> None:
    scene.on_duty("xian_jishu")
    declined = scene.ask()
    scene.decline("xian_jishu")
    scene.switch("xian_jishu2", accepting=True)
    scene.presence.beat(scene.cast.id("xian_jishu2"), scene.time.instant)
    other = scene.ask("xuexiao2_xueji")
    scene.tick()
    assert {scene.rings_for(declined), scene.rings_for(other)} == {"xian_jishu", "xian_jishu2"}


@pytest.mark.parametrize(("waiting_questions", "comes_again"), [(1, False), (2, True), (3, True)])
def test_the_clock_comes_again_at_once_where_it_rang_as_many_as_it_may(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, waiting_questions: int, *, comes_again: bool
) -> None:
    monkeypatch.setattr(waiting, "RUNG_AT_ONCE", 2)
    for number in range(waiting_questions):
        scene.ask(body=f"第{number}个问题")
    for number in range(1, 4):
        add_technician(scene, number, scene.desk("雁塔区"))
    assert waiting.offer_waiting(scene.session, scene.presence) is comes_again


def test_a_new_search_asks_again_who_declined_in_the_one_before(scene: Scene) -> None:
    scene.on_duty("xian_jishu", "xian_jishu2")
    ticket = scene.ask()
    first = scene.rings_for(ticket)
    assert first is not None
    scene.decline(first)
    second = scene.rings_for(ticket)
    assert second is not None
    scene.accept(second)
    scene.resolve(second, ticket)
    scene.off_duty(second)
    scene.let_pass(1)
    asker = scene.cast.actor("xuexiao_xueji")
    asking.reopen_question(scene.session, scene.presence, asker, ticket.id, reason="还不行")
    assert scene.rings_for(ticket) == first


@pytest.mark.parametrize("is_known", [True, False], ids=["redis answers", "redis is away"])
def test_at_many_desks_the_same_people_are_available_as_at_each(scene: Scene, *, is_known: bool) -> None:
    county = scene.cast.unit("雁塔区")
    desks = []
    for number in range(1, FEW_DESKS + 3):
        school = add_school(scene.session, county, name=f"第{number}小学")
        desks.append(scene.add_desk(school.name))
        add_technician(scene, number, desks[-1], is_there=number % 3 > 0)
    at = scene.time.instant + timedelta(seconds=14)
    presence = scene.presence if is_known else Presence(make_store("redis://127.0.0.1:1/0"))
    together = list_available(scene.session, presence, [desk.id for desk in desks], at=at)
    apart = [one for desk in desks for one in list_available(scene.session, presence, [desk.id], at=at)]
    assert sorted(one.account_id for one in together) == sorted(one.account_id for one in apart)
    assert len(together) == (68 if is_known else 102)


@pytest.fixture
def two_places(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> tuple[Ticket, Ticket]:
    """Two questions wait: one whose next free colleague is far above, then one with somebody at its own desk.

    A tick rings one and looks at the desks of one question after the other.
    """
    monkeypatch.setattr(waiting, "RUNG_AT_ONCE", 1)
    monkeypatch.setattr(waiting, "FIRST_PART", 1)
    monkeypatch.setattr(waiting, "PART_GROWS", 1)
    far = scene.ask()
    scene.submit_record(far)
    scene.let_pass(1)
    near = scene.ask("linqu_xueji")
    add_technician(scene, 1, scene.desk("陕西省"))
    add_technician(scene, 2, scene.desk("碑林区"))
    return far, near


def test_the_nearest_is_rung_first_also_where_it_is_looked_at_later(
    scene: Scene, two_places: tuple[Ticket, Ticket]
) -> None:
    far, near = two_places
    waiting.offer_waiting(scene.session, scene.presence)
    assert (scene.rings_for(far), scene.rings_for(near)) == (None, "technician2")
    waiting.offer_waiting(scene.session, scene.presence)
    assert scene.rings_for(far) == "technician1"


def test_desks_are_looked_at_only_as_far_as_a_tick_rings(
    scene: Scene, two_places: tuple[Ticket, Ticket], monkeypatch: pytest.MonkeyPatch
) -> None:
    looked_at: list[UUID] = []

    def note(session: Session, presence: Presence, desk_ids: list[UUID], *, at: datetime) -> tuple[Technician, ...]:
        looked_at.extend(desk_ids)
        return list_available(session, presence, desk_ids, at=at)

    monkeypatch.setattr(waiting, "list_available", note)
    waiting.offer_waiting(scene.session, scene.presence)
    assert looked_at == [scene.desk("雁塔区").id, scene.desk("碑林区").id]
    assert two_places[1].handler_id is None
