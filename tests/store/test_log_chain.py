"""The chain of the log: whoever alters the past, even as the database's owner, is found out."""

from __future__ import annotations

import ipaddress
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import pytest

from imageboard.bans import NewBan
from imageboard.errors import Banned
from imageboard.log_chain import BEGINNING, first_fault
from imageboard.moderation import Action
from imageboard.store import (
    ban_deeds,
    bans,
    log_chain,
    migrations,
    moderation_log,
    post_deeds,
    site_moment,
)
from imageboard.store.database import Connection, Database
from imageboard.words import N_
from tests.builders import a_board

ODD = Action('a "b"\n\\ é\x1f', N_("did something odd"))


TAKE_THIRD_OUT = "DELETE FROM log_chain WHERE entry = 3; DELETE FROM moderation_log WHERE id = 3;"
#: As if it had never been.
MOVE_UP = (
    "UPDATE log_chain SET place = 3 WHERE place = 4; UPDATE log_chain SET place = 4 WHERE place = 5"
)


@contextmanager
def unguarded(database: Database) -> Iterator[Connection]:
    """As somebody who owns the tables: no trigger is asked."""
    with database.transaction() as db:
        for table in ("moderation_log", "log_chain"):
            db.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        yield db
        db.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for table in ("moderation_log", "log_chain"):
            db.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")


@pytest.fixture
def chained(database: Database) -> Database:
    """Five entries."""
    with database.transaction() as db:
        moderation_log.add(db, ban_deeds.BANNED, staff="alice", board="b", post_no=7, ban=3)
        moderation_log.add(db, post_deeds.DELETED_POST, staff=None, board="b", post_no=8)
        moderation_log.add(db, ODD, staff='"é\n', account='x\ty"', é="ü\\", a=1)
    with database.transaction() as db:
        moderation_log.add(db, ban_deeds.BANNED, staff="bob", ban=4)
        moderation_log.add(db, post_deeds.DELETED_FILE, staff="bob", board="tea", post_no=1, file=2)
    return database


def fault_of(database: Database) -> tuple[int, str] | None:
    with database.connection() as db:
        return first_fault(log_chain.entries(db))


def test_each_entry_is_chained_as_it_is_committed_whatever_stands_in_it(chained: Database) -> None:
    with chained.connection() as db:
        found = list(log_chain.entries(db))
        head = log_chain.head(db)
        assert log_chain.unchained(db) is None
        assert list(log_chain.entries(db, after=3)) == found[3:]
    assert [entry.place for entry in found] == [1, 2, 3, 4, 5]
    assert found[0].before == BEGINNING
    assert first_fault(found) is None
    assert head is not None
    assert (head.place, head.hash, head.at) == (5, found[4].hash, found[4].at)


@pytest.mark.parametrize(
    ("statement", "place", "fault"),
    [
        ("UPDATE moderation_log SET post_no = 9 WHERE id = 2", 2, "it was altered"),
        ("UPDATE moderation_log SET staff = 'carol' WHERE id = 4", 4, "a name in it was altered"),
        ("UPDATE moderation_log SET staff = NULL WHERE id = 4", 4, "it was altered"),
        ("UPDATE moderation_log SET happened_at = happened_at + '1 us' WHERE id = 1", 1, "altered"),
        ("UPDATE log_chain SET salt = NULL WHERE place = 5", 5, "nothing proves"),
        (TAKE_THIRD_OUT, 3, "it is missing"),
        (TAKE_THIRD_OUT + MOVE_UP, 3, "it was altered"),
    ],
)
def test_first_entry_that_was_tampered_with_is_named(
    chained: Database, statement: str, place: int, fault: str
) -> None:
    with unguarded(chained) as db:
        db.execute(statement)
    found = fault_of(chained)
    assert found is not None
    assert found[0] == place
    assert fault in found[1]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE log_chain SET hash = sha256('x')",
        "UPDATE log_chain SET salt = NULL",
        "DELETE FROM log_chain",
        "TRUNCATE log_chain",
        "TRUNCATE moderation_log CASCADE",
        "UPDATE moderation_log SET staff = ''",
    ],
)
def test_the_database_refuses_to_alter_it(chained: Database, statement: str) -> None:
    with chained.connection() as db, pytest.raises(psycopg.errors.RaiseException, match="append"):
        db.execute(statement)


def test_two_who_commit_at_once_come_one_after_the_other(database: Database) -> None:
    """And whoever is rolled back leaves no gap."""
    started = threading.Barrier(4)

    def act(number: int) -> None:
        started.wait()
        for no in range(5):
            with database.transaction() as db:
                moderation_log.add(db, ban_deeds.BANNED, staff="alice", ban=number * 10 + no)
        with database.connection() as db, db.transaction():
            moderation_log.add(db, ban_deeds.BANNED, staff="alice", ban=99)
            raise psycopg.Rollback

    threads = [threading.Thread(target=act, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with database.connection() as db:
        found = list(log_chain.entries(db))
    assert len(found) == 20
    assert first_fault(found) is None


@pytest.mark.slow
def test_entries_of_before_are_chained_by_the_steps(empty_database_url: str) -> None:
    """Those too that come in between the two steps, from the version before."""
    steps = {step.stem[:4]: step for step in migrations.steps()}
    with psycopg.connect(empty_database_url) as db:
        for number, step in steps.items():
            if number in ("0051", "0052"):
                db.execute("INSERT INTO moderation_log (staff, action) VALUES ('alice', 'ban')")
            db.execute(step.read_bytes())
        db.execute("INSERT INTO moderation_log (staff, action) VALUES (NULL, 'delete_post')")
    database = Database(empty_database_url, connections_max=2)
    database.open()
    with database.connection() as chained:
        found = list(log_chain.entries(chained))
    database.close()
    assert [entry.staff for entry in found] == ["alice", "alice", None]
    assert first_fault(found) is None


@pytest.mark.slow
def test_whoever_is_banned_is_led_to_the_entry_of_the_ban(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On whichever page of its day it stands; where a board tells nothing there is none."""
    monkeypatch.setattr("imageboard.log_chain.ENTRIES_OF_PAGE_MAX", 2)
    a_board(database)
    a_board(database, "dark", public_log="none")
    places = (("b", "b"), ("b", "b"), ("dark", "dark"), ("b", None), (None, None))
    urls = []
    for board, of_log in places:
        new_ban = NewBan(
            board=board, reason="Spam.", duration_s=None, range=ipaddress.ip_network("192.0.2.0/24")
        )
        with database.transaction() as db:
            ban_id = bans.add(db, new_ban, "alice")
            moderation_log.add(db, post_deeds.DELETED_POST, staff="alice", board=of_log, post_no=1)
            moderation_log.add(db, ban_deeds.BANNED, staff="alice", board=of_log, ban=ban_id)
        with database.transaction() as db:
            refusal = bans.refusal(db, bans.get(db, ban_id), bytes(16))
            assert isinstance(refusal, Banned)
            urls.append(refusal.log_url)
            (day,) = {each.day for each in log_chain.days(db)}
    assert urls == [
        f"/b/log/{day}.html#entry-2",
        f"/b/log/{day}-2.html#entry-4",
        None,
        f"/log/{day}-4.html#entry-8",
        f"/log/{day}-5.html#entry-10",
    ]


def test_days_are_counted_as_entries_come_and_not_by_reading_the_log(chained: Database) -> None:
    """A page that names all days would cost more each year."""
    with chained.transaction() as db:
        db.execute(
            "INSERT INTO moderation_log (happened_at, action, board)"
            " SELECT now() - make_interval(days => n / 7), 'lock', (ARRAY['b', 'tea'])[n % 3]"
            " FROM generate_series(1, 100) n"
        )
    with chained.connection() as db:
        by_hand = db.execute(
            "SELECT board, (happened_at AT TIME ZONE 'UTC')::date::text AS day, count(*)"
            " FROM moderation_log GROUP BY 1, 2 ORDER BY day DESC, board NULLS FIRST"
        ).fetchall()
        assert log_chain.days(db) == by_hand
        plan = str(db.execute(f"EXPLAIN {log_chain._SQL.days}").fetchall())
        assert "log_days" in plan
        assert "moderation_log" not in plan


OLD = "INSERT INTO moderation_log (happened_at, staff, action, detail) VALUES"


def test_names_that_are_old_enough_are_forgotten_and_the_chain_holds(chained: Database) -> None:
    with chained.transaction() as db:
        db.execute(
            OLD
            + """
            (now() - interval '40 days', 'alice', 'ban', '{"account": "carol", "ban": 7}'),
            (now() - interval '40 days', NULL, 'delete_post', '{}'),
            (now() - interval '20 days', 'alice', 'ban', '{}')"""
        )
    with chained.transaction() as db:
        before = list(log_chain.entries(db))
        shown = site_moment.now(db)
        assert log_chain.forget_names(db, 30, 100) == 2
        assert log_chain.forget_names(db, 30, 100) == 0
        assert site_moment.now(db).written_no > shown.written_no, "pages are drawn anew"
        after = list(log_chain.entries(db))
    assert first_fault(after) is None
    assert [(entry.staff, entry.detail, entry.salt) for entry in after[5:7]] == [
        ("", {"ban": 7}, None),
        (None, {}, None),
    ]
    assert after[:5] + after[7:] == before[:5] + before[7:]
    assert [entry.hash for entry in after] == [entry.hash for entry in before]


@pytest.mark.parametrize(
    "change",
    ["staff = 'bob'", "staff = NULL", "post_no = 7", "detail = '{}'", "happened_at = now()"],
)
def test_nothing_but_names_is_ever_forgotten(database: Database, change: str) -> None:
    with database.transaction() as db:
        db.execute(OLD + " (now() - interval '40 days', 'alice', 'ban', '{\"ban\": 7}')")
    with database.connection() as db, pytest.raises(psycopg.errors.RaiseException, match="append"):
        db.execute(f"UPDATE moderation_log SET {change}")
