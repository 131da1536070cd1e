"""Which push services the house calls. A browser names the address, so nothing but a list may say where we go.

Without it anybody who signs in could make the server call addresses inside the house (server-side request forgery).
Names are compared, not addresses: whoever lists a host trusts its DNS, and redirects are never followed.
"""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import ip_address
from urllib.parse import SplitResult, urlsplit

KNOWN_SERVICES = (
    "fcm.googleapis.com",
    "updates.push.services.mozilla.com",
    "*.notify.windows.com",
    "*.push.apple.com",
)
"""Chrome and others on Chromium; Firefox; Edge; Safari. `*.` stands for one or more labels."""

HTTPS_PORT = 443
LONGEST_ADDRESS = 1000


class Destinations:
    """The list: host names, called over https at port 443; and for tests whole addresses of this machine."""

    def __init__(self, entries: Iterable[str] = KNOWN_SERVICES) -> None:
        """Take the entries of `DESK_PUSH_SERVICES`.

        Raises ValueError for an entry that is neither a host name nor `http://` with a loopback address.
        """
        entries = [entry.strip().lower() for entry in entries if entry.strip()]
        self._local = frozenset(_local(entry) for entry in entries if "/" in entry)
        self._hosts = tuple(_host(entry) for entry in entries if "/" not in entry)

    def allows(self, endpoint: str) -> bool:
        """Say whether we call this address."""
        try:
            place = urlsplit(endpoint)
            port = place.port
        except ValueError:
            return False
        host = place.hostname
        if host is None or "@" in place.netloc or len(endpoint) > LONGEST_ADDRESS or not endpoint.isprintable():
            return False
        if _origin(place) in self._local:
            return True
        return (
            place.scheme == "https" and port in (None, HTTPS_PORT) and any(self._is(host, one) for one in self._hosts)
        )

    @staticmethod
    def _is(host: str, entry: str) -> bool:
        return host.endswith(entry[1:]) and len(host) >= len(entry) if entry.startswith("*.") else host == entry


def _origin(place: SplitResult) -> str:
    return f"{place.scheme}://{place.netloc}".lower()


def _local(entry: str) -> str:
    place = urlsplit(entry)
    try:
        is_local = place.scheme == "http" and ip_address(place.hostname or "").is_loopback
    except ValueError:
        is_local = False
    if not is_local or place.path not in ("", "/"):
        raise ValueError(entry)
    return _origin(place)


def _host(entry: str) -> str:
    *names, zone = entry.removeprefix("*.").split(".")
    # At least two labels with letters at the end: no address by number, nothing inside the house by its bare name.
    if not names or not all(name.replace("-", "").isalnum() for name in names) or not zone.isalpha():
        raise ValueError(entry)
    return entry


_installed: list[Destinations] = []


def install_destinations(destinations: Destinations) -> None:
    """Lay down which push services the house calls (`DESK_PUSH_SERVICES`)."""
    _installed[:] = [destinations]


def destinations() -> Destinations:
    """Return the push services that the house calls."""
    return _installed[0] if _installed else Destinations()
