"""Rows of whole tables, as an export carries them from one database to another.

Each table of the schema is named once here: what leaves with a board, in the order in which rows
may refer to each other, and what stays behind, with the reason.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from psycopg.sql import SQL, Identifier, Literal

from imageboard.store import queries
from imageboard.store.database import Connection

_SQL = queries.beside(__file__)

CARRIED = (
    "boards",
    "gone_boards",
    "old_boards",
    "board_flags",
    "all_threads",
    "moved_threads",
    "archive_pages",
    "archive_drawn",
    "posts",
    "removed_posts",
    "files",
    "quotes",
    "old_files",
    "imports",
    "imported_posts",
    "imported_threads",
    "imported_quotes",
    "imported_others",
    "old_log",
    "reports",
    "removals",
    "laid_aside",
    "site",
    "written_pages",
    "news",
    "banners",
    "staff",
    "made_roles",
    "board_roles",
    "totp",
    "recovery_codes",
    "passkeys",
    "bans",
    "poster_notes",
    "appeals",
    "file_bans",
    "spam_rules",
    "said_texts",
    "moderation_log",
    # Each entry would be chained anew at the commit, but for these.
    "log_chain",
)
LEFT = {
    "migrations": "of the version that runs there",
    "setting_defaults": "of the version that runs there",
    "receipts": "forms of the last day are not sent to another board again",
    "claims": "what staff look at this minute",
    "allowances": "what networks used in the last minutes",
    "outbox": "every page is drawn anew there",
    "threads_shown": "every page is drawn anew there",
    "publications": "what stands in the web root and the bucket of this board",
    "site_pages_shown": "every page is drawn anew there",
    "log_days": "counted anew as the log comes",
    "takedowns": "pages and buckets of this board",
    "sessions": "whoever is logged in logs in anew",
    "invitations": "links of this board",
    "login_attempts": "nothing is in it any more",
    "spam_rules_version": "counts what is done to rules there",
    "spam_rule_hits": "a figure of this board",
    "text_sketches": "what was said in the last minutes",
    "block_list_answers": "they are asked again there",
    "push_subscriptions": "readers ask again there: another address, another key",
    "spent_answers": "challenges of the last minutes",
    "searchable": "made anew there",
    "search_progress": "made anew there",
    "search_backlog": "made anew there",
    "search_due": "made anew there",
}
#: Of these a board that was never used may have rows.
_FOUNDED = ("staff", "boards", "site")
#: Rows that go or come at once.
ROWS_AT_ONCE = 1_000
_UPLOADS_AT_ONCE = 100


def columns(db: Connection, table: str) -> list[str]:
    """None: there is no such table."""
    return [name for (name,) in db.execute(_SQL.columns, {"table": table})]


def read(db: Connection, table: str, names: Sequence[str]) -> Iterator[list[str]]:
    """Rows as JSON objects, {column: value} as PostgreSQL writes it; ROWS_AT_ONCE at most.

    In the order of the table's first columns, which are its key. In a transaction, and with
    bounded memory.
    """
    listed = SQL(", ").join(map(Identifier, names))
    order = SQL(", ").join(Literal(place) for place in range(1, min(len(names), 4) + 1))
    query = SQL(_SQL.rows).format(columns=listed, table=Identifier(table), order=order)
    with db.cursor(name=f"rows of {table}") as cursor:
        cursor.execute(query)
        while rows := cursor.fetchmany(ROWS_AT_ONCE):
            yield [row for (row,) in rows]


def write(db: Connection, table: str, names: Sequence[str], rows: Iterable[str]) -> None:
    """Add rows that `read` read, with these of their columns. Raises StatementFailed."""
    listed = SQL(", ").join(map(Identifier, names))
    statement = SQL(_SQL.add).format(columns=listed, table=Identifier(table))
    db.execute(statement, {"rows": f"[{','.join(rows)}]"})


def go_on_counting(db: Connection, table: str) -> None:
    """From the highest number that is there."""
    for column, sequence in db.execute(_SQL.counter, {"table": table}).fetchall():
        names = {"column": Identifier(column), "table": Identifier(table)}
        statement = SQL(_SQL.count_on).format(sequence=Literal(sequence), **names)
        db.execute(statement)


def used(db: Connection) -> list[str]:
    """What tells that it was used: '/b/', 'the log'. Nobody does until the transaction ends."""
    db.execute(_SQL.close_the_door)
    return [what for (what,) in db.execute(_SQL.used)]


def clear_what_was_founded(db: Connection) -> None:
    """Take away the board and the account that a board begins with.

    Raises:
        StatementFailed: something hangs on them.
    """
    for table in ("outbox", "threads_shown", "sessions", *_FOUNDED):
        statement = SQL(_SQL.clear).format(table=Identifier(table))
        db.execute(statement)


def uploads(db: Connection) -> Iterator[str]:
    """Names in the upload store that belong to a row that is carried, in order."""
    name = ""
    while True:
        asked = {"name": name, "limit": _UPLOADS_AT_ONCE}
        names = [each for (each,) in db.execute(_SQL.uploads_after, asked)]
        yield from names
        if len(names) < _UPLOADS_AT_ONCE:
            return
        name = names[-1]
