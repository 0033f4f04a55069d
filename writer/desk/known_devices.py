"""Browsers that somebody has logged in with before: what strangers try does not keep them out.

A log-in leaves a signed cookie. With it the next one, of the same account, is counted by itself; so
whoever tries passwords on an account, from however many networks, slows down strangers alone.
"""

from __future__ import annotations

import hmac
import secrets
import time
from collections.abc import Callable

DEVICE_COOKIE = "stillboard_device"
#: Since its last log-in; then it is a stranger.
KEPT_S = 180 * 24 * 3600
_ID_BYTES = 16


class KnownDevices:
    """Makes and checks the cookies."""

    def __init__(self, key: bytes, clock: Callable[[], float] = time.time) -> None:
        self._key = key
        self._clock = clock

    def cookie(self, name: str, password_hash: str) -> str:
        """For a browser that has logged in to `name` just now: 'a1B2….1790000000.5e6f…'."""
        device = f"{secrets.token_urlsafe(_ID_BYTES)}.{int(self._clock()) + KEPT_S}"
        return f"{device}.{self._signature(device, name, password_hash)}"

    def device(self, cookie: str | None, name: str, password_hash: str | None) -> str | None:
        """Which browser it is; None: a stranger to this account, or known for too long."""
        device, _, signature = (cookie or "").rpartition(".")
        if password_hash is None or not hmac.compare_digest(
            signature.encode(), self._signature(device, name, password_hash).encode()
        ):
            return None
        expires_s = int(device.rpartition(".")[2])
        return device if expires_s > self._clock() else None

    def _signature(self, device: str, name: str, password_hash: str) -> str:
        """SECURITY: of the password's hash too: with another password all of them are strangers."""
        signed = "\0".join(("device", device, name, password_hash))
        return hmac.new(self._key, signed.encode("utf-8", "surrogatepass"), "sha256").hexdigest()
