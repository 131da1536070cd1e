"""The base of every form, and text fields whose value is never None and always fit to be stored."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask_babel.speaklater import LazyString
from flask_wtf import FlaskForm
from wtforms import (  # type: ignore[attr-defined]  # SelectChoice is newer than the stubs
    PasswordField,
    SelectChoice,
    SelectField,
    StringField,
    TextAreaField,
)

from registry_core.texts import clean_text

__all__ = ["ChoiceField", "Form", "LongTextField", "SecretField", "SelectChoice", "TextField", "clean_text"]


class Form(FlaskForm):  # type: ignore[misc]  # flask_wtf comes without types
    """A form with a token against forged requests."""


class TextField(StringField):
    """One line; `data` is clean and never None."""

    data: str

    def process_data(self, value: Any) -> None:
        """Take a starting value."""
        self.data = value or ""

    def process_formdata(self, valuelist: list[Any]) -> None:
        """Take what was sent."""
        if valuelist:
            self.data = clean_text(valuelist[0])


class LongTextField(TextAreaField):
    """Several lines; `data` is clean and never None."""

    data: str

    def process_data(self, value: Any) -> None:
        """Take a starting value."""
        self.data = value or ""

    def process_formdata(self, valuelist: list[Any]) -> None:
        """Take what was sent."""
        if valuelist:
            self.data = clean_text(valuelist[0])


class SecretField(PasswordField):
    """A password: never None, never cleaned, never shown again."""

    data: str

    def process_data(self, value: Any) -> None:
        """Take a starting value."""
        self.data = value or ""

    def process_formdata(self, valuelist: list[Any]) -> None:
        """Take what was sent."""
        if valuelist:
            self.data = valuelist[0]


class ChoiceField(SelectField):
    """One of several, given as pairs of value and label; `data` is one of the values once the form is valid."""

    data: str

    def __init__(
        self, label: LazyString | str, choices: Sequence[tuple[str, LazyString | str]] = (), **more: Any
    ) -> None:
        super().__init__(label, choices=lambda: [SelectChoice(value, text) for value, text in choices], **more)

    def offer(self, choices: Sequence[tuple[str, str]]) -> None:
        """Offer choices that only the request knows, as pairs of value and label."""
        self.choices = [SelectChoice(value, text) for value, text in choices]
