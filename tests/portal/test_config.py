"""Settings: faults that name the variable, secrets that stay out of sight."""

from __future__ import annotations

import pytest

from portal.config import Mode, Settings, SettingsFault, SmsProvider
from registry_core.mail import TlsMode

GOOD = {
    "DATABASE_URL": "postgresql+psycopg://desk:hunter2@db/desk",
    "REDIS_URL": "redis://:hunter3@redis/0",
    "DESK_SECRET_KEY": "s" * 32,
}


def read(**more: str) -> Settings:
    return Settings.from_environment({**GOOD, **more})


def fault(**more: str) -> str:
    with pytest.raises(SettingsFault) as caught:
        read(**more)
    return str(caught.value)


def test_three_variables_are_enough() -> None:
    settings = read()
    assert settings.mode is Mode.PRODUCTION
    assert settings.port == 8000
    assert settings.public_url == "http://127.0.0.1:8000"
    assert not settings.is_demonstration


def test_secrets_are_never_shown() -> None:
    shown = repr(read(DESK_MAIL_PASSWORD="hunter4", DESK_SMS_TOKEN="hunter5"))
    for secret in ("hunter2", "hunter3", "hunter4", "hunter5", "s" * 32):
        assert secret not in shown


def test_secrets_do_not_stand_in_messages() -> None:
    assert "hunter2" not in fault(DATABASE_URL="mysql://desk:hunter2@db/desk")


@pytest.mark.parametrize("name", ["DATABASE_URL", "REDIS_URL", "DESK_SECRET_KEY"])
def test_what_is_missing_is_named(name: str) -> None:
    assert name in fault(**{name: ""})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DESK_MODE", "play"),
        ("DESK_PORT", "http"),
        ("DESK_PORT", "0"),
        ("DESK_PORT", "65536"),
        ("DESK_PORT", "８０"),
        ("DATABASE_URL", "postgresql://desk@db/desk"),
        ("REDIS_URL", "http://redis"),
        ("DESK_PUBLIC_URL", "desk.example"),
        ("DESK_MAIL_TLS", "maybe"),
        ("DESK_LOG_LEVEL", "loud"),
        ("DESK_PRESENCE_SECONDS", "5"),
        ("DESK_SECRET_KEY", "s" * 31),
        ("DESK_TRUSTED_PROXIES", "-1"),
        ("DESK_SENDS_PER_SECOND", "-1"),
        ("DESK_TALK_SENDS_PER_SECOND", "10001"),
        ("DESK_COMMANDS_PER_SECOND", "viele"),
    ],
)
def test_what_is_wrong_is_named(name: str, value: str) -> None:
    assert name in fault(**{name: value})


def test_all_faults_are_told_at_once() -> None:
    told = fault(DESK_PORT="x", DATABASE_URL="", DESK_MODE="play")
    assert all(name in told for name in ("DESK_PORT", "DATABASE_URL", "DESK_MODE"))
    assert len(told.splitlines()) == 3


def test_a_demonstration_makes_its_own_key_and_production_never_does() -> None:
    assert len(read(DESK_MODE="demonstration", DESK_SECRET_KEY="").secret_key) >= 32
    assert "DESK_SECRET_KEY" in fault(DESK_SECRET_KEY="")


def test_a_gateway_needs_address_and_token() -> None:
    told = fault(DESK_SMS_PROVIDER="http")
    assert "DESK_SMS_URL" in told
    assert "DESK_SMS_TOKEN" in told
    assert read(DESK_SMS_PROVIDER="console").sms_provider is SmsProvider.CONSOLE


def test_a_mail_server_needs_a_sender() -> None:
    assert "DESK_MAIL_SENDER" in fault(DESK_MAIL_HOST="mail.example")
    settings = read(DESK_MAIL_HOST="mail.example", DESK_MAIL_SENDER="desk@example.org", DESK_MAIL_TLS="starttls")
    assert settings.mail_tls is TlsMode.STARTTLS


def test_servers_for_calls_are_lists_and_a_relay_needs_its_secret() -> None:
    settings = read(
        DESK_STUN="stun:a.cn:3478, stun:b.cn", DESK_TURN="turns:a.cn:5349?transport=tcp", DESK_TURN_SECRET="hunter6"
    )
    assert settings.stun == ("stun:a.cn:3478", "stun:b.cn")
    assert settings.turn == ("turns:a.cn:5349?transport=tcp",)
    assert "hunter6" not in repr(settings)
    assert "DESK_TURN_SECRET" in fault(DESK_TURN="turn:a.cn:3478")


@pytest.mark.parametrize(
    ("name", "value"),
    [("DESK_STUN", "turn:a.cn"), ("DESK_STUN", "stun://a.cn"), ("DESK_TURN", "a.cn"), ("DESK_TURN_SECONDS", "60")],
)
def test_what_is_no_server_for_calls_is_named(name: str, value: str) -> None:
    assert name in fault(**{name: value}, DESK_TURN_SECRET="s")
