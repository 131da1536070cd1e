"""Refusals about the calendar and about opening hours; each message says what to do instead."""

from __future__ import annotations

from datetime import date

from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

from registry_core.errors import DomainError, InvalidInput, NotFound


class YearNotPublished(DomainError):
    """Nobody can say yet which days of this year are worked."""

    code = "year_not_published"

    def __init__(self, year: int) -> None:
        super().__init__(_l("%(year)s 年的工作日历还没有公布，暂时无法计算。公布以后会自动补上。", year=year))


class YearUnknown(NotFound):
    """No calendar is kept for such a year."""

    code = "year_unknown"
    message = _l("没有这一年的工作日历，请从日历页面选择年份。")


class DayNotListed(NotFound):
    """The day is not in the table, so there is nothing to take out."""

    code = "day_not_listed"
    message = _l("这一天不在日历表里，可能已被移除，请刷新页面核对。")


class ExchangeOnWeekday(InvalidInput):
    """Only a day at the weekend can be worked in exchange."""

    code = "exchange_on_weekday"

    def __init__(self, day: date) -> None:
        super().__init__(_l("%(day)s 是星期一到星期五，本来就上班，不用登记为调休上班。", day=day.isoformat()))


class LastDayOfYear(DomainError):
    """Without any row the year would no longer be published, and deadlines that were counted would hang in the air."""

    code = "last_day_of_year"
    message = _l("这是这一年的最后一条，移除后全年就变成“未公布”。请先登记正确的日期，再移除这一条。")


class HoursMalformed(InvalidInput):
    """Opening hours are written in a way that cannot be read; the message names the part."""

    code = "hours_malformed"

    def __init__(self, text: str, reason: LazyString) -> None:
        super().__init__(_l("开放时间“%(text)s”无法识别：%(reason)s", text=text, reason=reason))


class PublishYearFirst(DomainError):
    """A single day cannot be listed in a year that is not published: all its other days would look ordinary."""

    code = "publish_year_first"

    def __init__(self, year: int) -> None:
        super().__init__(_l("%(year)s 年的日历还没有公布，请先整年登记放假和调休，再改单独的日子。", year=year))
