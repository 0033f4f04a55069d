"""Receipts of forms: one that comes again is answered as the first time, and does nothing twice.

Of a post `posts.add` writes the receipt itself, under the board's lock.
"""

from __future__ import annotations

from imageboard.store import queries
from imageboard.store.database import Connection

_SQL = queries.beside(__file__)


def is_there(db: Connection, address_hash: bytes, nonce: str | None, delivery: str | None) -> bool:
    """Whether `posts.add` would answer with a post that is there, and store nothing."""
    asked = {"address_hash": address_hash, "nonce": nonce, "delivery": delivery}
    return db.execute(_SQL.of_post, asked).fetchone() is not None


def begin(db: Connection, address_hash: bytes, delivery: str, board: str) -> int | None:
    """Write the receipt of what is no post, in the transaction that does it.

    It waits for another transaction with the same one. None: this is the first time. Else the
    thread that it led back to then, 0 for the board.
    """
    values = {"address_hash": address_hash, "key": delivery, "board": board}
    if db.execute(_SQL.begin, values).rowcount:
        return None
    row = db.execute(_SQL.find, values).fetchone()
    return 0 if row is None else int(row[0])


def lead_back_to(db: Connection, address_hash: bytes, delivery: str, thread: int) -> None:
    """Of a receipt that was begun: the thread that this leads back to."""
    values = {"address_hash": address_hash, "key": delivery, "thread": thread}
    db.execute(_SQL.lead_back_to, values)


def forget_expired(db: Connection, limit: int) -> int:
    return db.execute(_SQL.forget_expired, {"limit": limit}).rowcount
