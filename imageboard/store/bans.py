"""Bans: who may not post where, and why."""

from __future__ import annotations

from collections.abc import Sequence

from imageboard import addresses
from imageboard.bans import Ban, BanMessage, NewBan
from imageboard.cloaks import Address
from imageboard.errors import Banned, NoSuchBan, Warned
from imageboard.log_chain import page_of
from imageboard.store import appeals, boards, log_chain, queries
from imageboard.store.database import Connection
from imageboard.words import N_

_SQL = queries.beside(__file__)


def find(db: Connection, board: str, address_hash: bytes, address: Address) -> Ban | None:
    """The longest-lasting ban that hits a poster on `board`; None when there is none."""
    asked = {"board": board, "address_hash": address_hash, "address": address}
    return next(iter(queries.by_name(Ban, db.execute(_SQL.find, asked))), None)


def take_over(db: Connection, former: Sequence[bytes], address_hash: bytes) -> None:
    """Bans that know a poster by a former key, and appeals against them, do from now on by the one
    that counts.
    """
    db.execute(_SQL.take_over, {"former": list(former), "address_hash": address_hash})


def get(db: Connection, ban_id: int) -> Ban:
    """A ban, in force or not. Raises NoSuchBan."""
    for found in queries.by_name(Ban, db.execute(_SQL.one, {"id": ban_id})):
        return found
    raise NoSuchBan(id=ban_id)


def refusal(db: Connection, ban: Ban, address_hash: bytes) -> Banned | Warned:
    """All that the banned are told; it is noted that they were."""
    if ban.seen_s is None:
        db.execute(_SQL.note_seen, {"id": ban.id})
    if ban.is_warning:
        return Warned(reason=ban.reason)
    return Banned(
        where=f"/{ban.board}/" if ban.board else N_("all boards"),
        board=ban.board,
        reason=ban.reason,
        created_s=ban.created_s,
        expires_s=ban.expires_s,
        ban_id=ban.id,
        appeal=appeals.of_poster(db, ban.id, address_hash),
        may_appeal=appeals.is_open(db, ban, address_hash),
        log_url=_log_url(db, ban.id),
    )


def _log_url(db: Connection, ban_id: int) -> str | None:
    """Of the entry that tells readers of the ban."""
    told = log_chain.of_ban(db, ban_id)
    if told is None:
        return None
    return addresses.log_entry_url(told.board, page_of(told.day, told.before), told.place)


def in_force(
    db: Connection, *, on: list[str] | None, limit: int, before: int | None = None
) -> list[Ban]:
    """Bans neither lifted nor expired, newest first; only those with an id below `before`.

    `on` as Visitor.boards gives them; None: every ban, those of all boards too.
    """
    rows = db.execute(_SQL.in_force, {"on": on, "limit": limit, "before": before})
    return list(queries.by_name(Ban, rows))


def of_poster(
    db: Connection,
    address_hash: bytes,
    address: Address | None,
    *,
    on: list[str] | None,
    limit: int,
) -> list[Ban]:
    """Those that hit a poster, or did, newest first; one that was lifted expired then.

    Of `on` as Visitor.boards gives them, and those of all boards.
    """
    asked = {"address_hash": address_hash, "address": address, "on": on, "limit": limit}
    return list(queries.by_name(Ban, db.execute(_SQL.of_poster, asked)))


def add(
    db: Connection, new_ban: NewBan, created_by: str, *, message: BanMessage | None = None
) -> int:
    """Ban from now on, and say so under a post (`message`); the ban's id. Raises NoSuchBoard."""
    if new_ban.board is not None:
        boards.get(db, new_ban.board)
    row = db.execute(
        _SQL.add,
        {
            "address_hash": new_ban.address_hash,
            "range": new_ban.range,
            "board": new_ban.board,
            "reason": new_ban.reason,
            "created_by": created_by,
            "duration_s": new_ban.duration_s,
            "is_warning": new_ban.is_warning,
            "post_board": message and message.board,
            "post_no": message and message.no,
            "message": message and message.text,
        },
    ).fetchone()
    assert row is not None
    if message is not None:
        db.execute(_SQL.say_under_post, {"board": message.board, "no": message.no})
    return int(row[0])


def lift(db: Connection, ban_id: int) -> str | None:
    """End a ban before its time; the board on which a post no longer speaks of it, None: none did.

    Raises NoSuchBan.
    """
    row = db.execute(_SQL.lift, {"id": ban_id}).fetchone()
    if row is None:
        raise NoSuchBan(id=ban_id)
    board, no = row
    if board is not None:
        db.execute(_SQL.say_under_post, {"board": board, "no": no})
    return None if board is None else str(board)


def shorten(db: Connection, ban_id: int, duration_s: int) -> bool:
    """Let it end in so long; False: it is over, or ends before that."""
    return db.execute(_SQL.shorten, {"id": ban_id, "duration_s": duration_s}).rowcount > 0


def forget_hashes(db: Connection, kept_days: int, limit: int) -> int:
    """Drop whom so many bans hit that have been over for longer than that; the number of bans."""
    return db.execute(_SQL.forget_hashes, {"days": kept_days, "limit": limit}).rowcount
