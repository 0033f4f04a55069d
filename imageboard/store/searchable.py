"""By which words posts are found: added by the keeper soon after a post came, and gone with it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import psycopg

from imageboard import search_words
from imageboard.errors import SearchTooSlow
from imageboard.search_words import FileWords
from imageboard.store import queries, threads
from imageboard.store.database import Connection
from imageboard.threads import Post

_SQL = queries.beside(__file__)

#: Searches of one process of the writer, which has eight threads for all that posters want
#: (deploy/gunicorn.py), and so its connections for them.
AT_ONCE_MAX = 2


class Found(NamedTuple):
    """A page of the posts that have the words."""

    #: With their boards.
    posts: list[tuple[str, Post]]
    #: On all pages.
    total: int
    #: Whether there may be more than so many, which nobody counted.
    has_more: bool
    #: The place of the newest, in the order of time over all boards; 0: nothing was found.
    newest: int


class _Post(NamedTuple):
    """What is indexed of a post."""

    board: str
    no: int
    created_s: float
    subject: str | None
    name: str | None
    tripcode: str | None
    body: str
    files: tuple[FileWords, ...]
    place: int = 0

    @property
    def words(self) -> str:
        return search_words.vector(
            board=self.board,
            place=self.place,
            subject=self.subject,
            name=self.name,
            tripcode=self.tripcode,
            body=self.body,
            files=self.files,
        )


def is_behind(db: Connection) -> bool:
    """Whether `add_new` or `change_due` has something to do."""
    return db.execute(_SQL.is_behind).fetchone() == (True,)


def add_new(db: Connection, limit: int) -> int | None:
    """Let posts that came be found, at most `limit` of each board; how many were looked at.

    None, as from the two below: somebody else is at it.
    """
    if not _is_our_turn(db):
        return None
    posts: list[_Post] = []
    for board, after, last in db.execute(_SQL.behind).fetchall():
        asked = {"board": board, "after": after, "last": last, "limit": limit}
        of_board = _posts(db, _SQL.new_posts, asked)
        posts += of_board
        # Numbers are given one after the other: what is missing among them was removed.
        no = of_board[-1].no if len(of_board) == limit else last
        db.execute(_SQL.note_progress, {"board": board, "no": no})
    if posts:
        posts.sort(key=lambda post: (post.created_s, post.board, post.no))
        _, last_place = _ends(db)
        _add(db, posts, range(last_place + 1, last_place + 1 + len(posts)))
    return len(posts)


def add_older(db: Connection, limit: int) -> int | None:
    """The same for posts that were there before search was, the newest first; 0: none is left."""
    if not _is_our_turn(db):
        return None
    posts = _posts(db, _SQL.older_posts, {"limit": limit})
    if posts:
        first_place, _ = _ends(db)
        _add(db, posts, range(first_place - 1, first_place - 1 - len(posts), -1))
    db.execute(_SQL.note_older, {"created_s": posts[-1].created_s if posts else None})
    return len(posts)


def change_due(db: Connection, limit: int) -> int | None:
    """Let posts be found by what they say now; how many."""
    if not _is_our_turn(db):
        return None
    posts = _posts(db, _SQL.due_posts, {"limit": limit})
    if posts:
        changed = _named(posts) | {"words": [post.words for post in posts]}
        db.execute(_SQL.change, changed)
        db.execute(_SQL.settle, changed)
    return len(posts)


def find(
    db: Connection,
    words: str,
    *,
    since: datetime | None = None,
    before: datetime | None = None,
    until: int | None = None,
    is_ranked: bool = False,
    found_max: int,
    limit: int,
    start: int = 0,
) -> Found:
    """`limit` after the first `start` of the newest `found_max` posts for which `words` holds.

    `words` is a tsquery. They come as they are ranked, else the newest first. `until` is the place
    of the newest that may be among them.

    Raises:
        SearchTooSlow: it took longer than a statement of `db` may.
    """
    asked = {
        "words": words,
        "since": since,
        "before": before,
        "until": until,
        "is_ranked": is_ranked,
        "found_max": found_max,
        "limit": limit,
        "start": start,
    }
    try:
        rows = list(queries.by_name(_row, db.execute(_SQL.find, asked)))
    except psycopg.errors.QueryCanceled as ex:
        raise SearchTooSlow from ex
    found, newest, _ = rows[0]
    posts = [of_board for _, _, of_board in rows if of_board is not None]
    return Found(posts, min(found, found_max), found > found_max, newest or 0)


def _row(
    *, found: int, newest: int | None, **shown: Any
) -> tuple[int, int | None, tuple[str, Post] | None]:
    of_board = None if shown["no"] is None else (shown["board"], threads.post_of(**shown))
    return found, newest, of_board


def _is_our_turn(db: Connection) -> bool:
    return db.execute(_SQL.is_our_turn).fetchone() == (True,)


def _ends(db: Connection) -> tuple[int, int]:
    row = db.execute(_SQL.ends).fetchone()
    assert row is not None
    first, last = row
    return first, last


def _posts(db: Connection, query: str, asked: dict[str, Any]) -> list[_Post]:
    return list(queries.by_name(_post, db.execute(query, asked)))


def _post(*, files: list[dict[str, Any]] | None, **told: Any) -> _Post:
    return _Post(**told, files=tuple(FileWords(**file) for file in files or ()))


def _add(db: Connection, posts: Sequence[_Post], places: Iterable[int]) -> None:
    placed = [post._replace(place=place) for post, place in zip(posts, places, strict=True)]
    db.execute(
        _SQL.add,
        _named(placed)
        | {
            "places": [post.place for post in placed],
            "words": [post.words for post in placed],
        },
    )


def _named(posts: Sequence[_Post]) -> dict[str, list[Any]]:
    return {"boards": [post.board for post in posts], "nos": [post.no for post in posts]}
