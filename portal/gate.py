"""The gate before every view: who is there, and does this person hold the permission that the page asks for?"""

from __future__ import annotations

from dataclasses import replace

from flask import Flask, request, session
from structlog.contextvars import bind_contextvars

from portal import conditions, origins, permissions, weights
from registry_core import clock, web
from registry_core.accounts import queries, services
from registry_core.accounts.services import sessions
from registry_core.people.queries.loans import find_loan_in_force, stand_in


def install_gate(app: Flask) -> None:
    """Let every request pass the gate first."""
    app.before_request(open_gate)


def open_gate() -> None:
    """Load who asks and check the permission of the page.

    Raises SignInNeeded, Forbidden, NotQualified, DutiesConflict, NotFromHere, UndertakingNeeded, PurposeNeeded,
    StepUpNeeded.
    """
    endpoint = request.endpoint
    if endpoint is None or endpoint in permissions.UNIDENTIFIED_ENDPOINTS:
        return
    web.welcome(_recognise())
    if endpoint in permissions.PUBLIC_ENDPOINTS:
        return
    visitor = web.signed_in()
    actor = conditions.bar(web.session(), visitor.actor)
    # Before anything is refused: the page that says no shows what this person may do from here.
    web.welcome(replace(visitor, actor=actor))
    is_export = endpoint in weights.EXPORTS
    ready = conditions.require_all(web.session(), actor, permissions.ENDPOINTS[endpoint], is_export=is_export)
    web.welcome(replace(visitor, actor=ready))
    if endpoint in weights.OF_WEIGHT:
        sessions.require_recent_proof(web.session(), web.signed_in().browser_session_id)


def _recognise() -> web.Visitor | None:
    token = session.get(web.SESSION_KEY)
    if not isinstance(token, str):
        return None
    known = queries.find_signed_in(web.session(), token, at=clock.now())
    if known is None:
        return None
    services.note_seen(web.session(), known)
    bind_contextvars(account_id=str(known.actor.account_id))
    actor = origins.of_request(known.actor, known.browser_session_id)
    loan = find_loan_in_force(web.session(), actor, known.acting_under_id) if known.acting_under_id else None
    if loan is not None:
        actor = stand_in(actor, loan)
    return web.Visitor(
        actor, known.browser_session_id, known.name, known.locale, acting_for=loan.lender_name if loan else ""
    )
