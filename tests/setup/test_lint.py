"""`./desk lint`: what it knows of, and how it tells what failed."""

import sys

import pytest
from babel.messages.catalog import Catalog
from click.testing import CliRunner

from portal.commands import translations
from portal.commands.lint import Check, command, program, run_all


def test_an_unknown_check_is_refused_with_the_names_of_all() -> None:
    result = CliRunner().invoke(command, ["mipy"])
    assert result.exit_code == 2
    assert "mipy" in result.output
    assert "import-linter" in result.output


def test_a_failing_check_keeps_what_it_said_and_a_silent_one_its_exit_code() -> None:
    speaking = Check("speaking", program(sys.executable, "-c", "print('line 3 is wrong'); raise SystemExit(1)"))
    silent = Check("silent", program(sys.executable, "-c", "raise SystemExit(4)"))
    well = Check("well", program(sys.executable, "-c", "print('all is well')"))
    faults = {outcome.name: outcome.faults for outcome in run_all([speaking, silent, well])}
    assert "line 3 is wrong" in faults["speaking"]
    assert "4" in faults["silent"]
    assert faults["well"] == ""


def test_texts_of_folders_with_an_underscore_are_found() -> None:
    places = {place for message in translations.extract() for place, _line in message.locations}
    assert any(place.startswith("templates/_layout/") for place in places)
    assert any(place.startswith("registry_core/") for place in places)


@pytest.mark.parametrize(
    ("english", "flags", "is_finished"),
    [("Ask", (), True), ("", (), False), ("Ask", ("fuzzy",), False)],
)
def test_a_text_is_finished_when_it_has_a_certain_translation(
    english: str, flags: tuple[str, ...], *, is_finished: bool
) -> None:
    used, catalog = Catalog(locale="en"), Catalog(locale="en")
    message = used.add("提问")
    assert not translations.is_finished(message, catalog)
    catalog.add("提问", english, flags=flags)
    assert translations.is_finished(message, catalog) == is_finished


def test_a_plural_needs_both_forms() -> None:
    used, catalog = Catalog(locale="en"), Catalog(locale="en")
    message = used.add(("有 %(num)s 条", "有 %(num)s 条"))
    catalog.add(("有 %(num)s 条", "有 %(num)s 条"), ("%(num)s message", ""))
    assert not translations.is_finished(message, catalog)
    catalog["有 %(num)s 条"].string = ("%(num)s message", "%(num)s messages")
    assert translations.is_finished(message, catalog)
