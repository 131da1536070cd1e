"""Logs: one JSON object a line, with the request's id and never with personal data.

No user names, no message bodies, no query strings, no addresses of browsers: an account's id is enough to find the rest
for who may look.
"""

from __future__ import annotations

import logging
import re
import sys
import time
from collections.abc import MutableMapping
from typing import Any
from uuid import uuid4

import structlog
from flask import Flask, Response, g, request
from structlog.contextvars import bind_contextvars, clear_contextvars, merge_contextvars

HEADER = "X-Request-ID"
ACCEPTABLE = re.compile(r"[A-Za-z0-9-]{8,64}")
TALKATIVE = ("alembic", "engineio", "socketio", "flask_wtf", "procrastinate", "werkzeug")
# The database's own words repeat values: SQLAlchemy its parameters, PostgreSQL the row that broke a constraint.
VALUES = re.compile(
    r"^(?:(\[parameters: )[^\n]*|(DETAIL:|CONTEXT:).*?(?=\n\[SQL: |\n\nThe above exception |\n\nDuring handling |\Z))",
    re.MULTILINE | re.DOTALL,
)

log = structlog.get_logger("portal.access")


def configure_logs(level: str) -> None:
    """Send every logger of this process to standard error as JSON."""
    shared: list[structlog.typing.Processor] = [
        merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        leave_values_out,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(ensure_ascii=False),
            ],
        )
    )
    logging.basicConfig(handlers=[handler], level=level, force=True)
    # These tell packets, arguments of jobs and every step at INFO; what is wrong they tell at WARNING.
    for talkative in TALKATIVE:
        logging.getLogger(talkative).setLevel(max(logging.WARNING, logging.getLevelName(level)))


def leave_values_out(_logger: Any, _method: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Take the values of rows out of a traceback: they may be what somebody wrote."""
    if "exception" in line:
        line["exception"] = VALUES.sub("…", str(line["exception"]))
    return line


def install_request_log(app: Flask) -> None:
    """Give every request an id, answer with it, and write one line when it is done."""
    app.before_request(_begin)
    app.after_request(_end)


def request_id() -> str:
    """Return the id of this request, which the error page shows."""
    known: str = g.get("request_id", "")
    return known


def _begin() -> None:
    asked = request.headers.get(HEADER, "")
    g.request_id = asked if ACCEPTABLE.fullmatch(asked) else uuid4().hex[:16]
    g.began = time.monotonic()
    clear_contextvars()
    bind_contextvars(request_id=g.request_id)


def _end(response: Response) -> Response:
    if "request_id" not in g:
        return response
    response.headers[HEADER] = g.request_id
    tell = log.debug if request.endpoint in {"static", "health.alive"} else log.info
    tell(
        "request",
        method=request.method,
        endpoint=request.endpoint,
        status=response.status_code,
        milliseconds=round((time.monotonic() - g.began) * 1000, 1),
    )
    return response
