"""Refusals and faults as a page, as a fragment for htmx, or as JSON; each tells the person what to do next."""

from __future__ import annotations

import logging
from http import HTTPStatus
from urllib.parse import urlsplit

from flask import Flask, Response, jsonify, make_response, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DataError
from werkzeug.exceptions import HTTPException

from portal.logs import request_id
from portal.outages import DATABASE_AWAY
from registry_core import web
from registry_core.accounts.errors import CountedRefusal, StepNotDue, StepUpNeeded
from registry_core.db import commit, rollback
from registry_core.errors import DomainError, InvalidInput, NotFound, SignInNeeded, Unavailable
from registry_core.undertakings.errors import PurposeNeeded, UndertakingNeeded

# What is left when not even a template can be rendered.
LAST_WORDS = (
    '<!doctype html><html lang="zh-Hans"><meta charset="utf-8"><title>学籍服务台</title>'
    "<h1>系统出了点问题</h1><p>请稍后再试。您刚才写的内容，返回上一页多半还在。</p>"
    "<p>Something went wrong. Please try again later.</p>"
)

log = logging.getLogger(__name__)


class PageTooOld(DomainError):
    """The token against forged requests is missing or belongs to an earlier session."""

    code = "page_too_old"
    status = 400
    message = _l("页面打开太久了，这一步没有提交。请返回上一页复制您写的内容，刷新页面后再提交一次。")


class MethodRefused(DomainError):
    """An address was called in a way that it does not know."""

    code = "method_not_allowed"
    status = 405
    message = _l("这个地址不能这样打开，请从页面上的按钮进入。")


class TooLarge(DomainError):
    """More was sent than any form needs."""

    code = "too_large"
    status = 413
    message = _l("提交的内容太长，请分成几次提交。您写的内容还在上一页。")


class BadRequest(DomainError):
    """The request cannot be read."""

    code = "bad_request"
    status = 400
    message = _l("没有看懂这个请求，请刷新页面后再试。")


class Fault(DomainError):
    """A fault of ours; the page shows the request's id, under which the log tells more."""

    code = "failed"
    status = 500
    message = _l("系统出了点问题，这一步没有做成。请稍后再试一次；再不行，请把下面的编号告诉管理员。")


TITLES = {
    HTTPStatus.UNAUTHORIZED: _l("请先登录"),
    HTTPStatus.FORBIDDEN: _l("没有这项权限"),
    HTTPStatus.NOT_FOUND: _l("没有找到"),
    HTTPStatus.SERVICE_UNAVAILABLE: _l("暂时不可用"),
}
# What somebody owes before a page opens is done on a page of its own, which leads back.
OWED: dict[type[DomainError], str] = {
    StepUpNeeded: "accounts.confirm",
    UndertakingNeeded: "undertakings.sign",
    PurposeNeeded: "undertakings.state_purpose",
}
BY_STATUS: dict[int, type[DomainError]] = {404: NotFound, 405: MethodRefused, 413: TooLarge}


def install_errors(app: Flask) -> None:
    """Answer every error in words."""
    app.register_error_handler(DomainError, answer_refusal)
    app.register_error_handler(CSRFError, lambda _error: answer_refusal(PageTooOld()))
    app.register_error_handler(HTTPException, answer_http)
    for away in DATABASE_AWAY:
        app.register_error_handler(away, answer_database_away)
    app.register_error_handler(DataError, answer_bad_data)
    app.register_error_handler(Exception, answer_fault)


def answer_refusal(refusal: DomainError) -> ResponseReturnValue:
    """Answer a refusal: undo what was begun (but for counted attempts), then tell in the form that fits."""
    session = web.opened_session()
    if session is not None:
        (commit if isinstance(refusal, CountedRefusal) else rollback)(session)
    detour = detour_for(refusal)
    if detour is not None:
        return web.go(detour)
    page = web.sent_page()
    if page is not None and wants_page():
        return page.render(refusal)
    return tell(refusal)


def detour_for(refusal: DomainError) -> str | None:
    """Say to which page a refusal leads at once, because what it asks for is done there."""
    if wants_json():
        return None
    owed = next((page for kind, page in OWED.items() if isinstance(refusal, kind)), None)
    if owed is not None:
        return url_for(owed, next=here_or_before())
    if web.is_htmx():
        return None
    if isinstance(refusal, StepNotDue):
        return url_for("accounts.sign_in")
    if isinstance(refusal, SignInNeeded) and request.method == "GET":
        here = here_or_before()
        return url_for("accounts.sign_in", next=None if here == "/" else here)
    return None


def here_or_before() -> str:
    """Say which page to come back to: this one, or for a form and a fragment the one that it stood on."""
    if request.method == "GET" and not web.is_htmx():
        return request.full_path if request.query_string else request.path
    before = urlsplit(request.headers.get("HX-Current-URL") or request.referrer or "")
    return f"{before.path}?{before.query}" if before.path and before.query else before.path or "/"


def answer_http(error: HTTPException) -> ResponseReturnValue:
    """Answer what Flask itself refuses; redirects pass."""
    if error.response is not None or error.code is None or error.code < HTTPStatus.BAD_REQUEST:
        return error
    if error.code >= HTTPStatus.INTERNAL_SERVER_ERROR:
        cause = getattr(error, "original_exception", None) or error
        return answer_database_away(cause) if isinstance(cause, DATABASE_AWAY) else answer_fault(cause)
    answer = make_response(answer_refusal(BY_STATUS.get(error.code, BadRequest)()))
    if error.code == HTTPStatus.METHOD_NOT_ALLOWED:
        answer.headers["Allow"] = dict(error.get_headers()).get("Allow", "")
    return answer


def answer_bad_data(error: DataError) -> ResponseReturnValue:
    """Answer values that the database cannot hold: some field lacks a rule, which the log must tell."""
    log.error("a value reached the database that it cannot hold", exc_info=error.orig)
    return answer_refusal(InvalidInput())


def answer_database_away(error: Exception) -> ResponseReturnValue:
    """Answer while the database does not: nothing here may ask it."""
    log.error("the database does not answer: %s", type(error).__name__)
    _forget_transaction()
    return tell(Unavailable())


def answer_fault(error: Exception) -> ResponseReturnValue:
    """Answer a fault of ours."""
    log.error("unexpected fault", exc_info=error)
    _forget_transaction()
    return tell(Fault())


def wants_page() -> bool:
    """Say whether a whole page is wanted, neither a fragment nor JSON."""
    return not web.is_htmx() and not wants_json()


def wants_json() -> bool:
    """Say whether JSON is preferred to a page."""
    accepted = request.accept_mimetypes
    return accepted["application/json"] > accepted["text/html"]


def tell(refusal: DomainError) -> Response:
    """Tell a refusal as JSON, as a fragment for the flash region, or as a page."""
    try:
        answer = _told(refusal)
    except Exception:
        log.exception("the error page failed")
        answer = make_response(LAST_WORDS)
    answer.status_code = refusal.status
    answer.headers["X-Refusal"] = refusal.code
    if refusal.status == HTTPStatus.SERVICE_UNAVAILABLE:
        answer.headers["Retry-After"] = "5"
    return answer


def _told(refusal: DomainError) -> Response:
    if wants_json():
        error = {"code": refusal.code, "message": refusal.text, "request_id": request_id()}
        return jsonify(ok=False, error=error)
    if not web.is_htmx():
        return make_response(
            render_template(
                "portal/error.html",
                title=TITLES.get(HTTPStatus(refusal.status), ""),
                text=refusal.text,
                code=refusal.code,
                request_id=request_id(),
            )
        )
    answer = make_response(render_template("portal/_refusal.html", text=refusal.text, code=refusal.code))
    answer.headers["HX-Retarget"] = "#flash"
    answer.headers["HX-Reswap"] = "innerHTML"
    return answer


def _forget_transaction() -> None:
    session = web.opened_session()
    if session is None:
        return
    try:
        rollback(session)
    except Exception:
        # The connection is gone together with what it had begun.
        log.warning("roll-back failed", exc_info=True)
