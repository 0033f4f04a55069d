"""What the pages show: threads in order, posts with their files, quotes and backlinks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple, TypeVar

from imageboard import addresses
from imageboard.boards import Board
from imageboard.facts import PageRange
from imageboard.parts import Part
from imageboard.settings import BoardSettings
from imageboard.store import queries
from imageboard.store.database import Connection
from imageboard.threads import Backlink, Post, PostFile, QuoteTarget, Thread

_SQL = queries.beside(__file__)

_Row = TypeVar("_Row", Post, QuoteTarget, Backlink, PostFile)


class ThreadPreview(NamedTuple):
    """A thread as a board page and the catalog show it."""

    thread: Thread
    #: Numbers of the last replies, oldest first.
    last_replies: tuple[int, ...]


class RecentPost(NamedTuple):
    """A line on the front page."""

    board: str
    no: int
    thread: int
    created_s: int
    subject: str | None
    body: str


class RecentPicture(NamedTuple):
    """A thumbnail on the front page."""

    board: str
    no: int
    thread: int
    tim: str
    thumb_extension: str
    thumb_width: int
    thumb_height: int
    colour: int | None


class AsideThread(NamedTuple):
    """A thread that fell off its board and is kept where only staff see it."""

    board: str
    no: int
    replies: int
    images: int
    subject: str | None
    body: str
    #: Unix seconds.
    aside_s: int


class Removal(NamedTuple):
    """A post that was removed from its thread."""

    change_no: int
    #: None: whichever posts were removed up to that change, since nobody noted them.
    no: int | None


class StoredMedia(NamedTuple):
    """One file in the upload store, and what its names are made of."""

    tim: str
    extension: str
    thumb_extension: str | None
    dense_extension: str | None
    stored_as: str
    sha256: bytes
    bytes: int

    @property
    def names(self) -> dict[Part, str]:
        """Below /<board>/, of each part that it has."""
        return addresses.media_names(
            self.tim, self.extension, self.thumb_extension, self.dense_extension
        )


def get(db: Connection, board: str, thread: int) -> Thread | None:
    return get_some(db, board, [thread]).get(thread)


def get_some(db: Connection, board: str, threads: list[int]) -> dict[int, Thread]:
    """Those of `threads` that are there; `posters` is not counted (0)."""
    rows = db.execute(_SQL.some, {"board": board, "threads": threads})
    return {thread.no: thread for thread in queries.by_name(Thread, rows)}


def posts(db: Connection, board: str, threads: list[int], *, after: int = -1) -> Iterator[Post]:
    """Posts of these threads that came to look different after change `after`; -1: all.

    One by one: a thread's posts as Python's objects take several times what is made of them.
    """
    rows = db.execute(_SQL.posts, {"board": board, "threads": threads, "after": after})
    yield from queries.by_name(post_of, rows)


def posts_by_no(db: Connection, board: str, nos: list[int]) -> list[Post]:
    """Those of the posts `nos` that are there, oldest first."""
    rows = db.execute(_SQL.posts_by_no, {"board": board, "nos": nos})
    return list(queries.by_name(post_of, rows))


def posts_for_staff(db: Connection, board: str, nos: list[int]) -> list[Post]:
    """The same; posts of threads that are kept aside too."""
    rows = db.execute(_SQL.posts_for_staff, {"board": board, "nos": nos})
    return list(queries.by_name(post_of, rows))


def newest_for_staff(
    db: Connection,
    *,
    on: list[str] | None,
    address_hashes: Sequence[bytes] | None = None,
    limit: int,
    after: int = 0,
) -> list[tuple[str, Post]]:
    """(board, post) of these boards (None: all), after so many of them, the newest first.

    With `address_hashes` of these posters alone.
    """
    asked = {"on": on, "posters": address_hashes, "limit": limit, "after": after}
    return for_staff(db, [(board, no) for board, no in db.execute(_SQL.for_staff, asked)])


def for_staff(db: Connection, keys: Sequence[tuple[str, int]]) -> list[tuple[str, Post]]:
    """(board, post) of those of `keys` that staff can see, in their order."""
    found = {
        (board, post.no): post
        for board in {board for board, _ in keys}
        for post in posts_for_staff(db, board, [no for of, no in keys if of == board])
    }
    return [(board, found[board, no]) for board, no in keys if (board, no) in found]


def get_aside(db: Connection, board: str, thread: int) -> Thread | None:
    """A thread that is kept aside; None when it is not (any more)."""
    rows = db.execute(_SQL.one_aside, {"board": board, "thread": thread})
    return next(iter(queries.by_name(Thread, rows)), None)


def aside(db: Connection, *, on: list[str] | None, limit: int, after: int = 0) -> list[AsideThread]:
    """Threads kept aside on these boards (None: on all) after so many of them, the last that fell
    off first."""
    rows = db.execute(_SQL.aside, {"on": on, "limit": limit, "after": after})
    return list(queries.by_name(AsideThread, rows))


def in_order(db: Connection, board: str, settings: BoardSettings) -> list[ThreadPreview]:
    """All threads of a board, as its pages show them; `posters` is not counted (0)."""
    rows = db.execute(
        _SQL.in_order,
        {
            "board": board,
            "preview_replies": settings.preview_replies,
            "preview_replies_sticky": settings.preview_replies_sticky,
        },
    )
    return list(queries.by_name(_preview, rows))


def bumped_last(
    db: Connection, boards: Sequence[Board], limit: int
) -> list[tuple[str, ThreadPreview]]:
    """(board, thread) of these boards together, the last that was bumped first."""
    settings = [board.settings for board in boards]
    rows = db.execute(
        _SQL.bumped_last,
        {
            "boards": [board.name for board in boards],
            "preview_replies": [each.preview_replies for each in settings],
            "preview_replies_sticky": [each.preview_replies_sticky for each in settings],
            "limit": limit,
        },
    )
    return list(queries.by_name(_preview_of_board, rows))


def removed(db: Connection, board: str, threads: list[int], limit: int) -> dict[int, list[Removal]]:
    """{thread: so many posts that were removed from it, the last first}"""
    found: dict[int, list[Removal]] = {no: [] for no in threads}
    asked = {"board": board, "threads": threads, "limit": limit}
    for thread, *removal in db.execute(_SQL.removed, asked):
        found[thread].append(Removal(*removal))
    return found


def numbers(db: Connection, board: str) -> list[int]:
    return [no for (no,) in db.execute(_SQL.numbers, {"board": board})]


def board_pages(db: Connection, board: Board) -> PageRange:
    """All pages of a board; an empty one has one."""
    per_page = board.settings.threads_per_page
    return PageRange(1, max(1, -(-len(numbers(db, board.name)) // per_page)))


def recent(db: Connection, boards: list[str], limit: int) -> list[RecentPost]:
    """The newest posts of these boards, which have threads that are shown."""
    values = {"boards": boards, "limit": limit}
    return list(queries.by_name(RecentPost, db.execute(_SQL.recent, values)))


def recent_pictures(
    db: Connection, boards: list[str], limit: int, *, among: int, may_show: list[str]
) -> list[RecentPicture]:
    """Of so many of the newest posts of these boards, as above; of some of them the pictures."""
    values = {"boards": boards, "limit": limit, "posts": among, "may_show": may_show}
    return list(queries.by_name(RecentPicture, db.execute(_SQL.recent_pictures, values)))


def last_hour(db: Connection, boards: list[str], limit: int) -> tuple[int, int | None]:
    """(posts in the hour up to the newest one, `limit` at most; when that came, None: never)."""
    row = db.execute(_SQL.last_hour, {"boards": boards, "limit": limit}).fetchone()
    assert row is not None, "count() has a row"
    return row[0], row[1]


def media(db: Connection, board: str, tims: list[str] | None = None) -> dict[str, StoredMedia]:
    """{tim: file} of files that are there: all of the threads on a board, or those of `tims`."""
    query = _SQL.media if tims is None else _SQL.media_by_tim
    rows = db.execute(query, {"board": board, "tims": tims})
    return {file.tim: file for file in queries.by_name(StoredMedia, rows)}


def media_archived(db: Connection, board: str, threads: list[int]) -> dict[str, StoredMedia]:
    """{tim: file} of these archived threads."""
    rows = db.execute(_SQL.media_archived, {"board": board, "threads": threads})
    return {file.tim: file for file in queries.by_name(StoredMedia, rows)}


def media_from(db: Connection, board: str, nos: list[int]) -> dict[str, StoredMedia]:
    """{tim: file}: of each of these numbers of posts the first file at or after it."""
    rows = db.execute(_SQL.media_from, {"board": board, "nos": nos})
    return {file.tim: file for file in queries.by_name(StoredMedia, rows)}


def _preview(*, last_replies: list[int], **thread: Any) -> ThreadPreview:
    return ThreadPreview(Thread(**thread), tuple(reversed(last_replies)))


def _preview_of_board(*, board: str, **preview: Any) -> tuple[str, ThreadPreview]:
    return board, _preview(**preview)


#: A row of one kind within a row: what PostgreSQL gives as JSON.
_Rows = list[dict[str, Any]] | None


def post_of(*, board: str, quotes: _Rows, backlinks: _Rows, files: _Rows, **shown: Any) -> Post:
    """Of a row of `every_post` or `shown_posts`."""
    return _known(
        Post,
        {
            **shown,
            "quotes": tuple(_known(QuoteTarget, quote) for quote in quotes or ()),
            "backlinks": tuple(_known(Backlink, backlink) for backlink in backlinks or ()),
            "files": tuple(_known(PostFile, file) for file in files or ()),
        },
    )


def _known(kind: type[_Row], row: Mapping[str, Any]) -> _Row:
    """Of a row of a view what this version knows: the next one adds columns before it starts."""
    return kind(*map(row.__getitem__, kind._fields))
