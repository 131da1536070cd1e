"""What every request meets: forged forms, headers, languages, errors in words, the log."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.config import Mode
from portal.logs import leave_values_out
from registry_core import web
from registry_core.accounts.models import Account
from registry_core.errors import NotFound
from registry_core.store import Redis
from tests.portal_house import Browser, make_app, make_settings

SignedIn = Callable[[str], Browser]

# ── forged and stale forms ────────────────────────────────────────────────────────────────────────────────────────────


def test_a_form_without_its_token_changes_nothing_and_says_what_to_do(signed_in: SignedIn, session: Session) -> None:
    browser = signed_in("xuexiao_xueji")
    answer = browser.client.post("/language", data={"language": "en"})
    assert answer.status_code == 400
    assert "页面打开太久了" in answer.text
    assert session.scalar(select(Account.locale).where(Account.user_name == "xuexiao_xueji")) == "zh_Hans"


def test_a_token_of_another_session_is_refused(signed_in: SignedIn) -> None:
    forged = {"csrf_token": signed_in("xian_jishu").token("/account/password"), "language": "en"}
    answer = signed_in("xuexiao_xueji").client.post("/language", data=forged)
    assert answer.status_code == 400


def test_htmx_sends_the_token_in_a_header(signed_in: SignedIn) -> None:
    browser = signed_in("xuexiao_xueji")
    headers = {"X-CSRFToken": browser.token("/account/password"), "HX-Request": "true"}
    answer = browser.client.post("/language", data={"language": "en", "next": "/"}, headers=headers)
    assert answer.status_code == 204
    assert answer.headers["HX-Redirect"] == "/"


def test_a_stale_token_reaches_htmx_as_a_fragment(signed_in: SignedIn) -> None:
    answer = signed_in("xuexiao_xueji").client.post("/language", data={}, headers={"HX-Request": "true"})
    assert answer.status_code == 400
    assert answer.headers["HX-Retarget"] == "#flash"
    assert "页面打开太久了" in answer.text
    assert "<html" not in answer.text


# ── headers ───────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("path", ["/sign-in", "/", "/nowhere", "/healthz", "/static/nowhere.css"])
def test_every_answer_carries_the_security_headers(browser: Browser, path: str) -> None:
    headers = browser.get(path).headers
    assert "default-src 'self'" in headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert "camera=(self), display-capture=(self), geolocation=()" in headers["Permissions-Policy"]


def test_pages_are_kept_in_no_cache(signed_in: SignedIn) -> None:
    assert signed_in("xuexiao_xueji").get("/").headers["Cache-Control"] == "no-store"


def test_cookies_insist_on_tls_where_the_house_has_it(app: Flask) -> None:
    settings = make_settings("postgresql+psycopg://nowhere/x", mode=Mode.PRODUCTION)
    behind_tls = replace(settings, public_url="https://desk.example")
    app = make_app(behind_tls, app.extensions[web.RUNTIME])
    answer = app.test_client().get("/sign-in", base_url="https://desk.example")
    assert "Secure" in answer.headers["Set-Cookie"]
    assert answer.headers["Set-Cookie"].startswith("__Host-")
    assert "max-age" in answer.headers["Strict-Transport-Security"]


def test_behind_a_proxy_that_is_trusted_the_address_is_that_of_the_browser(app: Flask, store: Redis) -> None:
    settings = replace(make_settings("postgresql+psycopg://nowhere/x"), trusted_proxies=1)
    browser = Browser(make_app(settings, app.extensions[web.RUNTIME]))
    fields = {"user_name": "nobody_here", "password": "not the password"}
    browser.post("/sign-in", fields, X_Forwarded_For="198.51.100.1, 203.0.113.9")
    assert any("203.0.113.9" in str(key) for key in store.scan_iter())


def test_nobody_else_is_believed_about_the_address(browser: Browser, store: Redis) -> None:
    fields = {"user_name": "nobody_here", "password": "not the password"}
    browser.post("/sign-in", fields, X_Forwarded_For="203.0.113.9")
    assert not any("203.0.113.9" in str(key) for key in store.scan_iter())


def test_built_files_come_compressed_and_stay_for_a_year(browser: Browser) -> None:
    page = browser.get("/sign-in").text
    address = page.split('rel="stylesheet" href="')[1].split('"')[0]
    answer = browser.get(address, Accept_Encoding="gzip")
    assert answer.headers["Content-Encoding"] == "gzip"
    assert "immutable" in answer.headers["Cache-Control"]
    answer.close()


# ── languages ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_chinese_comes_first(browser: Browser) -> None:
    assert 'lang="zh-Hans"' in browser.get("/sign-in").text
    assert 'lang="zh-Hans"' in browser.get("/sign-in", Accept_Language="fr").text


def test_a_browser_that_asks_for_english_gets_it(browser: Browser) -> None:
    assert 'lang="en"' in browser.get("/sign-in", Accept_Language="en-GB,en;q=0.8").text


def test_the_choice_of_this_browser_goes_before_what_it_asks_for(browser: Browser) -> None:
    browser.post("/language", {"language": "zh_Hans", "next": "/sign-in"})
    assert 'lang="zh-Hans"' in browser.get("/sign-in", Accept_Language="en").text


def test_the_choice_of_an_account_follows_the_person(signed_in: SignedIn) -> None:
    signed_in("xuexiao_xueji").post("/language", {"language": "en"}, page="/account/password")
    assert 'lang="en"' in signed_in("xuexiao_xueji").get("/").text


def test_another_language_is_refused(signed_in: SignedIn) -> None:
    answer = signed_in("xuexiao_xueji").post("/language", {"language": "xx"}, page="/account/password")
    assert answer.status_code == 422


# ── errors in words ───────────────────────────────────────────────────────────────────────────────────────────────────


def test_an_unknown_page_says_so_in_words(browser: Browser) -> None:
    answer = browser.get("/nowhere")
    assert answer.status_code == 404
    assert str(NotFound.message) in answer.text
    assert answer.headers["X-Request-ID"] in answer.text


def test_a_button_address_cannot_be_opened_as_a_page(browser: Browser) -> None:
    answer = browser.get("/sign-out")
    assert answer.status_code == 405
    assert "POST" in answer.headers["Allow"]


def test_programs_get_errors_as_json(browser: Browser) -> None:
    answer = browser.get("/nowhere", Accept="application/json")
    assert answer.json is not None
    assert answer.json["error"]["code"] == "not_found"
    assert browser.get("/", Accept="application/json").status_code == 401


def test_htmx_of_somebody_signed_out_is_told_with_401(browser: Browser) -> None:
    answer = browser.get("/", HX_Request="true")
    assert answer.status_code == 401
    assert answer.headers["X-Refusal"] == "sign_in_needed"


def test_a_hundred_thousand_characters_arrive_and_are_refused_in_words(signed_in: SignedIn) -> None:
    browser = signed_in("xuexiao_xueji")
    answer = browser.post("/ask", {"body": "问" * 100_000, "client_id": "x", "page": "/"}, page="/ask")
    assert answer.status_code == 422


def test_more_than_any_form_needs_is_refused_in_words(signed_in: SignedIn) -> None:
    answer = signed_in("xuexiao_xueji").post("/ask", {"body": "x" * 3_000_000}, page="/ask")
    assert answer.status_code == 413
    assert "太长" in answer.text


def test_a_fault_of_ours_shows_its_number_and_nothing_else(
    app: Flask, browser: Browser, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail() -> str:
        message = "secret detail"
        raise ValueError(message)

    monkeypatch.setitem(app.view_functions, "accounts.sign_in", fail)
    answer = browser.get("/sign-in")
    assert answer.status_code == 500
    assert answer.headers["X-Request-ID"] in answer.text
    assert "secret detail" not in answer.text
    assert "unexpected fault" in caplog.text


def test_even_a_broken_error_page_leaves_words(browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("portal.errors.render_template", lambda *_parts, **_more: 1 / 0)
    answer = browser.get("/nowhere")
    assert answer.status_code == 404
    assert "系统出了点问题" in answer.text


# ── the log ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_an_acceptable_request_id_is_kept_and_another_replaced(browser: Browser) -> None:
    assert browser.get("/healthz", X_Request_ID="front-proxy-0042").headers["X-Request-ID"] == "front-proxy-0042"
    assert browser.get("/healthz", X_Request_ID="<script>").headers["X-Request-ID"] != "<script>"


def test_the_log_names_no_person_and_no_words(
    browser: Browser, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    browser.sign_in("xuexiao_xueji", "a-password-typed-wrong")
    browser.sign_in("xuexiao_xueji")
    browser.post("/ask", {"body": "这句话不许进日志", "client_id": "log-1", "page": "/"}, page="/ask?page=/secret")
    written = caplog.text + capsys.readouterr().out
    for word in ("xuexiao_xueji", "李晓芸", "a-password-typed-wrong", "这句话不许进日志", "/secret"):
        assert word not in written, word


def test_values_of_rows_stay_out_of_tracebacks() -> None:
    told = (
        "sqlalchemy.exc.IntegrityError: (psycopg.errors.UniqueViolation) duplicate key\n"
        "DETAIL:  Key (user_name)=(li_xiaoyun) already exists.\nwith a second line 13800000000\n"
        "[SQL: INSERT INTO account (user_name) VALUES (%(user_name)s)]\n"
        "[parameters: {'user_name': 'li_xiaoyun'}]\n(Background on this error)"
    )
    kept = leave_values_out(None, "error", {"exception": told})["exception"]
    assert "li_xiaoyun" not in kept
    assert "13800000000" not in kept
    assert "INSERT INTO account" in kept
