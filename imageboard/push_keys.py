"""Whom a push service believes that a message is the board's: its key (VAPID, RFC 8292).

The public half stands on every thread's page, and browsers subscribe for it alone; each message
bears a token that is signed with the private half.
"""

from __future__ import annotations

import json
from base64 import urlsafe_b64encode

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from imageboard.cloaks import derived_key
from imageboard.settings import Settings

#: Of P-256 (FIPS 186-4, D.1.2.3): a private key is below it.
_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
#: Services take tokens of up to a day (RFC 8292, 2); their clocks and ours may differ.
TOKEN_S = 12 * 3600


def base64url(data: bytes) -> str:
    """Without padding, as all of Web Push writes it."""
    return urlsafe_b64encode(data).rstrip(b"=").decode()


class PushKey:
    """A key that is derived from the secret of the board."""

    def __init__(self, secret: bytes) -> None:
        number = int.from_bytes(derived_key(secret, b"push"), "big")
        self._key = ec.derive_private_key(number % (_ORDER - 1) + 1, ec.SECP256R1())

    @property
    def public(self) -> str:
        """87 characters, as `applicationServerKey` takes them."""
        point = self._key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        return base64url(point)

    def authorization(self, service: str, subject: str, now_s: float) -> str:
        """The header by which `service` ('https://push.example') knows whose message this is.

        `subject`: where its operators find ours, 'https://board.example'.
        """
        claims = {"aud": service, "exp": int(now_s) + TOKEN_S, "sub": subject}
        signed = f"{_part({'typ': 'JWT', 'alg': 'ES256'})}.{_part(claims)}"
        r, s = decode_dss_signature(self._key.sign(signed.encode(), ec.ECDSA(SHA256())))
        signature = base64url(r.to_bytes(32, "big") + s.to_bytes(32, "big"))
        return f"vapid t={signed}.{signature}, k={self.public}"


def shown(settings: Settings) -> str:
    """What thread pages show of it; '': readers are not told of replies.

    Raises BadSetting: they are to be, and nobody could sign.
    """
    if not settings.push:
        return ""
    settings.require("push_key", "site_url")
    return PushKey(settings.push_key).public


def _part(values: dict[str, object]) -> str:
    return base64url(json.dumps(values, separators=(",", ":")).encode())
