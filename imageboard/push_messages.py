"""A push message that its browser alone can read (RFC 8291, which uses RFC 8188)."""

from __future__ import annotations

import hmac
import os

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

#: Each is padded to it, more than that of the longest name of a board: its length tells the service
#: nothing.
PADDED_BYTES = 320
_SALT_BYTES = 16
#: One record holds all of it.
_RECORD_BYTES = 4096
_LAST_RECORD = b"\x02"


def encrypt(
    message: bytes,
    browsers_key: bytes,
    browsers_secret: bytes,
    *,
    padded_bytes: int = PADDED_BYTES,
    own_key: ec.EllipticCurvePrivateKey | None = None,
    salt: bytes | None = None,
) -> bytes:
    """The body of a request with `Content-Encoding: aes128gcm`.

    `browsers_key` (65 bytes, a point of P-256) and `browsers_secret` (16) are `p256dh` and `auth`
    of the subscription. `own_key` and `salt` are made anew for each message, but in a test.

    Raises:
        ValueError: `browsers_key` is no point of the curve, or the message is too long.
    """
    if len(message) > padded_bytes:
        raise ValueError(f"the message has more than {padded_bytes} bytes")
    own_key = own_key or ec.generate_private_key(ec.SECP256R1())
    salt = salt or os.urandom(_SALT_BYTES)
    own_point = own_key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    theirs = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), browsers_key)
    shared = own_key.exchange(ec.ECDH(), theirs)
    whose = b"WebPush: info\0" + browsers_key + own_point
    base = _derived(browsers_secret, shared, whose, 32)
    key = _derived(salt, base, b"Content-Encoding: aes128gcm\0", 16)
    nonce = _derived(salt, base, b"Content-Encoding: nonce\0", 12)
    plain = message + _LAST_RECORD + bytes(padded_bytes - len(message))
    head = salt + _RECORD_BYTES.to_bytes(4, "big") + bytes([len(own_point)]) + own_point
    return head + AESGCM(key).encrypt(nonce, plain, None)


def _derived(salt: bytes, secret: bytes, info: bytes, length: int) -> bytes:
    """HKDF with SHA-256 (RFC 5869), of up to 32 bytes."""
    extracted = hmac.digest(salt, secret, "sha256")
    return hmac.digest(extracted, info + b"\x01", "sha256")[:length]
