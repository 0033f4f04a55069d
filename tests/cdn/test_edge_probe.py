"""A removal is done when a reader at the edge has been sent what no longer shows it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from cdn.edge_probe import HttpEdgeProbe
from imageboard.markers import Removed
from tests.nginx.front import free_port

POST = Removed("b", 124, frozenset({"1700000000000"}))


class Edge(ThreadingHTTPServer):
    """Answers each path as the test says; what it was not told of is 404."""

    daemon_threads = True

    def __init__(self) -> None:
        self.answers: dict[str, tuple[int, bytes]] = {}
        super().__init__(("127.0.0.1", 0), _Answer)


class _Answer(BaseHTTPRequestHandler):
    server: Edge

    def do_GET(self) -> None:
        status, body = self.server.answers.get(self.path, (404, b"not here"))
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        if status in (301, 302):
            self.send_header("Location", "/elsewhere.html")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Silence: the test says what went wrong."""


@pytest.fixture
def edge() -> Iterator[Edge]:
    with Edge() as running:
        threading.Thread(target=running.serve_forever, args=(0.01,), daemon=True).start()
        yield running
        running.shutdown()


@pytest.mark.parametrize(
    ("path", "address", "status", "body", "is_shown"),
    [
        ("b/res/1.html", "/b/res/1.html", 200, b'<article id="124">', True),
        ("b/res/1.html", "/b/res/1.html", 200, b'<article id="1240"> <a href="#124">', False),
        ("b/res/1.html", "/b/res/1.html", 200, b'<p>so write id="124" there</p>', False),
        ("b/res/1.html", "/b/res/1.html", 200, b'<p>src="/b/src/1700000000000.png"', False),
        ("b/index.html", "/b/", 200, b'<article id="124">', True),
        ("b/index.html", "/b/index.html", 200, b'<article id="124">', True),
        ("b/res/1.json", "/b/thread/1.json", 200, b'{"posts":[{"resto":1,"no":124}]}', True),
        ("b/res/1.json", "/b/res/1.json", 200, b'{"no":1240,"resto":124,"com":"no:124"}', False),
        ("b/res/1.json", "/b/res/1.json", 200, b'{"com":"\\"no\\":124,"}', False),
        ("index.html", "/", 200, b'<a href="/b/res/1.html#124">', True),
        ("index.html", "/", 200, b'<a href="/c/res/1.html#124">', False),
        ("b/res/2.html", "/b/res/2.html", 200, b'<a href="/b/res/1.html#124">', False),
        ("b/res/2.html", "/b/res/2.html", 200, b'<img src="/b/thumb/1700000000000.jpg">', True),
        ("b/src/1700000000000.png", "/b/src/1700000000000.png", 200, b"picture", True),
        ("b/src/1700000000000.png", "/b/src/1700000000000.png", 404, b"", False),
        ("b/index.rss", "/b/index.rss", 200, b"<rss/>", True),
        ("b/index.html", "/b/index.html", 301, b"", False),
        # Nobody knows what the next reader is sent.
        *(("b/res/1.html", "/b/res/1.html", status, b"", True) for status in (302, 403, 429)),
        *(("b/res/1.json", "/b/res/1.json", status, b"", True) for status in (500, 503, 522)),
        ("b/res/1.html", "/b/res/1.html", 200, b" " * 2**24, True),
    ],
)
def test_removed_post_is_seen_where_a_reader_sees_it(
    edge: Edge, path: str, address: str, status: int, body: bytes, is_shown: bool
) -> None:
    edge.answers[address] = (status, body)
    probe = HttpEdgeProbe(f"http://127.0.0.1:{edge.server_port}")
    assert probe.shows(path, POST) is is_shown


def test_edge_that_cannot_be_asked_proves_nothing() -> None:
    assert HttpEdgeProbe(f"http://127.0.0.1:{free_port()}").shows("b/res/1.html", POST)
