"""What the database holds of people: every column of it by name, with how long it stays.

A column that comes with a migration has its row here, or is none that says anything of a person:
a test asks the schema for those whose names sound like it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal, NamedTuple

from psycopg.sql import SQL, Identifier

from imageboard.cloaks import Address, Cloak
from imageboard.push import KEPT_DAYS
from imageboard.store import boards, operator_log, posts, queries
from imageboard.store.database import Connection

_SQL = queries.beside(__file__)


class Holding(NamedTuple):
    """A column that holds something of a person."""

    table: str
    column: str
    #: 'poster', 'staff'
    whose: Literal["poster", "staff"]
    what: str
    #: {address_days}, {hash_days} and {names_days} are the settings'.
    until: str
    #: How an address is looked for there; None: it can't be.
    found_by: Literal["hash", "range", "laid aside"] | None = None


_AS_POST = "as long as the post"
_AS_ACCOUNT = "as long as the account"
_AS_PUSH = f"{KEPT_DAYS} days after the browser was there last"
_AS_PUSH_HASH = "the same, and {hash_days} days at most"

HOLDINGS = (
    Holding("posts", "address_hash", "poster", "keyed hash", "{hash_days} days", "hash"),
    Holding("posts", "address_sealed", "poster", "address, sealed", "{address_days} days"),
    Holding("posts", "password_hash", "poster", "keyed hash of the password", _AS_POST),
    Holding("posts", "poster_id", "poster", "ID in one thread, shown", _AS_POST),
    Holding("posts", "poster_tag", "poster", "tag in one thread", _AS_POST),
    Holding("posts", "country", "poster", "country, shown where the board does", _AS_POST),
    Holding("posts", "name", "poster", "name as typed, shown", _AS_POST),
    Holding("posts", "email", "poster", "e-mail field as typed, shown", _AS_POST),
    Holding("posts", "body", "poster", "text as typed, shown", _AS_POST),
    Holding("posts", "versions", "poster", "what it said before staff edited it", _AS_POST),
    Holding("files", "original_name", "poster", "name of the file as sent, shown", _AS_POST),
    Holding(
        "laid_aside",
        "what",
        "poster",
        "posts that staff removed, with all of the above; of those that wait for staff also keyed"
        " hashes of their networks",
        "until it can't be undone any more (undo_hours), or held_hours",
        "laid aside",
    ),
    Holding("reports", "address_hash", "poster", "keyed hash", "{hash_days} days", "hash"),
    Holding("reports", "reason", "poster", "reason as typed", _AS_POST),
    Holding("receipts", "address_hash", "poster", "keyed hash", "a day", "hash"),
    Holding("allowances", "key", "poster", "keyed hash of a network", "minutes, an hour at most"),
    Holding(
        "bans", "address_hash", "poster", "keyed hash", "the ban, and {hash_days} days", "hash"
    ),
    Holding("bans", "range", "poster", "range that staff banned", "for good", "range"),
    Holding("bans", "reason", "poster", "reason that the banned read", "for good"),
    Holding("appeals", "address_hash", "poster", "keyed hash", "as long as the ban", "hash"),
    Holding("appeals", "body", "poster", "text as typed", "as long as the ban"),
    Holding(
        "poster_notes",
        "address_hash",
        "poster",
        "keyed hash",
        "as long as a post or a ban of theirs has it",
        "hash",
    ),
    Holding(
        "poster_notes",
        "note",
        "poster",
        "what staff noted of them",
        "as long as a post or a ban of theirs has it",
    ),
    Holding("text_sketches", "address_hash", "poster", "keyed hash", "minutes", "hash"),
    Holding("block_list_answers", "key", "poster", "keyed hash", "as long as a list's answer"),
    Holding(
        "push_subscriptions",
        "sealed",
        "poster",
        "where word of replies goes, sealed",
        _AS_PUSH,
    ),
    Holding("push_subscriptions", "key", "poster", "keyed hash of browser and thread", _AS_PUSH),
    Holding("push_subscriptions", "own_nos", "poster", "own posts of one thread", _AS_PUSH),
    Holding("push_subscriptions", "address_hash", "poster", "keyed hash", _AS_PUSH_HASH, "hash"),
    Holding("spent_answers", "delivery", "poster", "number of a form", "minutes"),
    Holding("login_attempts", "address_hash", "staff", "keyed hash", "minutes", "hash"),
    Holding("login_attempts", "staff", "staff", "name", "minutes"),
    Holding("staff", "name", "staff", "name of an account", _AS_ACCOUNT),
    Holding("staff", "password_hash", "staff", "Argon2 of the password", _AS_ACCOUNT),
    Holding("board_roles", "staff", "staff", "name", _AS_ACCOUNT),
    Holding("sessions", "staff", "staff", "name", "as long as the log-in"),
    Holding("sessions", "token_hash", "staff", "hash of the cookie", "as long as the log-in"),
    Holding("sessions", "device", "staff", "browser and system", "as long as the log-in"),
    Holding("invitations", "name", "staff", "name of who is invited", "as long as the link"),
    Holding("invitations", "token_hash", "staff", "hash of the link", "as long as the link"),
    Holding("invitations", "invited_by", "staff", "name", "as long as the link"),
    Holding("totp", "staff", "staff", "name", _AS_ACCOUNT),
    Holding("totp", "secret_sealed", "staff", "secret of an app, sealed", _AS_ACCOUNT),
    Holding("recovery_codes", "staff", "staff", "name", _AS_ACCOUNT),
    Holding("recovery_codes", "code_hash", "staff", "hash of a code", _AS_ACCOUNT),
    Holding("passkeys", "staff", "staff", "name", _AS_ACCOUNT),
    Holding("passkeys", "name", "staff", "what its holder calls it", _AS_ACCOUNT),
    Holding("bans", "created_by", "staff", "name", "for good"),
    Holding("poster_notes", "staff", "staff", "name", "as long as the note"),
    Holding("file_bans", "created_by", "staff", "name", "as long as the ban of the file"),
    Holding("spam_rules", "created_by", "staff", "name", "as long as the rule"),
    Holding("removals", "staff", "staff", "name", "until it can't be undone any more (undo_hours)"),
    Holding("claims", "staff", "staff", "name", "minutes"),
    Holding("moderation_log", "staff", "staff", "name", "{names_days} days"),
    Holding("moderation_log", "detail", "staff", "name of an account", "{names_days} days"),
    Holding("old_log", "staff", "staff", "name at the board's old engine", "{names_days} days"),
    Holding("old_log", "told", "staff", "what they did there, as it says", "{names_days} days"),
)


#: Every column of every table of ours.
COLUMNS: str = _SQL.columns


class Held(NamedTuple):
    """How much of it there is."""

    holding: Holding
    rows: int


def held(db: Connection) -> list[Held]:
    """Of everybody together."""
    return [Held(each, _count(db, _SQL.count, each)) for each in HOLDINGS]


def held_of(db: Connection, address: Address, cloak: Cloak) -> list[Held]:
    """Of one poster, wherever an address can be looked for."""
    asked = {"hashes": _hashes(address, cloak), "address": address}
    queries_by_way = {
        "hash": _SQL.count_of_hash,
        "range": _SQL.count_of_range,
        "laid aside": _SQL.count_laid_aside,
    }
    return [
        Held(each, _count(db, queries_by_way[each.found_by], each, **asked))
        for each in HOLDINGS
        if each.found_by is not None
    ]


def posts_of(db: Connection, address: Address, cloak: Cloak) -> dict[str, list[int]]:
    """Numbers of a poster's posts by board, as far as they can be told to be theirs."""
    return dict(db.execute(_SQL.posts_of, {"hashes": _hashes(address, cloak)}).fetchall())


def erase_posts(db: Connection, nos: Mapping[str, Sequence[int]]) -> int:
    """Posts by board, an OP with its thread, for good; how many. The log tells of each.

    Those of threads that staff removed or still hold too, and files of theirs that were removed.
    """
    erased = 0
    for board, of_board in sorted(nos.items()):
        boards.lock(db, board)
        for no in of_board:
            if posts.remove(db, board, no) or _erase_unseen(db, board, no):
                erased += 1
                operator_log.note(db, "erase_post", board=board, post_no=no)
        db.execute(_SQL.erase_what_waits, {"board": board, "nos": list(of_board)})
    return erased


def _erase_unseen(db: Connection, board: str, no: int) -> bool:
    return db.execute(_SQL.erase_unseen, {"board": board, "no": no}).rowcount > 0


def forget(db: Connection, address: Address, cloak: Cloak) -> int:
    """What else is known of a poster, bans and appeals apart; how many rows."""
    asked = {"hashes": _hashes(address, cloak)}
    statements = (
        _SQL.erase_laid_aside,
        _SQL.forget_reports,
        _SQL.forget_receipts,
        _SQL.forget_push,
    )
    return sum(db.execute(statement, asked).rowcount for statement in statements)


def _hashes(address: Address, cloak: Cloak) -> list[bytes]:
    return [cloak.hash_address(address), *cloak.former_hashes(address)]


def _count(db: Connection, query: str, holding: Holding, **asked: object) -> int:
    statement = SQL(query).format(
        column=Identifier(holding.column), table=Identifier(holding.table)
    )
    row = db.execute(statement, asked).fetchone()
    return int(row[0]) if row else 0
