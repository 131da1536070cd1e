"""Handing a sealed notice to the push service of a browser (RFC 8030)."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import Protocol

import httpx

from registry_core.deliveries import DeliveryDelayed, Undeliverable
from registry_core.webpush.cipher import BrowserKeys, seal
from registry_core.webpush.destinations import Destinations
from registry_core.webpush.vapid import vapid_key

DONE = range(200, 300)
GONE = frozenset({404, 410})
# About our access or the moment, not about this notice.
_OURS_OR_LATER = frozenset({401, 403, 408, 425, 429})
# A day: who switches the computer on later finds the digest, and the numbers on the page.
KEPT_SECONDS = 24 * 60 * 60


@dataclass(frozen=True, slots=True)
class Parcel:
    """What goes to one browser. `topic` lets the service replace an older notice about the same that still waits."""

    endpoint: str
    p256dh: str
    auth: str
    payload: bytes
    topic: str = ""


class SubscriptionGone(Undeliverable):
    """The browser does not want notices any more, or has been thrown away; its subscription is to be forgotten."""


class PushTransport(Protocol):
    """The way to the push services."""

    async def send(self, parcel: Parcel) -> None:
        """Hand in one parcel.

        Raises SubscriptionGone, Undeliverable (never again) and DeliveryDelayed (try later).
        """

    async def close(self) -> None:
        """Hang up."""


class NoPush:
    """A house without push: nothing goes out."""

    async def send(self, parcel: Parcel) -> None:
        """Refuse."""
        del parcel
        raise Undeliverable("no push services")

    async def close(self) -> None:
        """Do nothing."""


class HttpPush:
    """Hands parcels in over HTTPS, to the listed services alone, without following them anywhere else."""

    def __init__(self, destinations: Destinations, *, contact: str, wait_seconds: float = 10.0) -> None:
        self._destinations = destinations
        self._contact = contact
        # Proxies named in the environment are for people's programs; push services are reached as they are configured.
        self._client = httpx.AsyncClient(timeout=wait_seconds, follow_redirects=False, trust_env=False)

    async def send(self, parcel: Parcel) -> None:
        """Hand in one parcel; what the service says of it is read from its number alone, its words are left unread."""
        key = vapid_key()
        # Asked again at the moment of calling: the list may have been shortened since the browser subscribed.
        if key is None or not self._destinations.allows(parcel.endpoint):
            raise Undeliverable("no such push service")
        headers = {
            "Authorization": key.authorise(parcel.endpoint, contact=self._contact),
            "Content-Encoding": "aes128gcm",
            "Content-Type": "application/octet-stream",
            "TTL": str(KEPT_SECONDS),
            "Urgency": "normal",
        }
        if parcel.topic:
            headers["Topic"] = parcel.topic
        try:
            body = seal(parcel.payload, BrowserKeys.read(parcel.p256dh, parcel.auth))
        except ValueError:
            raise Undeliverable("malformed") from None
        _judge(await self._post(parcel.endpoint, body, headers))

    async def close(self) -> None:
        """Close the open connections."""
        await self._client.aclose()

    async def _post(self, endpoint: str, body: bytes, headers: dict[str, str]) -> int:
        try:
            async with self._client.stream("POST", endpoint, content=body, headers=headers) as answer:
                return answer.status_code
        except httpx.HTTPError as failure:
            raise DeliveryDelayed(type(failure).__name__) from None


def _judge(status: int) -> None:
    """Say what an answer means. Source: RFC 8030, sections 5 and 7."""
    if status in DONE:
        return
    reason = f"HTTP {status}"
    if status in GONE:
        raise SubscriptionGone(reason)
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR or status in _OURS_OR_LATER:
        raise DeliveryDelayed(reason)
    raise Undeliverable(reason)
