"""The last look, at pages that a small server shows."""

from __future__ import annotations

import http.server
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from loadtest import last_look
from loadtest.tally import Acknowledged, Place, Tally
from tests.deploy.stand_ins import WAIT_S

ONE, TWO, THREE = (Acknowledged(1, no, f"post-1.0.1-{no}-of-x") for no in (1, 2, 3))


def a_page(*posts: Acknowledged) -> str:
    return "".join(f'<article class="post" id="{post.no}">{post.mark}</article>' for post in posts)


@contextmanager
def a_server(pages: dict[str, str]) -> Iterator[str]:
    """Its address. It shows these pages, and nothing else."""

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            body = pages.get(self.path, "").encode()
            self.send_response(200 if self.path in pages else 404)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


def a_board(threads: int, *, pages: int = 1) -> dict[str, str]:
    """The JSON of a board that holds so many threads, two on a page."""
    listed = [{"page": 0, "threads": [{"no": 100 + number} for number in range(threads)]}]
    settings = {"boards": [{"board": "b", "per_page": 2, "pages": pages}]}
    return {"/boards.json": json.dumps(settings), "/b/threads.json": json.dumps(listed)}


def look(
    pages: dict[str, str],
    tally: Tally,
    *,
    patience_s: float = 0.2,
    while_waiting: Callable[[float], None] = lambda _: None,
) -> last_look.LastLook:
    with a_server(pages) as host:
        return last_look.look(host, "b", tally, patience_s=patience_s, sleep=while_waiting)


def test_all_is_well_when_each_post_is_on_its_page_once() -> None:
    found = look({"/b/res/1.html": a_page(ONE, TWO)}, Tally(acknowledged=[ONE, TWO]))
    assert found == last_look.LastLook([], [], [])


def test_post_that_its_page_lacks_is_missing() -> None:
    found = look({"/b/res/1.html": a_page(ONE, THREE)}, Tally(acknowledged=[ONE, TWO, THREE]))
    assert found.missing == [TWO]


def test_post_that_is_there_under_two_numbers_is_doubled() -> None:
    again = TWO._replace(no=9)
    found = look({"/b/res/1.html": a_page(ONE, TWO, again)}, Tally(acknowledged=[ONE, TWO]))
    assert (found.missing, found.doubled) == ([], [TWO])


def test_deleted_post_is_not_looked_for_unless_it_is_still_there() -> None:
    deleted = Place(TWO.thread, TWO.no)
    tally = Tally(acknowledged=[ONE, TWO], deleted=[deleted])
    assert look({"/b/res/1.html": a_page(ONE)}, tally) == last_look.LastLook([], [], [])
    assert look({"/b/res/1.html": a_page(ONE, TWO)}, tally).still_there == [deleted]


def test_page_that_comes_late_is_waited_for() -> None:
    pages = {"/b/res/1.html": a_page(ONE)}

    def publish(_seconds: float) -> None:
        pages["/b/res/1.html"] = a_page(ONE, TWO)

    tally = Tally(acknowledged=[ONE, TWO])
    assert look(pages, tally, patience_s=WAIT_S, while_waiting=publish).missing == []


@pytest.mark.parametrize(
    ("threads", "was_shown", "is_missing"),
    [
        # A full board pushes the oldest thread off its last page …
        (2, True, False),
        # … but not one that no page ever showed, and not while there is room.
        (2, False, True),
        (1, True, True),
    ],
)
def test_thread_that_is_gone_is_missing_unless_it_was_pruned(
    threads: int, was_shown: bool, is_missing: bool
) -> None:
    tally = Tally(acknowledged=[ONE], shown_threads={1} if was_shown else set())
    assert bool(look(a_board(threads), tally).missing) is is_missing
