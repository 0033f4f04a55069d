"""Log-ins whose password was right, and which a second factor is still to finish.

Nothing is kept of them: the browser holds a signed cookie for some minutes. It opens nothing by
itself, and nothing at all once the password is another one.
"""

from __future__ import annotations

import hmac
import time
from collections.abc import Callable
from urllib.parse import quote, unquote

HALF_COOKIE = "stillboard_half"
KEPT_S = 5 * 60


class HalfLogins:
    """Makes and checks the cookies."""

    def __init__(self, key: bytes, clock: Callable[[], float] = time.time) -> None:
        self._key = key
        self._clock = clock

    def cookie(self, name: str, password_hash: str) -> str:
        """'alice.1790000000.5e6f…', for whoever has typed the password of `name` just now."""
        # A name that came from another engine may hold what a cookie may not.
        half = f"{quote(name)}.{int(self._clock()) + KEPT_S}"
        return f"{half}.{self._signature(half, password_hash)}"

    def name(self, cookie: str | None) -> str:
        """Whose it says to be; to be believed after `is_good` alone."""
        return unquote((cookie or "").rsplit(".", 2)[0])

    def is_good(self, cookie: str | None, password_hash: str | None) -> bool:
        half, _, signature = (cookie or "").rpartition(".")
        if password_hash is None or not hmac.compare_digest(
            signature.encode(), self._signature(half, password_hash).encode()
        ):
            return False
        return int(half.rpartition(".")[2]) > self._clock()

    def _signature(self, half: str, password_hash: str) -> str:
        signed = "\0".join(("half", half, password_hash))
        return hmac.new(self._key, signed.encode("utf-8", "surrogatepass"), "sha256").hexdigest()
