"""The house's own key towards push services (VAPID, RFC 8292): made once, kept in a file or in the settings."""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from registry_core import clock
from registry_core.webpush.cipher import public_point
from registry_core.webpush.texts64 import to_bytes, to_text

NUMBER_BYTES = 32
# RFC 8292, section 2: at most 24 hours ahead. Less bears a clock that is wrong.
VALID_FOR = timedelta(hours=12)


@dataclass(frozen=True, slots=True)
class VapidKey:
    """The private key. Browsers tie a subscription to its public half: with another key all have to subscribe anew."""

    private: ec.EllipticCurvePrivateKey = field(repr=False)

    @classmethod
    def make(cls) -> VapidKey:
        """Make a new key."""
        return cls(ec.generate_private_key(ec.SECP256R1()))

    @classmethod
    def read(cls, text: str) -> VapidKey:
        """Read a private key: 32 bytes in base64url, as `text` writes it and as common tools do.

        Raises ValueError.
        """
        number = to_bytes(text.strip())
        if len(number) != NUMBER_BYTES:
            message = "a VAPID key is 32 bytes in base64url"
            raise ValueError(message)
        return cls(ec.derive_private_key(int.from_bytes(number, "big"), ec.SECP256R1()))

    @property
    def text(self) -> str:
        """The private key in base64url. Secret."""
        return to_text(self.private.private_numbers().private_value.to_bytes(NUMBER_BYTES, "big"))

    @property
    def public_text(self) -> str:
        """The public key as browsers take it (`applicationServerKey`)."""
        return to_text(public_point(self.private.public_key()))

    def authorise(self, endpoint: str, *, contact: str) -> str:
        """Write the Authorization header for one push service: who we are, signed, for this service alone."""
        place = urlsplit(endpoint)
        head: dict[str, object] = {"typ": "JWT", "alg": "ES256"}
        claims: dict[str, object] = {
            "aud": f"{place.scheme}://{place.netloc}",
            "exp": int((clock.now() + VALID_FOR).timestamp()),
            "sub": contact,
        }
        signed = ".".join(_encode(part) for part in (head, claims))
        r, s = decode_dss_signature(self.private.sign(signed.encode("ascii"), ec.ECDSA(hashes.SHA256())))
        signature = to_text(r.to_bytes(NUMBER_BYTES, "big") + s.to_bytes(NUMBER_BYTES, "big"))
        return f"vapid t={signed}.{signature}, k={self.public_text}"


def _encode(part: dict[str, object]) -> str:
    return to_text(json.dumps(part, separators=(",", ":")).encode("utf-8"))


def keep_key(file: Path) -> VapidKey:
    """Read the key from its file, and make both the first time; of two processes at once one makes it.

    The file is for its owner alone (0600).
    """
    if not file.is_file():
        _write_once(file, VapidKey.make().text)
    return VapidKey.read(file.read_text("ascii"))


def _write_once(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    unfinished = file.with_name(f".{file.name}.{secrets.token_hex(4)}")
    unfinished.touch(mode=0o600)
    unfinished.write_text(text, "ascii")
    try:
        # A link fails where the name is taken, and it is never there half written.
        os.link(unfinished, file)
    except FileExistsError:
        return
    finally:
        unfinished.unlink()


_loaders: list[Callable[[], VapidKey]] = []
_loaded: list[VapidKey] = []


def install_vapid(load: Callable[[], VapidKey]) -> None:
    """Lay down where the key comes from; it is read at its first use."""
    _loaders[:] = [load]
    _loaded.clear()


def vapid_key() -> VapidKey | None:
    """Return the house's key; None in a house that has laid none down."""
    if not _loaded and _loaders:
        _loaded[:] = [_loaders[0]()]
    return _loaded[0] if _loaded else None
