"""Incidents on record: numbered, seen within one's units, handled and closed by others than who caused them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from portal.subscriptions import INCIDENT_KEEPERS
from registry_core import clock
from registry_core.db import commit
from registry_core.incidents import queries, services
from registry_core.incidents.errors import IncidentMoved, IncidentNotFound, NothingSealed, OwnIncident
from registry_core.incidents.events import IncidentOpened
from registry_core.incidents.models import Incident, IncidentKind, IncidentState
from registry_core.incidents.policies import (
    HANDLE_INCIDENTS,
    Evidence,
    Reached,
    SealedText,
    install_incident_keepers,
)
from registry_core.incidents.presenters import say_kind, say_state, say_what
from registry_core.incidents.reactions import tell_administrators
from registry_core.incidents.services import Happening
from registry_core.notifications.models import Notice
from tests.conftest import Cast

CAUSER, ADMIN, OTHER_ADMIN, LEADER, ABOVE = "xian_jishu", "xian_xueji", "xian_guanli", "xian_lingdao", "shi_guanli"
NEIGHBOUR, OUTSIDER, BELOW = "linqu_xueji", "linsheng_guanli", "xuexiao_xueji"
MOBILE, COVERED = "13800138000", "138●●●●●●00"


class Kept:
    """Answers for the kind with what the test knows."""

    kind = IncidentKind.MISPLACED_MESSAGE

    def list_reached(self, session: Session, incident_id: UUID) -> Sequence[Reached]:
        del session, incident_id
        return ()

    def read_evidence(self, session: Session, incident_id: UUID) -> Evidence:
        del session, incident_id
        return Evidence("群", clock.now(), "张国强", (SealedText("原文", clock.now()),), ())


@dataclass(frozen=True, slots=True)
class House:
    """A session with the cast, and what its people do about an incident."""

    session: Session
    cast: Cast

    def open(self, *, caused_by: str = CAUSER, unit: str = "雁塔区") -> Incident:
        happening = Happening(
            IncidentKind.MISPLACED_MESSAGE,
            self.cast.unit(unit).id,
            self.cast.id(caused_by),
            {"kinds": ["mobile"], "files": 2, "is_stated": True},
            3,
        )
        return services.open_incident(self.session, self.cast.actor(CAUSER), happening)

    def handle(self, incident: Incident, name: str = ADMIN, measures: str = "联系了三位同事") -> Incident:
        return services.handle_incident(self.session, self.cast.actor(name), incident.id, measures=measures)

    def close(self, incident: Incident, name: str = ADMIN) -> Incident:
        return services.close_incident(self.session, self.cast.actor(name), incident.id, conclusion="已删除")

    def seen_by(self, name: str) -> int:
        return len(queries.list_incidents(self.session, self.cast.actor(name)))

    def told(self) -> set[UUID]:
        return set(self.session.scalars(select(Notice.account_id)))


@pytest.fixture
def house(session: Session, cast: Cast) -> Iterator[House]:
    install_incident_keepers([Kept()])
    yield House(session, cast)
    install_incident_keepers(INCIDENT_KEEPERS)


# ── opened ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_incidents_are_numbered_anew_each_year(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    assert [house.open().number for _ in range(3)] == [1, 2, 3]
    # Half past midnight in China on New Year's Day, while it is still last year in UTC.
    later = datetime.fromisoformat("2031-12-31T16:30:00+00:00")
    monkeypatch.setattr(clock, "now", lambda: later)
    assert house.open().label == "2032-0001"


def test_it_is_seen_by_the_unit_and_those_above_and_by_nobody_else(house: House) -> None:
    incident = house.open()
    assert [house.seen_by(name) for name in (ADMIN, OTHER_ADMIN, LEADER, ABOVE)] == [1, 1, 1, 1]
    assert [house.seen_by(name) for name in (NEIGHBOUR, OUTSIDER, BELOW, CAUSER)] == [0, 0, 0, 0]
    with pytest.raises(IncidentNotFound):
        queries.get_incident(house.session, house.cast.actor(NEIGHBOUR), incident.id)


def test_the_list_is_limited_to_a_state(house: House) -> None:
    house.handle(house.open())
    house.open()
    actor = house.cast.actor(ADMIN)
    assert [row.incident.number for row in queries.list_incidents(house.session, actor, IncidentState.OPEN)] == [2]


def test_the_administrators_of_the_unit_hear_of_it_once(house: House) -> None:
    incident = house.open()
    for _twice in range(2):
        tell_administrators(house.session, IncidentOpened(incident.id))
    assert house.told() == {house.cast.id(ADMIN), house.cast.id(OTHER_ADMIN)}
    notices = house.session.scalars(select(Notice)).all()
    assert {notice.url for notice in notices} == {f"/incidents/{incident.id}"}
    assert len(notices) == 2


def test_where_only_the_causer_could_handle_it_the_nearest_above_hear_of_it(house: House) -> None:
    unit_id = house.cast.actor(BELOW).assignments[0].unit_id
    found = queries.list_nearest_holders(
        house.session, unit_id, HANDLE_INCIDENTS, besides=frozenset({house.cast.id(BELOW)})
    )
    assert set(found) == {house.cast.id(ADMIN), house.cast.id(OTHER_ADMIN)}


def test_its_words_name_kinds_and_figures(house: House) -> None:
    incident = house.open()
    said = say_what(incident)
    assert "手机号" in said
    assert "2 个文件" in said
    assert say_kind(incident.kind) == "个人信息发错了地方"
    assert len({say_state(state) for state in IncidentState}) == 3


# ── handled and closed ────────────────────────────────────────────────────────────────────────────────────────────────


def test_it_is_handled_then_closed_and_keeps_no_numbers(house: House) -> None:
    incident = house.handle(house.open(), measures=f"打了 {MOBILE}")
    assert (incident.state, incident.measures) == (IncidentState.HANDLED, f"打了 {COVERED}")
    house.close(incident, OTHER_ADMIN)
    assert (incident.state, incident.closed_by_id) == (IncidentState.CLOSED, house.cast.id(OTHER_ADMIN))


def test_each_step_comes_once_and_in_its_order(house: House) -> None:
    incident = house.open()
    with pytest.raises(IncidentMoved):
        house.close(incident)
    house.handle(incident)
    with pytest.raises(IncidentMoved):
        house.handle(incident)
    house.close(incident)
    with pytest.raises(IncidentMoved):
        house.close(incident)


@pytest.mark.parametrize("name", [LEADER, BELOW, NEIGHBOUR, OUTSIDER, CAUSER])
def test_who_has_no_right_there_handles_nothing_and_looks_into_nothing(house: House, name: str) -> None:
    incident = house.open()
    with pytest.raises(IncidentNotFound):
        house.handle(incident, name)
    with pytest.raises(IncidentNotFound):
        services.open_evidence(house.session, house.cast.actor(name), incident.id, reason="看看")


def test_who_caused_it_neither_handles_it_nor_looks_into_it(house: House) -> None:
    incident = house.open(caused_by=ADMIN)
    with pytest.raises(OwnIncident):
        house.handle(incident)
    with pytest.raises(OwnIncident):
        services.open_evidence(house.session, house.cast.actor(ADMIN), incident.id, reason="看看")
    house.handle(incident, OTHER_ADMIN)
    with pytest.raises(OwnIncident):
        house.close(incident)


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM incident",
        "UPDATE incident SET state = 'closed'",
        "UPDATE incident SET handled_at = now()",
        "UPDATE incident SET state = 'handled', handled_at = now()",
    ],
)
def test_the_database_keeps_the_record_whole(house: House, statement: str) -> None:
    house.open()
    with pytest.raises(DBAPIError):
        house.session.execute(text(statement))


# ── what is sealed ────────────────────────────────────────────────────────────────────────────────────────────────────


def test_each_look_is_noted_with_its_reason(house: House) -> None:
    incident = house.open()
    actor = house.cast.actor(OTHER_ADMIN)
    for reason in ("核实", "再核实"):
        found = services.open_evidence(house.session, actor, incident.id, reason=reason)
        assert [one.body for one in found.texts] == ["原文"]
    noted = [one.entry for one in house.session.info["audit"] if one.entry.act == "incidents.evidence.opened"]
    assert [entry.changes["purpose"]["new"] for entry in noted] == ["核实", "再核实"]
    assert {entry.unit_id for entry in noted} == {incident.unit_id}
    commit(house.session)


def test_a_file_that_is_not_sealed_there_is_not_handed_out(house: House) -> None:
    incident = house.open()
    with pytest.raises(NothingSealed):
        services.open_sealed_file(house.session, house.cast.actor(OTHER_ADMIN), incident.id, UUID(int=1))
