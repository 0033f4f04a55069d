"""Answers to captchas of our own that were used: each is good for one try."""

from __future__ import annotations

from hashlib import sha256

from imageboard.store import queries
from imageboard.store.database import Connection

_SQL = queries.beside(__file__)


def spend(db: Connection, challenge: str, expires_s: int) -> bool:
    """Use up the one answer that this challenge may have; False: it was used before.

    `expires_s`: the second since 1970 from which on the challenge is refused for its age.
    """
    used = {"answer": sha256(challenge.encode()).digest()[:16], "expires_s": expires_s}
    return db.execute(_SQL.spend, used).fetchone() is not None


def forget_expired(db: Connection, limit: int) -> int:
    return db.execute(_SQL.forget_expired, {"limit": limit}).rowcount
