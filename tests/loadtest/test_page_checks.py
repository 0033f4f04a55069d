"""What a page shows, and whether it is whole and no older than the one before."""

from __future__ import annotations

import pytest

from loadtest import page_checks
from loadtest.page_checks import ReaderMemory, Shown
from tests.tables import for_each


def a_page(*nos: int) -> bytes:
    """A thread's page, as the templates write it."""
    posts = "".join(
        f'<article class="post {"reply" if place else "op"}" id="{no}">\n'
        f'<a class="post_no" id="q{no}" href="/b/res/{nos[0]}.html#q{no}">{no}</a></article>\n'
        for place, no in enumerate(nos)
    )
    return f'<html><section id="thread_{nos[0]}">\n{posts}</section></html>\n'.encode()


@for_each(
    ("body", "is_whole"),
    [
        (b"<html></html>\n", True),
        (b"<html></html>", True),
        (b"<html></html", False),
        (b"<html>", False),
        (b"", False),
        (a_page(1, 2)[:-1], True),
        (a_page(1, 2)[:-9], False),
    ],
)
def test_page_is_whole_when_it_ends(body: bytes, is_whole: bool) -> None:
    assert page_checks.is_whole_page(body) is is_whole


@pytest.mark.parametrize(
    ("body", "is_whole"),
    [(b'{"posts":[]}', True), (b"[]\n", True), (b'{"posts":[', False), (b"", False)],
)
def test_json_is_whole_when_it_ends(body: bytes, is_whole: bool) -> None:
    assert page_checks.is_whole_json(body) is is_whole


def test_page_shows_its_newest_post_and_their_number() -> None:
    assert page_checks.shown_on(a_page(7, 9, 12)) == Shown(newest=12, posts=3)
    assert page_checks.shown_on(b"<html></html>\n") is None


def test_what_posts_say_is_counted_without_what_the_head_tells_of_them() -> None:
    head = b'<meta property="og:description" content="a mark">'
    post = b'<article class="post op" id="1">a mark</article>'
    assert page_checks.times_said(head + post, "a mark") == 1
    assert page_checks.times_said(head + post + post, "a mark") == 2
    assert page_checks.times_said(post, "another") == 0


def test_post_is_shown_by_its_element_alone() -> None:
    page = a_page(7, 9)
    assert page_checks.shows(page, 9)
    assert not page_checks.shows(page.replace(b' id="9"', b""), 9)
    assert not page_checks.shows(a_page(7, 90), 9)


@for_each(
    ("pages", "steps_back"),
    [
        ([(1, 2), (1, 2, 3), (1, 2, 3)], [None, None, None]),
        # An older rendering, and the newer one again.
        ([(1, 2, 3), (1, 2), (1, 2, 3)], [None, Shown(3, 3), None]),
        # One in the middle is gone, and one more has come.
        ([(1, 2, 3), (1, 3)], [None, Shown(3, 3)]),
        ([(1, 2, 3), (1, 3, 4)], [None, None]),
        ([(1, 2, 3), (1, 4)], [None, Shown(3, 3)]),
    ],
)
def test_reader_remembers_what_was_there(
    pages: list[tuple[int, ...]], steps_back: list[Shown | None]
) -> None:
    memory = ReaderMemory()
    assert [memory.step_back(1, a_page(*nos)) for nos in pages] == steps_back


def test_threads_are_not_mixed_up_and_readers_know_only_their_own() -> None:
    one, other = ReaderMemory(), ReaderMemory()
    assert one.step_back(1, a_page(1, 5)) is None
    assert one.step_back(2, a_page(2, 3)) is None
    assert other.step_back(1, a_page(1)) is None
    assert one.step_back(1, a_page(1)) == Shown(5, 2)


def test_page_without_any_post_is_a_step_back() -> None:
    memory = ReaderMemory()
    memory.step_back(1, a_page(1, 2))
    assert memory.step_back(1, b"<html></html>\n") == Shown(2, 2)


def test_links_pictures_and_assets_are_found_once_each() -> None:
    page = (
        b'<link rel="stylesheet" href="/assets/board.d7b2.css">'
        b'<a href="/b/res/12.html">12</a><a href="/b/res/12.html#13">13</a>'
        b'<a href="/b/res/4.html">4</a><a href="/b/res/12.html">again</a>'
        b'<img src="/b/thumb/1.webp"><img src="/b/thumb/2.webp"><img src="/b/thumb/3.webp">'
    )
    assert page_checks.thread_links(page) == [12, 4]
    assert page_checks.thumbnails(page, 2) == ["/b/thumb/1.webp", "/b/thumb/2.webp"]
    assert page_checks.assets(page) == ["/assets/board.d7b2.css"]
