"""What comes from other engines: posts by the thousand, each with the number that it had.

Threads of a board stand unseen until all of it has come: then they are shown at once, with the fact
that all pages of the board are to be drawn. What came is noted, so that who calls again, after an
interruption or with a later dump, adds what is missing and nothing twice.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any, NamedTuple

from psycopg.sql import SQL, Identifier
from psycopg.types.json import Jsonb

from imageboard.store import boards, queries
from imageboard.store.database import Connection

_SQL = queries.beside(__file__)

#: A row of a table, {column: value}. Of posts, links and notes all that come at once have the same
#: columns.
Row = Mapping[str, Any]


class LooseQuote(NamedTuple):
    """A link of a post that came, to one that is not there."""

    no: int
    to_board: str
    to_no: int


class Batch(NamedTuple):
    """Rows of new posts of one board, with all that hangs on them."""

    board: str
    threads: Sequence[Row]
    posts: Sequence[Row]
    files: Sequence[Row]
    #: Addresses of files by their bytes, of old_files.
    addresses: Sequence[Row]
    quotes: Sequence[Row]
    #: {board, no, digest} of each post.
    notes: Sequence[Row]


def claim(db: Connection) -> bool:
    """The right to bring boards, as long as the connection lasts; False: another has it."""
    return db.execute(_SQL.claim).fetchone() == (True,)


def give_up(db: Connection) -> None:
    """Let others bring boards."""
    db.execute(_SQL.give_up)


def begin(db: Connection, board: str, *, first_no: int, last_no: int) -> int:
    """What is to be added to twice the number of a post that comes, to have its change.

    From now on new posts have numbers above `last_no`. `first_no` is the first that may come.
    """
    boards.lock(db, board)
    values = {"board": board, "first_no": first_no, "last_no": last_no}
    (base,) = db.execute(_SQL.begin, values).fetchone() or (0,)
    return int(base)


def boards_come(db: Connection) -> dict[str, bool]:
    """{board that came: whether all of what came is shown}"""
    return dict(db.execute(_SQL.all).fetchall())


def has_posts(db: Connection, board: str) -> bool:
    return db.execute(_SQL.has_posts, {"board": board}).fetchone() == (True,)


def newest(db: Connection, board: str) -> int:
    """The highest number that has come; 0: none has."""
    (no,) = db.execute(_SQL.newest, {"board": board}).fetchone() or (0,)
    return int(no)


def known(db: Connection, board: str, nos: Sequence[int]) -> dict[int, bytes]:
    """{number: digest} of those of these posts that have come."""
    rows = db.execute(_SQL.known, {"board": board, "nos": list(nos)})
    return {no: bytes(digest) for no, digest in rows}


def moments(db: Connection, board: str, nos: Sequence[int]) -> dict[int, int]:
    """{number: Unix seconds} of those of these posts that are there."""
    return dict(db.execute(_SQL.moments, {"board": board, "nos": list(nos)}).fetchall())


def taken(db: Connection, board: str, nos: Sequence[int]) -> set[int]:
    """Those of these numbers that a post has."""
    return {no for (no,) in db.execute(_SQL.taken, {"board": board, "nos": list(nos)})}


def taken_tims(db: Connection, board: str, tims: Sequence[str]) -> set[str]:
    """Those of these names that a file of the board has."""
    rows = db.execute(_SQL.taken_tims, {"board": board, "tims": list(tims)})
    return {tim for (tim,) in rows}


def threads_there(db: Connection, board: str, nos: Sequence[int]) -> dict[int, int]:
    """{thread: Unix seconds of its last bump, as the dump has it} of those that are there."""
    return dict(db.execute(_SQL.threads_there, {"board": board, "nos": list(nos)}).fetchall())


def note_threads(db: Connection, threads: Sequence[Row]) -> bool:
    """Where these threads stand there ({board, no, bumped_at, archived_at}); False: as was known.

    `archived_at` None: on their board.
    """
    return bool(threads) and db.execute(_SQL.note_threads, {"threads": _rows(threads)}).rowcount > 0


def add(db: Connection, batch: Batch) -> None:
    """Store what comes; nobody sees threads of it until `finish`."""
    if batch.threads:
        db.execute(_SQL.add_threads, {"threads": _rows(batch.threads)})
        note_threads(db, batch.threads)
    _copy(db, "posts", batch.posts)
    if batch.files:
        db.execute(_SQL.add_files, {"files": _rows(batch.files)})
    if batch.addresses:
        db.execute(_SQL.add_addresses, {"addresses": _rows(batch.addresses)})
    _copy(db, "imported_quotes", batch.quotes)
    _copy(db, "imported_posts", batch.notes)
    threads = sorted({row["thread_no"] for row in batch.posts})
    db.execute(_SQL.note_due, {"board": batch.board, "threads": threads})


def note(db: Connection, notes: Sequence[Row]) -> None:
    """These posts have come, as this ({board, no, digest})."""
    db.execute(_SQL.note_posts, {"posts": _rows(notes)})


def boards_with_quotes(db: Connection) -> list[str]:
    """Boards with links to posts that are there by now."""
    return [name for (name,) in db.execute(_SQL.boards_with_quotes)]


def join_quotes(db: Connection, board: str, *, after: int, limit: int) -> int | None:
    """Let the next links of a board, some `limit`, lead to posts that are there by now.

    The post with the last of them, after which it goes on; None: there are no more.
    """
    asked = {"board": board, "after": after, "limit": limit}
    count, up_to = db.execute(_SQL.next_quotes, asked).fetchone() or (0, None)
    if count:
        db.execute(_SQL.join_quotes, asked | {"up_to": up_to})
    return up_to if count == limit else None


def loose_quotes(db: Connection, board: str, limit: int) -> tuple[int, list[LooseQuote]]:
    """How many links of a board lead nowhere, and the first of them."""
    rows = db.execute(_SQL.loose_quotes, {"board": board, "limit": limit}).fetchall()
    return (rows[0][0] if rows else 0), [LooseQuote(*row[1:]) for row in rows]


def know_sizes(db: Connection) -> None:
    """Let the database count what came, by samples, before it is asked about all of it."""
    db.execute(_SQL.know_sizes)


def finish(db: Connection, board: str, *, last_tim: int) -> None:
    """Show what came of a board; every page of it is to be drawn. Its links are joined before.

    What comes first of a board is found by search as posts are that were there before it.
    """
    last_no = boards.lock(db, board).last_no
    asked = {"board": board, "last_tim": last_tim, "no": last_no}
    db.execute(_SQL.finish, asked)
    db.execute(_SQL.count_threads, asked)
    db.execute(_SQL.mark_bumping_posts, asked)
    db.execute(_SQL.archive_threads, asked)
    if db.execute(_SQL.search_from, asked).rowcount:
        db.execute(_SQL.search_backwards)
    else:
        db.execute(_SQL.search_again, asked)
    db.execute(_SQL.show_threads, asked)
    boards.redraw(db, board)


def come(db: Connection, board: str, *, after: int, limit: int) -> list[int]:
    """Numbers of posts that have come, in order."""
    asked = {"board": board, "after": after, "limit": limit}
    return [no for (no,) in db.execute(_SQL.come, asked)]


def forget(db: Connection, board: str, nos: Sequence[int]) -> None:
    """These posts have not come, as far as a later dump is told."""
    db.execute(_SQL.forget_posts, {"board": board, "nos": list(nos)})


def forget_board(db: Connection, board: str) -> None:
    """The same of a whole board, whose posts were forgotten before."""
    db.execute(_SQL.forget_board, {"board": board})


def change(db: Connection, post: Row, quotes: Sequence[Row]) -> None:
    """Let a post say what it says in a later dump, and lead where it leads there.

    `post` has board, no, name, tripcode, email, subject, body, ban_message, edited_at. Links that
    are new wait for `join_quotes`.
    """
    db.execute(_SQL.change_post, post)
    told = {"board": post["board"], "no": post["no"], "quotes": _rows(quotes)}
    db.execute(_SQL.drop_quotes, told)
    db.execute(_SQL.add_quotes, told)


def files_there(db: Connection, board: str, no: int) -> dict[int, str | None]:
    """{position: its address} of a post's files that were not removed; None: it had its board's."""
    return dict(db.execute(_SQL.files_there, {"board": board, "no": no}).fetchall())


class Other(NamedTuple):
    """A ban, a report or whatever else is no post, as it is known when it comes again."""

    #: 'ban'
    kind: str
    #: What it is called there, which another site may call its own so.
    name: str
    #: Of what tells the two apart.
    digest: bytes


def without_digests(db: Connection, boards: Collection[str]) -> bool:
    """Whether one of these boards came when what is no post was noted by its name alone."""
    row = db.execute(_SQL.without_digests, {"boards": list(boards)}).fetchone()
    return row == (True,)


def came_without_digest(db: Connection, other: Other) -> bool:
    """Whether something of this kind that is called so came then, whatever it says."""
    return db.execute(_SQL.came_without_digest, other._asdict()).fetchone() == (True,)


def stands_here(db: Connection, other: Other, created_s: int) -> bool:
    """Whether a ban, news or a note that came then and is called so is here, and of this moment."""
    asked = other._asdict() | {"created_s": created_s}
    return db.execute(_SQL.stands_here, asked).fetchone() == (True,)


def comes(db: Connection, other: Other) -> bool:
    """Whether this ban, report … comes now; False: it has come before."""
    return db.execute(_SQL.note_other, other._asdict()).rowcount > 0


def note_ours(db: Connection, other: Other, ours: Sequence[str]) -> None:
    """What it is called here."""
    db.execute(_SQL.note_ours, other._asdict() | {"ours": list(ours)})


def names_of(db: Connection, kind: str, digest: bytes) -> set[str]:
    """As what those of a kind came that say this."""
    rows = db.execute(_SQL.names_of, {"kind": kind, "digest": digest})
    return {name for (name,) in rows}


def others(db: Connection, kind: str) -> list[str]:
    """What those of a kind that came are called here."""
    return [name for (name,) in db.execute(_SQL.others, {"kind": kind})]


def ours_of(db: Connection, other: Other) -> list[str]:
    """What one that came is called here; none: it did not come."""
    (ours,) = db.execute(_SQL.ours_of, other._asdict()).fetchone() or ([],)
    return list(ours)


def forget_others(db: Connection) -> None:
    """No ban, report … has come."""
    db.execute(_SQL.forget_others)


def drop_ban(db: Connection, ban_id: int) -> None:
    """A ban that came is gone."""
    db.execute(_SQL.drop_ban, {"id": ban_id})


def drop_unseen(db: Connection, board: str) -> None:
    """Threads that were still coming are gone, with all of their posts."""
    db.execute(_SQL.drop_unseen, {"board": board})


def add_ban(db: Connection, **values: Any) -> int:
    """{address_hash, range, board, reason, created_by, created_s, expires_s, seen_s}; its id."""
    (ban_id,) = db.execute(_SQL.add_ban, values).fetchone() or (0,)
    return int(ban_id)


def add_report(db: Connection, **values: Any) -> None:
    """{board, no, reason, address_hash, created_s}"""
    db.execute(_SQL.add_report, values)


def add_note(db: Connection, **values: Any) -> int | None:
    """{address_hash, staff, note, written_s, notes_max}; its id, None: there are as many."""
    (note_id,) = db.execute(_SQL.add_note, values).fetchone() or (None,)
    return note_id


def drop_note(db: Connection, note_id: int) -> None:
    """A note that came is gone."""
    db.execute(_SQL.drop_note, {"id": note_id})


def add_appeal(db: Connection, **values: Any) -> None:
    """{ban, otherwise, body, made_s, answer}; `otherwise` is who made it, of a ban of a range."""
    db.execute(_SQL.add_appeal, values)


def _copy(db: Connection, table: str, rows: Sequence[Row]) -> None:
    """Add rows, by the names of their columns.

    PERF: of what comes a row a post, COPY takes half of the CPU that a set of rows as JSON takes,
    on both sides.
    """
    if not rows:
        return
    columns = SQL(", ").join(map(Identifier, rows[0]))
    copying = SQL("COPY {} ({}) FROM STDIN").format(Identifier(table), columns)
    with db.cursor() as cursor, cursor.copy(copying) as copy:
        for row in rows:
            copy.write_row(tuple(row.values()))


def _rows(rows: Sequence[Row]) -> Jsonb:
    return queries.as_json(rows)
