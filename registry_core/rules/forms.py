"""The form by which a unit files its own rules."""

from __future__ import annotations

from collections.abc import Sequence

from flask_babel import lazy_gettext as _l
from wtforms import DateField, Field, SelectMultipleField
from wtforms.validators import DataRequired, InputRequired, Length, Optional, ValidationError

from registry_core.forms import ChoiceField, Form, LongTextField, SelectChoice, TextField
from registry_core.rules.services import LocalRules

NO_PACK = ""
Choices = Sequence[tuple[str, str]]


class FilingForm(Form):
    """Title, what is settled, and the dates of a unit's own rules."""

    unit = ChoiceField(_l("制定规则的单位"))
    title = TextField(
        _l("规则名称"),
        validators=[DataRequired(_l("请填写规则的名称。")), Length(max=200, message=_l("名称最多 %(max)d 个字。"))],
    )
    topics = SelectMultipleField(_l("涉及的事项"), validators=[InputRequired(_l("请至少选一个事项。"))])
    summary = LongTextField(
        _l("主要内容"),
        validators=[
            DataRequired(_l("请用几句话写明规定了什么，学校办理时会看到。")),
            Length(max=4000, message=_l("主要内容最多 %(max)d 个字。")),
        ],
    )
    pack = ChoiceField(_l("对应的规则包"))
    filed_on = DateField(_l("备案日期"), validators=[InputRequired(_l("请填写备案日期。"))])
    number = TextField(_l("备案号"), validators=[Length(max=60, message=_l("备案号最多 %(max)d 个字。"))])
    valid_from = DateField(_l("施行日期"), validators=[InputRequired(_l("请填写施行日期。"))])
    valid_until = DateField(_l("失效日期"), validators=[Optional()])

    def offer(self, *, units: Choices, packs: Choices, topics: Choices) -> None:
        """Offer the units that the person may file for, their packs and every topic, as pairs of value and label."""
        self.unit.offer(units)
        self.pack.offer(packs)
        self.topics.choices = [SelectChoice(value, label) for value, label in topics]

    def rules(self) -> LocalRules:
        """Return what was typed into the valid form."""
        filed_on, valid_from = self.filed_on.data, self.valid_from.data
        if filed_on is None or valid_from is None:
            message = "the form has not been validated"
            raise ValueError(message)
        return LocalRules(
            title=self.title.data,
            summary=self.summary.data,
            topics=tuple(self.topics.data or ()),
            filed_on=filed_on,
            valid_from=valid_from,
            valid_until=self.valid_until.data,
            number=self.number.data or None,
            pack_code=self.pack.data or None,
        )

    def validate_valid_until(self, field: Field) -> None:
        """Refuse rules that end before they begin."""
        if field.data and self.valid_from.data and field.data <= self.valid_from.data:
            raise ValidationError(_l("失效日期要晚于施行日期。"))
