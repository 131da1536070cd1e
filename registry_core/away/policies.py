"""When somebody is told of what, by which way: plain values in, plain values out.

Every thing is told once by each way. A way that may not be used now (quiet hours, a pause, too soon, too many) puts the
word off and never drops it; what has been read meanwhile is no longer among the unread.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from registry_core import clock
from registry_core.away.models import Way
from registry_core.calendars.models import SATURDAY
from registry_core.calendars.working_days import WorkingDays
from registry_core.notifications.kinds import WordKind
from registry_core.notifications.unread import Unread

CHOSEN_KINDS = (WordKind.MESSAGE, WordKind.MENTION, WordKind.ANSWER, WordKind.APPROVAL, WordKind.OTHER)
"""Those between which people choose."""
HORIZON = timedelta(days=10)
"""What has lain unread for longer is told no more: longer than any holiday with quiet days off."""
PATIENCE = timedelta(minutes=2)
"""How long an open page may show something unread before the other browsers of its person are told all the same."""
LOOK_AT_PAGES = timedelta(seconds=10)
PUSH_GAP = timedelta(seconds=30)
"""Between two notices to one person; what comes meanwhile goes together."""
MOST_QUIET_DAYS = 60


@dataclass(frozen=True, slots=True)
class Choice:
    """How somebody wants to get word. Without arguments: the house's own choice, for who has chosen nothing."""

    switched_off: frozenset[str] = frozenset()
    silence: timedelta | None = timedelta(minutes=60)
    digest_hour: int | None = None
    quiet_from: time | None = time(22)
    quiet_until: time | None = time(7)
    is_quiet_on_days_off: bool = False
    paused_until: datetime | None = None

    def wants(self, kind: WordKind, way: Way) -> bool:
        """Say whether word of a kind comes by a way. Word about one's own account always does."""
        return kind is WordKind.SECURITY or switch(kind, way) not in self.switched_off


def switch(kind: WordKind, way: Way) -> str:
    """Name the switch of a kind and a way, as it is kept."""
    return f"{kind.value}:{way.value}"


@dataclass(frozen=True, slots=True)
class Urgency:
    """What the rule of one's unit marks urgent, after how long, and how many short messages today still bears."""

    kinds: frozenset[WordKind] = frozenset()
    after: timedelta = timedelta(0)
    left_today: int = 0


@dataclass(frozen=True, slots=True)
class Told:
    """What has been told by each way, and when the last time was."""

    things: Mapping[Way, frozenset[str]] = field(default_factory=dict)
    last: Mapping[Way, datetime] = field(default_factory=dict)

    def has(self, way: Way, thing: str) -> bool:
        """Say whether a thing has been told by a way."""
        return thing in self.things.get(way, frozenset())


@dataclass(frozen=True, slots=True)
class Standing:
    """Everything that decides about one person at this moment. `subscribed_at`: since when a browser takes notices."""

    choice: Choice
    told: Told
    urgency: Urgency
    working_days: WorkingDays
    is_connected: bool = False
    subscribed_at: datetime | None = None
    has_mail: bool = False
    has_mobile: bool = False


@dataclass(frozen=True, slots=True)
class Plan:
    """What is told now, and when to look again; None where nothing is left to be told."""

    push: tuple[Unread, ...]
    mail: tuple[Unread, ...]
    sms: tuple[Unread, ...]
    look_at: datetime | None


def plan(unread: list[Unread], standing: Standing, now: datetime) -> Plan:
    """Decide what of the unread things is told now by which way."""
    go: dict[Way, list[Unread]] = {way: [] for way in Way}
    later: list[datetime] = []
    for one in unread:
        for way in Way:
            due = _due(one, way, standing, now)
            if due is None:
                continue
            if due <= now:
                go[way].append(one)
            else:
                later.append(due)
                # The page may be closed any moment, and then the browser's own notice goes at once.
                if way is Way.PUSH and standing.is_connected:
                    later.append(now + LOOK_AT_PAGES)
    return Plan(tuple(go[Way.PUSH]), tuple(go[Way.MAIL]), tuple(go[Way.SMS]), min(later, default=None))


def _due(one: Unread, way: Way, standing: Standing, now: datetime) -> datetime | None:
    """Say when a thing may go by a way: now or later; None for never."""
    if standing.told.has(way, one.thing) or not standing.choice.wants(one.kind, way):
        return None
    earliest = _EARLIEST[way](one, standing, now)
    if earliest is None:
        return None
    due = max(earliest, now)
    return due if one.kind is WordKind.SECURITY else free_from(standing.choice, standing.working_days, due)


def _earliest_push(one: Unread, standing: Standing, _now: datetime) -> datetime | None:
    if standing.subscribed_at is None or one.since < standing.subscribed_at:
        return None
    patience = PATIENCE if standing.is_connected else timedelta(0)
    last = standing.told.last.get(Way.PUSH)
    return max(one.since + patience, last + PUSH_GAP) if last else one.since + patience


def _earliest_mail(one: Unread, standing: Standing, _now: datetime) -> datetime | None:
    if one.is_mailed or not standing.has_mail:
        return None
    choice = standing.choice
    if choice.silence is None:
        return next_hour(one.since, choice.digest_hour or 0)
    last = standing.told.last.get(Way.MAIL)
    due = one.since + choice.silence
    return max(due, last + choice.silence) if last else due


def _earliest_sms(one: Unread, standing: Standing, now: datetime) -> datetime | None:
    if one.kind not in standing.urgency.kinds or not standing.has_mobile:
        return None
    due = one.since + standing.urgency.after
    return due if standing.urgency.left_today > 0 else max(due, next_hour(now, 0))


_EARLIEST = {Way.PUSH: _earliest_push, Way.MAIL: _earliest_mail, Way.SMS: _earliest_sms}


def next_hour(after: datetime, hour: int) -> datetime:
    """Say when the clocks in China next show a full hour, later than an instant."""
    local = clock.local(after)
    today = local.replace(hour=hour, minute=0, second=0, microsecond=0)
    return today if today > local else today + timedelta(days=1)


def free_from(choice: Choice, working_days: WorkingDays, at: datetime) -> datetime:
    """Say from when on somebody may be disturbed, from an instant on: after pause, quiet hours and quiet days."""
    free = max(at, choice.paused_until) if choice.paused_until else at
    for _day in range(2 * MOST_QUIET_DAYS):
        end = _quiet_until(choice, working_days, free)
        if end is None:
            return free
        free = end
    return free


def _quiet_until(choice: Choice, working_days: WorkingDays, at: datetime) -> datetime | None:
    """Say when the quiet that holds at an instant ends; None where it is not quiet."""
    local = clock.local(at)
    if choice.is_quiet_on_days_off and not _is_worked(working_days, local.date()):
        return next_hour(at, 0)
    start, end = choice.quiet_from, choice.quiet_until
    if start is None or end is None:
        return None
    hour = local.time()
    is_quiet = start <= hour < end if start < end else hour >= start or hour < end
    if not is_quiet:
        return None
    until = local.replace(hour=end.hour, minute=end.minute, second=0, microsecond=0)
    return until if until > local else until + timedelta(days=1)


def _is_worked(working_days: WorkingDays, day: date) -> bool:
    # Of a year that is not published yet only the weekends are known.
    if day.year not in working_days.published_years:
        return day.weekday() < SATURDAY
    return working_days.is_working_day(day)
