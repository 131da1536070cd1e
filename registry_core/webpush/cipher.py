"""Sealing a payload for one browser: RFC 8291 (keys) upon RFC 8188 (aes128gcm, one record)."""

from __future__ import annotations

import secrets
import struct
from dataclasses import dataclass

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from registry_core.webpush.texts64 import to_bytes

POINT_BYTES = 65
SECRET_BYTES = 16
SALT_BYTES = 16
# The whole body may be no longer than 4096 bytes (RFC 8030, section 7.2): header 86, tag 16, delimiter 1.
LONGEST_PAYLOAD = 3993
RECORD_BYTES = 4096
LAST_RECORD = b"\x02"


@dataclass(frozen=True, slots=True)
class BrowserKeys:
    """The keys of a subscription: the browser's point on P-256 and its authentication secret."""

    point: bytes
    secret: bytes

    @classmethod
    def read(cls, p256dh: str, auth: str) -> BrowserKeys:
        """Read keys as a browser states them, in base64url.

        Raises ValueError for what is no point of the curve or no secret of 16 bytes.
        """
        point, secret = to_bytes(p256dh), to_bytes(auth)
        if len(point) != POINT_BYTES or len(secret) != SECRET_BYTES:
            message = "these are no keys of a push subscription"
            raise ValueError(message)
        ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)
        return cls(point, secret)


def public_point(key: ec.EllipticCurvePublicKey) -> bytes:
    """Write a public key as an uncompressed point, 65 bytes."""
    return key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def seal(
    payload: bytes, keys: BrowserKeys, *, ours: ec.EllipticCurvePrivateKey | None = None, salt: bytes | None = None
) -> bytes:
    """Seal a payload so that only the browser can read it; the push service between sees its length alone.

    `ours` and `salt` are made anew for each message; only the test of RFC 8291's example gives its own.
    Raises ValueError for a payload over `LONGEST_PAYLOAD`.
    """
    if len(payload) > LONGEST_PAYLOAD:
        message = f"{len(payload)} bytes do not fit into a push message"
        raise ValueError(message)
    ours = ours or ec.generate_private_key(ec.SECP256R1())
    salt = salt or secrets.token_bytes(SALT_BYTES)
    our_point = public_point(ours.public_key())
    theirs = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), keys.point)
    shared = ours.exchange(ec.ECDH(), theirs)
    key_info = b"WebPush: info\x00" + keys.point + our_point
    secret = _derive(shared, salt=keys.secret, info=key_info, length=32)
    key = _derive(secret, salt=salt, info=b"Content-Encoding: aes128gcm\x00", length=16)
    nonce = _derive(secret, salt=salt, info=b"Content-Encoding: nonce\x00", length=12)
    header = salt + struct.pack("!IB", RECORD_BYTES, len(our_point)) + our_point
    return header + AESGCM(key).encrypt(nonce, payload + LAST_RECORD, None)


def _derive(material: bytes, *, salt: bytes, info: bytes, length: int) -> bytes:
    return HKDF(algorithm=hashes.SHA256(), length=length, salt=salt, info=info).derive(material)
