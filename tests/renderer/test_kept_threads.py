"""Threads kept in memory: packed and repacked, they give what was put in."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace

import pytest

from imageboard.boards import Board
from imageboard.facts import BoardChanged
from imageboard.store import boards, threads
from imageboard.store.database import Database, snapshot
from imageboard.threads import Post
from imageboard.words import ENGLISH_WORDS, Language
from renderer import fragments, kept_threads
from renderer.fragments import DRAWN_TOGETHER, Fragment
from renderer.kept_threads import NEWEST_REPLIES, KeptThread, KeptThreads
from renderer.packs import PACK_REPLIES, PACKS_MERGED, Pack
from renderer.render_loop import RenderLoop
from templates import languages
from templates.fragments import grouped
from tests.builders import a_board, a_post
from tests.tables import for_each


def a_reply(no: int, text: str = "") -> Fragment:
    html, json = f"<p>{no}{text}</p>".encode(), b'{"no":%d}' % no
    return Fragment(no, html, json, images=no % 3, changed_no=no, opening=None)


def a_whole_thread(replies: int, read_at_once: int = 1) -> KeptThread:
    """The last of them may have been fewer."""
    thread = KeptThread(settings_change_no=0, as_of=0, is_whole=True)
    for no in range(2, replies + 2):
        thread.keep(a_reply(no), poster=b"%d" % (no % 5))
        if (no - 1) % read_at_once == 0:
            thread.pack()
    thread.pack()
    return thread


#: On both sides of each number at which something is packed or merged.
LENGTHS = sorted(
    {
        length + more
        for length in (
            0,
            NEWEST_REPLIES,
            *(NEWEST_REPLIES + PACK_REPLIES * n for n in range(1, 11)),
        )
        for more in (-1, 0, 1)
        if length + more >= 0
    }
)


@for_each("replies", LENGTHS)
def test_packed_thread_gives_each_reply_once_in_order_and_in_its_group(replies: int) -> None:
    thread = a_whole_thread(replies)
    expected = [a_reply(no) for no in range(2, replies + 2)]
    assert b"".join(map(bytes, thread.html())) == b"".join(
        grouped([reply.html for reply in expected])
    )
    assert b"".join(map(bytes, thread.json())) == b"".join(b"," + r.json for r in expected)
    for piece in (*thread.html(), *thread.json()):
        assert len(piece) == len(bytes(piece))
    assert [reply.html for reply in thread.last(50)] == [reply.html for reply in expected[-50:]]
    assert thread.replies == replies
    assert thread.posters == min(5, replies)


@pytest.mark.slow
@for_each("replies", LENGTHS)
def test_thread_is_packed_alike_however_many_of_its_replies_are_read_at_once(replies: int) -> None:
    """Its compressed siblings are joined of these packs: they are the same bytes then."""
    expected = a_whole_thread(replies)
    for at_once in (replies or 1, 100, 7):
        assert a_whole_thread(replies, at_once) == expected, at_once


def test_thread_that_is_read_as_a_whole_is_compressed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    compressed: list[int] = []
    of = Pack.of

    def counted(replies: Sequence[Fragment]) -> Pack:
        compressed.append(len(replies))
        return of(replies)

    monkeypatch.setattr(Pack, "of", counted)
    a_whole_thread(NEWEST_REPLIES + 3 * PACK_REPLIES * PACKS_MERGED + PACK_REPLIES, 1_000)
    assert compressed == [PACK_REPLIES * PACKS_MERGED] * 3 + [PACK_REPLIES]


@pytest.mark.slow
def test_reply_that_looks_different_is_replaced_wherever_it_is() -> None:
    replies = PACK_REPLIES * (PACKS_MERGED + 2)
    for no in range(2, replies + 2):
        thread = a_whole_thread(replies)
        thread.keep(a_reply(no, " changed"), poster=b"0")
        html = b"".join(map(bytes, thread.html()))
        assert html.count(b"changed") == 1
        assert b"<p>%d changed</p>" % no in html
        assert thread.replies == replies


def test_long_thread_takes_a_fraction_of_its_pages() -> None:
    """What it reckons it takes is what eviction goes by: it must follow what is really there."""
    dice = random.Random(1)
    thread = KeptThread(settings_change_no=0, as_of=0, is_whole=True)
    whole = 0
    for no in range(2, 1002):
        words = " ".join(dice.choices(("kettle", "hob", "lid", "litre", "pressure"), k=30))
        reply = a_reply(no, words * 4)
        whole += len(reply.html) + len(reply.json)
        thread.keep(reply, poster=b"")
    assert thread.size_bytes < whole / 2


def test_pack_gives_back_what_was_packed() -> None:
    replies = [a_reply(no) for no in (3, 5, 8, 13)]
    assert Pack.of(replies).replies() == replies
    assert Pack.merged([Pack.of(replies[:2]), Pack.of(replies[2:])]).replies() == replies


def drawn_posts(
    monkeypatch: pytest.MonkeyPatch, before: Callable[[Post], None] = lambda _post: None
) -> list[int]:
    """The numbers of posts that are drawn from now on."""
    drawn: list[int] = []

    def draw_all(
        board: Board, board_names: frozenset[str], posts: Iterable[Post]
    ) -> Iterator[tuple[Post, Fragment]]:
        for post, fragment in fragments.draw_all(board, board_names, posts):
            before(post)
            drawn.append(post.no)
            yield post, fragment

    monkeypatch.setattr(kept_threads, "draw_all", draw_all)
    return drawn


def whole_thread(database: Database, kept: KeptThreads, thread: int = 1) -> KeptThread:
    """The thread as of now."""
    with database.connection() as db, snapshot(db):
        board = boards.get(db, "b")
        found = threads.get(db, "b", thread)
        assert found is not None
        return kept.of_thread(db, board, frozenset("b"), found)


@pytest.mark.slow
def test_reply_to_a_kept_thread_draws_that_reply_alone(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    board = a_board(database)
    a_post(database, board)
    for _ in range(40):
        a_post(database, board, thread=1)
    kept, drawn = KeptThreads(), drawn_posts(monkeypatch)
    whole_thread(database, kept)
    assert len(drawn) == 41
    drawn.clear()
    a_post(database, board, thread=1)
    whole_thread(database, kept)
    assert drawn == [42]


@pytest.mark.slow
def test_thread_of_several_handfuls_is_drawn_whole_and_each_post_as_it_is_alone(
    database: Database,
) -> None:
    board = a_board(database)
    a_post(database, board)
    for _ in range(2 * DRAWN_TOGETHER):
        a_post(database, board, thread=1)
    with database.connection() as db:
        posts = list(threads.posts(db, "b", [1]))
    names = frozenset("b")
    together = list(fragments.draw_all(board, names, posts))
    assert [post.no for post, _ in together] == list(range(1, 2 * DRAWN_TOGETHER + 2))
    for post, fragment in together:
        ((_, alone),) = fragments.draw_all(board, names, [post])
        assert fragment == alone


def test_query_that_fails_half_way_leaves_no_half_thread(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    board = a_board(database)
    a_post(database, board)
    for _ in range(5):
        a_post(database, board, thread=1)
    kept = KeptThreads()

    def breaks_off(post: Post) -> None:
        if post.no == 4:
            raise ConnectionError

    with monkeypatch.context() as broken:
        drawn_posts(broken, breaks_off)
        with pytest.raises(ConnectionError):
            whole_thread(database, kept)
    assert whole_thread(database, kept).replies == 5


def test_reply_that_an_import_brings_to_a_kept_thread_is_on_the_board_page(
    database: Database,
) -> None:
    """It stands there before the thread is said to have changed, and before newer replies."""
    board = a_board(database, preview_replies=3)
    for thread in (None, 1):
        a_post(database, board, thread=thread)
    with database.transaction() as db:
        db.execute("UPDATE boards SET last_no = 9")
    a_post(database, board, thread=1)
    kept = KeptThreads()
    assert whole_thread(database, kept).replies == 2
    with database.transaction() as db:
        db.execute(
            "INSERT INTO posts SELECT (jsonb_populate_record(p, '{\"no\": 5}')).*"
            " FROM posts p WHERE no = 2"
        )
    with database.connection() as db, snapshot(db):
        now = boards.get(db, "b")
        previews = threads.in_order(db, "b", now.settings)
        ((_, *replies),) = kept.of_previews(db, now, frozenset("b"), previews)
    assert [reply.no for reply in replies] == [2, 5, 10]


@pytest.mark.slow
def test_board_of_more_posts_than_are_kept_is_drawn_anew_from_one_reading_of_each_thread(
    database: Database, loop: RenderLoop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A thread has several pages: by the time of the next kind it would be forgotten."""
    board = a_board(database, pages_max=10)
    threads_there, replies = 30, 8
    for _ in range(threads_there):
        op = a_post(database, board).no
        for _ in range(replies):
            a_post(database, board, thread=op)
    loop.render("b")
    everything_bytes = sum(thread.size_bytes for thread in loop.kept.threads.values())
    with database.transaction() as db:
        boards.ask_again(db, "b", BoardChanged())
    loop.kept = KeptThreads(everything_bytes // 3)
    drawn = drawn_posts(monkeypatch)
    loop.render("b")
    # Which are on no board page.
    first_replies = range(2, threads_there * (replies + 1), replies + 1)
    times = [drawn.count(no) for no in first_replies]
    assert min(times) == 1
    assert sum(times) < 1.5 * threads_there, "those at the end of a step may be read once more"


def test_thread_drawn_in_one_language_is_not_shown_in_another(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_post(database, a_board(database))
    kept, drawn = KeptThreads(), drawn_posts(monkeypatch)
    with database.connection() as db, snapshot(db):
        english = boards.get(db, "b")
        other = replace(english, language=Language("en-XA"))
        found = threads.get(db, "b", 1)
        assert found is not None
        monkeypatch.setattr(languages, "catalog", lambda _language: ENGLISH_WORDS)
        for board in (english, other, english, other):
            kept.of_thread(db, board, frozenset("b"), found)
    assert drawn == [1, 1], "once in each"
