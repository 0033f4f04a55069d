"""At the CDN's edge a board is what it is at its own nginx, by address and by header.

The Worker runs in workerd; what it reaches is a real nginx and a stand-in of R2's public address.
Cloudflare's cache is not part of workerd: that a copy is kept and for how long is tested as far as
the options that the Worker asks for.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from cdn.cache_policy import ObjectHeaders
from cdn.purger import urls_of
from imageboard.addresses import url_of
from imageboard.page_policy import captcha_sources, page_policy
from tests.cdn.edge.conftest import Edge, an_edge
from tests.cdn.edge.outside import BUCKET_HOST
from tests.nginx.conftest import OLD_BOARDS, OLD_MEDIA, WITHOUT_SIBLINGS, page_text
from tests.nginx.front import Answer, Front
from tests.nginx.old_addresses import NOBODYS, NOT_OF_RENAMED, OF_RENAMED, OLD, RENAMED
from tests.nginx.spellings import SPELLINGS, STEPS
from tests.nginx.test_reads import ADDRESSES, decoded

pytestmark = pytest.mark.edge

NOT_COMPARED = {
    *("connection", "date", "server", "keep-alive", "transfer-encoding", "content-length"),
    # Each source has its own, and so have copies of it.
    *("etag", "last-modified", "accept-ranges"),
    # For the CDN; here the Worker says it to Cloudflare in another way.
    "cdn-cache-control",
}


def told(answer: Answer) -> dict[str, list[str]]:
    return {name: value for name, value in answer.headers.items() if name not in NOT_COMPARED}


# --- the same board ---


@pytest.mark.parametrize("address", [address for address, _, _ in ADDRESSES])
def test_page_is_what_nginx_serves(edge: Edge, front: Front, address: str) -> None:
    expected = front.get(address)
    answer = edge.get(address)
    assert (answer.status, answer.body) == (200, expected.body)
    assert told(answer) == told(expected)
    assert edge.outside.asked_origin == []


@pytest.mark.parametrize(
    "address",
    [
        "/b/src/1700000000000.jpg",
        "/b/src/1700000000001.jpeg",
        "/b/src/1700000000002.png",
        "/b/src/1700000000003.gif",
        "/b/src/1700000000004.webp",
        "/b/src/1700000000005.avif",
        "/b/thumb/1700000000000.webp",
        "/b/thumb/1700000000000.png",
        "/b/thumb/1700000000000.avif",
        "/b/thumb/1700000000009.png",
        "/b/thumb/1700000000000.svg",
        "/b/src/1700000000009.png",
        "/assets/icon.0123abcd.png",
        "/assets/unhashed.css",
        "/favicon.ico",
        "/b",
        "/b/archive",
        "/b/res/999.html",
        "/b/res/999.json",
        "/b/res/999.atom",
        "/nothing",
        "/nothing/",
    ],
)
def test_everything_else_is_what_nginx_serves_too(edge: Edge, front: Front, address: str) -> None:
    expected = front.get(address)
    answer = edge.get(address)
    assert answer.status == expected.status
    assert told(answer) | {"content-type": []} == told(expected) | {"content-type": []}
    if expected.status != 301:
        assert answer.body == expected.body
        assert answer["Content-Type"] == expected["Content-Type"]


NEVER_SERVED = [
    *(f"/{name}" for name in WITHOUT_SIBLINGS[WITHOUT_SIBLINGS.index("b/src/1.html") :]),
    "/b/res/123.html.br",
    "/b/res/123.html.gz",
    "/b/src/",
    "/b/src/../../.env",
    "/b/%2eenv",
    "/b/res/%2e123.html",
    "/b/src/1%2ehtml",
    "/b/res/123.html%00",
    "/b/res/%",
    "/b/res/%ff.html",
    "//.env",
]


@pytest.mark.parametrize("address", NEVER_SERVED)
def test_what_nginx_hides_is_hidden(edge: Edge, front: Front, address: str) -> None:
    assert front.get(address).status in (400, 404)
    answer = edge.get(address)
    assert answer.status == 404
    assert answer.body == page_text("404.html")


def test_address_of_another_engine_leads_to_where_it_is_now(edge: Edge, front: Front) -> None:
    for address, led_to in OLD:
        answer = edge.get(address)
        assert (answer.status, answer["Location"]) == (301, led_to), address
        assert told(answer) | {"content-type": []} == (
            told(front.get(address)) | {"content-type": []}
        )
    for address in NOBODYS:
        assert edge.get(address)["Location"] is None, address


def test_old_address_of_a_board_that_was_renamed_leads_to_its_new_one(miniflare: Path) -> None:
    told = ", ".join(f"{old}={new}" for old, new in RENAMED)
    with an_edge(miniflare, renamed=told) as edge:
        for address, led_to in OF_RENAMED:
            answer = edge.get(address)
            assert (answer.status, answer["Location"]) == (301, led_to), address
        for address in NOT_OF_RENAMED:
            led_to = edge.get(address)["Location"] or ""
            assert not led_to.startswith(("/random", "//", "/\\")), (address, led_to)
        edge.outside.bucket.put("b/res/123.html", b"page")
        assert edge.get("/b/res/123.html").status == 200


def test_board_is_read_whatever_it_was_called_where_it_came_from(edge: Edge, front: Front) -> None:
    for name in OLD_BOARDS + OLD_MEDIA:
        address = url_of(name).removesuffix("index.html")
        expected, answer = front.get(address), edge.get(address)
        assert (answer.status, answer.body) == (200, expected.body), address
        # What changed in a thread is told in fewer letters by nginx.
        assert ".changes." in name or told(answer) == told(expected)
    for address in ("/%CE%BB", "/%CE%BB/index.html", "/B_$"):
        led_to = edge.get(address)["Location"]
        assert led_to is not None
        assert led_to == front.get(address)["Location"]
    assert edge.outside.asked_origin == []


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
@pytest.mark.parametrize("address", ["/", "/b/", "/b", "/b/0.json", "/b/src/1700000000000.jpg"])
def test_pages_cannot_be_written(edge: Edge, front: Front, method: str, address: str) -> None:
    expected = front.ask(method, address, body=b"x=1")
    answer = edge.ask(method, address, body=b"x=1")
    assert (answer.status, answer["Allow"]) == (405, expected["Allow"])
    # nginx refuses on a page with a style of its own, the Worker in a line of text.
    looks = {"content-type": [], "content-security-policy": []}
    assert told(answer) | looks == told(expected) | looks
    assert "script-src 'self'" in answer["Content-Security-Policy"]
    assert edge.outside.asked == []


def test_other_sites_may_poll_json(edge: Edge, front: Front) -> None:
    headers = {"Origin": "https://client.example"}
    answer = edge.ask("OPTIONS", "/b/catalog.json", headers)
    assert answer.status == 204
    for name in ("Origin", "Methods", "Headers"):
        header = f"Access-Control-Allow-{name}"
        assert answer[header] == front.ask("OPTIONS", "/b/catalog.json", headers)[header]


@pytest.mark.parametrize("address", ["/", "/b", "/b/0.json?t=1", "/b/src/1700000000000.jpg"])
def test_options_say_what_can_be_done(edge: Edge, front: Front, address: str) -> None:
    expected = front.ask("OPTIONS", address)
    answer = edge.ask("OPTIONS", address)
    assert (answer.status, answer["Allow"]) == (204, expected["Allow"])
    assert told(answer) == told(expected)
    assert edge.outside.asked == []


@pytest.mark.parametrize(("address", "led_to"), SPELLINGS)
def test_other_spelling_leads_to_the_one_address(
    edge: Edge, front: Front, address: str, led_to: str | None
) -> None:
    """As nginx does it, from the same table."""
    expected = front.get(address)
    answer = edge.get(address)
    assert (answer.status, answer["Location"]) == ((301, led_to) if led_to else (404, None))
    assert told(answer) | {"content-type": []} == told(expected) | {"content-type": []}


@pytest.mark.parametrize(("address", "led_to"), STEPS)
def test_steps_within_an_address_find_the_one_copy(edge: Edge, address: str, led_to: str) -> None:
    """workerd has walked them before the Worker sees the address."""
    assert edge.get(address).status == 200
    (asked,) = edge.outside.asked
    assert asked.path == led_to


def test_guessed_thumbnail_is_kept_at_its_own_name_alone(edge: Edge) -> None:
    """A purge reaches the one copy; gone from the bucket it is gone under each ending."""
    answer = edge.get("/b/thumb/1700000000000.png")
    assert (answer.status, answer["Content-Type"]) == (200, "image/webp")
    assert answer["Cache-Control"] == "private, max-age=31536000, immutable"
    assert edge.outside.asked[-1].path == "/b/thumb/1700000000000.webp"
    del edge.outside.bucket.objects["b/thumb/1700000000000.webp"]
    edge.outside.origin_port = 0
    assert edge.get("/b/thumb/1700000000000.png").status in (404, 503)


@pytest.mark.parametrize("captcha", ["recaptcha", "nobody recaptcha"])
def test_pages_may_load_the_captcha_that_is_switched_on(miniflare: Path, captcha: str) -> None:
    """As nginx allows it."""
    expected = page_policy(captcha_sources(["recaptcha"]))
    with an_edge(miniflare, captcha) as edge:
        edge.outside.bucket.put("b/index.html", b"page")
        edge.outside.bucket.put("b/0.json", b"{}")
        assert edge.get("/b/")["Content-Security-Policy"] == expected
        assert "https:" not in (edge.get("/b/0.json")["Content-Security-Policy"] or "")


# --- HTTP ---


@pytest.mark.parametrize("address", ["/b/", "/b/res/123.json", "/b/src/1700000000000.jpg"])
def test_page_that_the_reader_has_is_304(edge: Edge, address: str) -> None:
    first = edge.get(address)
    for condition in (
        {"if_none_match": first["ETag"] or ""},
        {"if_modified_since": first["Last-Modified"] or ""},
    ):
        again = edge.get(address, **condition)
        assert (again.status, again.body) == (304, b"")
        for name in ("ETag", "Last-Modified", "Cache-Control", "Content-Security-Policy"):
            assert again[name] == first[name], name


@pytest.mark.parametrize("address", ["/b/", "/b/res/999.html", "/b/src/1700000000000.jpg"])
def test_head_is_get_without_the_body(edge: Edge, address: str) -> None:
    got, headed = edge.get(address), edge.ask("HEAD", address)
    assert (headed.status, headed.body) == (got.status, b"")
    assert told(headed) == told(got)


def test_part_of_a_picture_is_served(edge: Edge) -> None:
    answer = edge.get("/b/src/1700000000000.jpg", range="bytes=10-19")
    whole = page_text("b/src/1700000000000.jpg")
    assert (answer.status, answer.body) == (206, whole[10:20])
    assert answer["Content-Range"] == f"bytes 10-19/{len(whole)}"
    assert "sandbox" in (answer["Content-Security-Policy"] or "")
    assert "media-src 'self'" in (answer["Content-Security-Policy"] or ""), "a film plays there"


@pytest.mark.parametrize(
    "content_type",
    ["text/html", "image/svg+xml", "application/xhtml+xml", "text/xml", "image/png; x=\n", ""],
)
def test_upload_that_the_bucket_calls_a_page_is_not_served(edge: Edge, content_type: str) -> None:
    edge.outside.origin_port = 0
    headers = ObjectHeaders(content_type.strip(), "public, max-age=31536000, immutable")
    edge.outside.bucket.put("b/src/1700000000009.png", b"<script>", headers)
    answer = edge.get("/b/src/1700000000009.png")
    assert (answer.status, answer.body) == (404, page_text("404.html"))


def test_nothing_that_the_bucket_says_besides_is_passed_on(edge: Edge) -> None:
    body, headers = edge.outside.bucket.objects["b/index.html"]
    more = {"Set-Cookie": "a=b", "Content-Security-Policy": "default-src *", "X-R2": "1"}
    edge.outside.bucket.objects["b/index.html"] = (body, headers | more)
    answer = edge.get("/b/")
    assert (answer["Set-Cookie"], answer["X-R2"]) == (None, None)
    assert (answer["Content-Security-Policy"] or "").startswith("default-src 'none'")


# --- what is kept, and purged ---


@pytest.mark.parametrize(
    ("address", "path", "kept_s"),
    [
        ("/", "index.html", 60),
        ("/b/", "b/index.html", 60),
        ("/b/res/123+50.html", "b/res/123+50.html", 60),
        ("/b/res/123.html", "b/res/123.html", 60),
        ("/b/thread/123.json", "b/res/123.json", 60),
        ("/b/thread/123-tail.json", "b/res/123-tail.json", 60),
        ("/assets/unhashed.css", "assets/unhashed.css", 60),
        ("/assets/board.0123abcd.css", "assets/board.0123abcd.css", 31_536_000),
        ("/b/src/1700000000000.jpg", "b/src/1700000000000.jpg", 31_536_000),
    ],
)
def test_copy_is_kept_at_an_address_that_is_purged(
    edge: Edge, address: str, path: str, kept_s: int
) -> None:
    """One copy, under one of the URLs that the purger names."""
    assert edge.get(address).status == 200
    (asked,) = edge.outside.asked
    assert f"http://{asked.host}{asked.path}" in urls_of(path, f"http://{BUCKET_HOST}")
    assert asked.options["cacheEverything"] is True
    ttl: dict[str, Any] = asked.options["cacheTtlByStatus"]
    assert ttl == {"200-299": kept_s, "404": 5, "500-599": -1}


def test_readers_cookies_and_encodings_do_not_reach_the_bucket(edge: Edge) -> None:
    edge.get("/b/", cookie="session=1", authorization="Basic x", x_forwarded_for="203.0.113.9")
    (asked,) = edge.outside.asked
    assert asked.headers.keys().isdisjoint({"cookie", "authorization", "x-forwarded-for"})


def test_buckets_own_address_leads_to_the_board(edge: Edge) -> None:
    answer = edge.ask("GET", "/b/src/1700000000000.jpg?x", host=BUCKET_HOST)
    assert answer.status == 301
    assert answer["Location"] == "http://board.example/b/src/1700000000000.jpg"


# --- one of the two is down, or behind ---


def test_page_that_is_not_in_the_bucket_yet_comes_from_the_board(edge: Edge, front: Front) -> None:
    del edge.outside.bucket.objects["b/res/123.json"]
    answer = edge.get("/b/res/123.json")
    # Workers always ask in br and gzip; Cloudflare decodes for the reader who can't.
    assert (answer.status, decoded(answer)) == (200, page_text("b/res/123.json"))
    assert told(answer) == told(front.get("/b/res/123.json", accept_encoding="br, gzip"))


def test_board_is_read_while_the_bucket_is_down(edge: Edge) -> None:
    edge.outside.bucket.is_down = True
    for address in ("/", "/b/", "/b/res/123.html", "/b/src/1700000000000.jpg"):
        assert edge.get(address).status == 200
    # The board's own nginx knows what is missing.
    assert edge.get("/b/res/999.html").status == 404


def test_bucket_is_read_while_the_board_is_down(edge: Edge) -> None:
    edge.outside.origin_port = 0
    for address in ("/", "/b/", "/b/res/123.html?seen=124", "/b/src/1700000000000.jpg"):
        assert edge.get(address).status == 200
    assert edge.get("/b/res/999.html").status == 404


def test_with_both_down_nothing_is_called_missing(edge: Edge) -> None:
    """A client would take a 404 for a thread that is gone, and forget it."""
    edge.outside.origin_port = 0
    edge.outside.bucket.is_down = True
    answer = edge.get("/b/res/123.json")
    assert (answer.status, answer["Retry-After"], answer["Cache-Control"]) == (
        503,
        "30",
        "no-store",
    )


def test_missing_404_page_has_a_plain_stand_in(edge: Edge) -> None:
    del edge.outside.bucket.objects["404.html"]
    answer = edge.get("/nothing")
    assert (answer.status, answer.body) == (404, b"There is nothing at this address.")


# --- the poster's own post, and writes ---


def test_poster_is_shown_the_boards_own_page(edge: Edge) -> None:
    """The bucket may be a second behind: /b/res/123.html?seen=124 asks the board first."""
    edge.outside.bucket.put("b/res/123.html", b"without post 124")
    answer = edge.get("/b/res/123.html?seen=124")
    assert decoded(answer) == page_text("b/res/123.html")
    (asked,) = edge.outside.asked
    assert (asked.host, asked.path) == ("board.example", "/b/res/123.html?seen=124")
    # Workers ask Cloudflare's cache to stay out of it by this header.
    assert asked.headers.get("cache-control") == "no-cache"
    assert edge.get("/b/res/123.html").body == b"without post 124"


@pytest.mark.parametrize(
    ("method", "address"),
    [
        ("POST", "/post"),
        ("POST", "/post.php?json_response=1"),
        ("GET", "/captcha/altcha"),
        ("GET", "/b/post/124.json"),
        ("GET", "/b/banner"),
        ("GET", "/b/res/123.zip"),
        ("GET", f"/.media/{'0a' * 32}.png"),
        ("GET", "/search"),
        ("GET", "/b/search.json"),
        ("GET", "/mod/reports/12.html"),
        ("POST", "/mod/login"),
        ("GET", "/healthz"),
    ],
)
def test_writes_and_staff_pages_go_to_the_writer(edge: Edge, method: str, address: str) -> None:
    body = b"body=hi" * 1000 if method == "POST" else None
    answer = edge.ask(method, address, {"Origin": "http://board.example"}, body)
    assert answer.status == 200
    assert (answer.json["method"], answer.json["path"]) == (method, address)
    headers: Any = answer.json["headers"]
    assert (headers["host"], headers["origin"]) == ("board.example", "http://board.example")
    assert answer.json["body_bytes"] == len(body or b"")
    assert answer["Cache-Control"] == "no-store"


@pytest.mark.parametrize("address", ["/mod/", "/b/res/123.html?seen=124"])
def test_no_reader_says_by_himself_who_he_is(edge: Edge, address: str) -> None:
    """Of X-Real-IP Cloudflare makes the address by which nginx knows the reader."""
    edge.get(address, cf_connecting_ip="192.0.2.7", x_real_ip="203.0.113.9")
    (asked,) = edge.outside.asked_origin
    assert asked.headers.get("x-real-ip") == "192.0.2.7"
    assert "203.0.113.9" not in str(asked.headers)


def test_redirect_of_the_board_reaches_the_browser(edge: Edge) -> None:
    """It is the browser's to follow: with the answer of the page, the poster would lose the URL."""
    answer = edge.get("/post")
    assert (answer.status, answer["Location"]) == (303, "/")
    desk = edge.get("/mod.php?/reports")
    assert (desk.status, desk["Location"]) == (301, "/mod/")


@pytest.mark.parametrize("address", ["/post/", "/postal", "/models/", "/healthz/x", "/mod.phpx"])
def test_neighbours_of_the_writers_addresses_are_pages(edge: Edge, address: str) -> None:
    assert edge.get(address).status == 404
