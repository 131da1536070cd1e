"""Shape of what is typed about applications."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from flask_babel import lazy_gettext as _l
from wtforms import Field, HiddenField, SelectMultipleField, validators
from wtforms.utils import unset_value
from wtforms.validators import DataRequired, InputRequired, Length

from registry_core.approvals.models import DecisionKind
from registry_core.approvals.policies import LONGEST_REASON, MOST_AT_ONCE
from registry_core.approvals.queries.evidence import FURTHER
from registry_core.forms import ChoiceField, Form, LongTextField, clean_text

_TOO_LONG = Length(max=LONGEST_REASON, message=_l("最多 %(max)d 字，请精简一些。"))
_CHOICES = [
    (DecisionKind.APPROVE, _l("同意")),
    (DecisionKind.RETURN, _l("退回补正")),
    (DecisionKind.REJECT, _l("不同意")),
]


MOST_FILES = 30


class NamedValuesField(Field):
    """Values of which only the procedure knows how many there are and what they are called: `<field>-<name>`."""

    data: dict[str, list[str]]

    def process(self, formdata: Any, data: Any = unset_value, extra_filters: Any = None) -> None:
        """Take what was sent under every name that begins as the field does."""
        del data, extra_filters
        self.process_errors = []
        start = f"{self.name}-"
        sent = {key: formdata.getlist(key) for key in formdata or () if key.startswith(start)}
        self.data = {key.removeprefix(start): [clean_text(value) for value in values] for key, values in sent.items()}


class EvidenceField(NamedValuesField):
    """Files by the place of the evidence in the procedure; what lies after the last is what was added beside it."""

    def pre_validate(self, form: object) -> None:
        """Refuse what is no list of files, and too many."""
        del form
        try:
            chosen = self.chosen()
        except ValueError:
            raise validators.ValidationError(str(_l("页面不完整，请刷新后再试。"))) from None
        if sum(map(len, chosen.values())) > MOST_FILES:
            raise validators.ValidationError(str(_l("材料太多了，最多 30 个文件，请合并一些。")))

    def safe(self) -> dict[int, list[UUID]]:
        """Return the files to be shown again with the form; nothing for what is none."""
        return {} if self.errors else self.chosen()

    def chosen(self) -> dict[int, list[UUID]]:
        """Return the files by the place of the evidence; raises ValueError for what is none."""
        return {int(place): [UUID(file_id) for file_id in files] for place, files in self.data.items()}

    def named(self, names: Sequence[str]) -> Mapping[str, Sequence[UUID]]:
        """Return the files by the names of the evidence."""
        all_names = (*names, FURTHER)
        return {all_names[place]: files for place, files in self.chosen().items() if place < len(all_names)}


class ReasonForm(Form):
    """A button with an optional word."""

    reason = LongTextField(_l("说明"), [_TOO_LONG])


class VerdictForm(ReasonForm):
    """What is decided about one step, and why."""

    step_id = HiddenField(validators=[validators.UUID(_l("页面不完整，请刷新后再试。"))])
    kind = ChoiceField(_l("决定"), choices=_CHOICES, validators=[InputRequired(_l("请选择同意、退回或不同意。"))])
    answer = NamedValuesField()

    def answers(self) -> dict[str, str]:
        """Return what the decider filled in for what the approval brings about."""
        return {name: values[0] for name, values in self.answer.data.items() if values}


class BulkForm(ReasonForm):
    """What is decided about many steps alike; turning down is done one by one."""

    steps = SelectMultipleField(
        _l("申请"),
        coerce=UUID,
        validate_choice=False,
        validators=[
            InputRequired(_l("请先勾选要办理的申请。")),
            Length(max=MOST_AT_ONCE, message=_l("一次最多办理 %(max)d 份，请分几次。")),
        ],
    )
    kind = ChoiceField(_l("决定"), choices=_CHOICES[:2], validators=[InputRequired(_l("请选择同意或退回。"))])


class NoteForm(Form):
    """What is said when something is sent in again."""

    note = LongTextField(_l("补正说明"), [DataRequired(_l("请写明补正了什么，审批人才好接着办。")), _TOO_LONG])
    evidence = EvidenceField(_l("证明材料"))
