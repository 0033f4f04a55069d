"""Following a thread by what changed last in it: nobody misses a post, or keeps one that is gone.

That this holds whatever happens is proven on whole boards: test_any_history.py.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from cli.lifelike import Writer
from imageboard.boards import Board
from imageboard.store import boards, posts
from imageboard.store.database import Database
from renderer.kept_threads import KeptThreads
from renderer.pages import changes
from renderer.render_loop import RenderLoop
from renderer.web_root import WebRoot
from tests.builders import a_board, a_file, a_post
from tests.renderer.following import Follower

pytestmark = pytest.mark.slow


@pytest.fixture
def board(database: Database) -> Board:
    board = a_board(database, body_chars_max=20_000)
    a_post(database, board, body="The first.")
    return board


@pytest.fixture
def follower(loop: RenderLoop, web_root: WebRoot, board: Board) -> Follower:
    """Of thread 1, which it has read."""
    loop.render(board.name)
    follower = Follower(web_root, board.name, 1)
    follower.read_whole()
    return follower


def test_new_post_arrives_with_what_it_changed_and_nothing_else(
    database: Database, loop: RenderLoop, board: Board, follower: Follower
) -> None:
    for no in range(2, 5):
        a_post(database, board, thread=1, body=f"Number {no}.")
    a_post(database, board, thread=1, body=">>3")
    loop.render("b")
    feed = follower.feed()
    assert [(post["no"], post["change"]) for post in feed["posts"] if post["resto"]] == [
        (2, 3),
        # Quoted by the last one, so that its page shows a link more.
        (3, 6),
        (4, 5),
        (5, 6),
    ]
    assert (feed["thread"], feed["since"], feed["change"], feed["gone"]) == (1, 1, 6, [])
    assert (feed["closed"], feed["archived"], feed["next"]) == (0, 0, None)
    follower.look()
    assert follower.is_right()
    assert follower.whole == 1


def test_text_is_told_as_it_was_typed(
    database: Database, loop: RenderLoop, board: Board, follower: Follower
) -> None:
    typed = "**<b>&amp;**\n>>1"
    a_post(database, board, thread=1, body=typed)
    loop.render("b")
    assert follower.feed()["posts"][-1]["raw"] == follower.shown()[-1]["raw"] == typed


def test_removed_post_is_told_to_whoever_has_it_already(
    database: Database, loop: RenderLoop, board: Board, follower: Follower
) -> None:
    """From what the database holds: the fact is settled, and another worker draws it later."""
    for _ in range(2):
        a_post(database, board, thread=1)
    loop.render("b")
    follower.look()
    with database.transaction() as db:
        posts.remove(db, "b", 2)
    loop.render("b")
    a_post(database, board, thread=1)
    loop.kept = KeptThreads()
    loop.render("b")
    assert follower.feed()["gone"] == [2]
    follower.look()
    assert follower.is_right()
    assert follower.whole == 1


def removes_file(database: Database) -> None:
    with database.transaction() as db:
        posts.remove_files(db, "b", 2)


def locks(database: Database) -> None:
    with database.transaction() as db:
        posts.mark_thread(db, "b", 1, is_locked=True)


@pytest.mark.parametrize("deed", [removes_file, locks])
def test_what_staff_do_is_told(
    database: Database,
    loop: RenderLoop,
    board: Board,
    follower: Follower,
    deed: Callable[[Database], None],
) -> None:
    a_post(database, board, thread=1, files=(a_file(),))
    loop.render("b")
    before = follower.feed()
    deed(database)
    loop.render("b")
    assert follower.feed()["change"] > before["change"]
    assert follower.feed() != before
    follower.look()
    assert follower.is_right()
    assert follower.whole == 1


def test_feed_holds_the_last_fifty_changes_and_says_since_when(
    database: Database, loop: RenderLoop, board: Board, follower: Follower
) -> None:
    for no in range(2, 72):
        a_post(database, board, thread=1, body=f"Number {no}.")
    with database.transaction() as db:
        posts.remove(db, "b", 70)
    loop.render("b")
    feed = follower.feed()
    # Numbers of changes are those of posts and one more: the board's first change had none.
    assert [post["no"] for post in feed["posts"]] == [*range(22, 70), 71]
    assert feed["gone"] == [70]
    assert feed["since"] == 22
    follower.look()
    assert follower.is_right()
    assert follower.whole == 2


def test_short_feed_leads_to_the_long_one_and_a_new_post_is_two_thousand_bytes_in_it(
    database: Database, loop: RenderLoop, board: Board, follower: Follower, web_root: WebRoot
) -> None:
    """Of posts as people write them, however long the thread."""
    people = Writer(1, pictures=False)
    for _ in range(60):
        a_post(database, board, thread=1, body=people.reply([]).body)
    loop.render("b")
    latest = follower.latest()
    assert latest["next"] == "/b/res/1.changes.json"
    assert [post["no"] for post in latest["posts"]][-4:] == [58, 59, 60, 61]
    assert len(web_root.read("b/res/1.latest.json.br") or b"") < 2000
    follower.look()
    assert (follower.whole, follower.is_right()) == (2, True)
    for _ in range(20):
        a_post(database, board, thread=1, body="More.")
    loop.render("b")
    assert follower.latest()["since"] > follower.seen
    follower.look()
    assert (follower.whole, follower.is_right()) == (2, True)


def test_short_feed_has_each_post_as_its_page_shows_it(
    database: Database, loop: RenderLoop, board: Board, follower: Follower, web_root: WebRoot
) -> None:
    """And the page says up to which change it goes, so that whoever has it open can follow."""
    loop.render("b")
    before = follower.latest()["change"]
    assert f' data-change="{before}"'.encode() in (web_root.read("b/res/1.html") or b"")
    a_post(database, board, thread=1, body="<b>&amp;</b> >>1", files=(a_file(),))
    loop.render("b")
    page = web_root.read("b/res/1.html") or b""
    told = follower.latest()
    assert [post["no"] for post in told["posts"]] == [1, 2]
    for post in told["posts"]:
        assert post["html"].startswith("<article")
        assert post["html"].encode() in page
    assert f' data-change="{told["change"]}"'.encode() in page


def test_feed_is_never_larger_than_its_limit(
    database: Database, loop: RenderLoop, board: Board, follower: Follower, web_root: WebRoot
) -> None:
    """A change that has no room is one to fetch the thread for."""
    for chars in (10_000, 10_000, 20_000, 4):
        a_post(database, board, thread=1, body="<&" * (chars // 2))
        loop.render("b")
        assert len(web_root.read("b/res/1.changes.json") or b"") <= changes.LONG.bytes
        assert len(web_root.read("b/res/1.latest.json") or b"") <= changes.SHORT.bytes
        follower.look()
        assert follower.is_right()
    assert follower.whole == 2


def test_whoever_has_not_seen_new_settings_reads_the_whole_thread(
    database: Database, loop: RenderLoop, board: Board, follower: Follower
) -> None:
    """They change what all posts look like."""
    with database.transaction() as db:
        boards.change_settings(db, "b", {"anonymous_name": "Nobody"})
    loop.render("b")
    follower.look()
    follower.look()
    assert follower.is_right()
    assert follower.whole == 2


def test_what_was_removed_before_removals_were_noted_is_not_passed_over(
    database: Database, loop: RenderLoop, board: Board, follower: Follower
) -> None:
    for _ in range(2):
        a_post(database, board, thread=1)
    loop.render("b")
    follower.look()
    with database.transaction() as db:
        posts.remove(db, "b", 2)
        # As the step that brings the table finds it.
        db.execute("UPDATE removed_posts SET no = NULL")
    loop.render("b")
    follower.look()
    assert follower.is_right()
    assert follower.whole == 2


def test_list_of_threads_tells_which_of_them_changed(
    database: Database, loop: RenderLoop, board: Board, follower: Follower, web_root: WebRoot
) -> None:
    a_post(database, board)
    a_post(database, board, thread=1)
    loop.render("b")
    (page,) = follower.read("b/threads.json")
    assert {thread["no"]: thread["change"] for thread in page["threads"]} == {1: 4, 2: 3}
    assert follower.feed()["change"] == follower.shown()[0]["change"] == 4


def test_feed_goes_with_its_thread(
    database: Database, loop: RenderLoop, board: Board, follower: Follower, web_root: WebRoot
) -> None:
    assert follower.feed()["posts"]
    with database.transaction() as db:
        posts.remove(db, "b", 1)
    loop.render("b")
    assert web_root.read("b/res/1.changes.json") is None
    assert web_root.read("b/res/1.latest.json") is None
