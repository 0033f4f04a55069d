"""Nobody does again what another of the staff has just done to a post: they are told of it.

Each form says by a number what its page knew of the post (`seen`): whatever was done since then is
news to whoever presses. Deeds to one post come one after the other.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from imageboard.errors import DoneMeanwhile
from imageboard.store import queries
from imageboard.store.database import Connection
from imageboard.words import Message

_SQL = queries.beside(__file__)


def seen(db: Connection, posts: Sequence[tuple[str, int]]) -> dict[tuple[str, int], int]:
    """What a page that is drawn now knows of each of `posts`; 0: nothing was done to it."""
    asked = {"boards": [board for board, _ in posts], "nos": [no for _, no in posts]}
    found = {(board, no): entry for board, no, entry in db.execute(_SQL.seen, asked)}
    return {post: found.get(post, 0) for post in posts}


def refuse(db: Connection, staff: str, board: str, no: int, *, seen: int | None) -> None:
    """Before a deed to a post, of which the page knew that much (None: it did not say).

    Raises DoneMeanwhile: somebody else has done something to it since, or removed it.
    """
    asked = {"board": board, "no": no, "staff": staff, "seen": seen}
    db.execute(_SQL.one_by_one, asked)
    _tell(db.execute(_SQL.since, asked).fetchone() if seen is not None else None)
    _tell(db.execute(_SQL.removed, asked).fetchone())


def refuse_removed(db: Connection, staff: str, nos: Mapping[str, Sequence[int]]) -> None:
    """Where nothing was left of posts that were ticked. Raises DoneMeanwhile, as above."""
    for board, several in nos.items():
        for no in several:
            _tell(db.execute(_SQL.removed, {"board": board, "no": no, "staff": staff}).fetchone())


def _tell(found: tuple[str, str, int] | None) -> None:
    if found is not None:
        # Here: the words of the log are those of all deeds, some of which call this.
        from imageboard.store import log_words

        staff, action, at_s = found
        did = log_words.WORDS.get(action) or Message("{action}").filled(action=action)
        when = datetime.fromtimestamp(at_s, UTC).strftime("%Y-%m-%d %H:%M:%S")
        raise DoneMeanwhile(staff=staff, did=did, when=when)
