"""Mail against a real SMTP server: taken, refused for good, refused for now, silent."""

from __future__ import annotations

import asyncio
import email
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from email.message import EmailMessage
from email.policy import default as modern
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from registry_core.db import new_id
from registry_core.deliveries import DeliveryDelayed, DeliveryFailed, Undeliverable
from registry_core.mail import FolderTransport, Mail, MailServer, SmtpTransport, TlsMode, compose

Outcomes = list[DeliveryFailed | None]
MAIL = Mail(to="li@example.org", subject="您 6月3日 提的问题有答复了", text="李晓芸，您好！\n", account_id=new_id())


@dataclass
class Postmaster:
    """What the server under test does: takes mail, or answers as it is told."""

    taken: list[EmailMessage] = field(default_factory=list)
    talks: set[int] = field(default_factory=set)
    answer_sender: str = ""
    answer_recipient: str = ""
    answer_content: str = ""
    silent_seconds: float = 0.0

    async def handle_MAIL(  # noqa: N802 - named by aiosmtpd
        self, _server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        self.talks.add(id(session))
        await asyncio.sleep(self.silent_seconds)
        if self.answer_sender:
            return self.answer_sender
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 OK"

    async def handle_RCPT(  # noqa: N802 - named by aiosmtpd
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.answer_recipient:
            return self.answer_recipient
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(options)
        return "250 OK"

    async def handle_DATA(  # noqa: N802 - named by aiosmtpd
        self, _server: SMTP, _session: Session, envelope: Envelope
    ) -> str:
        if self.answer_content:
            return self.answer_content
        content = envelope.content
        assert isinstance(content, bytes)
        message = email.message_from_bytes(content, policy=modern)
        assert isinstance(message, EmailMessage)
        self.taken.append(message)
        return "250 OK"


@pytest.fixture
def postmaster() -> Postmaster:
    return Postmaster()


def check_password(_server: SMTP, _session: Session, _envelope: Envelope, _how: str, given: object) -> AuthResult:
    """Let in whoever knows the password."""
    assert isinstance(given, LoginPassword)
    return AuthResult(success=given.password == b"right")


@asynccontextmanager
async def serving(postmaster: Postmaster) -> AsyncIterator[MailServer]:
    """Run a real SMTP server on a port of its own."""

    def answer() -> SMTP:
        return SMTP(postmaster, hostname="127.0.0.1", authenticator=check_password, auth_require_tls=False)

    async with await asyncio.get_running_loop().create_server(answer, "127.0.0.1", 0) as listening:
        port = listening.sockets[0].getsockname()[1]
        yield MailServer(
            host="127.0.0.1", port=port, sender="学籍服务台 <desk@example.org>", tls=TlsMode.NONE, wait_seconds=1.0
        )


def send(postmaster: Postmaster, *mails: Mail, **changes: Any) -> Outcomes:
    """Send mails one after the other through one transport; say what became of each."""
    return over(postmaster, lambda transport: asyncio.gather(*(outcome(transport, mail) for mail in mails)), **changes)


def over(postmaster: Postmaster, act: Callable[[SmtpTransport], Awaitable[Outcomes]], **changes: Any) -> Outcomes:
    """Do something with a transport to the server and hang up."""

    async def run() -> Outcomes:
        async with serving(postmaster) as server:
            transport = SmtpTransport(replace(server, **changes))
            try:
                return await act(transport)
            finally:
                await transport.close()
                # Both sides see the end before the loop goes.
                await asyncio.sleep(0.05)

    return asyncio.run(run())


async def outcome(transport: SmtpTransport, mail: Mail) -> DeliveryFailed | None:
    """Send one mail and say what became of it."""
    try:
        await transport.send(mail)
    except DeliveryFailed as failure:
        return failure
    return None


def test_a_mail_arrives_with_its_chinese_words(postmaster: Postmaster) -> None:
    assert send(postmaster, MAIL) == [None]
    [message] = postmaster.taken
    assert message["Subject"] == MAIL.subject
    assert message["From"] == "学籍服务台 <desk@example.org>"
    assert message["To"] == MAIL.to
    assert message["Message-ID"] == f"<{MAIL.key}@example.org>"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message.get_content().splitlines() == MAIL.text.splitlines()


def test_mails_that_follow_one_another_share_one_line(postmaster: Postmaster) -> None:
    assert send(postmaster, *[replace(MAIL, key=new_id()) for _ in range(5)]) == [None] * 5
    assert len(postmaster.taken) == 5
    assert len(postmaster.talks) == 1


def test_a_line_that_is_idle_is_hung_up_and_opened_again(postmaster: Postmaster) -> None:
    async def with_a_pause(transport: SmtpTransport) -> Outcomes:
        first = await outcome(transport, MAIL)
        await asyncio.sleep(0.3)
        assert transport._line is None
        return [first, await outcome(transport, MAIL)]

    assert over(postmaster, with_a_pause, keep_seconds=0.1) == [None, None]
    assert len(postmaster.taken) == 2


def test_a_server_that_hung_up_meanwhile_is_called_again(postmaster: Postmaster) -> None:
    async def with_a_cut(transport: SmtpTransport) -> Outcomes:
        first = await outcome(transport, MAIL)
        assert transport._line is not None
        transport._line.close()
        return [first, await outcome(transport, MAIL)]

    assert over(postmaster, with_a_cut) == [None, None]
    assert len(postmaster.taken) == 2


@pytest.mark.parametrize("answer", ["550 5.1.1 li@example.org unknown", "553 5.1.3 bad address"])
def test_a_recipient_refused_for_good_is_never_tried_again(postmaster: Postmaster, answer: str) -> None:
    postmaster.answer_recipient = answer
    [failure] = send(postmaster, MAIL)
    assert isinstance(failure, Undeliverable)
    assert failure.reason == f"recipient {answer[:3]}"


def test_a_content_refused_for_good_is_never_tried_again(postmaster: Postmaster) -> None:
    postmaster.answer_content = "554 5.7.1 no"
    assert isinstance(send(postmaster, MAIL)[0], Undeliverable)


def test_one_refused_recipient_does_not_hold_up_the_next(postmaster: Postmaster) -> None:
    postmaster.answer_recipient = "550 unknown"

    async def two(transport: SmtpTransport) -> Outcomes:
        first = await outcome(transport, MAIL)
        postmaster.answer_recipient = ""
        return [first, await outcome(transport, MAIL)]

    [first, second] = over(postmaster, two)
    assert isinstance(first, Undeliverable)
    assert second is None
    assert len(postmaster.talks) == 1


@pytest.mark.parametrize("answer", ["450 4.2.1 mailbox busy", "421 closing"])
def test_a_recipient_refused_for_now_is_tried_again(postmaster: Postmaster, answer: str) -> None:
    postmaster.answer_recipient = answer
    assert isinstance(send(postmaster, MAIL)[0], DeliveryDelayed)


def test_a_refused_sender_is_our_fault_and_tried_again(postmaster: Postmaster) -> None:
    postmaster.answer_sender = "550 5.7.1 not yours"
    [failure] = send(postmaster, MAIL)
    assert isinstance(failure, DeliveryDelayed)
    assert failure.reason == "SMTPSenderRefused 550"


def test_a_wrong_password_is_our_fault_and_tried_again(postmaster: Postmaster) -> None:
    [failure] = send(postmaster, MAIL, user="desk", password="wrong")
    assert isinstance(failure, DeliveryDelayed)
    assert send(postmaster, MAIL, user="desk", password="right") == [None]
    assert len(postmaster.taken) == 1


def test_a_silent_server_is_tried_again(postmaster: Postmaster) -> None:
    postmaster.silent_seconds = 3.0
    assert isinstance(send(postmaster, MAIL, wait_seconds=0.3)[0], DeliveryDelayed)


def test_a_server_that_is_not_there_is_tried_again(postmaster: Postmaster) -> None:
    assert isinstance(send(postmaster, MAIL, port=1)[0], DeliveryDelayed)


def test_a_server_without_the_wanted_tls_gets_no_mail(postmaster: Postmaster) -> None:
    assert isinstance(send(postmaster, MAIL, tls=TlsMode.STARTTLS)[0], DeliveryDelayed)
    assert isinstance(send(postmaster, MAIL, tls=TlsMode.TLS)[0], DeliveryDelayed)
    assert postmaster.taken == []


def test_no_failure_repeats_the_address(postmaster: Postmaster) -> None:
    postmaster.answer_recipient = "550 <li@example.org> unknown"
    [failure] = send(postmaster, MAIL)
    assert failure is not None
    assert MAIL.to not in repr(failure)
    assert failure.__cause__ is None
    assert failure.__suppress_context__


def test_a_line_break_in_an_address_smuggles_nothing_in(postmaster: Postmaster) -> None:
    [failure] = send(postmaster, replace(MAIL, to="li@example.org\r\nBcc: all@example.org"))
    assert isinstance(failure, Undeliverable)
    assert isinstance(send(postmaster, replace(MAIL, subject="a\nBcc: all@example.org"))[0], Undeliverable)
    assert postmaster.taken == []


@pytest.mark.parametrize("address", ["", "nobody", "a@b@c", "李@例.中国"])
def test_an_address_that_is_none_ends_in_a_verdict(postmaster: Postmaster, address: str) -> None:
    postmaster.answer_recipient = "553 no such thing"
    assert isinstance(send(postmaster, replace(MAIL, to=address))[0], Undeliverable)


def test_without_a_server_each_mail_becomes_a_file(tmp_path: Path) -> None:
    folder = tmp_path / "var" / "mail"
    transport = FolderTransport(folder, sender="desk@localhost")
    asyncio.run(transport.send(MAIL))
    asyncio.run(transport.send(MAIL))
    [written] = folder.iterdir()
    assert written.name == f"{MAIL.key}.eml"
    message = email.message_from_bytes(written.read_bytes(), policy=modern)
    assert isinstance(message, EmailMessage)
    assert message.get_content().splitlines() == MAIL.text.splitlines()


@pytest.mark.parametrize("sender", ["", "学籍服务台", "desk@", "@example.org"])
def test_a_sender_that_is_no_address_is_refused_at_the_start(sender: str) -> None:
    with pytest.raises(ValueError, match="DESK_MAIL_SENDER"):
        MailServer(host="127.0.0.1", port=25, sender=sender)


def test_the_same_mail_keeps_its_number_at_each_attempt() -> None:
    key = UUID("01a2b3c4-0000-7000-8000-000000000000")
    mail = replace(MAIL, key=key)
    assert compose(mail, sender="desk@example.org")["Message-ID"] == f"<{key}@example.org>"
