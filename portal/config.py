"""Settings: one frozen typed object, read from the environment once at start, whose faults name the variable."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.utils import parseaddr
from enum import StrEnum
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit

from flask_babel import gettext as _

from registry_core.mail import TlsMode
from registry_core.webpush.destinations import KNOWN_SERVICES, Destinations
from registry_core.webpush.vapid import VapidKey

ROOT = Path(__file__).resolve().parent.parent
SHORTEST_SECRET = 32
_Choice = TypeVar("_Choice", bound=StrEnum)


class Mode(StrEnum):
    """Whether invented people may sign in with a printed password, or only real ones."""

    DEMONSTRATION = "demonstration"
    PRODUCTION = "production"


class SmsProvider(StrEnum):
    """Who carries short messages."""

    CONSOLE = "console"
    HTTP = "http"


class Transport(StrEnum):
    """How packets reach a WebSocket: straight to the socket, or through the library's own driver."""

    DIRECT = "direct"
    STOCK = "stock"


@dataclass(frozen=True, slots=True)
class SendingRates:
    """How many a second of a person's messages, of those in one conversation, of a person's commands; 0: no limit."""

    sends: int = 5
    talk_sends: int = 50
    commands: int = 50


class SettingsFault(Exception):
    """Something in the environment is missing or wrong. The message has one line for each variable."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that may differ between two installations. Secrets are left out of `repr`."""

    database_url: str = field(repr=False)
    redis_url: str = field(repr=False)
    secret_key: str = field(repr=False)
    mode: Mode = Mode.PRODUCTION
    host: str = "127.0.0.1"
    port: int = 8000
    public_url: str = "http://127.0.0.1:8000"
    trusted_proxies: int = 0
    mail_host: str = ""
    mail_port: int = 25
    mail_user: str = ""
    mail_password: str = field(default="", repr=False)
    mail_sender: str = "desk@localhost"
    mail_tls: TlsMode = TlsMode.NONE
    sms_provider: SmsProvider = SmsProvider.CONSOLE
    sms_url: str = field(default="", repr=False)
    sms_token: str = field(default="", repr=False)
    log_level: str = "INFO"
    presence_seconds: int = 15
    tell_after_seconds: int = 60
    var: Path = ROOT / "var"
    audit_heads: Path | None = None
    files: str = ""
    s3_endpoint: str = ""
    s3_region: str = "us-east-1"
    s3_key: str = ""
    s3_secret: str = field(default="", repr=False)
    clamd: str = ""
    stun: tuple[str, ...] = ()
    turn: tuple[str, ...] = ()
    turn_secret: str = field(default="", repr=False)
    turn_seconds: int = 3600
    push_services: str = ",".join(KNOWN_SERVICES)
    vapid_key: str = field(default="", repr=False)
    transport: Transport = Transport.DIRECT
    rates: SendingRates = SendingRates()

    @property
    def audit_heads_folder(self) -> Path:
        """Say where the heads of the audit chains are published; best on a disk that the database's people miss."""
        return self.audit_heads or self.var / "audit-heads"

    @property
    def is_demonstration(self) -> bool:
        """Say whether invented people live here."""
        return self.mode is Mode.DEMONSTRATION

    @property
    def is_https(self) -> bool:
        """Say whether people reach the house over TLS, so that cookies may insist on it."""
        return self.public_url.startswith("https://")

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Settings:
        """Read the settings; raises SettingsFault with one line for each variable that needs attention."""
        read = _Reader(environment)
        mode = read.choice("DESK_MODE", Mode, Mode.PRODUCTION)
        port = read.number("DESK_PORT", 8000, lowest=1, highest=65535)
        provider = read.choice("DESK_SMS_PROVIDER", SmsProvider, SmsProvider.CONSOLE)
        mail_host = read.text("DESK_MAIL_HOST", "")
        files = read.text("DESK_FILES", "")
        turn = read.ice("DESK_TURN", ("turn", "turns"))
        settings = cls(
            database_url=read.address("DATABASE_URL", ("postgresql+psycopg",)),
            redis_url=read.address("REDIS_URL", ("redis", "rediss", "unix")),
            secret_key=read.secret("DESK_SECRET_KEY", mode),
            mode=mode,
            host=read.text("DESK_HOST", "127.0.0.1"),
            port=port,
            public_url=read.address("DESK_PUBLIC_URL", ("http", "https"), f"http://127.0.0.1:{port}").rstrip("/"),
            trusted_proxies=read.number("DESK_TRUSTED_PROXIES", 0, lowest=0, highest=5),
            mail_host=mail_host,
            mail_port=read.number("DESK_MAIL_PORT", 25, lowest=1, highest=65535),
            mail_user=read.text("DESK_MAIL_USER", ""),
            mail_password=read.text("DESK_MAIL_PASSWORD", ""),
            mail_sender=read.sender("DESK_MAIL_SENDER", "" if mail_host else "desk@localhost"),
            mail_tls=read.choice("DESK_MAIL_TLS", TlsMode, TlsMode.NONE),
            sms_provider=provider,
            sms_url=read.text("DESK_SMS_URL", "", needed=provider is SmsProvider.HTTP),
            sms_token=read.text("DESK_SMS_TOKEN", "", needed=provider is SmsProvider.HTTP),
            log_level=read.one_of("DESK_LOG_LEVEL", ("DEBUG", "INFO", "WARNING", "ERROR"), "INFO"),
            presence_seconds=read.number("DESK_PRESENCE_SECONDS", 15, lowest=6, highest=300),
            tell_after_seconds=read.number("DESK_TELL_AFTER_SECONDS", 60, lowest=1, highest=3600),
            var=Path(read.text("DESK_VAR", str(ROOT / "var"))),
            audit_heads=read.folder("DESK_AUDIT_HEADS"),
            files=files,
            s3_endpoint=read.optional_address("DESK_S3_ENDPOINT", ("http", "https")),
            s3_region=read.text("DESK_S3_REGION", "us-east-1"),
            s3_key=read.text("DESK_S3_KEY", "", needed=files.startswith("s3://")),
            s3_secret=read.text("DESK_S3_SECRET", "", needed=files.startswith("s3://")),
            clamd=read.optional_address("DESK_CLAMD", ("tcp", "unix")),
            stun=read.ice("DESK_STUN", ("stun", "stuns")),
            turn=turn,
            turn_secret=read.text("DESK_TURN_SECRET", "", needed=bool(turn)),
            turn_seconds=read.number("DESK_TURN_SECONDS", 3600, lowest=300, highest=86400),
            push_services=read.push_services("DESK_PUSH_SERVICES"),
            vapid_key=read.vapid_key("DESK_VAPID_KEY"),
            transport=read.choice("DESK_TRANSPORT", Transport, Transport.DIRECT),
            rates=read.rates(),
        )
        if read.faults:
            raise SettingsFault("\n".join(read.faults))
        return settings


class _Reader:
    """Reads variables one by one and collects what is wrong, so that all faults are told at once."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self.environment = environment
        self.faults: list[str] = []

    def text(self, name: str, default: str, *, needed: bool = False) -> str:
        value = self.environment.get(name, "").strip() or default
        if needed and not value:
            self.faults.append(_("没有设置 %(name)s，请在环境变量里写上它的值", name=name))
        return value

    def folder(self, name: str) -> Path | None:
        value = self.text(name, "")
        return Path(value) if value else None

    def number(self, name: str, default: int, *, lowest: int, highest: int) -> int:
        value = self.text(name, str(default))
        if value.isascii() and value.isdigit() and lowest <= int(value) <= highest:
            return int(value)
        message = _("%(name)s 应是 %(lowest)s 到 %(highest)s 之间的整数", name=name, lowest=lowest, highest=highest)
        self.faults.append(message)
        return default

    def one_of(self, name: str, allowed: tuple[str, ...], default: str) -> str:
        value = self.text(name, default)
        if value in allowed:
            return value
        self.faults.append(_("%(name)s 只能是下面几种之一：%(allowed)s", name=name, allowed=" | ".join(allowed)))
        return default

    def choice(self, name: str, kind: type[_Choice], default: _Choice) -> _Choice:
        return kind(self.one_of(name, tuple(member.value for member in kind), default.value))

    def address(self, name: str, schemes: tuple[str, ...], default: str = "") -> str:
        value = self.text(name, default, needed=True)
        # The value itself is never repeated in the message: it may hold a password.
        if value and urlsplit(value).scheme not in schemes:
            starts = " | ".join(f"{scheme}://" for scheme in schemes)
            self.faults.append(_("%(name)s 应以 %(starts)s 开头", name=name, starts=starts))
        return value

    def optional_address(self, name: str, schemes: tuple[str, ...]) -> str:
        return self.address(name, schemes) if self.environment.get(name, "").strip() else ""

    def ice(self, name: str, schemes: tuple[str, ...]) -> tuple[str, ...]:
        """Read servers by which browsers find each other: `stun:host:port`, without slashes (RFC 7064, 7065)."""
        found = tuple(part.strip() for part in self.text(name, "").split(",") if part.strip())
        shape = re.compile(rf"(?:{'|'.join(schemes)}):[\w.:\[\]-]+(?:\?transport=(?:udp|tcp))?")
        if not all(shape.fullmatch(one) for one in found):
            example = f"{schemes[0]}:turn.example.cn:3478"
            self.faults.append(_("%(name)s 应是用逗号隔开的服务器地址，例如 %(example)s", name=name, example=example))
        return found

    def rates(self) -> SendingRates:
        return SendingRates(
            self.number("DESK_SENDS_PER_SECOND", 5, lowest=0, highest=10_000),
            self.number("DESK_TALK_SENDS_PER_SECOND", 50, lowest=0, highest=10_000),
            self.number("DESK_COMMANDS_PER_SECOND", 50, lowest=0, highest=10_000),
        )

    def push_services(self, name: str) -> str:
        value = self.text(name, ",".join(KNOWN_SERVICES))
        try:
            Destinations(value.split(","))
        except ValueError:
            example = KNOWN_SERVICES[0]
            self.faults.append(_("%(name)s 应是推送服务的域名，用逗号隔开，例如 %(host)s", name=name, host=example))
        return value

    def vapid_key(self, name: str) -> str:
        value = self.text(name, "")
        try:
            VapidKey.read(value) if value else None
        except ValueError:
            self.faults.append(_("%(name)s 应是 base64url 写的 32 字节私钥；不设置，程序会自己生成一把", name=name))
        return value

    def sender(self, name: str, default: str) -> str:
        value = self.text(name, default, needed=True)
        if value and not all(parseaddr(value)[1].partition("@")):
            self.faults.append(_("%(name)s 应是一个邮箱地址，例如 desk@example.cn", name=name))
        return value

    def secret(self, name: str, mode: Mode) -> str:
        value = self.text(name, "")
        if not value and mode is Mode.DEMONSTRATION:
            # Sessions then end with the process, which a demonstration can bear; `./desk up` keeps a key under var/.
            return secrets.token_urlsafe(SHORTEST_SECRET)
        if len(value) < SHORTEST_SECRET:
            how = 'python -c "import secrets; print(secrets.token_urlsafe(32))"'
            self.faults.append(
                _(
                    "%(name)s 至少要 %(length)s 个字符，可用这条命令生成：%(how)s",
                    name=name,
                    length=SHORTEST_SECRET,
                    how=how,
                )
            )
        return value
