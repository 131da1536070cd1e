"""A notice is words in the reader's language."""

from __future__ import annotations

from datetime import date

import pytest
from flask import Flask
from flask_babel import force_locale

from portal.languages import install_languages
from registry_core import clock
from registry_core.db import new_id
from registry_core.notifications.models import Notice
from registry_core.notifications.presenters import NoticeKind, present, say_day

DETAILS = {
    "title": "学籍号重复",
    "asked_on": "2026-06-03",
    "desk": "雁塔区学籍服务台",
    "name": "王芳",
    "name_zh": "学校更名",
    "name_en": "Rename a school",
    "about": "第一小学",
    "unit": "雁塔区",
    "borrower": "李雷",
    "person": "韩梅梅",
    "due_on": "2026-06-10",
    "since": "2026-06-01",
    "kind": "voice",
    "talk": "秋季学籍",
    "number": "2026-0001",
}


def make_notice(kind: str) -> Notice:
    return Notice(
        id=new_id(),
        account_id=new_id(),
        kind=kind,
        details=DETAILS,
        url="/questions/1",
        source=kind,
        created_at=clock.now(),
        read_at=None,
    )


ABOUT_QUESTIONS = (
    NoticeKind.ANSWERED,
    NoticeKind.RESOLVED,
    NoticeKind.PASSED_UP,
    NoticeKind.RETURNED,
    NoticeKind.REOPENED,
    NoticeKind.WAITING,
)


@pytest.mark.parametrize("kind", NoticeKind)
def test_each_kind_has_a_sentence_of_its_own(kind: NoticeKind) -> None:
    others = {present(make_notice(other)).text for other in NoticeKind if other is not kind}
    assert present(make_notice(kind)).text not in others | {present(make_notice("of a later version")).text}


@pytest.mark.parametrize("kind", ABOUT_QUESTIONS)
def test_a_notice_about_a_question_names_it(kind: NoticeKind) -> None:
    row = present(make_notice(kind))
    assert "学籍号重复" in row.text
    assert row.url == "/questions/1"
    assert not row.is_read


def test_the_sentences_differ() -> None:
    assert len({present(make_notice(kind)).text for kind in NoticeKind}) == len(NoticeKind)


def test_a_kind_of_a_later_version_still_says_something() -> None:
    assert present(make_notice("certificate_due")).text


def test_a_day_is_said_as_people_say_it() -> None:
    app = Flask("presenters")
    install_languages(app)
    assert say_day(date(2026, 6, 3)) == "6月3日"
    with app.app_context(), force_locale("en"):
        assert say_day(date(2026, 6, 3)) == "June 3"
