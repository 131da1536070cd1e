"""Every event survives its way through the outbox, and has a reaction or a reason to have none."""

from __future__ import annotations

import dataclasses
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal import subscriptions
from registry_core import events
from registry_core.events import Event

OURS = sorted(
    (event for event in Event.registry.values() if not event.__module__.startswith("tests.")),
    key=lambda event: event.__qualname__,
)


def test_there_are_events() -> None:
    assert OURS


@pytest.mark.parametrize("event", OURS, ids=lambda event: event.__qualname__)
@settings(deadline=None)  # a busy machine is no fault
@given(data=st.data())
def test_an_event_comes_out_of_the_outbox_as_it_went_in(event: type[Event], data: st.DataObject) -> None:
    told = data.draw(st.from_type(event))
    stored = msgspec.json.decode(msgspec.json.encode(events.to_payload(told)))
    assert events.from_payload(told.name, stored) == told


@pytest.mark.parametrize("event", OURS, ids=lambda event: event.__qualname__)
def test_an_event_is_a_frozen_fact_without_default(event: Any) -> None:
    assert event.__dataclass_params__.frozen
    assert all(field.default is dataclasses.MISSING for field in dataclasses.fields(event))
    assert event.__doc__


def test_every_event_has_a_reaction_or_a_reason_and_never_both() -> None:
    reacted = [event for event, _reactions in subscriptions.REACTIONS]
    assert len(reacted) == len(set(reacted))
    assert set(reacted) & set(subscriptions.NO_REACTION) == set()
    assert {*reacted, *subscriptions.NO_REACTION} == set(OURS)
    assert all(reactions for _event, reactions in subscriptions.REACTIONS)
    assert all(subscriptions.NO_REACTION.values())
