"""`python -m portal.worker`: read the settings, build the house of jobs and ticks, work until SIGTERM."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import sys
from email.utils import parseaddr

import structlog
from flask import Flask

from chat.presence import Presence
from portal.composition import lay_down_house
from portal.config import Settings, SettingsFault
from portal.config import SmsProvider as ProviderName
from portal.languages import install_languages
from portal.logs import configure_logs
from portal.subscriptions import TICKS
from portal.worker.house import House
from portal.worker.process import Process, hush_procrastinate
from portal.worker.push import Pusher
from registry_core import live
from registry_core.db import make_engine, make_sessions
from registry_core.mail import FolderTransport, MailServer, MailTransport, SmtpTransport
from registry_core.people.progress import install_progress
from registry_core.sms import ConsoleSms, HttpSms, SmsProvider
from registry_core.store import make_store
from registry_core.webpush.destinations import Destinations
from registry_core.webpush.sending import HttpPush

log = structlog.stdlib.get_logger("portal.worker")

FAULTY_SETTINGS = 2


def main() -> int:
    """Run one worker; the exit code is 0 when it was told to stop."""
    try:
        settings = Settings.from_environment(os.environ)
    except SettingsFault as fault:
        print(fault, file=sys.stderr)  # noqa: T201 - the log is not set up without settings
        return FAULTY_SETTINGS
    configure_logs(settings.log_level)
    hush_procrastinate()
    lay_down_house(settings)
    pusher = Pusher(settings.redis_url)
    live.install_emitter(pusher.emit)
    install_progress(make_store(settings.redis_url))
    with asyncio.Runner() as runner:
        all_ended = runner.run(work(settings))
        pusher.drain(0.5)
        log.info("worker stopped", all_ended=all_ended)
        if not all_ended:
            # A thread still waits for something. Leaving in good order would wait for it too; the job it does is
            # marked as under way and the next worker does it again.
            logging.shutdown()
            os._exit(0)
    return 0


async def work(settings: Settings) -> bool:
    """Work until SIGTERM or SIGINT; say whether everything under way had come to its end."""
    told_to_stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, told_to_stop.set)
    house = build_house(settings)
    process = Process(house, settings.database_url, ticks=TICKS)
    try:
        return await process.run(told_to_stop)
    finally:
        await house.close()


def build_house(settings: Settings) -> House:
    """Open the ways to the database, to Redis and to the world outside."""
    tongue = Flask("portal")
    install_languages(tongue)
    engine = make_engine(settings.database_url)
    return House(
        engine=engine,
        sessions=make_sessions(engine),
        presence=Presence(make_store(settings.redis_url)),
        mail=choose_mail(settings),
        sms=choose_sms(settings),
        language=tongue.app_context,
        push=HttpPush(Destinations(settings.push_services.split(",")), contact=contact_of(settings)),
    )


def choose_mail(settings: Settings) -> MailTransport:
    """Choose how mail leaves: through the server of the settings, else into a folder."""
    if not settings.mail_host:
        folder = settings.var / "mail"
        log.info("no DESK_MAIL_HOST: mails are written to a folder", folder=str(folder))
        return FolderTransport(folder, sender=settings.mail_sender)
    return SmtpTransport(
        MailServer(
            host=settings.mail_host,
            port=settings.mail_port,
            sender=settings.mail_sender,
            user=settings.mail_user,
            password=settings.mail_password,
            tls=settings.mail_tls,
        )
    )


def contact_of(settings: Settings) -> str:
    """Say where a push service can reach who runs the house (RFC 8292, section 2.1)."""
    return settings.public_url if settings.is_https else f"mailto:{parseaddr(settings.mail_sender)[1]}"


def choose_sms(settings: Settings) -> SmsProvider:
    """Choose who carries short messages."""
    if settings.sms_provider is ProviderName.HTTP:
        return HttpSms(settings.sms_url, settings.sms_token)
    return ConsoleSms()


if __name__ == "__main__":
    sys.exit(main())
