"""Every rule can be told in words, in both languages' order of things, and never as data."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal, get_args, get_origin, get_type_hints

import msgspec
import pytest
from flask import Flask
from flask_babel import Babel

from registry_core.rules.pack_file import read_packs
from registry_core.rules.presenters import rule_label, tell
from registry_core.rules.presenters.labels import ENTERED, FIELDS, SILENT, TOPICS, VALUES
from registry_core.rules.topics import EntryPair, list_topics, struct_of

SHIPPED = [(pack.code, rule) for pack in read_packs() for rule in pack.rules]


@pytest.fixture
def house() -> Iterator[None]:
    app = Flask("house")
    Babel(app, default_locale="zh_Hans")
    with app.app_context():
        yield


def literals(kind: Any) -> Iterator[str]:
    if get_origin(kind) is Literal:
        yield from (str(value) for value in get_args(kind))
    else:
        for part in get_args(kind):
            yield from literals(part)


def test_every_topic_has_a_name() -> None:
    assert set(list_topics()) == set(TOPICS)


@pytest.mark.parametrize("topic", [*list_topics(), "procedure.any"])
def test_every_field_and_every_value_of_a_topic_has_words(topic: str) -> None:
    struct = struct_of(topic)
    assert struct is not None
    assert set(FIELDS[struct]) == set(struct.__struct_fields__) - SILENT
    values = {value for hint in get_type_hints(struct, include_extras=True).values() for value in literals(hint)}
    assert values <= set(VALUES)


def test_every_kind_of_data_that_is_entered_has_a_name() -> None:
    assert set(literals(get_type_hints(EntryPair)["what"])) == set(ENTERED)


@pytest.mark.usefixtures("house")
@pytest.mark.parametrize(("pack", "rule"), SHIPPED, ids=[f"{code}-{rule.topic}" for code, rule in SHIPPED])
def test_what_ships_is_told_in_words(pack: str, rule: Any) -> None:
    del pack
    struct = struct_of(rule.topic)
    assert struct is not None
    value = msgspec.convert(rule.value, struct)
    told = "".join(f"{fact.label}{''.join(fact.lines)}" for fact in tell(value)) + rule_label(rule.topic, value)
    assert not set("{}[]_") & set(told)


@pytest.mark.usefixtures("house")
def test_a_pair_and_a_step_read_as_sentences() -> None:
    packs = {(code, rule.topic): rule for code, rule in SHIPPED}
    pairs, procedure = (
        msgspec.convert(packs[key].value, struct_of(key[1]))
        for key in (("zhejiang_2008", "entry_pairs"), ("shaanxi_2014", "procedure.transfer_in_province"))
    )
    assert "班级信息：班级管理员 录入，年级管理员（学校）核对" in tell(pairs)[0].lines
    assert "转入地市审批（学籍管理员，市，3 个工作日，限高中或跨地市）" in tell(procedure)[0].lines
