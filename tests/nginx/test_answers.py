"""What every answer says to the browser, whatever the answer is; what the logs keep of it."""

import base64
import hashlib
import json
import re
import time
from collections.abc import Iterator
from itertools import count, islice, product, repeat

import pytest

from imageboard.page_policy import captcha_sources
from nginx.rates import HOUSEHOLD
from tests.nginx.conftest import MakeFront
from tests.nginx.front import Answer, Front, Writer
from tests.nginx.spellings import respelled
from tests.tables import for_each

pytestmark = pytest.mark.slow

POLICIES = (
    "Content-Security-Policy",
    "X-Content-Type-Options",
    "Referrer-Policy",
    "Permissions-Policy",
    "Cross-Origin-Opener-Policy",
    "Cross-Origin-Resource-Policy",
)


@for_each(
    ("method", "address", "status"),
    [
        ("GET", "/", 200),
        ("HEAD", "/b/res/123.html", 200),
        ("GET", "/b/catalog.json", 200),
        ("OPTIONS", "/b/catalog.json", 204),
        ("GET", "/b/src/1700000000000.jpg", 200),
        ("GET", "/assets/board.0123abcd.css", 200),
        ("GET", "/assets/icon.0123abcd.png", 200),
        ("GET", "/favicon.ico", 200),
        ("GET", "/b", 301),
        ("GET", "/post", 303),
        ("POST", "/post", 200),
        ("GET", "/mod/", 200),
        ("GET", "/mod", 301),
        ("GET", "/healthz", 200),
        ("GET", "/nowhere", 404),
        ("GET", "/b/src/1.svg", 404),
        ("GET", "/.env", 404),
        ("POST", "/", 405),
        ("GET", "/%00", 400),
    ],
)
def test_every_answer_carries_the_policies_once(
    front: Front, method: str, address: str, status: int
) -> None:
    answer = front.ask(method, address)
    assert answer.status == status
    for name in POLICIES:
        assert answer[name], name
    assert answer["Server"] == "nginx"
    policy = answer["Content-Security-Policy"] or ""
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy


@for_each(
    "address",
    [
        *("/", "/b/res/123.html", "/b/res/123.html?seen=1", "/b/?x", "/b/index.html", "/b"),
        *("/b/res/123.json", "/b/thread/123.json", "/b/0.json?t=1", "/b/index.rss", "/robots.txt"),
        *("/b/src/1700000000000.jpg", "/b/thumb/1700000000000.webp", "/b/thumb/1700000000000.png"),
        *("/assets/board.0123abcd.css", "/assets/icon.0123abcd.png", "/favicon.ico", "/404.html"),
        *("/nowhere", "/b/res/999.html", "/b/res/999.json", "/b/src/1.svg", "/.env"),
        *("/post", "/post.php", "/mod/", "/mod", "/mod/own", "/mod/gone", "/healthz"),
    ],
)
@for_each("method", ["GET", "HEAD", "OPTIONS", "POST", "PUT"])
@for_each(
    "headers",
    [
        {},
        {"Accept-Encoding": "gzip, deflate, br, zstd"},
        {"Accept": "application/json"},
        {"Range": "bytes=2-9"},
        {"Range": "bytes=999999-"},
        {"If-Match": '"another"'},
        {"If-None-Match": "*"},
        {"If-Modified-Since": "Fri, 31 Dec 2027 23:59:59 GMT"},
        {"Origin": "https://client.example", "Access-Control-Request-Method": "GET"},
    ],
    ids=lambda headers: next(iter(headers), "plain"),
)
def test_no_header_comes_twice(
    front: Front, address: str, method: str, headers: dict[str, str]
) -> None:
    """Of each kind of answer, whatever its status."""
    answer = front.ask(method, address, headers, b"x" if method in ("POST", "PUT") else None)
    twice = {name: values for name, values in answer.headers.items() if len(values) > 1}
    assert twice == {}
    assert all(answer[name] for name in POLICIES)
    if answer.status == 405:
        assert answer["Allow"]
    if answer.status >= 400:
        assert "immutable" not in (answer["Cache-Control"] or "")


@for_each(
    "raw",
    [
        b"GET / HTTP/1.1\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"x" * 40000 + b"\r\n\r\n",
        b"GET /" + b"x" * 40000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
        b"TRACE / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
    ],
)
def test_broken_requests_are_refused_with_the_policies_too(front: Front, raw: bytes) -> None:
    head = front.say(raw).split(b"\r\n\r\n")[0].decode()
    assert head.split()[1] in ("400", "405", "414")
    for name in POLICIES:
        assert f"\r\n{name}: " in head
    assert "nginx/" not in head


def test_pages_may_load_the_captcha_that_is_switched_on(make_front: MakeFront) -> None:
    """Its script and its frame; data, pictures and every other policy stay as they are."""
    front = make_front(captcha_sources=captcha_sources(["recaptcha", "hcaptcha"]))
    with Writer(front.site.writer_upstreams[0]):
        for address in ("/b/", "/b/?seen=1", "/nowhere", "/mod/"):
            policy = front.get(address)["Content-Security-Policy"] or ""
            assert "script-src 'self' https://www.google.com/recaptcha/ " in policy
            assert "; frame-src https://www.google.com/recaptcha/ " in policy
            assert "connect-src 'self' https://www.google.com/recaptcha/ " in policy
            assert " https://hcaptcha.com/ https://*.hcaptcha.com/" in policy
            assert "default-src 'none'" in policy
        for address in ("/b/0.json", "/b/src/1700000000000.jpg"):
            assert "https:" not in (front.get(address)["Content-Security-Policy"] or "")


def test_challenges_are_asked_for_by_board_and_heard_by_their_ids(front: Front) -> None:
    for asked in ("question?board=b", "question?board=%D7%91", "picture.wav?id=a-_Z", "instead"):
        assert front.get(f"/captcha/{asked}").status == 200, asked


def test_ambiguous_length_is_refused(front: Front) -> None:
    """Request smuggling: nginx and the writer must not read two different requests."""
    raw = front.say(
        b"POST /post HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n"
        b"Connection: close\r\n\r\n0\r\n\r\n"
    )
    assert raw.startswith(b"HTTP/1.1 400 ")


def as_client(client: str, **headers: str) -> dict[str, str]:
    """Headers of a request that a trusted proxy passes on for `client`."""
    return {"X-Forwarded-For": client, **headers}


def until_refused(
    front: Front, method: str, path: str, clients: Iterator[str], **headers: str
) -> tuple[int, Answer]:
    """How many were let through, and the first refusal itself: the next one might be let through
    again, where this machine is slow. Far more than any limit are not tried: the last answer."""
    for passed, client in enumerate(islice(clients, 200)):
        body = b"" if method == "POST" else None
        answer = front.ask(method, path, as_client(client, **headers), body)
        if answer.status != 200 or answer["Retry-After"]:
            return passed, answer
    return 200, answer


def posts_until_refused(front: Front, path: str, clients: Iterator[str]) -> int:
    passed, refused = until_refused(front, "POST", path, clients)
    # vichan's clients are told otherwise than by 429.
    assert passed == 200 or refused.status == (400 if path == "/post.php" else 429)
    return passed


@pytest.fixture
def limited(make_front: MakeFront) -> Iterator[Front]:
    made = make_front(limits=True, trusted_proxies=("127.0.0.1/32",))
    with Writer(made.site.writer_upstreams[0]):
        yield made


def test_too_many_posts_are_told_to_wait(limited: Front) -> None:
    """At least the burst gets through; how many more depends on how fast this machine is."""
    passed, page = until_refused(limited, "POST", "/post", repeat("192.0.2.1"))
    other = limited.ask("POST", "/post", as_client("192.0.2.2"), b"")

    assert 21 <= passed < 200
    assert (page.status, page["Retry-After"]) == (429, "10")
    assert b"your text is still there" in page.body
    assert other.status == 200


def test_nobody_has_pictures_drawn_without_end(limited: Front) -> None:
    drawn, refused = until_refused(
        limited, "GET", "/captcha/picture", repeat("192.0.2.1"), Accept="application/json"
    )
    assert 31 <= drawn < 200
    assert (refused.status, refused.json["code"]) == (429, "too_fast")
    assert limited.ask("GET", "/captcha/picture", as_client("192.0.2.2")).status == 200


def test_too_many_posts_are_told_so_in_json(limited: Front) -> None:
    _, answer = until_refused(
        limited, "POST", "/post", repeat("192.0.2.1"), Accept="application/json"
    )
    assert (answer.status, answer["Content-Type"]) == (429, "application/json")
    assert answer.json.keys() == {"error", "code", "retry_after"}
    assert (answer.json["code"], answer.json["retry_after"]) == ("too_fast", 10)


def test_refusal_s_page_has_a_look_of_its_own_that_its_policy_lets_in(limited: Front) -> None:
    """No sheet is asked for: it might be what is missing."""
    page = limited.ask("POST", "/", {}, b"")
    assert page.status == 405
    (style,) = re.findall(r"<style>(.*?)</style>", page.body.decode())
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = page["Content-Security-Policy"]
    assert policy is not None
    assert f"style-src 'sha256-{digest}' 'self'" in policy
    read = limited.ask("GET", "/b/", {})["Content-Security-Policy"]
    assert read is not None
    assert "sha256-" not in read


def test_too_many_posts_at_vichans_address_are_told_so_in_its_dialect(limited: Front) -> None:
    _, page = until_refused(limited, "POST", "/post.php", repeat("192.0.2.1"))
    _, answer = until_refused(
        limited, "POST", "/post.php", repeat("192.0.2.1"), Accept="application/json"
    )
    assert (page.status, page["Retry-After"]) == (400, "10")
    assert b"<h1>Error</h1><h2>Too many requests" in page.body
    assert (answer.status, answer.json["code"]) == (200, "too_fast")


@pytest.mark.parametrize("address", ["/mod/", "/mod/login"])
def test_guessing_passwords_is_slow_and_looking_at_the_form_is_not(
    limited: Front, address: str
) -> None:
    for _ in range(20):
        assert limited.ask("GET", address, as_client("192.0.2.1")).status == 200
    began_s = time.monotonic()
    passed = posts_until_refused(limited, address, repeat("192.0.2.1"))
    fallen_due = (time.monotonic() - began_s) * HOUSEHOLD.login_per_minute / 60
    assert 6 <= passed <= 6 + fallen_due + 1


@for_each("address", ["/mod/login", "/post", "/post.php", "/captcha/picture"])
def test_other_spelling_of_a_limited_address_does_not_reach_the_writer(
    limited: Front, address: str
) -> None:
    """But for itself, and what is unknown there too."""
    unknown_there = {address, f"{address};x", address.upper()}
    for spelling in set(respelled(address)) - unknown_there:
        answer = limited.ask("POST", spelling, as_client("192.0.2.1"), b"")
        assert answer.status in (400, 404, 405), f"{spelling}: {answer.status}"


def test_ipv6_clients_are_counted_by_their_64(limited: Front) -> None:
    same_64 = (f"2001:db8:0:1::{last:x}" for last in count(1))
    assert 21 <= posts_until_refused(limited, "/post", same_64) < 200
    assert limited.ask("POST", "/post", as_client("2001:db8:0:2::1"), b"").status == 200


@for_each(
    "clients",
    [
        *("2001:db8:5:{:x}::1", "198.51.100.{}", "::ffff:198.51.101.{}"),
        *("64:ff9b::198.51.102.{}", "2002:c633:67{:02x}::1"),
    ],
)
def test_neighbours_have_the_rate_of_ten_together(limited: Front, clients: str) -> None:
    """Of a /48 or a /24, of which somebody may hold all: at a log-in five and one at once each."""
    neighbours = (clients.format(number) for number in count(1))
    assert 10 * 5 + 1 <= posts_until_refused(limited, "/mod/login", neighbours) < 150
    elsewhere = as_client("2001:db8:6::1")
    assert limited.ask("POST", "/mod/login", elsewhere, b"").status == 200


@pytest.mark.parametrize(
    ("one", "another"),
    [
        ("::ffff:192.0.2.1", "::ffff:192.0.2.2"),
        ("64:ff9b::192.0.2.1", "64:ff9b::192.0.2.2"),
        ("2002:c000:201::1", "2002:c000:202::1"),
    ],
)
def test_ipv4_clients_written_as_ipv6_are_not_all_one(
    limited: Front, one: str, another: str
) -> None:
    """Each is the one that the IPv4 address is, too."""
    assert 21 <= posts_until_refused(limited, "/post", repeat(one)) < 200
    assert posts_until_refused(limited, "/post", repeat("192.0.2.1")) < 21
    assert limited.ask("POST", "/post", as_client(another), b"").status == 200


def test_a_long_thread_with_its_pictures_is_within_the_limit(limited: Front) -> None:
    for _ in range(400):
        answer = limited.ask("GET", "/b/thumb/1700000000000.webp", as_client("192.0.2.1"))
        assert answer.status == 200


def test_without_limits_nobody_is_turned_away(front: Front) -> None:
    assert posts_until_refused(front, "/mod/login", repeat("192.0.2.1")) == 200


#: What expressions repeat: letters, escapes, folders, marks; and parts as long as a board's name.
PIECES = (
    *("a", "1", "-", "~", ".", "a.", "é", "éa", "%41", "%41a", "%C3%A9", "%2F", "%20a"),
    *("/a", "a/", "/%41a", "/é", "//", "/1-a", "/a.", "&a=1", "?a", "+50", "a" * 522 + "/"),
    *("%C3%A9" * 87 + "/", "é" * 87 + "/", "a%41" * 130 + "/"),
)
BEGINNINGS = (
    *("", "b/", "b/res/", "b/res/1-", "b/thread/1", "b/thread/1/", "b/src/1", "chan/b/"),
    *(
        "b/archive/",
        "b/flags/",
        "b/post/1",
        "b/search?q=",
        "mod/",
        "mod.php?/",
        "assets/",
        "static/",
    ),
    *(
        "captcha/",
        "file/",
        "search.php?search=",
        "player.php?v=/b/src/",
        "b.php?board=",
        "data/",
        "formerly/",
    ),
)
ENDS = ("", "/", ".html", "/index.html", "/res/1.html", "&board=b")


def test_no_address_is_too_long_for_the_expressions(
    make_front: MakeFront, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """One that is would be answered as a fault of ours, which rings, and logged with its reader."""
    log = tmp_path_factory.mktemp("logs") / "error.log"
    front = make_front(
        error_log=log, renamed_boards=(("formerly", "b"), ("л", "b")), server_names=("a.example",)
    )
    with front.connect() as link, link.makefile("rb") as said:
        for beginning, piece, end in product(BEGINNINGS, PIECES, ENDS):
            begun, repeated, ended = (text.encode() for text in (f"/{beginning}", piece, end))
            # As long as nginx takes.
            times = (8_100 - len(begun) - len(ended)) // len(repeated)
            address = begun + times * repeated + ended
            link.sendall(b"HEAD %s HTTP/1.1\r\nHost: a.example\r\n\r\n" % address)
            status = said.readline().split()[1]
            while said.readline().strip():
                pass
            assert status in (b"301", b"404", b"503"), address  # 503: there is no writer
    front.stop()
    assert log.read_text() == ""


def test_logs_keep_no_address_and_no_query(
    make_front: MakeFront, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Not in the access log, and not in the lines about failures either."""
    folder = tmp_path_factory.mktemp("logs")
    logged = make_front(
        limits=True,
        trusted_proxies=("127.0.0.1/32",),
        access_log=folder / "access.log",
        error_log=folder / "error.log",
    )
    reader = {"X-Forwarded-For": "192.0.2.77"}
    logged.ask("GET", "/b/?seen=192", {**reader, "Accept-Encoding": "br"})
    logged.ask("GET", "/b/res/999.html", reader)
    # However slow this machine is, they come faster than a post falls due.
    assert any(logged.ask("POST", "/post", reader, b"").status == 429 for _ in range(200))
    logged.ask("GET", '/"quoted"\\', reader)
    logged.stop()

    lines = (folder / "access.log").read_text().splitlines()
    errors = (folder / "error.log").read_text()
    assert "192.0.2.77" not in errors + "".join(lines)
    assert "127.0.0.1" not in errors + "".join(lines)
    entries = [json.loads(line) for line in lines]
    assert entries[0]["path"] == "/b/"
    assert entries[0]["encoding"] == "br"
    assert {entry["status"] for entry in entries} == {"200", "404", "503", "429"}
    assert all(len(entry["request_id"]) == 32 for entry in entries)
