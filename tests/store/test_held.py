"""Posts that wait for staff are stored and numbered, and nothing tells of them until then."""

from __future__ import annotations

import ipaddress
from dataclasses import replace
from typing import Any

import pytest

from imageboard.allowances import HeldShare
from imageboard.boards import Board
from imageboard.errors import HeldFullOfNetwork, RuleBroken, TooFast
from imageboard.facts import PostAdded
from imageboard.staff_roles import Grant, Power, Role, Visitor
from imageboard.store import (
    deeds,
    held,
    moderation_log,
    moves,
    outbox,
    post_deeds,
    posts,
    removal_deeds,
    removals,
    spam_rules,
    state_deeds,
    threads,
)
from imageboard.store.database import Connection, Database
from imageboard.store.deeds import Order
from imageboard.store.poster_deeds import Extent
from imageboard.store.posts import StoredPost
from tests.builders import CLOAK, a_board, a_file, a_new_post, a_post

ADMIN = Visitor("ada", (Grant(Role.ADMIN),), "token")
#: All that tells a reader that something happened, whole.
_TELLS = (
    "SELECT to_jsonb(b) - '{last_no,last_tim}'::text[] FROM boards b",
    "SELECT to_jsonb(t) FROM threads t ORDER BY no",
    "SELECT to_jsonb(p) FROM shown_posts p ORDER BY no",
    "SELECT to_jsonb(o) FROM outbox o ORDER BY change_no",
    "SELECT to_jsonb(r) FROM removed_posts r",
)


@pytest.fixture
def board(database: Database) -> Board:
    """Thread 1 with reply 2, and above it thread 3."""
    board = a_board(database)
    a_post(database, board, body="OP")
    a_post(database, board, thread=1, body="a reply")
    a_post(database, board, body="another thread")
    return board


def told(database: Database) -> list[Any]:
    with database.connection() as db:
        return [db.execute(query).fetchall() for query in _TELLS]


def send(database: Database, board: Board, because: str | None, **fields: Any) -> StoredPost:
    terms = ("wait_s", "same_text_wait_s", "held_shares", "nonce")
    on_terms = {name: fields.pop(name) for name in terms if name in fields}
    new_post = replace(a_new_post(board, **fields), held_because=because, **on_terms)
    with database.transaction() as db:
        return posts.add(db, new_post)


def hold(database: Database, board: Board, **fields: Any) -> StoredPost:
    return send(database, board, "Spam?", **fields)


def the_one(database: Database) -> int:
    with database.connection() as db:
        (waiting,) = held.waiting(db, on=None, limit=10)
    return waiting.id


def in_order(database: Database, board: Board) -> list[int]:
    with database.connection() as db:
        return [each.thread.no for each in threads.in_order(db, "b", board.settings)]


@pytest.mark.parametrize("thread", [None, 1], ids=["thread", "reply"])
def test_held_post_shows_nowhere_and_appears_with_its_number(
    database: Database, board: Board, thread: int | None
) -> None:
    before = told(database)
    stored = hold(database, board, thread=thread, body=">>2 look", files=(a_file(),))
    assert (stored.is_held, stored.no) == (True, 4)
    assert told(database) == before
    assert a_post(database, board, thread=3).no == 5

    with database.transaction() as db:
        (waiting,) = held.waiting(db, on=["b"], limit=10)
        assert (waiting.no, waiting.is_op, waiting.body) == (4, thread is None, ">>2 look")
        assert waiting.files == [["cat.png", True]]
        assert waiting.because == "Spam?"
        assert held.file(db, waiting.id, 1) == ("0" * 32, ".png", ".png")
        assert held.file(db, waiting.id, 2) is None
        assert held.count(db, on=["tea"]) == 0
        assert posts.stored_names(db, ["0" * 32]) == {"0" * 32}, "not to be swept"
        assert removals.newest(db, on=None, limit=10) == [], "nobody removed it"
        assert removals.boards_of(db, waiting.id) == [], "so nobody undoes that"
        assert held.release(db, waiting.id)
        fact = outbox.waiting(db, "b", 100)[-1].fact
        (shown,) = threads.posts_by_no(db, "b", [4])
        assert not held.release(db, waiting.id), "somebody was quicker"
    assert isinstance(fact, PostAdded)
    assert fact.no == 4
    assert (shown.body, len(shown.files), [quote.no for quote in shown.quotes]) == (
        ">>2 look",
        1,
        [2],
    )
    assert in_order(database, board)[0] == (thread or 4), "it bumps when it appears"


def test_refused_post_is_gone_with_its_file_when_nobody_can_bring_it_back(
    database: Database, board: Board
) -> None:
    before = told(database)
    hold(database, board, thread=1, files=(a_file(),))
    with database.transaction() as db:
        assert held.refuse(db, None, [the_one(database)])
        assert held.count(db, on=None) == 0
        assert posts.stored_names(db, ["0" * 32]) == set()
    assert told(database) == before


def refuse(database: Database, ids: list[int]) -> None:
    with database.transaction() as db:
        deeds.carry_out(db, state_deeds.REFUSE, Order(ADMIN, None, None, ids))


def undo_last(database: Database) -> None:
    with database.transaction() as db:
        (entry,) = moderation_log.newest(db, on=None, limit=1)
        removal = int(entry.detail["removal"])
        deeds.carry_out(db, removal_deeds.UNDO, Order(ADMIN, None, None, removal))


def waiting(database: Database) -> list[tuple[Any, ...]]:
    """All that is known of them, but for what gives them their places in the queue."""
    with database.connection() as db:
        found = held.waiting(db, on=None, limit=10)
    return [each._replace(id=0, held_s=0, kept_until_s=0) for each in found]


@pytest.mark.slow
def test_what_one_press_refused_waits_again_after_another(database: Database, board: Board) -> None:
    """A thread and replies of two boards, with their files and reasons, as they were."""
    other = a_board(database, "c")
    a_post(database, other)
    hold(database, board, thread=1, body=">>2 look", files=(a_file(),))
    hold(database, board, body="a thread")
    send(database, other, "By a rule.", thread=1, body="elsewhere")
    before, shown = waiting(database), told(database)
    with database.connection() as db:
        ids = [each.id for each in held.waiting(db, on=None, limit=10)]
    refuse(database, ids)
    with database.connection() as db:
        assert held.count(db, on=None) == 0
        assert posts.stored_names(db, ["0" * 32]) == {"0" * 32}, "not to be swept"
        (removed,) = removals.newest(db, on=None, limit=10)
    assert (removed.staff, removed.threads, removed.replies) == (ADMIN.name, 1, 2)
    assert told(database) == shown
    undo_last(database)
    assert (waiting(database), told(database)) == (before, shown)
    with database.transaction() as db:
        assert removals.newest(db, on=None, limit=10) == []
        assert all(held.release(db, each.id) for each in held.waiting(db, on=None, limit=10))


def test_refused_posts_are_erased_when_their_time_is_over(database: Database, board: Board) -> None:
    stored = hold(database, board, body="a thread")
    refuse(database, [the_one(database)])
    with database.transaction() as db:
        db.execute("UPDATE removals SET kept_until = now()")
        assert removals.forget_expired(db, 10) == 1
        assert db.execute("SELECT count(*) FROM laid_aside").fetchone() == (0,)
        posts.forget_aside(db, 10)
        assert not db.execute("SELECT FROM posts WHERE no = %s", (stored.no,)).fetchall()


def test_post_whose_thread_went_meanwhile_can_not_appear(database: Database, board: Board) -> None:
    hold(database, board, thread=1)
    with database.transaction() as db:
        posts.remove(db, "b", 1)
    with database.transaction() as db:
        waiting = the_one(database)
        assert not held.release(db, waiting)
        owner = Visitor("lake", (Grant(Role.OWNER),), "token")
        with pytest.raises(RuleBroken, match="gone"):
            deeds.carry_out(db, state_deeds.RELEASE, Order(owner, asked=[waiting]))


@pytest.mark.slow
def test_thread_stays_where_held_replies_find_it(database: Database, board: Board) -> None:
    """It may be put together with another one, into which they come."""
    a_board(database, "c")
    hold(database, board, thread=3, body="held")
    with database.transaction() as db:
        with pytest.raises(RuleBroken, match="held"):
            moves.move(db, "b", 3, "c")
        moves.merge(db, "b", 3, 1)
        assert held.release(db, the_one(database))
        assert [post.no for post in threads.posts(db, "b", [1])] == [1, 2, 3, 4]
        thread = moves.move(db, "b", 1, "c")
        assert len(list(threads.posts(db, "c", [thread]))) == 4


@pytest.mark.parametrize("is_held", [False, True])
def test_form_that_comes_again_is_answered_as_its_post_is_by_now(
    database: Database, board: Board, is_held: bool
) -> None:
    """Whether or not a rule came or went in between."""
    first, again = (hold, a_post) if is_held else (a_post, hold)
    stored = first(database, board, thread=1, nonce="n" * 32)
    told = again(database, board, thread=1, nonce="n" * 32)
    assert (told.no, told.is_repeated, told.is_held) == (stored.no, True, is_held)


def test_held_post_waits_its_turn_and_is_the_same_when_sent_again(
    database: Database, board: Board
) -> None:
    """Posts that nobody sees are no way round the waits of a poster."""
    theirs: dict[str, Any] = {"thread": 1, "address": "198.51.100.9", "wait_s": 60}
    first = hold(database, board, **theirs, body="one", nonce="n" * 16)
    again = hold(database, board, **theirs, body="one", nonce="n" * 16)
    assert (again.no, again.is_repeated, again.is_held) == (first.no, True, True)
    with pytest.raises(TooFast):
        hold(database, board, **theirs, body="two")


THEIRS: dict[str, Any] = {"address": "198.51.100.9"}


@pytest.mark.parametrize("because", ["Spam?", None], ids=["held", "shown"])
def test_reply_that_is_held_counts_for_the_waits_of_its_poster_as_one_that_is_shown(
    database: Database, board: Board, because: str | None
) -> None:
    """On every board, the same text for longer; and not for a thread, which waits for threads."""
    other = a_board(database, "c")
    hold(database, board, **THEIRS, thread=1, body="one")
    a_post(database, other, address="192.0.2.200", body="OP")
    with pytest.raises(TooFast):
        send(database, board, because, **THEIRS, thread=3, body="two", wait_s=60)
    with pytest.raises(TooFast):
        send(database, other, because, **THEIRS, thread=1, body="two", wait_s=60)
    with pytest.raises(TooFast):
        send(database, board, because, **THEIRS, thread=3, body="one", same_text_wait_s=60)
    send(database, board, because, **THEIRS, body="a thread", wait_s=60)
    with database.transaction() as db:
        db.execute("UPDATE removals SET held_because = NULL")
    send(
        database, other, because, **THEIRS, thread=1, body="staff took it away", same_text_wait_s=60
    )


@pytest.mark.slow
def test_what_somebody_wrote_and_is_held_goes_with_all_else_that_they_wrote(
    database: Database, board: Board
) -> None:
    """Threads and replies; counted before, and nobody else's."""
    other = a_board(database, "c")
    shown = a_post(database, board, thread=1, **THEIRS)
    hold(database, board, thread=1, **THEIRS)
    hold(database, board, **THEIRS)
    hold(database, other, **THEIRS)
    of_others = hold(database, board, thread=1, address="192.0.2.200")
    janitor = Visitor("lake", (Grant(Role.JANITOR, "b"),), "token")

    def left_in(db: Connection) -> list[tuple[str, int]]:
        return [(each.board, each.no) for each in held.waiting(db, on=None, limit=10)]

    def delete_all(where: str, by: Visitor) -> list[tuple[str, int]]:
        with database.transaction() as db:
            author = posts.author(db, "b", shown.no)
            assert author.address_hash is not None
            counted = removals.count_of_author(
                db, author.address_hash, board="b", thread=1, on=by.boards(Power.DELETE)
            )
            there = {name: counts.last_hour for name, counts in counted.items()}
            deed = deeds.named(post_deeds.OF_POSTS, "delete_all")
            deeds.carry_out(db, deed, Order(by, "b", shown.no, Extent(where, 3600)))
            entry = moderation_log.newest(db, on=None, limit=1)[0]
            assert entry.detail["posts"] == there[where]
            gone = left_in(db)
            removals.undo(db, int(entry.detail["removal"]))
            assert sorted(left_in(db)) == all_of_them, "what was held waits again"
            assert posts.author(db, "b", shown.no).thread == 1, "and the rest is back"
        return gone

    with database.connection() as db:
        all_of_them = sorted(left_in(db))
    assert len(all_of_them) == 4
    assert delete_all("thread", janitor) == [("b", 6), ("c", 1), ("b", of_others.no)]
    assert sorted(delete_all("site", janitor)) == [("b", of_others.no), ("c", 1)], "no other board"
    assert delete_all("site", Visitor("lake", (Grant(Role.JANITOR),), "token")) == [
        ("b", of_others.no)
    ]


def test_only_so_many_wait(database: Database, board: Board) -> None:
    hold(database, board, thread=1)
    with database.transaction() as db:
        (held_because,) = db.execute("SELECT held_because FROM removals").fetchone() or ("",)
        db.execute(
            "INSERT INTO laid_aside (removal, board, no, thread_no, kind, what)"
            " SELECT id, 'b', n, 1, 'post', '{}' FROM removals, generate_series(10, 1008) n"
        )
    assert held_because == "Spam?"
    with pytest.raises(TooFast) as refused:
        hold(database, board, thread=1)
    assert refused.value.code == "held_full"


@pytest.mark.parametrize("thread", [None, 1], ids=["threads", "replies"])
def test_nobody_takes_all_places_of_those_that_wait(
    database: Database, board: Board, thread: int | None
) -> None:
    """Nor a network; a post that staff have judged makes room, and so does one that comes twice."""
    mine, ours = HeldShare(b"m" * 16, 2), HeldShare(b"o" * 16, 3)
    first = hold(database, board, thread=thread, body="1", held_shares=(mine, ours))
    hold(database, board, thread=thread, body="2", held_shares=(mine, ours), nonce="n" * 32)
    with pytest.raises(HeldFullOfNetwork):
        hold(database, board, thread=thread, body="3", held_shares=(mine, ours))
    again = hold(database, board, thread=thread, body="2", held_shares=(mine, ours), nonce="n" * 32)
    assert again.is_repeated
    hold(database, board, thread=thread, body="4", held_shares=(HeldShare(b"x" * 16, 2), ours))
    with pytest.raises(HeldFullOfNetwork):
        hold(database, board, thread=thread, body="5", held_shares=(HeldShare(b"y" * 16, 2), ours))
    hold(database, a_board(database, "c"), held_shares=(mine, ours))
    with database.transaction() as db:
        ids = {each.no: each.id for each in held.waiting(db, on=["b"], limit=10)}
        assert held.release(db, ids[first.no])
    hold(database, board, thread=thread, body="6", held_shares=(mine, ours))


def test_whose_thread_waits_or_was_removed_is_a_stranger_however_long(
    database: Database, board: Board
) -> None:
    """They would be asked for no captcha, and find the places that are left to regulars."""
    poster = CLOAK.hash_address(ipaddress.ip_address("198.51.100.9"))

    def is_known() -> bool:
        with database.connection() as db:
            return spam_rules.is_known(db, poster)

    no = hold(database, board, address="198.51.100.9").no
    with database.transaction() as db:
        db.execute("UPDATE posts SET created_at = created_at - interval '2 days'")
    assert not is_known()
    waiting = the_one(database)
    with database.transaction() as db:
        assert held.release(db, waiting)
    assert is_known()
    with database.transaction() as db:
        removals.remove(db, "ada", {"b": [no]})
    assert not is_known()
