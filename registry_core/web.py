"""What views use: the request's database session, who acts, Redis, and answers that suit htmx and plain pages.

The entry point (`portal.app`) owns the transaction: it commits after the view has returned and rolls back at any error.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote
from uuid import UUID

from flask import Response, current_app, g, make_response, redirect, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy import Engine
from sqlalchemy.orm import Session, sessionmaker

from registry_core.access.actors import Actor
from registry_core.errors import DomainError, InvalidInput, SignInNeeded
from registry_core.forms import Form
from registry_core.store import Redis

RUNTIME = "xueji"
SESSION_KEY = "browser"
LANGUAGE_COOKIE = "language"


@dataclass(frozen=True, slots=True)
class Runtime:
    """What runs beside the application: the database and Redis. Stands in `app.extensions["xueji"]`."""

    engine: Engine
    sessions: sessionmaker[Session]
    store: Redis


@dataclass(frozen=True, slots=True)
class Visitor:
    """The signed-in person of this request, with the browser session that proved it."""

    actor: Actor
    browser_session_id: UUID
    name: str
    locale: str
    acting_for: str = ""
    """In whose lent role this browser acts, by name; empty for who acts as oneself."""


def runtime() -> Runtime:
    """Return what runs beside the current application."""
    found: Runtime = current_app.extensions[RUNTIME]
    return found


def session() -> Session:
    """Return the one database session of this request, opened at its first use."""
    if "database_session" not in g:
        g.database_session = runtime().sessions()
    opened: Session = g.database_session
    return opened


def opened_session() -> Session | None:
    """Return the database session of this request if anything has used it."""
    opened: Session | None = g.get("database_session")
    return opened


def store() -> Redis:
    """Return the Redis client; what it holds may be lost at any moment."""
    return runtime().store


def welcome(visitor: Visitor | None) -> None:
    """Lay down who makes this request. Called by the gate, before any view."""
    g.visitor = visitor


def visitor() -> Visitor | None:
    """Return the signed-in person, or None on a public page that nobody is signed in to."""
    known: Visitor | None = g.get("visitor")
    return known


def signed_in() -> Visitor:
    """Return the signed-in person.

    Raises SignInNeeded.
    """
    known = visitor()
    if known is None:
        raise SignInNeeded
    return known


def actor() -> Actor:
    """Return who acts, with the roles held at this moment.

    Raises SignInNeeded.
    """
    return signed_in().actor


def is_htmx() -> bool:
    """Say whether htmx asks, which wants a fragment and not a page."""
    return request.headers.get("HX-Request") == "true"


def go(url: str) -> Response:
    """Send the browser to another page, by redirect or by the header that htmx follows."""
    if not is_htmx():
        return make_response(redirect(url, code=303))
    answer = make_response("", 204)
    answer.headers["HX-Redirect"] = url
    return answer


def attachment(content: bytes, kind: str, name: str) -> Response:
    """Hand out a file made by the house, to be saved under a name that may be Chinese."""
    answer = make_response(content)
    answer.headers["Content-Type"] = kind
    answer.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name)}"
    return answer


def own_path(url: str | None, default: str = "/") -> str:
    """Return an address only when it is a path of this house; anything else could lead people astray."""
    # Browsers read backslashes as slashes and drop control characters: `/\evil` and `/<tab>/evil` leave the house.
    if not url or not url.startswith("/") or url[:2] in {"//", "/\\"} or not url.isprintable():
        return default
    return url


def client_address() -> str:
    """Return the address of the browser (behind as many proxies as the settings trust)."""
    return request.remote_addr or "unknown"


def browser_name() -> str:
    """Return what the browser calls itself, cut to what a column holds."""
    return request.user_agent.string[:300]


class FormPage:
    """A page around one form: shown, validated, and shown again with what was typed when a rule refuses it.

    ```python
    page = web.FormPage(form, "accounts/password.html")
    if not page.is_sent():
        return page.render()
    services.change_password(...)
    ```
    A `DomainError` raised after `is_sent()` brings the same page back with the refusal above the form.
    """

    def __init__(self, form: Form, template: str, context: Callable[[], Mapping[str, Any]] | None = None) -> None:
        self.form = form
        self.template = template
        self.context = context

    def is_sent(self) -> bool:
        """Say whether the form was sent and has the declared shape."""
        if not self.form.validate_on_submit():
            return False
        g.form_page = self
        return True

    def render(self, refusal: DomainError | None = None) -> ResponseReturnValue:
        """Render the page: empty, with the faults at the fields (422), or with a refusal above the form."""
        if refusal is not None:
            self.form.form_errors = [*self.form.form_errors, refusal.text]
        status = refusal.status if refusal else 422 if self.form.errors else 200
        more = self.context() if self.context else {}
        return render_template(self.template, form=self.form, **more), status


def sent_page() -> FormPage | None:
    """Return the form page whose valid form this request is acting on."""
    page: FormPage | None = g.get("form_page")
    return page


def require_valid(form: Form) -> None:
    """Refuse a sent form without a page of its own (a button, an htmx dialog), naming the first fault.

    Raises InvalidInput.
    """
    if form.validate_on_submit():
        return
    faults = [fault for name, of_field in form.errors.items() if name != "csrf_token" for fault in of_field]
    raise InvalidInput(str(faults[0]) if faults else None)
