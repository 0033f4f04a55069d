"""Answers to captchas of our own that were used, each good for one try; and passes, for several."""

from __future__ import annotations

from hashlib import sha256

from imageboard.store import queries
from imageboard.store.database import Connection

_SQL = queries.beside(__file__)


def spend(
    db: Connection,
    challenge: str,
    expires_s: int,
    delivery: str | None = None,
    *,
    uses_max: int = 1,
) -> bool:
    """Use up the one answer that this challenge may have; False: it was used before.

    A pass may be used by `uses_max` forms.

    `expires_s`: the second since 1970 from which on the challenge is refused for its age. A form
    that nginx hands to a second writer, as the first was lost, may use it again.
    """
    used = {
        "answer": _digest(challenge),
        "expires_s": expires_s,
        "delivery": delivery and _digest(delivery),
        "uses_max": uses_max,
    }
    return db.execute(_SQL.spend, used).fetchone() is not None


def forget_expired(db: Connection, limit: int) -> int:
    return db.execute(_SQL.forget_expired, {"limit": limit}).rowcount


def _digest(text: str) -> bytes:
    return sha256(text.encode()).digest()[:16]
