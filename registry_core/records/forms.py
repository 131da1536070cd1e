"""Forms made from the definitions of fields, and the upload of a file."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any
from uuid import UUID

from flask_babel import get_locale
from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField, FileRequired
from wtforms import Field as FormField
from wtforms import IntegerField, SelectMultipleField
from wtforms.validators import InputRequired, Length, NumberRange, Optional, ValidationError
from wtforms.widgets import HiddenInput

from registry_core.forms import ChoiceField, Form, LongTextField, TextField
from registry_core.records.code_tables import REGIONS, load_code_tables
from registry_core.records.definitions import Field, FieldType, fields_of
from registry_core.records.errors import RecordChangedMeanwhile
from registry_core.records.models import Entity
from registry_core.records.policies import LONGEST_REASON, MOST_AT_ONCE
from registry_core.records.services import Edit
from registry_core.records.values import Value, ValueRefused, parse, write

NOTHING_CHOSEN = ""
ACCEPT, RETURN = "accept", "return"


class RecordForm(Form):
    """A record of some entity; the fields are those of `definitions`."""

    entity: Entity
    version = IntegerField(widget=HiddenInput(), validators=[InputRequired(), NumberRange(min=0)])
    revision = IntegerField(widget=HiddenInput(), default=0, validators=[Optional(), NumberRange(min=0)])

    def show(self, values: Mapping[str, Value], version: int, *, revision: int | None = None) -> None:
        """Show values as one would type them; `revision` is that of the own change that waits and is shown along."""
        for name in fields_of(self.entity):
            self[name].data = write(values.get(name))
        self.version.data = version
        # Else the number that was sent would be shown again.
        self.version.raw_data = None
        if revision is not None:
            self.revision.data = revision
            self.revision.raw_data = None

    def take(self, refusal: RecordChangedMeanwhile) -> None:
        """Go on from what others have saved meanwhile, with what the person changed kept."""
        self.show(refusal.values, refusal.version)

    def edit(self) -> Edit:
        """Return what was typed into the valid form."""
        values = {name: parse(field, self[name].data) for name, field in fields_of(self.entity).items()}
        return Edit(values, self.version.data or 0, self.revision.data or 0)


class LeaveForm(Form):
    """A button with a token: a teacher has left."""


class WithdrawForm(Form):
    """A button with a token: a change that waits for its check is given up."""


class CheckForm(Form):
    """Which entered changes are accepted or sent back, and why."""

    changes = SelectMultipleField(
        _l("改动"),
        coerce=UUID,
        validate_choice=False,
        validators=[
            InputRequired(_l("请先勾选要核对的改动。")),
            Length(max=MOST_AT_ONCE, message=_l("一次最多核对 %(max)d 份，请分几次。")),
        ],
    )
    kind = ChoiceField(
        _l("决定"),
        choices=[(ACCEPT, _l("核对无误")), (RETURN, _l("退回"))],
        validators=[InputRequired(_l("请选择核对无误或退回。"))],
    )
    reason = LongTextField(_l("退回原因"), [Length(max=LONGEST_REASON, message=_l("最多 %(max)d 字，请精简一些。"))])


class UploadForm(Form):
    """A file with records."""

    file = FileField(_l("文件"), validators=[FileRequired(_l("请选一个文件。"))])


class ApplyForm(Form):
    """A button with a token: write what was checked."""


@cache
def record_form(entity: Entity) -> type[RecordForm]:
    """Make the form of an entity from the definitions."""
    made = {name: _form_field(field) for name, field in fields_of(entity).items()}
    return type(f"{entity.name.title()}Form", (RecordForm,), {"entity": entity, **made})


def _form_field(field: Field) -> Any:
    check = _Fits(field)
    if field.has_codes and field.code_table != REGIONS:
        return CodeField(field.label_zh, field.code_table, validators=[check])
    if field.type is FieldType.TEXT:
        return LongTextField(field.label_zh, validators=[check])
    return TextField(field.label_zh, validators=[check])


class CodeField(ChoiceField):
    """A code of a table, or none; offered in the language of the reader."""

    def __init__(self, label: str, table: str, **more: Any) -> None:
        super().__init__(label, default=NOTHING_CHOSEN, **more)
        codes = load_code_tables()[table].values()
        is_english = str(get_locale()) == "en"
        named = [(code.code, f"{code.code} {code.label_en if is_english else code.label_zh}") for code in codes]
        self.offered = [(NOTHING_CHOSEN, str(_l("请选择"))), *named]
        self.offer(self.offered)


class _Fits:
    """Refuses what is no value of the field, in the words of `values`."""

    def __init__(self, field: Field) -> None:
        self._field = field

    def __call__(self, _form: Form, typed: FormField) -> None:
        try:
            parse(self._field, typed.data or "")
        except ValueRefused as refusal:
            raise ValidationError(refusal.text) from refusal
