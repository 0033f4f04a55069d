"""Bans, on a real PostgreSQL."""

from __future__ import annotations

import ipaddress
from typing import Any

import pytest

from imageboard.bans import Ban, NewBan
from imageboard.errors import NoSuchBan, NoSuchBoard
from imageboard.store import bans
from imageboard.store.database import Database
from tests.builders import CLOAK, a_board, filling

ADDRESS = "192.0.2.7"


def hash_of(address: str) -> bytes:
    return CLOAK.hash_address(ipaddress.ip_address(address))


def a_ban(database: Database, **fields: Any) -> int:
    """Of 192.0.2.7 on all boards for a day, unless told otherwise."""
    if "range" in fields:
        fields["range"] = ipaddress.ip_network(fields["range"])
    else:
        fields.setdefault("address_hash", hash_of(ADDRESS))
    filled: dict[str, Any] = {"board": None, "reason": "Spam.", "duration_s": 86_400}
    with database.transaction() as db:
        return bans.add(db, NewBan(**(filled | fields)), "alice")


def found(database: Database, address: str = ADDRESS, board: str = "b") -> Ban | None:
    with database.connection() as db:
        return bans.find(db, board, hash_of(address), ipaddress.ip_address(address))


def later(database: Database, seconds: float) -> None:
    with database.transaction() as db:
        db.execute(
            "UPDATE bans SET expires_at = expires_at - make_interval(secs => %s)", (seconds,)
        )


def test_ban_says_all_that_the_banned_are_told(database: Database) -> None:
    ban_id = a_ban(database)
    ban = found(database)
    assert ban is not None
    assert ban.expires_s is not None
    assert (ban.id, ban.board, ban.range, ban.reason, ban.created_by) == (
        ban_id,
        None,
        None,
        "Spam.",
        "alice",
    )
    assert ban.expires_s - ban.created_s == 86_400


def test_ban_of_one_address_hits_no_other(database: Database) -> None:
    a_ban(database)
    assert found(database, "192.0.2.8") is None


@pytest.mark.parametrize(
    ("banned", "address", "is_hit"),
    [
        ("192.0.2.0/24", "192.0.2.0", True),
        ("192.0.2.0/24", "192.0.2.255", True),
        ("192.0.2.0/24", "192.0.3.0", False),
        ("2001:db8::/48", "2001:db8:0:ffff::1", True),
        ("2001:db8::/48", "2001:db8:1::1", False),
        ("192.0.2.0/24", "2001:db8::1", False),
    ],
)
def test_range_hits_what_is_in_it(
    database: Database, banned: str, address: str, is_hit: bool
) -> None:
    a_ban(database, range=banned)
    ban = found(database, address)
    assert (ban is not None) == is_hit
    if ban is not None:
        assert ban.range == banned


def test_ban_of_one_board_leaves_the_others_open(database: Database) -> None:
    a_board(database, "b")
    a_ban(database, board="b")
    assert found(database, board="b") is not None
    assert found(database, board="c") is None


def test_ban_of_a_board_that_is_not_there_is_refused(database: Database) -> None:
    with pytest.raises(NoSuchBoard):
        a_ban(database, board="nowhere")


def test_ban_ends_when_it_expires(database: Database) -> None:
    a_ban(database, duration_s=3600)
    later(database, 3000)
    assert found(database) is not None
    later(database, 600)
    assert found(database) is None


def test_lifted_ban_hits_nobody_and_can_not_be_lifted_again(database: Database) -> None:
    ban_id = a_ban(database, duration_s=None)
    with database.transaction() as db:
        bans.lift(db, ban_id)
    assert found(database) is None
    with database.transaction() as db, pytest.raises(NoSuchBan):
        bans.lift(db, ban_id)


def test_of_several_bans_the_longest_is_told(database: Database) -> None:
    a_ban(database, duration_s=60)
    longer = a_ban(database, range="192.0.2.0/24", duration_s=3600)
    ban = found(database)
    assert ban is not None
    assert ban.id == longer
    for_good = a_ban(database, duration_s=None)
    ban = found(database)
    assert ban is not None
    assert (ban.id, ban.expires_s) == (for_good, None)


def test_list_has_what_is_in_force_newest_first_in_pages(database: Database) -> None:
    first, over, third, lifted = (a_ban(database, duration_s=s) for s in (None, 1, 99, 99))
    later(database, 2)
    with database.transaction() as db:
        bans.lift(db, lifted)
        assert [ban.id for ban in bans.in_force(db, on=None, limit=10)] == [third, first]
        assert [ban.id for ban in bans.in_force(db, on=None, limit=1)] == [third]
        assert [ban.id for ban in bans.in_force(db, on=None, limit=10, before=third)] == [first]
    assert over not in (first, third)


def test_list_of_some_boards_leaves_out_the_others_and_what_hits_all(database: Database) -> None:
    a_board(database, "b")
    a_board(database, "tea")
    on_b, on_tea, _on_all = (a_ban(database, board=board) for board in ("b", "tea", None))
    with database.connection() as db:
        for boards, expected in (
            (["b"], [on_b]),
            (["b", "tea"], [on_tea, on_b]),
            (["nowhere"], []),
            ([], []),
        ):
            assert [ban.id for ban in bans.in_force(db, on=boards, limit=10)] == expected


@pytest.mark.slow
def test_looking_for_a_ban_uses_both_indexes(database: Database) -> None:
    """Every post asks: it must not read through all bans."""
    with filling(database) as db:
        db.execute(
            "INSERT INTO bans (range, reason, created_by)"
            " SELECT network(set_masklen('10.0.0.0'::inet + n * 256, 24)), 'r', 'x'"
            " FROM generate_series(1, 20000) AS n"
        )
        db.execute(
            "INSERT INTO bans (address_hash, reason, created_by)"
            " SELECT decode(md5(n::text), 'hex'), 'r', 'x' FROM generate_series(1, 20000) AS n"
        )
    with database.connection() as db:
        db.execute("ANALYZE bans")
        values = {
            "board": "b",
            "address_hash": hash_of(ADDRESS),
            "address": ipaddress.ip_address(ADDRESS),
        }
        plan = "\n".join(row[0] for row in db.execute("EXPLAIN " + bans._SQL.find, values))
    assert "bans_of_address" in plan
    assert "bans_of_range" in plan
