"""Adding, removing and marking posts, on a real PostgreSQL."""

from __future__ import annotations

import dataclasses
import ipaddress
import threading
from typing import Any

import psycopg
import pytest
from psycopg.sql import SQL, Identifier
from psycopg.types.json import Jsonb

from imageboard.bans import NewBan
from imageboard.boards import Board
from imageboard.errors import (
    Banned,
    NoSuchBoard,
    NoSuchThread,
    ThreadFull,
    ThreadLocked,
    TooFast,
)
from imageboard.facts import (
    Fact,
    PageRange,
    PostAdded,
    PostChanged,
    PostRemoved,
    ThreadChanged,
)
from imageboard.post_rules import NewFile
from imageboard.settings import BoardSettings
from imageboard.store import bans, boards, outbox, posts, queries, receipts, threads
from imageboard.store.database import Database
from imageboard.threads import Backlink, QuoteTarget
from tests.builders import AN_ADDRESS, a_board, a_file, a_new_post, a_post, seconds_later


def facts(database: Database, board: str = "b") -> list[Fact]:
    with database.connection() as db:
        return [change.fact for change in outbox.waiting(db, board, 10_000)]


def order(database: Database, board: str = "b") -> list[int]:
    with database.connection() as db:
        settings = boards.get(db, board).settings
        return [preview.thread.no for preview in threads.in_order(db, board, settings)]


def shown(database: Database, no: int, board: str = "b") -> Any:
    with database.connection() as db:
        return threads.posts_by_no(db, board, [no])[0]


def test_post_and_its_fact_are_stored_together(database: Database) -> None:
    board = a_board(database)
    thread = a_post(database, board, body="first")
    reply = a_post(database, board, thread=thread.no, body="second")
    assert (thread.no, thread.thread, reply.no, reply.thread) == (1, 1, 2, 1)
    assert facts(database)[-2:] == [
        PostAdded(thread=1, no=1, pages=PageRange(1, 1)),
        PostAdded(thread=1, no=2, pages=PageRange(1, 1)),
    ]


@pytest.mark.slow
def test_numbers_have_no_gaps_and_no_twins_under_load(database: Database) -> None:
    board = a_board(database)
    thread = a_post(database, board).no
    given: list[int] = []

    def post_twenty() -> None:
        given.extend(a_post(database, board, thread=thread).no for _ in range(20))

    clients = [threading.Thread(target=post_twenty) for _ in range(6)]
    for client in clients:
        client.start()
    for client in clients:
        client.join()
    assert sorted(given) == list(range(2, 122))
    changes = [fact.no for fact in facts(database) if isinstance(fact, PostAdded)]
    assert changes == list(range(1, 122)), "facts come in the order of their posts"
    with database.connection() as db:
        thread_row = threads.get(db, "b", thread)
    assert thread_row is not None
    assert thread_row.replies == 120


def test_refused_post_uses_up_no_number(database: Database) -> None:
    board = a_board(database, reply_limit=1)
    a_post(database, board)
    a_post(database, board, thread=1)
    with pytest.raises(ThreadFull):
        a_post(database, board, thread=1)
    with pytest.raises(NoSuchThread):
        a_post(database, board, thread=2)
    assert a_post(database, board).no == 3


def test_unknown_board(database: Database) -> None:
    with pytest.raises(NoSuchBoard), database.connection() as db:
        posts.add(db, a_new_post(Board("nowhere", BoardSettings())))


def test_locked_thread_takes_no_reply(database: Database) -> None:
    board = a_board(database)
    a_post(database, board)
    with database.transaction() as db:
        assert posts.mark_thread(db, "b", 1, is_locked=True)
    with pytest.raises(ThreadLocked):
        a_post(database, board, thread=1)


@pytest.mark.parametrize("thread", [None, 1, 99])
def test_banned_address_posts_nothing_whatever_else_is_wrong(
    database: Database, thread: int | None
) -> None:
    board = a_board(database)
    a_post(database, board)
    with database.transaction() as db:
        posts.mark_thread(db, "b", 1, is_locked=True)
        new_ban = NewBan(
            board=None, reason="Spam.", duration_s=None, range=ipaddress.ip_network("192.0.2.0/24")
        )
        ban_id = bans.add(db, new_ban, "alice")
    new_post = a_new_post(board, thread=thread)
    with pytest.raises(Banned) as refusal, database.connection() as db:
        posts.add(db, new_post, address=AN_ADDRESS)
    assert refusal.value.ban_id == ban_id
    other = ipaddress.ip_address("203.0.113.1")
    with database.connection() as db:
        assert posts.add(db, a_new_post(board), address=other).no == 2, "no number is used up"


def test_every_field_of_a_new_post_and_its_files_has_a_place_in_the_database(
    database: Database,
) -> None:
    """They are filled by name: one that is not there would be dropped without a word."""
    query = """
        SELECT attname FROM pg_attribute
        WHERE attrelid = ANY (%s::regclass[]) AND attnum > 0 AND NOT attisdropped
    """
    with database.connection() as db:
        of_post = {name for (name,) in db.execute(query, (["posts", "post_terms"],))}
        of_file = {name for (name,) in db.execute(query, (["files"],))}
    # For the sentence of ThreadFull, and for hold_post.
    only_told = {"reply_limit", "image_limit", "held_because"}
    assert set(posts.NEW_POST_FIELDS) - of_post == only_told
    assert set(NewFile._fields) - of_file == {"is_pending"}  # for pending_since


def test_what_a_version_does_not_know_of_a_new_post_is_left_empty(database: Database) -> None:
    """A writer of before sends fewer fields, one of after more."""
    a_board(database)
    values = {"board": "b", "body": "x", "address_hash": "\\x" + "00" * 16, "not_yet": 1}
    values |= {"is_sage": False, "wait_s": 0, "same_text_wait_s": 0, "ignores_lock": False}
    with database.connection() as db:
        row = db.execute(
            "SELECT outcome FROM add_post_v2((jsonb_populate_record(NULL::posts, %(post)s),"
            " jsonb_populate_record(NULL::post_terms, %(post)s)))",
            {"post": Jsonb(values)},
        ).fetchone()
    assert row == ("added",)
    assert shown(database, 1).subject is None


@pytest.mark.parametrize("body", ["ümlaut 😀 \u2028 \\u0041 \\", '"quoted"\n{}', "a\tb", "'; --"])
def test_text_is_kept_as_it_was_typed(database: Database, body: str) -> None:
    board = a_board(database)
    no = a_post(database, board, body=body, subject=body.strip(), name="\\x41").no
    assert shown(database, no).body == body
    assert shown(database, no).name == "\\x41"


@pytest.mark.parametrize(
    ("query", "kind"),
    [("SELECT 1 AS no", QuoteTarget), ("SELECT 1 AS no, 1 AS thread, 1 AS more", Backlink)],
    ids=["one too few", "one too many"],
)
def test_row_that_does_not_fit_what_it_is_read_as_is_an_error(
    database: Database, query: str, kind: Any
) -> None:
    with database.connection() as db, pytest.raises(TypeError):
        list(queries.by_name(kind, db.execute(query)))


@pytest.mark.parametrize(("email", "expected"), [("", [1, 2]), ("sage", [2, 1]), ("SAGE", [2, 1])])
def test_reply_bumps_its_thread_unless_sage(
    database: Database, email: str, expected: list[int]
) -> None:
    board = a_board(database)
    a_post(database, board)
    a_post(database, board)
    a_post(database, board, thread=1, email=email)
    assert order(database) == expected


@pytest.mark.parametrize(
    ("bump_limit", "bumping"),
    [(0, [1, 2, 3, 4]), (1, []), (2, [1]), (3, [1, 2]), (250, [1, 2, 3, 4])],
)
def test_reply_that_reaches_the_bump_limit_no_longer_bumps(
    database: Database, bump_limit: int, bumping: list[int]
) -> None:
    """As vichan counts: of a limit of 3 the first two replies bump, and the third does not."""
    board = a_board(database, bump_limit=bump_limit)
    thread = a_post(database, board).no
    bumped = []
    for reply in range(1, 5):
        other = a_post(database, board).no
        a_post(database, board, thread=thread)
        if order(database)[:2] == [thread, other]:
            bumped.append(reply)
    assert bumped == bumping


def test_sage_counts_towards_the_bump_limit(database: Database) -> None:
    board = a_board(database, bump_limit=3)
    a_post(database, board)
    for _ in range(2):
        a_post(database, board, thread=1, email="sage")
    a_post(database, board)
    a_post(database, board, thread=1)
    assert order(database) == [4, 1]


def test_fact_names_every_page_between_where_the_thread_stood_and_stands(
    database: Database,
) -> None:
    board = a_board(database, threads_per_page=2)
    for _ in range(6):
        a_post(database, board)
    a_post(database, board, thread=3)  # stood on page 2
    a_post(database, board, thread=1, email="sage")  # stays on page 3
    a_post(database, board)
    pages = [fact.pages for fact in facts(database) if isinstance(fact, PostAdded)][-3:]
    assert pages == [PageRange(1, 2), PageRange(3, 3), PageRange(1, 4)]


@pytest.mark.parametrize("email", ["", "sage"])
@pytest.mark.parametrize("thread", [1, 2, 3, 4])
def test_pages_of_a_reply_are_those_from_where_its_thread_stood_to_where_it_stands(
    database: Database, thread: int, email: str
) -> None:
    """A thread a page; 1 and 3 are sticky, so the order before is 3 1 4 2."""
    board = a_board(database, threads_per_page=1)
    for _ in range(4):
        a_post(database, board)
    with database.transaction() as db:
        posts.mark_thread(db, "b", 1, is_sticky=True)
        posts.mark_thread(db, "b", 3, is_sticky=True)
    before = order(database)
    a_post(database, board, thread=thread, email=email)
    stood, stands = before.index(thread) + 1, order(database).index(thread) + 1
    fact = facts(database)[-1]
    assert isinstance(fact, PostAdded)
    assert fact.pages == PageRange(stands, stood)


def test_sticky_threads_stand_first(database: Database) -> None:
    board = a_board(database)
    a_post(database, board)
    with database.transaction() as db:
        posts.mark_thread(db, "b", 1, is_sticky=True)
    a_post(database, board)
    a_post(database, board)
    assert order(database) == [1, 3, 2]


def test_quote_links_what_is_there_and_makes_a_backlink(database: Database) -> None:
    board = a_board(database)
    a_post(database, board)
    quoting = a_post(database, board, body=">>1 and >>99 and >>>/b/1")
    assert quoting.quotes == (QuoteTarget("b", 1, 1),)
    assert shown(database, 1).backlinks == (Backlink(2, 2),)
    assert shown(database, 1).changed_no == quoting.change_no
    fact = facts(database)[-1]
    assert isinstance(fact, PostAdded)
    assert fact.quoted_threads == (1,)


def test_removed_post_takes_links_and_backlinks_along(database: Database) -> None:
    board = a_board(database)
    a_post(database, board)
    a_post(database, board, thread=1, body="quoted")
    a_post(database, board, body=">>2")  # thread 3
    a_post(database, board, thread=1, body=">>3")
    with database.transaction() as db:
        assert posts.remove(db, "b", 2)
        assert not posts.remove(db, "b", 2)
    assert shown(database, 3).quotes == ()
    removed = facts(database)[-1]
    assert isinstance(removed, PostRemoved)
    assert (removed.thread, removed.quoting_threads) == (1, (3,))
    with database.transaction() as db:
        posts.remove(db, "b", 4)
    assert shown(database, 3).backlinks == ()
    last = facts(database)[-1]
    assert isinstance(last, PostRemoved)
    assert last.quoting_threads == (3,), "the thread that loses a backlink is stale too"


#: The bump limit, replies to thread 1, which stands below thread 2, and which of them is removed.
TAKEN_BACK = {
    "the only reply": (250, [""], 0),
    "all that is left are sages": (250, ["sage", "", "sage"], 1),
    "all that is left came after the bump limit": (2, ["", "", ""], 0),
    "what is left would bump now, and did not then": (3, ["sage", "", "", ""], 1),
}


@pytest.mark.parametrize(("bump_limit", "emails", "removed"), TAKEN_BACK.values(), ids=TAKEN_BACK)
def test_removed_reply_takes_its_bump_back(
    database: Database, bump_limit: int, emails: list[str], removed: int
) -> None:
    board = a_board(database, bump_limit=bump_limit)
    for _ in range(2):
        a_post(database, board)
    replies = [a_post(database, board, thread=1, email=email).no for email in emails]
    assert order(database) == [1, 2]
    with database.transaction() as db:
        posts.remove(db, "b", replies[removed])
    assert order(database) == [2, 1]


def test_thread_stands_where_its_last_remaining_reply_that_bumped_left_it(
    database: Database,
) -> None:
    """Threads 1, 2 and 3 are bumped by 4, 5 and 6; then 7 and 8 bump thread 1."""
    board = a_board(database)
    for thread in (None, None, None, 1, 2, 3, 1, 1):
        a_post(database, board, thread=thread)
    orders = []
    for no in (8, 7, 5, 6, 4):
        with database.transaction() as db:
            posts.remove(db, "b", no)
        orders.append(order(database))
    assert orders == [[1, 3, 2], [3, 2, 1], [3, 1, 2], [1, 3, 2], [3, 2, 1]]


@pytest.mark.parametrize("removed", [4, 6])
def test_removed_reply_that_did_not_bump_last_moves_nothing(
    database: Database, removed: int
) -> None:
    """4 bumped before 5 did; 6 is a sage."""
    board = a_board(database)
    for _ in range(3):
        a_post(database, board)
    for email in ("", "", "sage"):
        a_post(database, board, thread=1, email=email)
    with database.transaction() as db:
        posts.remove(db, "b", removed)
    assert order(database) == [1, 3, 2]


def test_fact_of_a_removal_names_every_page_down_to_where_its_thread_comes_to_stand(
    database: Database,
) -> None:
    board = a_board(database, threads_per_page=1)
    for _ in range(4):
        a_post(database, board)
    a_post(database, board, thread=2)
    with database.transaction() as db:
        posts.remove(db, "b", 5)
    assert order(database) == [4, 3, 2, 1]
    fact = facts(database)[-1]
    assert isinstance(fact, PostRemoved)
    assert fact.pages == PageRange(1, 3)


#: Removed, one after the other, from posts that do not say whether they bumped.
UNKNOWN = {
    "last bump": ([8], [3, 2, 1]),
    "every reply of thread 1": ([8, 7, 4], [3, 2, 1]),
    "one below the last bump": ([4], [1, 3, 2]),
    "of two threads": ([8, 6], [2, 1, 3]),
}


@pytest.mark.parametrize("later", [0, 100])
@pytest.mark.parametrize(("removed", "expected"), UNKNOWN.values(), ids=UNKNOWN)
def test_bump_of_a_post_that_is_older_than_the_column_is_reckoned(
    database: Database, removed: list[int], expected: list[int], later: int
) -> None:
    """Replies 4 to 1, 5 to 2, 6 to 3; 7 to 1 is a sage, 8 to 1 bumps it above all."""
    board = a_board(database)
    sent = [(None, ""), (None, ""), (None, ""), (1, ""), (2, ""), (3, ""), (1, "no sage"), (1, "")]
    for second, (thread, email) in enumerate(sent):
        a_post(database, board, at=seconds_later(second), thread=thread, email=email)
    with database.transaction() as db:
        # As a quote or a deleted file does.
        db.execute("UPDATE posts SET bump_no = NULL, changed_no = changed_no + %s", (later,))
    for no in removed:
        with database.transaction() as db:
            posts.remove(db, "b", no)
    assert order(database) == expected


def test_removal_tells_other_boards_that_quoted_it(database: Database) -> None:
    here, there = a_board(database, "b"), a_board(database, "c")
    a_post(database, here)
    a_post(database, there, body=">>>/b/1")
    with database.transaction() as db:
        posts.remove(db, "b", 1)
    assert facts(database, "c")[-1] == PostChanged(thread=1, no=1, pages=PageRange(1, 1))
    assert shown(database, 1, "c").quotes == ()


@pytest.mark.slow
def test_boards_that_remove_what_quotes_each_other_do_not_block(database: Database) -> None:
    """Each removal wants the other board's row: PostgreSQL ends one, which is run again."""
    boards_by_name = {name: a_board(database, name) for name in "bc"}
    for _ in range(8):
        a_post(database, boards_by_name["b"])
        a_post(database, boards_by_name["c"])
    for no in range(1, 9):
        a_post(database, boards_by_name["b"], body=f">>>/c/{no}")
        a_post(database, boards_by_name["c"], body=f">>>/b/{no}")
    failures: list[BaseException] = []

    def remove_all(board: str) -> None:
        try:
            for no in range(1, 9):
                database.again_on_deadlock(lambda db, no=no: posts.remove(db, board, no))
        except BaseException as ex:
            failures.append(ex)

    workers = [threading.Thread(target=remove_all, args=(name,)) for name in "bc"]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert failures == []
    assert len(order(database, "b")) == len(order(database, "c")) == 8


def test_file_goes_and_post_stays(database: Database) -> None:
    board = a_board(database)
    a_post(database, board)
    stored = a_post(database, board, thread=1, files=(a_file(), a_file(stored_as="1" * 32)))
    with database.transaction() as db:
        assert posts.remove_files(db, "b", 2)
        assert not posts.remove_files(db, "b", 2)
    assert [file.is_removed for file in shown(database, 2).files] == [True, True]
    with database.connection() as db:
        thread = threads.get(db, "b", 1)
    assert thread is not None
    assert (thread.replies, thread.images) == (1, 0)
    fact = facts(database)[-1]
    assert isinstance(fact, PostChanged)
    assert set(fact.media) == {
        f"{folder}/{tim}.png" for folder in ("src", "thumb") for tim in stored.tims
    }


def test_one_file_goes_and_the_others_stay_in_their_places(database: Database) -> None:
    board = a_board(database)
    a_post(database, board)
    stored = [f"{number}" * 32 for number in range(3)]
    files = tuple(a_file(stored_as=name) for name in stored)
    of_three = a_post(database, board, thread=1, files=files)
    with database.transaction() as db:
        assert posts.remove_files(db, "b", 2, number=2)
        assert not posts.remove_files(db, "b", 2, number=2)
        assert not posts.remove_files(db, "b", 2, number=4)
        assert db.execute("SELECT uploads FROM takedowns").fetchall() == [([stored[1]],)]
        assert posts.stored_names(db, stored) == {stored[0], stored[2]}
    assert [file.is_removed for file in shown(database, 2).files] == [False, True, False]
    fact = facts(database)[-1]
    assert isinstance(fact, PostChanged)
    assert fact.media == (f"src/{of_three.tims[1]}.png", f"thumb/{of_three.tims[1]}.png")
    with database.transaction() as db:
        thread = threads.get(db, "b", 1)
        assert thread is not None
        assert thread.images == 2
        assert posts.remove_files(db, "b", 2), "all that are left"
    assert [file.is_removed for file in shown(database, 2).files] == [True] * 3


def test_two_files_of_one_moment_have_different_names(database: Database) -> None:
    board = a_board(database)
    moment = seconds_later(0)
    a_post(database, board, at=moment, files=(a_file(), a_file(stored_as="1" * 32)))
    a_post(database, board, at=moment, files=(a_file(stored_as="2" * 32),))
    names = [shown(database, no).files for no in (1, 2)]
    tims = [file.tim for files in names for file in files]
    assert tims == ["1795521600000", "1795521600001", "1795521600002"]


@pytest.mark.parametrize(
    ("first", "second", "wait_s"),
    [
        ({"thread": 1}, {"thread": 1, "body": "other"}, 10),
        ({"thread": 1, "body": "same"}, {"body": "same"}, 120),
        ({}, {"body": "other"}, 30),
    ],
    ids=["reply", "same text", "thread"],
)
def test_one_address_waits_between_posts(
    database: Database, first: dict[str, Any], second: dict[str, Any], wait_s: int
) -> None:
    board = a_board(database, reply_wait_s=10, thread_wait_s=30, same_text_wait_s=120)
    a_post(database, board, at=seconds_later(-500), address="192.0.2.1", body="OP")
    a_post(database, board, at=seconds_later(0), **first)
    early = seconds_later(wait_s - 3)
    with pytest.raises(TooFast) as refusal:
        a_post(database, board, at=early, **second)
    assert refusal.value.retry_after_s == 3
    a_post(database, board, at=early, address="198.51.100.9", **second)
    a_post(database, board, at=seconds_later(wait_s), **second)


def test_post_that_is_ahead_of_the_clock_is_no_reason_to_wait(database: Database) -> None:
    """The clock was set back by an hour: posters were told to wait for 3,609 seconds."""
    board = a_board(database, reply_wait_s=10, thread_wait_s=30, same_text_wait_s=120)
    a_post(database, board, at=seconds_later(3600), body="before the clock was set back")
    a_post(database, board, at=seconds_later(0), thread=1, body="after it")
    with pytest.raises(TooFast) as refusal:
        a_post(database, board, at=seconds_later(2), thread=1, body="and this is too fast")
    assert refusal.value.retry_after_s == 8


def test_longer_of_two_waits_is_told(database: Database) -> None:
    """Who came back after the shorter one would be refused once more."""
    board = a_board(database, reply_wait_s=15, same_text_wait_s=60)
    a_post(database, board, at=seconds_later(0), body="again")
    with pytest.raises(TooFast) as refusal:
        a_post(database, board, at=seconds_later(10), thread=1, body="again")
    assert refusal.value.retry_after_s == 50


def test_same_nonce_is_answered_with_the_first_post(database: Database) -> None:
    board = a_board(database, reply_wait_s=10, thread_wait_s=30)
    first = a_post(database, board, nonce="a-nonce-of-mine")
    again = a_post(database, board, nonce="a-nonce-of-mine")
    assert (again.no, again.thread, again.is_repeated) == (first.no, first.thread, True)
    other = a_post(database, board, nonce="a-nonce-of-mine", address="198.51.100.9")
    assert not other.is_repeated


@pytest.mark.parametrize("nonce", ["7" * 32, "c8a9ee5e-0f4b-4e6b-9f0c-0c6a9f0d5c11"])
def test_long_nonce_is_known_from_another_network(database: Database, nonce: str) -> None:
    """A phone leaves its wireless network before it has heard that its post was stored."""
    board = a_board(database)
    first = a_post(database, board, nonce=nonce)
    again = a_post(database, board, nonce=nonce, address="2001:db8::7")
    assert (again.no, again.is_repeated) == (first.no, True)
    assert not a_post(database, board, delivery=nonce).is_repeated
    with database.connection() as db:
        assert receipts.is_there(db, b"another's", nonce, None)
        assert not receipts.is_there(db, b"another's", None, nonce)


def test_form_that_is_delivered_again_is_answered_with_the_first_post(database: Database) -> None:
    """Nobody has to wait for that, and two forms with the same text stay two."""
    board = a_board(database, reply_wait_s=10, thread_wait_s=30)
    first = a_post(database, board, delivery="1" * 32)
    again = a_post(database, board, delivery="1" * 32)
    assert (again.no, again.thread, again.is_repeated) == (first.no, first.thread, True)
    for fields in ({"address": "198.51.100.9"}, {"delivery": "2" * 32, "at": seconds_later(60)}):
        assert not a_post(database, board, **({"delivery": "1" * 32} | fields)).is_repeated


def test_form_that_is_delivered_while_its_first_post_is_on_its_way_waits_for_it(
    database: Database,
) -> None:
    board = a_board(database)
    answers: list[posts.StoredPost] = []

    def deliver() -> None:
        answers.append(a_post(database, board, delivery="1" * 32))

    again = threading.Thread(target=deliver)
    with database.transaction() as db:
        first = posts.add(db, a_new_post(board, delivery="1" * 32))
        again.start()
        # Not from within the transaction, which would see the same sessions each time.
        with database.connection() as other:
            while other.execute(WAITERS).fetchone() is None:
                pass
        assert answers == []
    again.join()
    assert [(each.no, each.is_repeated) for each in answers] == [(first.no, True)]


#: A row for each session of this database that waits for another's lock.
WAITERS = (
    "SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
)

A_CAT = a_file(sent_sha256=b"c" * 32)
A_DOG = a_file(sent_sha256=b"d" * 32, stored_as="1" * 32)
CAREFUL = {"reply_wait_s": 10, "thread_wait_s": 30, "same_text_wait_s": 120}


@pytest.mark.parametrize(
    "fields",
    [
        {"thread": 1, "body": "same"},
        {"body": "same"},
        {"body": "same", "subject": "S", "name": "Anon#tea"},
        {"thread": 1, "body": "", "files": (A_CAT,)},
        {"thread": 1, "body": "same", "files": (A_CAT, A_DOG)},
    ],
    ids=["reply", "thread", "signed thread", "picture alone", "text and pictures"],
)
def test_form_without_a_nonce_that_is_sent_twice_is_answered_with_the_first_post(
    database: Database, fields: dict[str, Any]
) -> None:
    """A double click in a browser without JavaScript."""
    board = a_board(database, **CAREFUL)
    a_post(database, board, at=seconds_later(-500), address="198.51.100.9")
    first = a_post(database, board, at=seconds_later(0), **fields)
    for seconds in (0, 1, 119):
        again = a_post(database, board, at=seconds_later(seconds), **fields)
        assert (again.no, again.thread, again.is_repeated) == (first.no, first.thread, True)
    assert again.change_no == first.change_no
    with database.connection() as db:
        assert boards.get(db, "b").last_no == first.no


OTHERWISE: dict[str, dict[str, Any]] = {
    "another thread": {"thread": 2},
    "a new thread": {"thread": None},
    "another name": {"name": "Somebody"},
    "another tripcode": {"name": "#tea"},
    "another subject": {"subject": "Else"},
    "another picture": {"files": (A_DOG,)},
    "one picture more": {"files": (A_CAT, A_DOG)},
    "no picture": {"files": ()},
    "a nonce of its own": {"nonce": "another-nonce"},
}


@pytest.mark.parametrize("fields", OTHERWISE.values(), ids=OTHERWISE)
def test_same_text_that_is_another_post_comes_too_fast(
    database: Database, fields: dict[str, Any]
) -> None:
    board = a_board(database, **CAREFUL)
    for address in ("198.51.100.1", "198.51.100.2"):
        a_post(database, board, at=seconds_later(-500), address=address)
    common: dict[str, Any] = {"thread": 1, "body": "same", "files": (A_CAT,)}
    a_post(database, board, at=seconds_later(0), **common)
    with pytest.raises(TooFast):
        a_post(database, board, at=seconds_later(100), **(common | fields))


def test_same_text_of_another_address_is_another_post(database: Database) -> None:
    board = a_board(database, **CAREFUL)
    first = a_post(database, board, body="same")
    assert a_post(database, board, body="same", address="198.51.100.9").no == first.no + 1


def test_pictures_of_two_posts_without_text_are_told_apart(database: Database) -> None:
    board = a_board(database, **CAREFUL)
    a_post(database, board, at=seconds_later(-500))
    for seconds, file, no in ((0, A_CAT, 2), (11, A_DOG, 3), (12, A_CAT, 2), (13, A_DOG, 3)):
        stored = a_post(
            database, board, at=seconds_later(seconds), thread=1, body="", files=(file,)
        )
        assert stored.no == no


def test_what_was_removed_may_be_sent_again(database: Database) -> None:
    board = a_board(database, **CAREFUL)
    first = a_post(database, board, body="same")
    with database.transaction() as db:
        posts.remove(db, "b", first.no)
    assert not a_post(database, board, body="same").is_repeated


def test_presses_that_arrive_together_store_one_post(database: Database) -> None:
    board = a_board(database, **CAREFUL)
    a_post(database, board, at=seconds_later(-500))
    together = threading.Barrier(6)
    numbers: list[int] = []

    def press() -> None:
        together.wait()
        numbers.append(a_post(database, board, thread=1, body="same").no)

    presses = [threading.Thread(target=press) for _ in range(6)]
    for press_thread in presses:
        press_thread.start()
    for press_thread in presses:
        press_thread.join()
    assert numbers == [2] * 6
    assert len([fact for fact in facts(database) if isinstance(fact, PostAdded)]) == 2


def test_id_of_another_engine_goes_on_in_the_threads_that_came_with_its_board(
    database: Database,
) -> None:
    board = a_board(database)
    a_post(database, board)
    a_post(database, board)
    with database.connection() as db:
        db.execute("UPDATE all_threads SET has_old_ids = true WHERE no = 1")

    def id_in(thread: int | None, old_id: str | None) -> str | None:
        new_post = dataclasses.replace(a_new_post(board, thread=thread), poster_id=old_id)
        with database.connection() as db:
            return posts.add(db, new_post).poster_id

    ours = a_post(database, board, thread=1).poster_id
    assert id_in(1, "0f3a9") == "0f3a9"
    assert id_in(1, None) == ours
    assert len(id_in(2, "0f3a9") or "") == len(id_in(None, "0f3a9") or "") == 8
    assert shown(database, 4).poster_id == "0f3a9"


def test_poster_id_is_the_same_in_one_thread_and_differs_between_threads(
    database: Database,
) -> None:
    board = a_board(database)
    first = a_post(database, board)
    reply = a_post(database, board, thread=1)
    stranger = a_post(database, board, thread=1, address="198.51.100.9")
    elsewhere = a_post(database, board)
    assert first.poster_id == reply.poster_id
    assert len(first.poster_id or "") == 8
    assert len({first.poster_id, stranger.poster_id, elsewhere.poster_id}) == 3


def test_mark_thread_says_whether_anything_changed(database: Database) -> None:
    board = a_board(database)
    a_post(database, board)
    with database.transaction() as db:
        assert posts.mark_thread(db, "b", 1, is_sticky=True)
        assert not posts.mark_thread(db, "b", 1, is_sticky=True)
        assert not posts.mark_thread(db, "b", 99, is_sticky=True)
        assert posts.mark_thread(db, "b", 1, is_sticky=False, is_locked=True)
    assert facts(database)[-1] == ThreadChanged(thread=1, pages=PageRange(1, 1))


# --- while the tables change ---


@pytest.mark.slow
def test_no_post_is_refused_while_a_migration_adds_columns(
    database: Database, database_url: str
) -> None:
    """A post is one value of its table's row type, which must not change on its way."""
    board = a_board(database)
    a_post(database, board)
    refused: list[Exception] = []
    is_over = threading.Event()

    def be_poster(number: int) -> None:
        while not is_over.is_set():
            try:
                a_post(database, board, thread=1, address=f"192.0.2.{number}", files=(a_file(),))
            except Exception as ex:
                refused.append(ex)

    posters = [threading.Thread(target=be_poster, args=(number,)) for number in (1, 2, 3)]
    for poster in posters:
        poster.start()
    with psycopg.connect(database_url, autocommit=True) as db:
        for number in range(25):
            for table in (SQL("posts"), SQL("files"), SQL("all_threads"), SQL("boards")):
                column = Identifier(f"of_version_{number}")
                db.execute(SQL("ALTER TABLE {} ADD COLUMN {} text").format(table, column))
    is_over.set()
    for poster in posters:
        poster.join()
    assert refused == []


def test_columns_that_the_next_version_adds_to_a_view_are_no_matter_to_this_one(
    database: Database,
) -> None:
    """Its tables come before its programs."""
    board = a_board(database)
    a_post(database, board)
    with database.connection() as db, db.transaction(force_rollback=True):
        (view,) = db.execute("SELECT pg_get_viewdef('shown_posts')").fetchone() or ("",)
        db.execute(
            "CREATE OR REPLACE VIEW shown_posts AS "
            + view.replace("FROM every_post", ", 7 AS later FROM every_post", 1)
        )
        assert [post.no for post in threads.posts(db, "b", [1])] == [1]
