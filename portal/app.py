"""The application factory: settings in, a Flask application with sockets out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

from flask import Flask, g
from flask.typing import ResponseReturnValue
from flask_socketio import SocketIO
from flask_wtf import CSRFProtect
from jinja2 import StrictUndefined
from werkzeug.middleware.proxy_fix import ProxyFix

from portal import permissions, wire
from portal.assets import install_assets
from portal.blueprints import BLUEPRINTS, DEMONSTRATION_BLUEPRINTS
from portal.composition import lay_down_house
from portal.config import ROOT, Settings, Transport
from portal.errors import install_errors
from portal.gate import install_gate
from portal.headers import install_headers
from portal.languages import install_languages
from portal.live_queue import LiveQueue
from portal.logs import install_request_log
from portal.rates import Limits, Rates
from portal.shell import install_shell
from portal.sockets import SocketGate
from portal.templating import Unindented
from registry_core import live, sockets, web
from registry_core.db import commit, make_engine, make_sessions
from registry_core.live import driver
from registry_core.live.manager import DirectManager
from registry_core.live.stock import BoundedConnection
from registry_core.store import make_store

# 100,000 Chinese characters are 300 KB on a socket and 900 KB in a form: they arrive, and a rule says that it is too
# long in words; only what is larger still is cut off.
LARGEST_FRAME_BYTES = 1_000_000
LARGEST_FORM_BYTES = 2_000_000
SOCKET_GATE = "xueji.sockets"
AsyncMode = Literal["threading", "gevent"]


class Portal(Flask):
    """Flask whose requests each own one transaction."""

    def dispatch_request(self) -> ResponseReturnValue:
        """Run the view and commit what it did; an error skips the commit, and its handler rolls back."""
        answer = super().dispatch_request()
        session = web.opened_session()
        if session is not None:
            commit(session)
        return answer


def create_app(settings: Settings, *, async_mode: AsyncMode = "threading", runtime: web.Runtime | None = None) -> Flask:
    """Make the application; `runtime` replaces the database and Redis of the settings in tests."""
    app = Portal("portal", root_path=str(ROOT), template_folder="templates", static_folder=None)
    configure(app, settings)
    app.extensions[web.RUNTIME] = runtime or open_runtime(settings)
    lay_down_house(settings)
    install_request_log(app)
    install_headers(app, is_https=settings.is_https)
    install_languages(app)
    install_gate(app)
    # After the gate: who is no longer signed in is told so, and not that the page is too old.
    CSRFProtect(app)
    install_shell(app, is_demonstration=settings.is_demonstration)
    install_assets(app)
    install_errors(app)
    register_blueprints(app, is_demonstration=settings.is_demonstration)
    install_sockets(app, settings, async_mode)
    app.teardown_appcontext(close_session)
    permissions.require_complete(app.view_functions, sockets.commands())
    return app


def configure(app: Flask, settings: Settings) -> None:
    """Set what Flask and its extensions read from the configuration."""
    app.config.update(
        SECRET_KEY=settings.secret_key,
        SESSION_COOKIE_NAME="__Host-desk" if settings.is_https else "desk",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.is_https,
        MAX_CONTENT_LENGTH=LARGEST_FORM_BYTES,
        MAX_FORM_MEMORY_SIZE=LARGEST_FORM_BYTES,
        # The token lives as long as the session that it belongs to: a page may stay open over lunch.
        WTF_CSRF_TIME_LIMIT=None,
    )
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    app.jinja_env.add_extension(Unindented)
    if settings.trusted_proxies:
        hops = settings.trusted_proxies
        behind = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)
        app.wsgi_app = behind  # type: ignore[method-assign]  # Flask's own way to put something before itself


def open_runtime(settings: Settings) -> web.Runtime:
    """Open the database and Redis that the settings name; neither is asked for anything yet."""
    engine = make_engine(settings.database_url)
    return web.Runtime(engine, make_sessions(engine), make_store(settings.redis_url))


def register_blueprints(app: Flask, *, is_demonstration: bool) -> None:
    """Register every blueprint; those for demonstrations only there."""
    for blueprint in (*BLUEPRINTS, *(DEMONSTRATION_BLUEPRINTS if is_demonstration else ())):
        app.register_blueprint(blueprint)


def install_sockets(app: Flask, settings: Settings, async_mode: AsyncMode) -> None:
    """Put Socket.IO in front of the application and bind the commands.

    Handlers run in the order in which a page sent its commands: messages keep their order.
    """
    socketio = SocketIO(
        app,
        async_mode=async_mode,
        async_handlers=False,
        manage_session=False,
        json=wire,
        max_http_buffer_size=LARGEST_FRAME_BYTES,
        client_manager=LiveQueue(settings.redis_url) if settings.redis_url else DirectManager(),
    )
    server = socketio.server  # type: ignore[attr-defined]  # the stubs leave the server out
    wants_direct = async_mode == "gevent" and settings.transport is Transport.DIRECT
    if not (wants_direct and driver.install(server)):
        bound_frames(server.eio)
    gate = SocketGate(app, server, rates=Rates(limits_of(settings)), proxies=settings.trusted_proxies)
    app.extensions[SOCKET_GATE] = gate
    live.install_emitter(gate.emit)


def limits_of(settings: Settings) -> Limits:
    """Read from the settings how fast somebody may send."""
    return Limits.of(sends=settings.rates.sends, talk_sends=settings.rates.talk_sends, commands=settings.rates.commands)


def bound_frames(eio: Any) -> None:
    """Cut a socket of the library's own transport that sends more than any command needs, and let it not read ahead.

    Engine.IO compares lengths only after a frame has come in whole, and by then one page has filled the memory.
    """
    make = eio._async["websocket"]  # noqa: SLF001 - not public: pinned, and tested

    def make_bounded(handler: Callable[..., Any], server: Any) -> Any:
        arguments = make(handler, server).server_args
        return BoundedConnection(handler, server, **{**arguments, "max_message_size": LARGEST_FRAME_BYTES})

    eio._async = {**eio._async, "websocket": make_bounded}  # noqa: SLF001 - as above


def close_session(_error: BaseException | None) -> None:
    """Give the request's connection back."""
    session = g.pop("database_session", None)
    if session is not None:
        session.close()
