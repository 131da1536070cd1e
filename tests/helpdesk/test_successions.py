"""A post at a desk is handed over: the successor sits there on the day, and has what waited at who left."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from helpdesk.models import DeskMember, Duty, StepKind, Ticket, TicketState, TicketStep
from helpdesk.reactions import hand_over_desk
from helpdesk.services import answering, asking
from registry_core import clock
from registry_core.access.events import RoleGiven
from registry_core.access.models import Role, RoleAssignment
from registry_core.access.services import hand_over
from registry_core.db import new_id
from tests.certificates import certify
from tests.conftest import Cast
from tests.helpdesk.conftest import Scene

LEAVING, SUCCESSOR, COUNTY = "xian_jishu", "xuexiao_putong", "雁塔区"
DAYS = timedelta(days=3)


def pass_on(scene: Scene, *, certified: bool = True) -> RoleAssignment:
    """Name the successor three days ahead, and let the worker react."""
    cast: Cast = scene.cast
    held = scene.session.scalars(
        select(RoleAssignment).where(
            RoleAssignment.account_id == cast.id(LEAVING), RoleAssignment.role == Role.TECHNICIAN
        )
    ).one()
    if certified:
        certify(scene.session, cast.id(SUCCESSOR))
    taken = hand_over(
        scene.session,
        cast.actor("xian_guanli"),
        held.id,
        successor_id=cast.id(SUCCESSOR),
        at=clock.now() + DAYS,
        reason="调往市局",
    )
    react(scene, taken)
    return taken


def react(scene: Scene, taken: RoleAssignment) -> None:
    hand_over_desk(scene.session, RoleGiven(taken.id))
    scene.session.expire_all()


def members(scene: Scene) -> set[str]:
    rows = scene.session.scalars(select(DeskMember.account_id).where(DeskMember.desk_id == scene.desk(COUNTY).id))
    return {scene.name_of(account_id) for account_id in rows}


def test_before_the_day_both_stand_on_the_list_and_nothing_moves(scene: Scene) -> None:
    ticket = scene.answered_by(LEAVING)
    pass_on(scene)
    assert {LEAVING, SUCCESSOR} <= members(scene)
    assert ticket.handler_id == scene.cast.id(LEAVING)
    assert not scene.session.get_one(Duty, scene.cast.id(SUCCESSOR)).accepting


def test_on_the_day_the_successor_has_the_place_and_what_was_in_hand(scene: Scene) -> None:
    ticket = scene.answered_by(LEAVING)
    taken = pass_on(scene)
    scene.time.move(DAYS)
    for _again in range(2):
        react(scene, taken)
    assert SUCCESSOR in members(scene)
    assert LEAVING not in members(scene)
    assert (ticket.state, ticket.handler_id) == (TicketState.TALKING, scene.cast.id(SUCCESSOR))
    kinds = scene.session.scalars(
        select(TicketStep.actor_id).where(TicketStep.ticket_id == ticket.id, TicketStep.kind == StepKind.TAKEN)
    )
    assert list(kinds) == [scene.cast.id(SUCCESSOR)]


def test_the_clock_gives_what_was_in_hand_to_the_successor_even_before_the_worker(scene: Scene) -> None:
    ticket = scene.answered_by(LEAVING)
    pass_on(scene)
    scene.time.move(DAYS)
    scene.tick()
    assert scene.session.get_one(Ticket, ticket.id).handler_id == scene.cast.id(SUCCESSOR)


def test_without_a_certificate_the_search_begins_anew(scene: Scene) -> None:
    ticket = scene.answered_by(LEAVING)
    taken = pass_on(scene, certified=False)
    scene.time.move(DAYS)
    react(scene, taken)
    assert ticket.handler_id == scene.cast.id(LEAVING)
    scene.tick()
    assert scene.session.get_one(Ticket, ticket.id).handler_id is None


def test_a_reopened_answer_rings_first_for_the_successor(scene: Scene) -> None:
    ticket = scene.answered_by(LEAVING)
    answering.resolve_ticket(scene.session, scene.cast.actor(LEAVING), ticket.id, resolution="已合并。")
    taken = pass_on(scene)
    scene.time.move(DAYS)
    react(scene, taken)
    scene.on_duty("xian_jishu2", SUCCESSOR)
    asking.reopen_question(scene.session, scene.presence, scene.cast.actor("xuexiao_xueji"), ticket.id, reason="没有")
    assert scene.rings_for(ticket) == SUCCESSOR


def test_who_takes_over_a_post_of_another_kind_joins_no_desk(scene: Scene) -> None:
    now, unit_id = clock.now(), scene.cast.unit(COUNTY).id
    left, taken = (
        RoleAssignment(
            id=new_id(),
            account_id=scene.cast.id(name),
            unit_id=unit_id,
            role=Role.REPORT_OWNER,
            valid_from=now - DAYS if name == LEAVING else now,
            valid_until=now if name == LEAVING else None,
        )
        for name in (LEAVING, SUCCESSOR)
    )
    taken.succeeds_id = left.id
    scene.session.add(left)
    scene.session.flush()
    scene.session.add(taken)
    scene.session.flush()
    react(scene, taken)
    assert SUCCESSOR not in members(scene)
    assert LEAVING in members(scene)
