"""The web process: listens, serves, keeps an eye on its sockets, and stops in order."""

from __future__ import annotations

import logging
import os
import resource
import signal
import socket
import sys
from collections.abc import Callable
from itertools import cycle
from typing import Any

import gevent
from gevent.pywsgi import WSGIServer
from sqlalchemy.exc import SQLAlchemyError

from portal.app import SOCKET_GATE, create_app
from portal.config import Settings, SettingsFault
from portal.logs import configure_logs
from portal.missed import Missed, MissedNews
from portal.rights_watch import watch_rights
from portal.sockets import SocketGate
from registry_core import web
from registry_core.accounts import passwords
from registry_core.files import work as files
from registry_core.live.transport import Handler
from registry_core.sockets import ALIVE_ROOM

PING_SECONDS = 5.0
PING_SLICES = 50
SWEEP_SECONDS = 10.0
MISSED_SECONDS = 5.0
STOP_SECONDS = 5.0
FAREWELL_SECONDS = 1.0
BACKLOG = 1024
# Left alone the system swallows 2.8 MB for a page that reads nothing, before anybody notices.
SEND_BUFFER_BYTES = 262_144
OPEN_FILES = 65_536

log = logging.getLogger(__name__)


def main() -> None:
    """Serve until told to stop; settings that are wrong are named and nothing starts."""
    try:
        settings = Settings.from_environment(os.environ)
    except SettingsFault as fault:
        sys.exit(str(fault))
    configure_logs(settings.log_level)
    raise_file_limit()
    passwords.install_runner(run_in_thread)
    files.install_runner(run_in_thread)
    app = create_app(settings, async_mode="gevent")
    gate: SocketGate = app.extensions[SOCKET_GATE]
    listener = listen(settings.host, settings.port)
    server = WSGIServer(listener, app, log=None, error_log=log, handler_class=Handler)
    turns = cycle(range(PING_SLICES))
    gevent.spawn(repeat, lambda: ping_the_living(gate, next(turns)), PING_SECONDS / PING_SLICES)
    gevent.spawn(repeat, gate.dismiss_ended, SWEEP_SECONDS)
    gevent.spawn(watch_rights, settings.database_url, gate.dismiss_ended)
    sessions = app.extensions[web.RUNTIME].sessions
    gevent.spawn(repeat, Missed(gate.server, sessions).look, MISSED_SECONDS)
    gevent.spawn(repeat, MissedNews(gate.server, sessions).look, MISSED_SECONDS)
    gevent.spawn(gate.endings.watch, gate.dismiss_ended)
    for number in (signal.SIGTERM, signal.SIGINT):
        gevent.signal_handler(number, stop, server, gate)
    log.info("web process listens on %s:%s", settings.host, settings.port)
    server.serve_forever()


def raise_file_limit() -> None:
    """Take as many open files as the system allows: a page holds two, and the usual 1,024 end at 500 pages."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = OPEN_FILES if hard == resource.RLIM_INFINITY else min(hard, OPEN_FILES)
    if soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def listen(host: str, port: int) -> socket.socket:
    """Open the listening socket; accepted ones inherit its options. Without TCP_NODELAY an answer takes 40 ms."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER_BYTES)
    listener.bind((host, port))
    listener.listen(BACKLOG)
    return listener


def run_in_thread(work: Callable[[], Any]) -> Any:
    """Work in a real thread: argon2 would hold the loop, and with it every socket, for 25 ms, a file for longer."""
    return gevent.get_hub().threadpool.apply(work)


def ping_the_living(gate: SocketGate, turn: int) -> None:
    """Ask pages of people whom others look for for a sign of life: background tabs throttle timers, not messages.

    A fiftieth of them each time: thousands of answers at once would hold up every message behind them.
    """
    living = (sid for sid, _line in gate.server.manager.get_participants("/", ALIVE_ROOM))
    if asked := [sid for sid in living if hash(sid) % PING_SLICES == turn]:
        gate.server.emit("presence:ping", {}, to=asked, ignore_queue=True)


def repeat(act: Callable[[], None], seconds: float) -> None:
    """Act again and again; while the database is away, wait for the next time."""
    while True:
        gevent.sleep(seconds)
        try:
            act()
        except SQLAlchemyError:
            log.warning("sweep put off: the database does not answer")
        except Exception:
            log.exception("sweep failed")


def stop(server: WSGIServer, gate: SocketGate) -> None:
    """Take no more connections, close the sockets (their pages come back elsewhere), finish what is under way."""
    log.info("web process stops")
    server.stop_accepting()
    gevent.with_timeout(FAREWELL_SECONDS, gate.server.eio.disconnect, timeout_value=None)
    server.stop(timeout=STOP_SECONDS)
