"""What the writer answers to readers, in the encoding that they take."""

from __future__ import annotations

import gzip
from collections.abc import Callable

import brotli
import falcon
from falcon import testing

from imageboard.store.database import Database
from tests.builders import a_board, a_post
from tests.tables import for_each
from tests.writer.test_search import client_of
from writer import compression
from writer.board_list import BoardList
from writer.single_posts import ADDRESS, SinglePosts

_AS_SENT: dict[str | None, Callable[[bytes], bytes]] = {
    None: bytes,
    "gzip": gzip.decompress,
    "br": brotli.decompress,
}


@for_each(
    ("accepted", "encoding"),
    [
        ("gzip, deflate, br, zstd", "br"),
        ("br;q=0, gzip;q=0.5", "gzip"),
        ("gzip; q=0.000, br; q=0", None),
        ("GZIP", "gzip"),
        ("x-gzip", "gzip"),
        ("br ;q=1.000", "br"),
        ("identity", None),
        ("*", None),
        ("", None),
        ("gzipped, brx, br=1, ;q=1", None),
    ],
)
def test_reader_says_in_which_encoding(accepted: str, encoding: str | None) -> None:
    environ = testing.create_environ(headers={"Accept-Encoding": accepted})
    assert compression.encoding_for(falcon.Request(environ)) == encoding


def test_search_is_the_same_in_each_encoding(database: Database) -> None:
    a_post(database, a_board(database), body="kettle")
    client = client_of(database)
    for address in ("/search", "/search?q=kettle", "/search?q=%22", "/search.json?q=kettle"):
        path, _, query = address.partition("?")
        shown = set()
        for encoding, decoded in _AS_SENT.items():
            headers = {"Accept-Encoding": encoding or "identity"}
            answer = client.simulate_get(path, query_string=query, headers=headers)
            assert answer.headers.get("content-encoding") == encoding
            assert answer.headers["vary"] == "Accept-Encoding"
            shown.add(decoded(answer.content))
        assert len(shown) == 1


def test_single_post_is_the_same_in_each_encoding_and_known_by_an_etag_of_any(
    database: Database,
) -> None:
    a_post(database, a_board(database), body="kettle")
    app = falcon.App()
    app.add_route(ADDRESS, SinglePosts(database, BoardList(database)))
    client = testing.TestClient(app)
    shown, etags = set(), set()
    for encoding, decoded in _AS_SENT.items():
        answer = client.simulate_get(
            "/b/post/1.json", headers={"Accept-Encoding": encoding or "identity"}
        )
        assert answer.headers.get("content-encoding") == encoding
        assert answer.headers["vary"] == "Accept-Encoding"
        shown.add(decoded(answer.content))
        etags.add(answer.headers["etag"])
    assert (len(shown), len(etags)) == (1, 3)
    for known in etags:
        for encoding in ("br", "identity"):
            headers = {"Accept-Encoding": encoding, "If-None-Match": known}
            again = client.simulate_get("/b/post/1.json", headers=headers)
            assert (again.status, again.content) == (falcon.HTTP_304, b"")
            assert again.headers["vary"] == "Accept-Encoding"
    other = client.simulate_get("/b/post/1.json", headers={"If-None-Match": '"x-br"'})
    assert other.status == falcon.HTTP_200
