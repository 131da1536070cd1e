"""Mail: enqueued in the transaction that causes it, sent by the worker over SMTP or written to a folder."""

from __future__ import annotations

import asyncio
import socket
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.policy import SMTP as MAIL_POLICY
from email.utils import format_datetime, parseaddr
from enum import StrEnum
from pathlib import Path
from typing import Protocol
from uuid import UUID

import aiosmtplib
import msgspec
from sqlalchemy.orm import Session

from registry_core import clock, outbox
from registry_core.db import new_id
from registry_core.deliveries import DeliveryDelayed, DeliveryFailed, Undeliverable


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail to one account; neither subject nor text may carry data of pupils.

    `key` becomes the Message-ID, the same at each attempt, so that receivers can drop a second copy. `account_id`
    stands in the log where the address must not.
    """

    to: str
    subject: str
    text: str
    account_id: UUID
    key: UUID = field(default_factory=new_id)
    is_noted: bool = False
    """Whether what comes of it is kept, to be proved later."""


def enqueue_mail(session: Session, mail: Mail) -> None:
    """Let the worker send a mail once this session's transaction has committed."""
    outbox.enqueue(session, outbox.SEND_MAIL, mail=msgspec.to_builtins(mail))


def compose(mail: Mail, *, sender: str) -> EmailMessage:
    """Lay out a mail as RFC 5322 text; line breaks in an address or a subject raise ValueError."""
    message = EmailMessage(policy=MAIL_POLICY)
    message["From"] = sender
    message["To"] = mail.to
    message["Subject"] = mail.subject
    message["Date"] = format_datetime(clock.now())
    message["Message-ID"] = f"<{mail.key}@{parseaddr(sender)[1].rpartition('@')[2]}>"
    # RFC 3834: away-notes of the receiver are not sent back to us.
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(mail.text, charset="utf-8", cte="base64")
    return message


class MailTransport(Protocol):
    """The way out of the house for a mail."""

    async def send(self, mail: Mail) -> None:
        """Send one mail.

        Raises Undeliverable (never again) and DeliveryDelayed (try later).
        """

    async def close(self) -> None:
        """Hang up."""


class FolderTransport:
    """Writes each mail as an .eml file: the demonstration has no mail server."""

    def __init__(self, folder: Path, *, sender: str) -> None:
        self._folder = folder
        self._sender = sender

    async def send(self, mail: Mail) -> None:
        """Write the mail; a second attempt overwrites the first."""
        content = _composed(mail, self._sender).as_bytes()
        await asyncio.to_thread(self._write, f"{mail.key}.eml", content)

    async def close(self) -> None:
        """Do nothing: there is no line to hang up."""

    def _write(self, name: str, content: bytes) -> None:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        unfinished = self._folder / f".{name}"
        unfinished.write_bytes(content)
        unfinished.rename(self._folder / name)


class TlsMode(StrEnum):
    """How the line to the mail server is protected."""

    NONE = "none"
    STARTTLS = "starttls"
    TLS = "tls"


@dataclass(frozen=True, slots=True)
class MailServer:
    """Where mail is handed in. `wait_seconds` limits each step of the talk; `keep_seconds` an idle line."""

    host: str
    port: int
    sender: str
    user: str = ""
    password: str = field(default="", repr=False)
    tls: TlsMode = TlsMode.STARTTLS
    wait_seconds: float = 15.0
    keep_seconds: float = 10.0

    def __post_init__(self) -> None:
        """Refuse a sender without an address: each mail would look malformed and be lost."""
        if not all(parseaddr(self.sender)[1].partition("@")):
            message = "DESK_MAIL_SENDER is no mail address"
            raise ValueError(message)


class SmtpTransport:
    """Hands mails to a server, one after the other on one line that is kept open while there is work."""

    def __init__(self, server: MailServer) -> None:
        self._server = server
        self._turn = asyncio.Lock()
        self._line: aiosmtplib.SMTP | None = None
        self._hang_up: asyncio.TimerHandle | None = None

    async def send(self, mail: Mail) -> None:
        """Send one mail, on the open line if there is one."""
        message = _composed(mail, self._server.sender)
        async with self._turn:
            self._keep()
            try:
                await self._hand_in(message)
            except DeliveryFailed:
                raise
            except BaseException:
                # The talk broke off in the middle (also by cancelling): the line's state is unknown.
                self._drop()
                raise
            finally:
                self._hang_up = asyncio.get_running_loop().call_later(self._server.keep_seconds, self._drop)

    async def close(self) -> None:
        """Hang up at once; the server needs no farewell."""
        async with self._turn:
            self._keep()
            self._drop()

    async def _hand_in(self, message: EmailMessage) -> None:
        try:
            line = await self._open_line()
            await line.send_message(message)
        except aiosmtplib.SMTPException as failure:
            if not isinstance(failure, aiosmtplib.SMTPRecipientsRefused):
                self._drop()
            # Without the cause: its text repeats the address.
            raise _judge(failure) from None
        except (OSError, TimeoutError) as failure:
            self._drop()
            raise DeliveryDelayed(type(failure).__name__) from None
        except ValueError:
            # The line is unharmed: the address did not get as far as that.
            raise Undeliverable("malformed") from None

    async def _open_line(self) -> aiosmtplib.SMTP:
        if self._line is not None and await self._still_open(self._line):
            return self._line
        self._drop()
        server = self._server
        self._line = aiosmtplib.SMTP(
            hostname=server.host,
            port=server.port,
            username=server.user or None,
            password=server.password or None,
            use_tls=server.tls is TlsMode.TLS,
            start_tls=server.tls is TlsMode.STARTTLS,
            timeout=server.wait_seconds,
            # The default looks the own name up in DNS, which can take as long as a mail.
            local_hostname=socket.gethostname(),
        )
        await self._line.connect()
        return self._line

    @staticmethod
    async def _still_open(line: aiosmtplib.SMTP) -> bool:
        try:
            await line.noop()
        except (aiosmtplib.SMTPException, OSError):
            return False
        return True

    def _keep(self) -> None:
        if self._hang_up is not None:
            self._hang_up.cancel()
            self._hang_up = None

    def _drop(self) -> None:
        if self._line is not None:
            self._line.close()
            self._line = None


def _composed(mail: Mail, sender: str) -> EmailMessage:
    try:
        return compose(mail, sender=sender)
    except ValueError:
        raise Undeliverable("malformed") from None


def _judge(failure: aiosmtplib.SMTPException) -> Undeliverable | DeliveryDelayed:
    """Say whether a refusal is about this mail for good, or about the moment or our settings."""
    match failure:
        case aiosmtplib.SMTPRecipientsRefused(recipients=[refused, *_]):
            return _by_code(refused.code, "recipient")
        case aiosmtplib.SMTPDataError(code=code):
            return _by_code(code, "content")
        case aiosmtplib.SMTPNotSupported():
            return Undeliverable("address not supported")
        case aiosmtplib.SMTPResponseException(code=code):
            # Sender, greeting or sign-in refused: somebody mends the settings, and the mail still goes out.
            return DeliveryDelayed(f"{type(failure).__name__} {code}")
        case _:
            return DeliveryDelayed(type(failure).__name__)


def _by_code(code: int, what: str) -> Undeliverable | DeliveryDelayed:
    """Read the first digit of an SMTP answer. Source: RFC 5321, section 4.2.1."""
    reason = f"{what} {code}"
    return Undeliverable(reason) if str(code).startswith("5") else DeliveryDelayed(reason)
