"""The entry point of the sockets: who is connected, may they do this, one transaction, one acknowledgement."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID, uuid4

import msgspec
from flask import Flask, Request, g
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from socketio.exceptions import ConnectionRefusedError as Refused
from sqlalchemy.orm import Session
from structlog.contextvars import bound_contextvars

from portal import conditions, doors
from portal.doors import COMING_IN, Door, TryAgain
from portal.endings import Endings
from portal.origins import of_handshake
from portal.outages import DATABASE_AWAY
from portal.permissions import SOCKET_COMMANDS
from portal.pushing import Pushing
from portal.rates import SENDING, Rates, TooFast
from portal.reached import Reached, joined_in
from portal.together import Admission, Sending, Together
from registry_core import clock, live, sockets, web
from registry_core.access.actors import Actor, Assignment, Origin, Qualified, right_of
from registry_core.access.queries import NOBODY, Standing, list_standings
from registry_core.accounts.queries import SignedIn, find_all_signed_in, find_signed_in, list_live_sessions
from registry_core.db import transaction
from registry_core.errors import DomainError, InvalidInput, SignInNeeded
from registry_core.live.pings import stay_alive
from registry_core.people.queries.loans import (
    LoanInForce,
    StandingIn,
    find_loan_in_force,
    list_standing_in,
    stand_in,
)
from registry_core.sockets import Call, Command, Departure

log = logging.getLogger(__name__)


class Failed(DomainError):
    """A fault of ours."""

    code = "failed"
    status = 500
    message = _l("系统出了点问题，这一步没有做成。请稍后再试一次，您写的内容还在。")


class UnknownCommand(DomainError):
    """The page is older than the server."""

    code = "unknown_command"
    message = _l("页面版本太旧，请刷新页面后再试。")


@dataclass(frozen=True, slots=True)
class Seat:
    """What stays known of a connected socket: the cookie's token, whose it was, and the rights held at connecting."""

    token: str
    browser_session_id: UUID
    account_id: UUID
    assignments: frozenset[Assignment]
    qualifications: frozenset[Qualified]
    origin: Origin
    loan: LoanInForce | None = None

    def stands_as(self, standing: Standing, standing_in: StandingIn | None) -> bool:
        """Say whether the person is still what they were when the socket connected, for themselves or for another."""
        return (
            self.assignments == standing.assignments
            and self.qualifications == standing.qualifications
            and self.loan == (standing_in.loan if standing_in else None)
        )

    def is_of(self, account_ids: Collection[UUID]) -> bool:
        """Say whether it belongs to one of these people, or acts for one of them."""
        return self.account_id in account_ids or (self.loan is not None and self.loan.lender_id in account_ids)


@dataclass(frozen=True, slots=True)
class Known:
    """Who a socket's cookie belongs to, and the lent role that the browser acts in."""

    signed_in: SignedIn
    loan: LoanInForce | None

    @property
    def actor(self) -> Actor:
        """Who acts: the person, or the person for the lender, with the lent role alone."""
        return stand_in(self.signed_in.actor, self.loan) if self.loan else self.signed_in.actor

    @property
    def name(self) -> str:
        """Name who acts, both of them under a loan."""
        if self.loan is None:
            return self.signed_in.name
        return _("%(person)s（代 %(other)s）", person=self.signed_in.name, other=self.loan.lender_name)


class SocketGate:
    """Binds the declared commands to the Socket.IO server, outside Flask's request context, which costs too much."""

    def __init__(self, app: Flask, server: Any, *, rates: Rates, proxies: int = 0) -> None:
        self.app = app
        self.server = server
        self.rates = rates
        self.door = Door()
        self.proxies = proxies
        self.seats: dict[str, Seat] = {}
        self.together: dict[str, Together] = {}
        self.endings = Endings()
        pushing = Pushing(app, server)
        self.server.on("connect", self.connect)
        self.server.on("disconnect", self.disconnect)
        self.server.on("*", self.refuse_unknown)
        for command in sockets.commands().values():
            self.server.on(command.name, self.handler_of(command))
            if command.together is not None:
                self.together[command.name] = Together(command, self._admit, pushing)

    # ── connecting and leaving ────────────────────────────────────────────────────────────────────────────────────────

    def connect(self, sid: str, environ: dict[str, Any], _auth: Any = None) -> None:
        """Let a socket in whose cookie belongs to a live browser session, and run the features' hooks."""
        with self.app.app_context():
            try:
                token = self._token(environ)
                with self.door.passing(doors.CONNECTING_SECONDS):
                    self._seat(sid, token, environ)
            except SignInNeeded as refusal:
                raise Refused(refusal.text, {"code": "signed_out", "message": refusal.text}) from None
            except DomainError as refusal:
                raise Refused(refusal.text, {"code": refusal.code, "message": refusal.text}) from None
            except DATABASE_AWAY:
                log.warning("socket refused: the database does not answer")
                raise Refused(str(TryAgain.message), {"code": "try_again", "message": str(TryAgain.message)}) from None

    def disconnect(self, sid: str, _reason: str = "") -> None:
        """Tell the features that a socket has gone."""
        seat = self.seats.pop(sid, None)
        self.endings.forget(sid)
        if seat is None:
            return
        with self.app.app_context():
            for hook in sockets.disconnect_hooks():
                self._tell(hook, sid, seat.account_id)

    def _tell(self, hook: Callable[[Departure], None], sid: str, account_id: UUID) -> None:
        try:
            with transaction(web.runtime().sessions) as session:
                hook(Departure(session, account_id, sid, web.store()))
        except Exception:
            # The socket has gone whatever the hook thinks, and the next hook must hear of it as well.
            log.exception("hook failed at disconnect")

    def _token(self, environ: dict[str, Any]) -> str:
        cookies = self.app.session_interface.open_session(self.app, Request(environ, populate_request=False))
        token = cookies.get(web.SESSION_KEY) if cookies else None
        if not isinstance(token, str):
            raise SignInNeeded
        return token

    def _seat(self, sid: str, token: str, environ: Mapping[str, Any]) -> None:
        with transaction(web.runtime().sessions) as session:
            known = self._recognise(session, token)
            origin = of_handshake(self.app, environ, known.signed_in.browser_session_id, proxies=self.proxies)
            call = self._call(session, known, sid, origin)
            call.join(live.account_room(known.actor.account_id))
            call.join(sockets.browser_room(known.signed_in.browser_session_id))
            for hook in sockets.connect_hooks():
                hook(call)
        actor = known.signed_in.actor
        self.seats[sid] = Seat(
            token,
            known.signed_in.browser_session_id,
            actor.account_id,
            frozenset(actor.assignments),
            actor.qualifications,
            origin,
            known.loan,
        )
        self.endings.welcome(actor.account_id)

    # ── commands ──────────────────────────────────────────────────────────────────────────────────────────────────────

    def handler_of(self, command: Command) -> Callable[..., dict[str, Any]]:
        """Make what Socket.IO calls for a command; what it returns is the acknowledgement."""

        def handler(sid: str, *sent: Any) -> dict[str, Any]:
            with self.app.app_context(), bound_contextvars(request_id=uuid4().hex[:16], command=command.name):
                return self._answer(command, sid, sent)

        return handler

    def refuse_unknown(self, event: str, sid: str, *_sent: Any) -> dict[str, Any]:
        """Acknowledge a command that nobody declared, or the page would wait for ever."""
        del event
        with self.app.app_context():
            try:
                self._await_turn(self._seat_of(sid), sid)
            except DomainError as refusal:
                return refusal_of(refusal)
            return refusal_of(UnknownCommand())

    def _answer(self, command: Command, sid: str, sent: tuple[Any, ...]) -> dict[str, Any]:
        try:
            return {"ok": True, **self._run(command, sid, sent)}
        except SignInNeeded as refusal:
            self.dismiss(sid)
            return refusal_of(refusal)
        except DomainError as refusal:
            return refusal_of(refusal)
        except DATABASE_AWAY:
            log.warning("command not done: the database does not answer")
            return refusal_of(TryAgain())
        except Exception:
            log.exception("socket command failed")
            return refusal_of(Failed())

    def _run(self, command: Command, sid: str, sent: tuple[Any, ...]) -> Mapping[str, Any]:
        seat = self._seat_of(sid)
        self._await_turn(seat, sid)
        payload = convert(sent, command.payload)
        if command.name in SENDING and (talk := getattr(payload, "conversation_id", None)):
            self._await_turn(seat, sid, talk=talk)
        shared = self.together.get(command.name)
        answer = shared.answer(Sending(sid, payload)) if shared else None
        if answer is not None:
            g.locale = answer.locale
            return answer.unwrap()
        passing = self.door.passing() if command.name in COMING_IN else nullcontext()
        with passing, transaction(web.runtime().sessions) as session:
            known = self._recognise(session, seat.token)
            call = self._call(session, known, sid, seat.origin)
            actor = self._permitted(session, call.actor, SOCKET_COMMANDS[command.name])
            result = command.handle(replace(call, actor=actor), payload)
            self._note_joined(command.name, payload, result)
            return result

    def _note_joined(self, name: str, payload: sockets.Payload, result: Mapping[str, Any]) -> None:
        reached: Reached | None = getattr(self.server.manager, "reached", None)
        if reached is not None:
            for conversation_id, number, change in joined_in(name, payload, result):
                reached.note_joined(conversation_id, number, change)

    def _seat_of(self, sid: str) -> Seat:
        seat = self.seats.get(sid)
        if seat is None:
            raise SignInNeeded
        return seat

    def _await_turn(self, seat: Seat, sid: str, *, talk: UUID | None = None) -> None:
        """Hold up who is too fast. This is the task that reads the line: nothing more is read from it meanwhile."""
        if talk is None:
            waited = self.rates.wait_for_command(seat.account_id)
        else:
            waited = self.rates.wait_for_message(seat.account_id, talk)
        if waited:
            stay_alive(self.server, sid)

    def _permitted(self, session: Session, actor: Actor, permission: str) -> Actor:
        """Check the right, and for registry business also from where it is done; who chats is not asked for that."""
        barred = conditions.bar(session, actor) if right_of(permission).is_registry else actor
        return conditions.require_all(session, barred, permission)

    def _admit(self, session: Session, command: Command, sids: Sequence[str]) -> list[Admission | None]:
        """Say of many sockets at once who sits there and whether they may."""
        seats = [self.seats.get(sid) for sid in sids]
        known = find_all_signed_in(session, {seat.token for seat in seats if seat}, at=clock.now())
        return [
            self._admission(session, command, sid, seat, known[seat.token]) if seat and seat.token in known else None
            for sid, seat in zip(sids, seats, strict=True)
        ]

    def _admission(self, session: Session, command: Command, sid: str, seat: Seat, known: SignedIn) -> Admission:
        call = self._call(session, _standing_in(session, known), sid, seat.origin)
        try:
            actor = self._permitted(session, call.actor, SOCKET_COMMANDS[command.name])
        except DomainError as refusal:
            return Admission(known.locale, refusal)
        return Admission(known.locale, replace(call, actor=actor))

    def _recognise(self, session: Session, token: str) -> Known:
        known = find_signed_in(session, token, at=clock.now())
        if known is None:
            raise SignInNeeded
        g.locale = known.locale
        return _standing_in(session, known)

    def _call(self, session: Session, known: Known, sid: str, origin: Origin) -> Call:
        return Call(session, replace(known.actor, origin=origin), known.name, sid, web.store(), self.server)

    # ── signing out ───────────────────────────────────────────────────────────────────────────────────────────────────

    def emit(self, event: str, payload: Mapping[str, Any], room: str, skip: str | None) -> None:
        """Push to a room (an emitter of `registry_core.live`); who is told to be signed out is also disconnected."""
        self.server.emit(event, dict(payload), room=room, skip_sid=skip)
        if event == sockets.SIGNED_OUT:
            for sid, seat in list(self.seats.items()):
                if sockets.browser_room(seat.browser_session_id) == room:
                    self._part(sid)

    def dismiss(self, sid: str) -> None:
        """Tell one socket that its session has ended, and disconnect it."""
        self.server.emit(sockets.SIGNED_OUT, {}, room=sid)
        self._part(sid)

    def dismiss_ended(self, account_ids: Collection[UUID] | None = None) -> None:
        """Dismiss the sockets whose browser session has ended, of some accounts or of all.

        Those whose roles, qualifications or lent role have changed are told and cut, to connect anew: they sit in rooms
        that they entered with the rights of then, and what is pushed to a room asks for no right.
        """
        seats = {sid: seat for sid, seat in self.seats.items() if account_ids is None or seat.is_of(account_ids)}
        if not seats:
            return
        with self.app.app_context(), transaction(web.runtime().sessions) as session:
            at = clock.now()
            browsers = {seat.browser_session_id for seat in seats.values()}
            living = list_live_sessions(session, browsers, at=at)
            standings = list_standings(session, {seat.account_id for seat in seats.values()}, at=at)
            standing_in = list_standing_in(session, browsers, standings)
        for sid, seat in seats.items():
            standing, lent = standings.get(seat.account_id, NOBODY), standing_in.get(seat.browser_session_id)
            self.endings.forget(sid)
            if seat.browser_session_id not in living:
                self.dismiss(sid)
            elif not seat.stands_as(standing, lent):
                self.server.emit(sockets.RIGHTS_CHANGED, {}, room=sid)
                self._part(sid)
            elif sid in self.seats:
                self.endings.note(sid, seat.account_id, standing.changes_at, lent.ends_at if lent else None)
        self.endings.stir()

    def _part(self, sid: str) -> None:
        # In a task of its own: the acknowledgement under way goes out before the line is cut.
        self.server.start_background_task(self.server.disconnect, sid)


def _standing_in(session: Session, known: SignedIn) -> Known:
    """Let the person act in the lent role that the browser has switched on, as the gate before the pages does."""
    if known.acting_under_id is None:
        return Known(known, None)
    return Known(known, find_loan_in_force(session, known.actor, known.acting_under_id))


def convert(sent: tuple[Any, ...], shape: type[sockets.Payload]) -> sockets.Payload:
    """Turn what a page sent into the declared payload; no argument at all counts as an empty one.

    Raises InvalidInput.
    """
    if len(sent) > 1 or _holds_nul(sent):
        raise InvalidInput
    try:
        return msgspec.convert(sent[0] if sent else {}, shape)
    except msgspec.ValidationError:
        raise InvalidInput from None


def refusal_of(refusal: DomainError) -> dict[str, Any]:
    """Say a refusal in the shape of an acknowledgement."""
    more = {"retry_after": refusal.retry_after} if isinstance(refusal, TooFast) else {}
    return {"ok": False, "error": {"code": refusal.code, "message": refusal.text, **more}}


def _holds_nul(value: Any) -> bool:
    """Say whether a text anywhere inside has a NUL, which PostgreSQL cannot store."""
    if isinstance(value, str):
        return "\0" in value
    if isinstance(value, dict):
        return any(_holds_nul(part) for part in value.values())
    return isinstance(value, list | tuple) and any(_holds_nul(part) for part in value)
