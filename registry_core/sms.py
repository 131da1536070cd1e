"""Short messages: enqueued in the transaction that causes them, sent by the worker through a provider."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from typing import Protocol
from uuid import UUID

import httpx
import msgspec
from sqlalchemy.orm import Session

from registry_core import outbox
from registry_core.db import new_id
from registry_core.deliveries import DeliveryDelayed, Undeliverable

log = logging.getLogger(__name__)

# About our access or the moment, not about the message: wrong or expired token, limits, gateway too busy.
_OURS_OR_LATER = frozenset({401, 403, 408, 425, 429})

_WHOLE_MOBILE = 11


@dataclass(frozen=True, slots=True)
class Sms:
    """A short message to one account. `key` is the same at each attempt, so that a gateway can drop a second copy."""

    mobile: str
    text: str
    account_id: UUID
    key: UUID = field(default_factory=new_id)
    is_noted: bool = False
    """Whether what comes of it is kept, to be proved later."""


def enqueue_sms(session: Session, sms: Sms) -> None:
    """Let the worker send a short message once this session's transaction has committed."""
    outbox.enqueue(session, outbox.SEND_SMS, sms=msgspec.to_builtins(sms))


def masked(mobile: str) -> str:
    """Hide the middle of a mobile number: 138****5678; a short one is hidden whole."""
    return f"{mobile[:3]}****{mobile[-4:]}" if len(mobile) >= _WHOLE_MOBILE else "****"


class SmsProvider(Protocol):
    """A gateway that takes short messages."""

    async def send(self, mobile: str, text: str, *, key: UUID) -> None:
        """Send one message.

        Raises Undeliverable (never again) and DeliveryDelayed (try later).
        """

    async def close(self) -> None:
        """Let go of what is open."""


class ConsoleSms:
    """Sends nothing: says in the log that a message would have gone out, without its words."""

    async def send(self, mobile: str, text: str, *, key: UUID) -> None:
        """Log the masked number and the length."""
        log.info("SMS %s to %s: %d characters", key, masked(mobile), len(text))

    async def close(self) -> None:
        """Do nothing."""


class HttpSms:
    """Posts `{"mobile", "text", "key"}` as JSON to a gateway with a bearer token; any 2xx means taken."""

    def __init__(self, url: str, token: str, *, wait_seconds: float = 10.0) -> None:
        self._url = url
        # Proxies named in the environment are for people's programs; the gateway is reached as it is configured.
        self._client = httpx.AsyncClient(
            headers={"Authorization": f"Bearer {token}"}, timeout=wait_seconds, trust_env=False
        )

    async def send(self, mobile: str, text: str, *, key: UUID) -> None:
        """Post one message; a refused access is tried again, since somebody may mend the token meanwhile."""
        try:
            answer = await self._client.post(self._url, json={"mobile": mobile, "text": text, "key": str(key)})
        except httpx.HTTPError as failure:
            raise DeliveryDelayed(type(failure).__name__) from None
        if answer.is_success:
            return
        reason = f"HTTP {answer.status_code}"
        if answer.is_client_error and answer.status_code not in _OURS_OR_LATER:
            raise Undeliverable(reason)
        raise DeliveryDelayed(reason)

    async def close(self) -> None:
        """Close the open connections."""
        await self._client.aclose()
