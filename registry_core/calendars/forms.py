"""Shape of what is typed about the calendar."""

from __future__ import annotations

from datetime import date

from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField
from werkzeug.datastructures import FileStorage
from wtforms import DateField
from wtforms.validators import DataRequired, InputRequired, Length

from registry_core.calendars.day_file import ListedDay, read_days
from registry_core.calendars.models import LONGEST_NAME, DayKind
from registry_core.forms import ChoiceField, Form, LongTextField, TextField
from registry_core.orgs.errors import LoadRefused

LONGEST_TABLE = 20_000


class DayField(DateField):
    """A day; `data` is one once the form is valid."""

    data: date


class DayForm(Form):
    """One listed day; which year it belongs to says the address."""

    day = DayField(_l("日期"), [InputRequired(_l("请填写日期，例如 2027-01-01。"))])
    kind = ChoiceField(_l("类型"), choices=[(DayKind.OFF, _l("放假")), (DayKind.WORK, _l("调休上班"))])
    name = TextField(
        _l("名称"),
        [
            DataRequired(_l("请填写名称，例如“春节”。")),
            Length(max=LONGEST_NAME, message=_l("名称最多 %(max)d 个字。")),
        ],
    )

    def keep_to(self, year: int) -> bool:
        """Say whether the day lies in the year, and name the fault at its field if not."""
        if self.day.data.year == year:
            return True
        self.day.errors = [_l("这一天不在 %(year)s 年，请改日期，或到那一年的日历里登记。", year=year)]
        return False


class RemoveDayForm(Form):
    """The button that makes a day ordinary again."""

    day = DayField(_l("日期"), [InputRequired(_l("页面不完整，请刷新后再试。"))])


class PublishForm(Form):
    """A whole year, pasted or as a file."""

    table = LongTextField(
        _l("放假和调休"),
        [Length(max=LONGEST_TABLE, message=_l("内容太长了，一年的放假和调休只有几十行，请检查。"))],
    )
    file = FileField(_l("或者选择文件"))

    def read(self, year: int) -> tuple[ListedDay, ...] | None:
        """Read the days that were sent; None when a row is wrong, with every fault named at the field."""
        try:
            return read_days(self._content(), year=year)
        except LoadRefused as refusal:
            self.table.errors = [refusal.text, *(fault.text for fault in refusal.faults)]
        except UnicodeDecodeError:
            self.file.errors = [_l("文件不是 UTF-8 编码，请另存为“CSV UTF-8（逗号分隔）”，或把表格内容直接粘贴进来。")]
        return None

    def _content(self) -> str:
        sent = self.file.data
        if isinstance(sent, FileStorage) and sent.filename:
            content: bytes = sent.read(LONGEST_TABLE * 4)
            return content.decode("utf-8-sig")
        return self.table.data
