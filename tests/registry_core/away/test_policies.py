"""When somebody is told: each way once, never in quiet hours, never dropped."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time, timedelta
from itertools import count
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from registry_core import clock
from registry_core.away.models import Way
from registry_core.away.policies import (
    PATIENCE,
    PUSH_GAP,
    Choice,
    Plan,
    Standing,
    Told,
    Urgency,
    free_from,
    next_hour,
    plan,
    switch,
)
from registry_core.calendars.models import DayKind
from registry_core.calendars.working_days import WorkingDays
from registry_core.notifications.kinds import WordKind
from registry_core.notifications.unread import Unread

# Monday to Friday; 1 May off; Saturday 9 May worked.
DAYS = WorkingDays({date(2026, 5, 1): DayKind.OFF, date(2026, 5, 9): DayKind.WORK})
NOON = datetime(2026, 6, 3, 12, 0, tzinfo=clock.BEIJING)
ALWAYS = Choice(quiet_from=None, quiet_until=None)
_numbers = count(1)


def unread(kind: WordKind = WordKind.MESSAGE, *, since: datetime = NOON, is_mailed: bool = False) -> Unread:
    return Unread(f"thing:{next(_numbers)}", kind, since, 1, "/messages", is_mailed=is_mailed)


def standing(choice: Choice = ALWAYS, **more: Any) -> Standing:
    base = Standing(choice, Told(), Urgency(), DAYS, subscribed_at=NOON - timedelta(days=9), has_mail=True)
    return replace(base, **more)


def told(way: Way, things: list[Unread], at: datetime) -> Told:
    return Told({way: frozenset(one.thing for one in things)}, {way: at})


def at(hour: int, minute: int = 0, *, day: int = 3, month: int = 6) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=clock.BEIJING)


def test_a_browser_is_told_at_once_and_the_mail_waits_for_the_silence() -> None:
    one = unread()
    made = plan([one], standing(), NOON)
    assert made.push == (one,)
    assert made.mail == ()
    assert made.look_at == NOON + timedelta(minutes=60)


@pytest.mark.parametrize("minutes", [15, 60, 240])
def test_the_mail_goes_when_the_silence_is_over_and_not_a_moment_before(minutes: int) -> None:
    one = unread()
    patient = standing(replace(ALWAYS, silence=timedelta(minutes=minutes)))
    over = NOON + timedelta(minutes=minutes)
    assert plan([one], patient, over - timedelta(seconds=1)).mail == ()
    assert plan([one], patient, over).mail == (one,)


def test_what_is_younger_than_the_silence_waits_for_the_next_mail() -> None:
    old, young = unread(), unread(since=NOON + timedelta(minutes=50))
    over = NOON + timedelta(minutes=60)
    made = plan([old, young], standing(subscribed_at=None), over)
    assert made.mail == (old,)
    later = plan([old, young], standing(subscribed_at=None, told=told(Way.MAIL, [old], over)), over)
    assert later.mail == ()
    # A silence after the last mail, not earlier: nobody gets two in ten minutes.
    assert later.look_at == over + timedelta(minutes=60)


def test_once_a_day_means_at_that_hour() -> None:
    one = unread(since=at(9))
    daily = standing(replace(ALWAYS, silence=None, digest_hour=8), subscribed_at=None)
    assert plan([one], daily, at(20)).look_at == at(8, day=4)
    assert plan([one], daily, at(8, day=4)).mail == (one,)


def test_what_has_been_told_by_a_way_is_not_told_by_it_again() -> None:
    one = unread()
    made = plan([one], standing(told=told(Way.PUSH, [one], NOON)), NOON + timedelta(hours=1))
    assert made.push == ()
    assert made.mail == (one,)


def test_the_browser_is_left_alone_while_a_page_is_open_but_not_for_long() -> None:
    one = unread()
    assert plan([one], standing(is_connected=True), NOON).push == ()
    assert plan([one], standing(is_connected=True), NOON).look_at == NOON + timedelta(seconds=10)
    assert plan([one], standing(is_connected=True), NOON + PATIENCE).push == (one,)


def test_notices_to_one_person_keep_a_gap_and_then_go_together() -> None:
    first, second, third = unread(), unread(), unread()
    just_told = standing(told=told(Way.PUSH, [first], NOON), has_mail=False)
    waiting = plan([first, second, third], just_told, NOON + timedelta(seconds=1))
    assert (waiting.push, waiting.look_at) == ((), NOON + PUSH_GAP)
    assert plan([first, second, third], just_told, NOON + PUSH_GAP).push == (second, third)


def test_a_browser_is_not_told_what_lay_there_before_it_subscribed() -> None:
    assert plan([unread()], standing(subscribed_at=NOON + timedelta(seconds=1)), NOON + timedelta(minutes=1)).push == ()


def test_a_switch_stops_one_kind_by_one_way() -> None:
    message, answer = unread(), unread(WordKind.ANSWER)
    choice = replace(ALWAYS, switched_off=frozenset({switch(WordKind.MESSAGE, Way.PUSH)}))
    made = plan([message, answer], standing(choice), NOON + timedelta(hours=1))
    assert made.push == (answer,)
    assert made.mail == (message, answer)


def test_word_about_the_account_cannot_be_stopped_and_does_not_wait() -> None:
    one = unread(WordKind.SECURITY, since=at(23))
    everything = frozenset(switch(kind, way) for kind in WordKind for way in Way)
    deaf = Choice(switched_off=everything, paused_until=at(12, day=9), is_quiet_on_days_off=True)
    assert plan([one], standing(deaf), at(23)).push == (one,)


def test_what_has_a_mail_of_its_own_is_not_in_the_digest() -> None:
    made = plan([unread(WordKind.SECURITY, is_mailed=True)], standing(), NOON + timedelta(days=1))
    assert made.mail == ()


@pytest.mark.parametrize(
    ("moment", "free"),
    [
        (at(21, 59), at(21, 59)),
        (at(22), at(7, day=4)),
        (at(23, 59), at(7, day=4)),
        (at(0), at(7)),
        (at(6, 59), at(7)),
        (at(7), at(7)),
    ],
)
def test_quiet_hours_put_off_until_their_end(moment: datetime, free: datetime) -> None:
    assert free_from(Choice(), DAYS, moment) == free


def test_quiet_hours_within_a_day() -> None:
    nap = Choice(quiet_from=time(12), quiet_until=time(14, 30))
    assert free_from(nap, DAYS, at(12)) == at(14, 30)
    assert free_from(nap, DAYS, at(14, 30)) == at(14, 30)
    assert free_from(nap, DAYS, at(11, 59)) == at(11, 59)


@pytest.mark.parametrize(
    ("moment", "free"),
    [
        # Friday night, Saturday and Sunday: Monday at seven.
        (at(23, day=5), at(7, day=8)),
        (at(12, day=6), at(7, day=8)),
        # 1 May is a Friday off: Monday, 4 May.
        (at(9, day=1, month=5), at(7, day=4, month=5)),
        # Saturday 9 May is worked.
        (at(9, day=9, month=5), at(9, day=9, month=5)),
        # A year that nobody has published: weekends alone are known.
        (datetime(2027, 1, 2, 9, tzinfo=clock.BEIJING), datetime(2027, 1, 4, 7, tzinfo=clock.BEIJING)),
    ],
)
def test_days_off_follow_the_calendar_of_the_country(moment: datetime, free: datetime) -> None:
    assert free_from(Choice(is_quiet_on_days_off=True), DAYS, moment) == free


def test_a_pause_puts_off_and_ends_by_itself() -> None:
    one = unread(since=at(9))
    paused = standing(replace(ALWAYS, paused_until=at(15)))
    assert plan([one], paused, at(14, 59)) == Plan((), (), (), at(15))
    assert plan([one], paused, at(15)).push == (one,)


def test_what_came_at_night_goes_in_the_morning() -> None:
    one = unread(since=at(23))
    night = standing(Choice())
    assert plan([one], night, at(23)) == Plan((), (), (), at(7, day=4))
    morning = plan([one], night, at(7, day=4))
    assert (morning.push, morning.mail) == ((one,), (one,))


def test_a_short_message_is_for_what_the_rule_marks_and_after_its_time() -> None:
    urgent, other = unread(WordKind.APPROVAL), unread()
    rule = Urgency(frozenset({WordKind.APPROVAL}), timedelta(minutes=120), left_today=1)
    reach = standing(urgency=rule, has_mobile=True)
    assert plan([urgent, other], reach, NOON + timedelta(minutes=119)).sms == ()
    assert plan([urgent, other], reach, NOON + timedelta(minutes=120)).sms == (urgent,)
    assert plan([urgent], replace(reach, has_mobile=False), NOON + timedelta(hours=3)).sms == ()


def test_when_the_day_has_had_its_short_messages_the_next_waits_for_the_next_day() -> None:
    one = unread(WordKind.APPROVAL)
    spent = Urgency(frozenset({WordKind.APPROVAL}), timedelta(0), left_today=0)
    reach = standing(urgency=spent, has_mobile=True, has_mail=False, subscribed_at=None)
    assert plan([one], reach, NOON) == Plan((), (), (), next_hour(NOON, 0))


def test_who_can_be_reached_by_nothing_is_not_looked_at_again() -> None:
    assert plan([unread()], standing(subscribed_at=None, has_mail=False), NOON) == Plan((), (), (), None)


since_may = st.timedeltas(timedelta(), timedelta(days=60))
moments = since_may.map(lambda one: datetime(2026, 5, 1, tzinfo=clock.BEIJING) + one)
hours = st.times().map(lambda one: one.replace(second=0, microsecond=0))
choices = st.builds(
    lambda start, end, silence, hour, off, until: Choice(
        silence=None if hour is not None else timedelta(minutes=silence),
        digest_hour=hour,
        quiet_from=start if start != end else None,
        quiet_until=end if start != end else None,
        is_quiet_on_days_off=off,
        paused_until=until,
    ),
    hours,
    hours,
    st.sampled_from([15, 60, 240]),
    st.none() | st.integers(0, 23),
    st.booleans(),
    st.none() | moments,
)


@settings(max_examples=300, deadline=None)
@given(choices, moments)
def test_the_moment_after_quiet_is_never_quiet_and_never_before(choice: Choice, moment: datetime) -> None:
    free = free_from(choice, DAYS, moment)
    assert free >= moment
    assert free_from(choice, DAYS, free) == free


@settings(max_examples=200, deadline=None)
@given(choices, moments)
def test_whoever_looks_when_told_to_tells_everything_once_and_comes_to_an_end(choice: Choice, since: datetime) -> None:
    things = [unread(kind, since=since) for kind in (WordKind.MESSAGE, WordKind.ANSWER, WordKind.SECURITY)]
    state = standing(choice, subscribed_at=since)
    now = since
    spoken: dict[Way, tuple[str, ...]] = dict.fromkeys(Way, ())
    for _look in range(20):
        made = plan(things, state, now)
        for way, part in ((Way.PUSH, made.push), (Way.MAIL, made.mail)):
            spoken[way] += tuple(one.thing for one in part)
        by_way = {way: frozenset(names) for way, names in spoken.items()}
        last = dict(state.told.last) | ({Way.PUSH: now} if made.push else {}) | ({Way.MAIL: now} if made.mail else {})
        state = replace(state, told=Told(by_way, last))
        if made.look_at is None:
            break
        assert made.look_at > now
        now = made.look_at
    else:
        pytest.fail("it never comes to an end")
    for way in (Way.PUSH, Way.MAIL):
        assert sorted(spoken[way]) == sorted(one.thing for one in things)
