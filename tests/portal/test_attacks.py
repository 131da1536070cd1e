"""What strangers and insiders try on every page: injection, fields that no form has, tokens, places outside."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlencode

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.orm import Session

from registry_core.access.models import Role
from registry_core.access.queries import list_held
from tests.conftest import Cast
from tests.portal_house import Browser

SignedIn = Callable[[str], Browser]
SCHOOL = "西安市雁塔区第一小学（演示）"

# Names that pages take from the address; a page that does not know one ignores it.
PARAMETERS = (
    "q",
    "name",
    "role",
    "page",
    "below",
    "person",
    "act",
    "unit",
    "kind",
    "object_id",
    "since",
    "until",
    "on",
)
PAYLOADS = (
    "%' OR '1'='1'; DROP TABLE account; -- ' UNION SELECT password_hash FROM account --",
    '{{ 7919 * 104729 }}${7919*104729}<script>alert(1)</script>"><img src=x onerror=alert(1)>',
    "../../../../etc/passwd",
    "%00\x01" + "∞" * 3000,
    "-1",
    "99999999999999999999",
)


def plain_pages(app: Flask) -> list[str]:
    """Every page that is read without naming a thing."""
    return sorted(
        rule.rule
        for rule in app.url_map.iter_rules()
        if "GET" in (rule.methods or set()) and not rule.arguments and not rule.rule.startswith(("/static", "/socket"))
    )


@pytest.mark.parametrize("payload", PAYLOADS, ids=lambda payload: repr(payload[:20]))
def test_what_stands_in_an_address_is_neither_run_nor_fatal(
    app: Flask, signed_in: SignedIn, session: Session, cast: Cast, payload: str
) -> None:
    browser = signed_in("bu_guanli")
    pages = plain_pages(app)
    assert len(pages) > 20
    for page in pages:
        answer = browser.get(f"{page}?{urlencode(dict.fromkeys(PARAMETERS, payload))}")
        assert answer.status_code < 500, page
        if not str(answer.mimetype).startswith("text/"):
            continue
        assert "829348951" not in answer.text, page  # their product, had a template or a shell computed it
        assert "<script>alert(1)" not in answer.text, page
        assert "<img src=x" not in answer.text, page
        assert "$argon2id$" not in answer.text, page
        assert "root:x:0:0" not in answer.text, page
    assert session.scalar(text("SELECT count(*) FROM account")) > 10
    assert cast.actor("bu_guanli").assignments


def test_what_was_typed_is_shown_as_typed(signed_in: SignedIn, cast: Cast) -> None:
    del cast
    page = signed_in("sheng_guanli").get("/people?below=y&q=" + "{{ 7919 * 104729 }}<b>").text
    assert "{{ 7919 * 104729 }}&lt;b&gt;" in page


def test_fields_that_a_form_does_not_have_change_nothing(signed_in: SignedIn, session: Session, cast: Cast) -> None:
    page = f"/people/{cast.id('xuexiao_xueji')}/roles"
    smuggled = {
        "unit": str(cast.unit(SCHOOL).id),
        "role": "school_user",
        "narrowed_to": "",
        "until": "",
        "account_id": str(cast.id("xuesheng")),
        "granted_by_id": str(cast.id("bu_guanli")),
        "valid_from": "2001-01-01",
        "id": str(cast.id("bu_guanli")),
    }
    assert signed_in("sheng_guanli").post(page, smuggled, page=page).status_code == 303
    given = next(held for held, _unit in list_held(session, cast.id("xuexiao_xueji")) if held.role is Role.SCHOOL_USER)
    assert given.granted_by_id == cast.id("sheng_guanli")
    assert given.valid_from.year > 2001
    assert list_held(session, cast.id("xuesheng")) == []


@pytest.mark.parametrize(
    "outside",
    [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example",
        "/\tevil.example",
        "javascript:alert(1)",
        "\x00//e",
    ],
)
def test_after_signing_in_nobody_is_led_out_of_the_house(app: Flask, cast: Cast, outside: str) -> None:
    del cast
    browser = Browser(app)
    fields = {"user_name": "xuexiao_xueji", "password": "xueji-yanshi-2026", "next": outside}
    answer = browser.post("/sign-in", fields, page="/sign-in")
    assert answer.status_code == 303
    assert answer.location == "/"


@pytest.mark.parametrize(
    "path", ["/static/..%2f..%2fpyproject.toml", "/static/../portal/app.py", "/static/%2e%2e/desk"]
)
def test_built_files_are_all_that_is_handed_out(app: Flask, path: str) -> None:
    answer = Browser(app).get(path)
    assert answer.status_code in {301, 308, 404}
    assert "import" not in answer.text


def test_every_answer_forbids_what_the_house_never_does(app: Flask, signed_in: SignedIn, cast: Cast) -> None:
    del cast
    browser = signed_in("bu_guanli")
    for page in plain_pages(app):
        headers = browser.get(page).headers
        assert "script-src 'self'" in headers["Content-Security-Policy"], page
        assert "'unsafe" not in headers["Content-Security-Policy"], page
        assert headers["X-Content-Type-Options"] == "nosniff", page
