"""The signature of the log's head, by which readers know whose it is: Ed25519 (RFC 8032).

The same head and key give the same bytes, so the page that shows it can be proven like all others.
"""

from __future__ import annotations

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from imageboard.cloaks import derived_key
from imageboard.log_chain import Head


class LogSigner:
    """Signs with a key that is derived from the secret of the board."""

    def __init__(self, secret: bytes) -> None:
        self._key = Ed25519PrivateKey.from_private_bytes(derived_key(secret, b"log"))

    @property
    def public_key(self) -> bytes:
        """32 bytes."""
        return self._key.public_key().public_bytes_raw()

    def sign(self, head: Head) -> bytes:
        """64 bytes."""
        return self._key.sign(head.signed)


def is_signed(head: Head, signature: bytes, public_key: bytes) -> bool:
    """Whether whoever has the private half of this key has signed this head."""
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, head.signed)
    except (InvalidSignature, ValueError):
        return False
    return True
