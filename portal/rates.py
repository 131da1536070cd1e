"""How fast somebody may send: who is faster waits in turn, and only where the line grows long is asked to come again.

A rate is kept as the moment at which everything taken so far is paid for (GCRA): one number for each person and each
conversation. Nobody is refused for being a little too fast: the command waits in the task that reads the line, so that
nothing more is read from it meanwhile, and the sender's own network holds the rest back.
"""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from uuid import UUID

from flask_babel import lazy_gettext as _l
from redis.commands.core import Script

from portal.rounds import Rounds
from registry_core import web
from registry_core.errors import TooManyRequests
from registry_core.store import RedisError

SENDING = frozenset({"message:send", "message:send_files", "message:edit", "message:react"})
"""The commands that store something which everybody in a conversation then gets."""
LONGEST_WAIT_SECONDS = 4.0
"""Pages wait 8 s for an answer, and take a longer silence for a dead line."""
AT_ONCE_SECONDS = 4
"""Who was silent may send at once what this many seconds allow."""
QUIET_SHARE = 4
"""Who stays below this part of a rate at one process is not counted together with the other processes."""
REST_SECONDS = 3.0
"""After Redis did not answer each process counts alone for so long."""
KEPT_AT_MOST = 20_000

log = logging.getLogger(__name__)


class TooFast(TooManyRequests):
    """So much waits already that the answer would come too late; what was sent is to be sent again after a while."""

    code = "too_fast"
    message = _l("发得太快了，稍等几秒会自动再发。您写的内容没有丢失。")

    def __init__(self, wait_seconds: float) -> None:
        super().__init__()
        self.retry_after = math.ceil(wait_seconds)


@dataclass(frozen=True, slots=True)
class Pace:
    """So many a second in the long run, and `at_once` of them in one moment."""

    per_second: float
    at_once: float

    @classmethod
    def of(cls, per_second: float) -> Pace:
        """Make a pace from its rate."""
        return cls(per_second, per_second * AT_ONCE_SECONDS)

    @property
    def quiet(self) -> Pace:
        """The part of it below which nobody is looked at more closely."""
        return Pace(self.per_second / QUIET_SHARE, max(1.0, self.at_once / QUIET_SHARE))

    @property
    def each_seconds(self) -> float:
        """What one costs."""
        return 1.0 / self.per_second

    @property
    def ahead_seconds(self) -> float:
        """How far ahead of now one may have taken."""
        return max(0.0, self.at_once - 1) * self.each_seconds


Wanted = Sequence[tuple[str, Pace]]


@dataclass(frozen=True, slots=True)
class Limits:
    """The paces of a person's messages, of those in one conversation, and of all commands of a person."""

    sends: Pace | None = None
    talk_sends: Pace | None = None
    commands: Pace | None = None

    @classmethod
    def of(cls, *, sends: int, talk_sends: int, commands: int) -> Limits:
        """Read what the settings say: each a second; 0 is no limit."""
        return cls(*(Pace.of(one) if one else None for one in (sends, talk_sends, commands)))

    def of_message(self, account_id: UUID, conversation_id: UUID) -> Wanted:
        """Name what a message counts for."""
        both = ((f"rate:sends:{account_id}", self.sends), (f"rate:talk:{conversation_id}", self.talk_sends))
        return [(key, pace) for key, pace in both if pace is not None]


class Counts:
    """What has been taken at this process: by key the moment until which it is spent."""

    def __init__(self) -> None:
        self._spent_until: dict[str, float] = {}

    def take(self, wanted: Wanted, longest: float) -> float:
        """Take one of each and say after how many seconds it may be used; with more than `longest` nothing is taken."""
        now = time.monotonic()
        begins = [max(now, self._spent_until.get(key, now)) for key, _pace in wanted]
        paces = [pace for _key, pace in wanted]
        waits = [begin - pace.ahead_seconds - now for begin, pace in zip(begins, paces, strict=True)]
        wait = max(0.0, *waits) if waits else 0.0
        if wait <= longest:
            if len(self._spent_until) > KEPT_AT_MOST:
                self._spent_until = {key: until for key, until in self._spent_until.items() if until > now}
            for (key, pace), begin in zip(wanted, begins, strict=True):
                self._spent_until[key] = begin + pace.each_seconds
        return wait


# The same for all processes at once, by the clock of the store, in millionths of a second. KEYS are those of one sender
# after another; ARGV: the longest wait, how many keys belong to one sender, and for each of these what one costs and
# how far ahead one may have taken.
_TAKE = """
local clock = redis.call('TIME')
local now = clock[1] * 1000000 + clock[2]
local longest, each = tonumber(ARGV[1]), tonumber(ARGV[2])
local waits = {}
for first = 1, #KEYS, each do
    local begins, wait = {}, 0
    for place = 0, each - 1 do
        local spent = tonumber(redis.call('GET', KEYS[first + place]) or '0')
        begins[place] = math.max(now, spent)
        wait = math.max(wait, begins[place] - tonumber(ARGV[4 + 2 * place]) - now)
    end
    if wait <= longest then
        for place = 0, each - 1 do
            local until_then = begins[place] + tonumber(ARGV[3 + 2 * place])
            local kept = math.ceil((until_then - now) / 1000) + 1
            redis.call('SET', KEYS[first + place], string.format('%.0f', until_then), 'PX', kept)
        end
    end
    waits[#waits + 1] = math.ceil(wait)
end
return waits
"""
_MILLION = 1_000_000


class Rates:
    """Lets each command wait for its turn, counted over all lines of a person and, for messages, over all processes."""

    def __init__(self, limits: Limits, *, sleep: Callable[[float], None] = time.sleep) -> None:
        self._limits = limits
        self._sleep = sleep
        self._commands = Counts()
        self._quiet = Counts()
        self._alone = Counts()
        self._rounds: Rounds[Wanted, float] = Rounds(self._ask)
        self._script: Script | None = None
        self._rests_until = 0.0

    def wait_for_command(self, account_id: UUID) -> float:
        """Wait until a command may be done, counted at this process; say how long it took. Raises TooFast."""
        pace = self._limits.commands
        if pace is None:
            return 0.0
        return self._wait(self._commands.take([(str(account_id), pace)], LONGEST_WAIT_SECONDS))

    def wait_for_message(self, account_id: UUID, conversation_id: UUID) -> float:
        """Wait until a message may be stored; say how long it took. Raises TooFast."""
        wanted = self._limits.of_message(account_id, conversation_id)
        if not wanted or self._quiet.take([(key, pace.quiet) for key, pace in wanted], 0.0) == 0.0:
            return 0.0
        return self._wait(self._rounds.take_part(wanted))

    def _wait(self, seconds: float) -> float:
        if seconds > LONGEST_WAIT_SECONDS:
            raise TooFast(seconds)
        if seconds > 0:
            self._sleep(seconds)
        return seconds

    def _ask(self, parts: Sequence[Wanted]) -> list[float]:
        """Take for several senders in one round trip; while Redis is away this process counts alone."""
        if time.monotonic() >= self._rests_until:
            try:
                return self._ask_store(parts)
            except RedisError:
                self._rests_until = time.monotonic() + REST_SECONDS
                log.warning("each process counts messages alone: Redis does not answer")
        return [self._alone.take(wanted, LONGEST_WAIT_SECONDS) for wanted in parts]

    def _ask_store(self, parts: Sequence[Wanted]) -> list[float]:
        store = web.store()
        if self._script is None or self._script.registered_client is not store:
            self._script = store.register_script(_TAKE)
        paces = [pace for _key, pace in parts[0]]
        costs = [round(seconds * _MILLION) for pace in paces for seconds in (pace.each_seconds, pace.ahead_seconds)]
        keys = [key for wanted in parts for key, _pace in wanted]
        waits = self._script(keys=keys, args=[round(LONGEST_WAIT_SECONDS * _MILLION), len(paces), *costs])
        return [wait / _MILLION for wait in waits]
