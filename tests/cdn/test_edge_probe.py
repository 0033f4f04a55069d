"""A removal is done when a reader at the edge has been sent what no longer shows it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from cdn.edge_probe import HttpEdgeProbe
from imageboard.markers import Removed
from tests.servers import nobody_listens
from tests.tables import for_each

POST = Removed("b", frozenset({124}), frozenset({"1700000000000"}))


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


@for_each(
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
        ("b/notes.txt", "/b/notes.txt", 200, b"nobody knows what is written there", True),
        ("b/index.rss", "/b/index.rss", 200, b"<rss/>", False),
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
    edge.answers = {address: (status, body)}
    probe = HttpEdgeProbe(f"http://127.0.0.1:{edge.server_port}")
    assert probe.shows(path, POST) is is_shown


OF_124 = "https://board.example/b/res/1.html#124"


@for_each("path", ["b/index.atom", "b/index.rss", "sitemap.xml"])
@for_each(
    ("body", "is_shown"),
    [
        (f"<entry><id>{OF_124}</id></entry>", True),
        ('<entry><link rel="alternate" href="/b/res/1.html#124"/></entry>', True),
        ("<entry><link href='/b/res/124.html'/></entry>", True),
        (f'<item><guid isPermaLink="true">{OF_124}</guid></item>', True),
        ("<item><link>https://board.example/b/res/124.html</link></item>", True),
        ("<url><loc>https://board.example/b/res/124.html</loc></url>", True),
        ('<link rel="enclosure" href="/b/src/1700000000000.png"/>', True),
        ('<media:thumbnail url="https://cdn.example/b/thumb/1700000000000.webp"/>', True),
        ('<content type="html">&lt;img src="/b/src/1700000000000.png"&gt;</content>', True),
        ("<description>&lt;img src=&quot;/b/thumb/1700000000000.webp&quot;</description>", True),
        ("<c>&lt;a href=&#34;https://board.example/b/src/1700000000000.png&#34;&gt;</c>", True),
        # Other posts, other boards.
        ("<entry><id>https://board.example/b/res/1.html#1240</id></entry>", False),
        ("<entry><id>https://board.example/b/res/1240.html</id></entry>", False),
        ("<entry><id>https://board.example/c/res/1.html#124</id></entry>", False),
        # What a poster typed, and quotes: the text of another entry.
        ('<content type="html">&lt;a href="/b/res/1.html#124"&gt;&gt;&gt;124</content>', False),
        (f"<description><![CDATA[<a href='{OF_124}'>124</a>]]></description>", False),
        (f"<title>look at {OF_124}</title>", False),
        (f"<c>&amp;lt;id&amp;gt;{OF_124}&amp;lt;/id&amp;gt;</c>", False),
        ("<c>&amp;lt;img src=&amp;quot;/b/src/1700000000000.png&amp;quot;</c>", False),
        ("<title>/b/src/1700000000000.png</title>", False),
    ],
)
def test_feed_shows_a_post_by_its_address_and_a_file_by_its_own(
    edge: Edge, path: str, body: str, is_shown: bool
) -> None:
    """What somebody typed or quoted there does not hold up the proof of a removal."""
    edge.answers = {f"/{path}": (200, body.encode())}
    probe = HttpEdgeProbe(f"http://127.0.0.1:{edge.server_port}")
    assert probe.shows(path, POST) is is_shown


def test_edge_that_cannot_be_asked_proves_nothing() -> None:
    with nobody_listens() as port:
        assert HttpEdgeProbe(f"http://127.0.0.1:{port}").shows("b/res/1.html", POST)
