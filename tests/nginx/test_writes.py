"""What reaches the writer, what does not, and what a poster reads when it is away."""

import html
import json
import re
import runpy
from collections.abc import Iterator

import pytest

from imageboard.words import Language, Message
from nginx import cloudflare
from nginx.refusals import REFUSALS
from nginx.site import KEPT_IDLE_S_MAX, render
from tests.nginx.conftest import MakeFront
from tests.nginx.front import Answer, Front, Writer, free_port
from tests.servers import nobody_listens
from tests.tables import for_each
from tests.templates.pseudo_language import bare_words

SENTENCES = {refusal.status: str(refusal.sentence) for refusal in REFUSALS}
CODES = {405: "method_not_allowed", 413: "form_too_large", 503: "part_unavailable"}


def headers_at_writer(answer: Answer) -> dict[str, str]:
    headers = answer.json["headers"]
    assert isinstance(headers, dict)
    return headers


@for_each(
    ("method", "address"),
    [
        ("POST", "/post"),
        ("POST", "/post?json_response=1"),
        ("POST", "/post.php"),
        ("OPTIONS", "/post"),
        ("GET", "/captcha/altcha"),
        ("GET", "/captcha/picture"),
        ("GET", "/mod/"),
        ("POST", "/mod/"),
        ("POST", "/mod/login"),
        ("GET", "/mod/reports/12.html"),
        ("GET", "/mod/x.json"),
        ("GET", "/mod/src/1.jpg"),
        ("GET", "/healthz"),
        ("GET", "/readyz"),
    ],
)
def test_dynamic_addresses_reach_the_writer(front: Front, method: str, address: str) -> None:
    answer = front.ask(method, address, body=b"body=hi" if method == "POST" else None)
    assert answer.status == 200
    assert (answer.json["method"], answer.json["path"]) == (method, address)
    assert answer["Cache-Control"] == "no-store"
    assert answer["CDN-Cache-Control"] is None
    assert answer["Access-Control-Allow-Origin"] is None


def test_flag_is_asked_of_the_writer(front: Front) -> None:
    assert front.ask("GET", "/b/flags/lake.png").json["path"] == "/b/flags/lake.png"
    assert front.ask("POST", "/b/flags/lake.png").status == 405
    assert front.ask("GET", "/b/flags/../x.png").status == 404


def test_what_the_writer_answers_to_scripts_of_other_sites_lets_them_ask_again(
    front: Front,
) -> None:
    """Who says which version they have is asked for OPTIONS by the browser beforehand."""
    origin = {"Origin": "https://client.example"}
    for address in ("/b/post/124.json", "/search.json?q=cat", "/b/search?q=cat"):
        before = front.ask("OPTIONS", address, origin)
        assert (before.status, before["Access-Control-Allow-Origin"]) == (204, "*")
        assert before["Access-Control-Allow-Headers"] == "If-Modified-Since, If-None-Match"
        answer = front.ask("GET", address, origin)
        assert (answer.status, answer["Access-Control-Expose-Headers"]) == (
            200,
            "ETag, Last-Modified",
        )
        assert front.ask("DELETE", address, origin).status == 405


def test_single_post_is_asked_of_the_writer_and_read_by_other_sites(front: Front) -> None:
    for method, body in (("GET", True), ("HEAD", False)):
        answer = front.ask(method, "/b/post/124.json", {"Origin": "https://client.example"})
        assert (answer.status, bool(answer.body)) == (200, body)
        assert answer["Access-Control-Allow-Origin"] == "*"
    assert front.ask("GET", "/b/post/124.json").json["path"] == "/b/post/124.json"
    assert front.ask("POST", "/b/post/124.json").status == 405
    assert front.ask("GET", "/b//post/124.json").status == 404
    assert front.ask("GET", "/b/banner").json["path"] == "/b/banner"
    assert front.ask("GET", "/b/banner/").status == 404


@for_each("address", ["/captcha/altcha", "/mod/", "/mod/login", "/mod/reports", "/search?q=tea"])
def test_head_of_what_the_writer_says_is_its_answer_without_the_body(
    front: Front, address: str
) -> None:
    answer = front.ask("HEAD", address)
    assert (answer.status, answer.body) == (200, b"")
    # As long as what a GET is told, which is more than nothing.
    assert int(answer["Content-Length"]) > 100


def test_thread_is_packed_by_the_writer_in_one_spelling_of_its_address(front: Front) -> None:
    assert front.ask("GET", "/b/res/123.zip").json["path"] == "/b/res/123.zip"
    assert front.ask("POST", "/b/res/123.zip").status == 405
    for address in ("/b//res/123.zip", "/b/res/123.zip/", "/b/res/x.zip", "/b/res/123+50.zip"):
        assert front.ask("GET", address).status == 404


def test_file_of_another_engine_is_asked_of_the_writer_and_only_by_its_bytes(front: Front) -> None:
    for name in (".media/t_{}", ".media/{}-imagepng.png", "file/{}.webm", "file/{}.JPG"):
        address = f"/{name.format('0a' * 32)}"
        assert front.ask("GET", address).json["path"] == address
        assert front.ask("POST", address).status == 405
        assert front.ask("GET", f"{address}/").status == 404
    for address in ("/.media/x.png", f"/.media/{'0a' * 32}/x.png", "/file/2.html"):
        assert front.ask("GET", address).status == 404


@for_each(
    "address",
    [
        "/mod/%CE%BB/12/edit",
        "/mod/board-settings/%CE%BB",
        "/%CE%BB/post/124.json",
        "/%CE%BB/banner",
        "/%CE%BB/res/123.zip",
        "/%CE%BB/search?q=tea",
        "/%CE%BB/flags/a.png",
    ],
)
def test_board_that_came_from_elsewhere_is_asked_in_one_spelling_too(
    front: Front, address: str
) -> None:
    assert front.ask("GET", address).json["path"] == address
    assert front.ask("GET", address.replace("%CE", "%ce")).status == 404
    assert front.ask("GET", f"/{address}").status == 404
    assert front.ask("GET", "/b/post/x.json").status == 404


@for_each("address", ["/search", "/search.json", "/b/search", "/b/search.json?q=%E7%8C%AB&page=2"])
def test_search_is_asked_of_the_writer_and_read_by_other_sites(front: Front, address: str) -> None:
    for method, body in (("GET", True), ("HEAD", False)):
        answer = front.ask(method, address, {"Origin": "https://client.example"})
        assert (answer.status, bool(answer.body)) == (200, body)
        assert answer["Access-Control-Allow-Origin"] == "*"
        assert answer["Cache-Control"] == "no-store"
    assert front.ask("GET", address).json["path"] == address
    assert front.ask("POST", address, body=b"q=x").status == 405
    for neighbour in ("/search/x", "/searches", "/b/search.html", "/b/x/search", "//search"):
        assert front.ask("GET", neighbour).status == 404


@pytest.mark.parametrize("address", ["/post", "/post.php"])
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_reading_the_form_target_leads_home(front: Front, method: str, address: str) -> None:
    answer = front.ask(method, address)
    assert (answer.status, answer["Location"]) == (303, "/")


@for_each("address", ["/post/", "/post/x", "/postal", "/models/", "/mod.phpx", "/healthz/x"])
def test_neighbours_of_dynamic_addresses_do_not_reach_the_writer(
    front: Front, address: str
) -> None:
    assert front.get(address).status == 404


def test_the_writers_own_headers_stand_and_come_once(front: Front) -> None:
    answer = front.get("/mod/own")
    assert answer["Content-Security-Policy"] == "default-src 'self'"
    assert answer["Cache-Control"] == "private, no-cache"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Referrer-Policy"] == "same-origin"


def test_the_writers_own_error_pages_are_passed_on(front: Front) -> None:
    answer = front.get("/mod/gone")
    assert answer.status == 404
    assert answer.json["path"] == "/mod/gone"


@pytest.mark.parametrize("host", ["board.example", "board.example:8080", "127.0.0.1:1234"])
def test_writer_is_told_the_host_with_its_port(front: Front, host: str) -> None:
    """A form's Origin has the port too, and has to be compared with it."""
    request = f"GET /mod/ HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"
    raw = front.say(request.encode())
    assert json.loads(raw.split(b"\r\n\r\n", 1)[1])["headers"]["host"] == host


FORGERIES = {
    "X-Forwarded-For": "203.0.113.9",
    "X-Real-IP": "203.0.113.9",
    "X_Real_IP": "203.0.113.9",
    "X_Forwarded_For": "203.0.113.9",
    "Forwarded": "for=203.0.113.9",
    "X-Forwarded-Host": "evil.example",
    "X-Forwarded-Proto": "https",
    "X-Request-ID": "forged",
    "X-Delivery-ID": "forged",
    "Proxy": "http://203.0.113.9",
}


def test_forged_client_address_counts_for_nothing(front: Front) -> None:
    got = headers_at_writer(front.ask("POST", "/post", FORGERIES, b""))

    assert got["x-real-ip"] == "127.0.0.1"
    assert got["x-forwarded-proto"] == "http"
    assert "203.0.113.9" not in str(got)
    assert "evil.example" not in str(got)
    assert len(got["x-request-id"]) == 32
    assert len(got["x-delivery-id"]) == 32


@pytest.fixture(scope="module")
def proxied(make_front: MakeFront) -> Iterator[Front]:
    """An nginx that trusts this machine, as it would trust a CDN, and a second network."""
    made = make_front(trusted_proxies=("127.0.0.0/8", "198.51.100.0/24", "2001:db8:f::/48"))
    with Writer(made.site.writer_upstreams[0]):
        yield made


@for_each(
    ("forwarded_for", "client"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8::7", "2001:db8::7"),
        # what the client wrote in front of what the proxy saw
        ("203.0.113.9, 192.0.2.7", "192.0.2.7"),
        ("127.0.0.1, 192.0.2.7", "192.0.2.7"),
        # also where what the proxy saw is a trusted network: whoever rents a machine there may ask
        ("203.0.113.9, 198.51.100.4", "198.51.100.4"),
        ("203.0.113.9, 2001:db8:f::1", "2001:db8:f::1"),
        ("not an address", "127.0.0.1"),
        ("", "127.0.0.1"),
    ],
)
def test_trusted_proxies_say_who_asks(proxied: Front, forwarded_for: str, client: str) -> None:
    got = headers_at_writer(proxied.ask("POST", "/post", {"X-Forwarded-For": forwarded_for}, b""))
    assert got["x-real-ip"] == client
    assert "x-forwarded-for" not in got


@pytest.mark.parametrize(("said", "told"), [("https", "https"), ("http", "http"), ("x", "http")])
def test_trusted_proxies_say_whether_the_reader_has_tls(
    proxied: Front, said: str, told: str
) -> None:
    """Also when the reader's own address is not trusted, which it never is."""
    headers = {"X-Forwarded-For": "192.0.2.7", "X-Forwarded-Proto": said}
    got = headers_at_writer(proxied.ask("POST", "/post", headers, b""))
    assert got["x-forwarded-proto"] == told


@pytest.mark.slow
@pytest.mark.parametrize(
    ("accept", "content_type"),
    [("text/html,*/*", "text/html; charset=utf-8"), ("application/json", "application/json")],
)
def test_body_too_large_is_told_before_it_is_sent_on(
    make_front: MakeFront, accept: str, content_type: str
) -> None:
    small = make_front(body_bytes_max=1000)
    with Writer(small.site.writer_upstreams[0]) as writer:
        answer = small.ask("POST", "/post", {"Accept": accept}, b"x" * 1001)
        assert answer.status == 413
        assert answer["Content-Type"] == content_type
        assert SENTENCES[413] in answer.body.decode()
        if accept == "application/json":
            assert answer.json == {"error": SENTENCES[413], "code": CODES[413]}
        assert writer.seen == []
        assert small.ask("POST", "/post", {}, b"x" * 1000).json["body_bytes"] == 1000


#: As apps for vichan find the sentence of a refusal; they don't look at the status.
VICHAN_ERROR = re.compile(r"<h1[^>]*>Error</h1>.*<h2[^>]*>(.*?)</h2>")
ASKING = [
    ("", "text/html,application/xhtml+xml", "html"),
    ("", "text/html, application/json", "html"),
    ("", "*/*", "html"),
    ("", "", "html"),
    ("?json_response=0", "text/html", "html"),
    ("?json_response=", "", "html"),
    ("?x_json_response=1", "", "html"),
    ("", "application/json", "json"),
    ("", "Application/JSON, text/plain, */*", "json"),
    ("?json_response=1", "text/html", "json"),
    ("?a=b&json_response=true", "", "json"),
]


@for_each(("query", "accept", "format_"), ASKING)
@for_each(("address", "dialect"), [("/post", "own"), ("/post.php", "vichan")])
@for_each("status", [413, 503])
def test_refusal_is_in_the_format_and_the_dialect_that_was_asked_for(
    refusing: Front, status: int, address: str, dialect: str, query: str, accept: str, format_: str
) -> None:
    """JSON for whoever asked for it; at /post.php with the statuses that vichan's clients read."""
    body = b"x" * (1001 if status == 413 else 10)
    answer = refusing.ask("POST", address + query, {"Accept": accept}, body)
    sentence = SENTENCES[status]
    # Of our own failures alone: by what the log tells of it.
    ids = re.findall(r"\b[0-9a-f]{32}\b", answer.body.decode())
    assert len(ids) == (1 if status == 503 else 0)
    if format_ == "json":
        more = {"retry_after": 5, "request_id": ids[0]} if status == 503 else {}
        assert answer.json == {"error": sentence, "code": CODES[status], **more}
        assert answer["Content-Type"] == "application/json"
        assert answer.status == (status if dialect == "own" else 200)
    else:
        found = VICHAN_ERROR.search(answer.body.decode())
        assert found
        assert found[1] == sentence
        assert answer["Content-Type"] == "text/html; charset=utf-8"
        assert answer.status == (status if dialect == "own" else 400)
    assert answer["Cache-Control"] == "no-store"
    assert answer["Retry-After"] == ("5" if status == 503 else None)


@pytest.fixture(scope="module")
def refusing(make_front: MakeFront) -> Front:
    """An nginx without a writer, which takes 1,000 bytes at most."""
    return make_front(body_bytes_max=1000)


class InOtherWords(Front):
    """An nginx that says everything in a language with all that a configuration could trip over."""

    def configuration(self) -> str:
        return render(self.site, say=in_other_words, language=Language("en-XA", "rtl"))


def in_other_words(message: Message) -> str:
    return f"⟦{message} l'eau, 5 $host \\n \\ \"<b>⟧"


@pytest.mark.slow
def test_refusal_is_said_in_the_language_of_the_site(make_front: MakeFront) -> None:
    made = make_front(body_bytes_max=1000)
    made.stop()
    with InOtherWords(made.site) as front:
        for address, body, status in (("/b/", b"", 405), ("/post", b"x" * 1001, 413)):
            said = in_other_words(Message(SENTENCES[status]))
            told = front.ask("POST", address, {"Accept": "application/json"}, body)
            assert (told.status, told.json["error"]) == (status, said)
            assert told.json["code"] == CODES[status]
            page = front.ask("POST", address, {}, body).body.decode()
            assert f"<h2>{said}</h2>" in html.unescape(page)
            assert "<b>" not in page
            assert bare_words(page.replace("<h1>Error</h1>", "")) == []
            assert '<html lang="en-XA" dir="rtl">' in page


@for_each("address", ["/mod", "/mod.php", "/mod.php?/", "/mod.php?/reports", "/mod.php/b/"])
@for_each("method", ["GET", "HEAD", "POST"])
def test_vichans_desk_leads_to_ours(front: Front, method: str, address: str) -> None:
    answer = front.ask(method, address, body=b"" if method == "POST" else None)
    assert (answer.status, answer["Location"]) == (301, "/mod/")


def test_chunked_body_too_large_is_refused_too(make_front: MakeFront) -> None:
    small = make_front(body_bytes_max=1000)
    with Writer(small.site.writer_upstreams[0]) as writer:
        raw = small.say(
            b"POST /post HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n"
            b"Connection: close\r\n\r\n7d0\r\n" + b"x" * 2000 + b"\r\n0\r\n\r\n"
        )
        assert raw.startswith(b"HTTP/1.1 413 ")
        assert writer.seen == []


def test_an_upload_of_ten_megabytes_fits(front: Front) -> None:
    ten_mb = 10 * 2**20
    assert front.ask("POST", "/post", {}, b"x" * ten_mb).json["body_bytes"] == ten_mb


@pytest.mark.slow
@for_each(
    ("accept", "content_type"),
    [("text/html,*/*", "text/html; charset=utf-8"), ("application/json", "application/json")],
)
@for_each(("method", "address"), [("POST", "/post"), ("GET", "/mod/"), ("GET", "/readyz")])
def test_without_a_writer_posting_rests_and_reading_works(
    make_front: MakeFront, method: str, address: str, accept: str, content_type: str
) -> None:
    alone = make_front()
    answer = alone.ask(method, address, {"Accept": accept}, b"" if method == "POST" else None)

    assert answer.status == 503
    assert answer["Retry-After"] == "5"
    assert answer["Content-Type"] == content_type
    assert answer["Cache-Control"] == "no-store"
    assert SENTENCES[503] in answer.body.decode()
    assert alone.get("/b/").status == 200
    assert alone.get("/nowhere").status == 404


def test_a_writer_that_came_back_is_asked_at_once(make_front: MakeFront) -> None:
    """Having only one writer, nginx does not shun it for having failed."""
    made = make_front()
    for _ in range(5):
        assert made.ask("POST", "/post", {}, b"").status == 503
    with Writer(made.site.writer_upstreams[0]):
        assert made.ask("POST", "/post", {}, b"").status == 200


@pytest.mark.slow
def test_slow_writer_is_not_called_away(make_front: MakeFront) -> None:
    """The post may have been stored, and the poster must not be told otherwise."""
    made = make_front(writer_timeout_s=1)
    with Writer(made.site.writer_upstreams[0]):
        answer = made.ask("POST", "/mod/slow", {}, b"")
    assert answer.status == 504
    assert SENTENCES[504] in answer.body.decode()


@pytest.mark.slow
def test_post_goes_to_the_writer_that_is_there(make_front: MakeFront) -> None:
    here = free_port()
    with nobody_listens() as away, Writer(f"127.0.0.1:{here}") as writer:
        made = make_front(writer_upstreams=(f"127.0.0.1:{away}", f"127.0.0.1:{here}"))
        assert [made.ask("POST", "/post", {}, b"").status for _ in range(6)] == [200] * 6
        assert len(writer.seen) == 6


def test_deed_of_the_staff_that_a_writer_has_seen_is_never_sent_again(
    make_front: MakeFront,
) -> None:
    one, other = free_port(), free_port()
    made = make_front(writer_upstreams=(f"127.0.0.1:{one}", f"127.0.0.1:{other}"))
    with Writer(f"127.0.0.1:{one}") as first, Writer(f"127.0.0.1:{other}") as second:
        assert made.ask("POST", "/mod/reload", {}, b"x").status == 503
        assert len(first.seen) + len(second.seen) == 1


@pytest.mark.slow
def test_form_whose_writer_is_lost_goes_to_another_once_and_is_known_again(
    make_front: MakeFront,
) -> None:
    """Also where one socket is all there is, from which several processes accept."""
    ports = free_port(), free_port()
    made = make_front(writer_upstreams=tuple(f"127.0.0.1:{port}" for port in ports))
    with Writer(f"127.0.0.1:{ports[0]}") as first, Writer(f"127.0.0.1:{ports[1]}") as second:
        assert made.ask("POST", "/post?reload=1", {}, b"a form").status == 503
        assert (len(first.seen), len(second.seen)) == (1, 1)
        assert_one_delivery([*first.seen, *second.seen])
    alone = make_front()
    with Writer(alone.site.writer_upstreams[0]) as only:
        assert alone.ask("POST", "/post?reload=1", {}, b"a form").status == 503
        assert len(only.seen) == 2
        assert_one_delivery(only.seen)


def assert_one_delivery(seen: list[dict[str, object]]) -> None:
    """The writer has been told each time that it is the same form."""
    told = [(each["headers"]["x-delivery-id"], each["body_bytes"]) for each in seen]  # type: ignore[index]
    assert told == [told[0]] * len(told)
    assert told[0][1] == len(b"a form")


@pytest.mark.slow
def test_a_slow_upload_holds_no_writer(make_front: MakeFront) -> None:
    """The writer hears of a request once it is whole, and never of one that stopped half-way."""
    made = make_front(client_body_timeout_s=1)
    with Writer(made.site.writer_upstreams[0]) as writer:
        raw = made.say(b"POST /post HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nhalf of")
        assert raw == b"" or raw.startswith(b"HTTP/1.1 408 ")
        assert writer.seen == []


@pytest.mark.slow
def test_slow_headers_are_cut_off(make_front: MakeFront) -> None:
    made = make_front(client_header_timeout_s=1)
    raw = made.say(b"GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ")
    assert raw == b"" or raw.startswith(b"HTTP/1.1 408 ")


def test_posts_go_out_on_a_kept_connection_and_deeds_of_the_staff_on_one_each(
    make_front: MakeFront,
) -> None:
    """A kept one could be closed by the writer just as the next form goes out on it."""
    made = make_front()
    with Writer(made.site.writer_upstreams[0]) as writer:
        for _ in range(5):
            made.ask("POST", "/post", {}, b"")
        assert len({request["connection"] for request in writer.seen}) == 1
        writer.seen.clear()
        for _ in range(5):
            made.ask("POST", "/mod/b/deeds", {}, b"")
        assert len({request["connection"] for request in writer.seen}) == 5


def test_a_lone_writer_can_be_tried_after_each_connection_that_was_kept_to_it(
    front: Front,
) -> None:
    """All of them die with the process that had them, and each server is tried once."""
    told = front.configuration()
    upstream = told[told.index("upstream writer {") :].partition("}")[0]
    kept = re.search(r"keepalive (\d+);", upstream)
    assert kept is not None
    assert upstream.count(f'server "{front.site.writer_upstreams[0]}"') > int(kept[1]) + 1


def test_kept_connection_is_closed_by_nginx_and_not_by_the_writer() -> None:
    """Else a writer closes one now and then just as a post goes out on it."""
    assert runpy.run_path("deploy/gunicorn.py")["keepalive"] > KEPT_IDLE_S_MAX


def test_connection_upgrade_is_not_passed_on(front: Front) -> None:
    got = headers_at_writer(
        front.ask("GET", "/mod/", {"Connection": "Upgrade", "Upgrade": "websocket"})
    )
    assert "connection" not in got
    assert "upgrade" not in got


# --- Behind Cloudflare, where anybody may rent a Worker whose address is Cloudflare's ---

#: What Cloudflare says of a Worker of somebody else's zone, in place of its client's address.
FOREIGN_WORKER = "2a06:98c0:3600::103"


@pytest.fixture(scope="module")
def behind_cloudflare(make_front: MakeFront) -> Iterator[Front]:
    """This machine stands in for Cloudflare."""
    made = make_front(
        trusted_proxies=("127.0.0.0/8", *cloudflare.ranges()), worker_zone="board.example"
    )
    with Writer(made.site.writer_upstreams[0]):
        yield made


@for_each(
    ("headers", "client"),
    [
        ({"CF-Connecting-IP": "192.0.2.7"}, "192.0.2.7"),
        ({"CF-Connecting-IP": "192.0.2.7", "X-Forwarded-For": "203.0.113.9"}, "192.0.2.7"),
        # A Worker writes what it likes here, and its own address is one of Cloudflare's.
        ({"X-Forwarded-For": f"203.0.113.9, {FOREIGN_WORKER}"}, "127.0.0.1"),
        (
            {
                "CF-Connecting-IP": FOREIGN_WORKER,
                "X-Forwarded-For": f"203.0.113.9, {FOREIGN_WORKER}",
            },
            FOREIGN_WORKER,
        ),
    ],
)
def test_cloudflare_says_who_asks_in_its_own_header_alone(
    behind_cloudflare: Front, headers: dict[str, str], client: str
) -> None:
    got = headers_at_writer(behind_cloudflare.ask("POST", "/post", headers, b""))
    assert got["x-real-ip"] == client
    assert "cf-connecting-ip" not in got


@pytest.mark.slow
@for_each(("proxies", "told"), [(("127.0.0.0/8",), "DE"), ((), None)])
def test_country_is_told_by_a_trusted_proxy_alone(
    make_front: MakeFront, proxies: tuple[str, ...], told: str | None
) -> None:
    made = make_front(trusted_proxies=proxies, country_header="CF-IPCountry")
    sent = {"CF-IPCountry": "DE", "X-Client-Country": "FR"}
    with Writer(made.site.writer_upstreams[0]):
        got = headers_at_writer(made.ask("POST", "/post", sent, b""))
    assert got.get("x-client-country") == told


def test_no_client_tells_its_country_where_none_is_asked(front: Front) -> None:
    got = headers_at_writer(front.ask("POST", "/post", {"X-Client-Country": "FR"}, b""))
    assert "x-client-country" not in got


def test_cloudflares_header_counts_from_cloudflare_alone(make_front: MakeFront) -> None:
    made = make_front(trusted_proxies=cloudflare.ranges())
    with Writer(made.site.writer_upstreams[0]):
        got = headers_at_writer(made.ask("POST", "/post", {"CF-Connecting-IP": "192.0.2.7"}, b""))
    assert got["x-real-ip"] == "127.0.0.1"


@for_each(
    ("method", "address", "worker", "status"),
    [
        ("POST", "/post", "evil.example", 403),
        ("POST", "/post.php", "evil.example", 400),
        ("POST", "/mod/login", "evil.example", 403),
        ("POST", "/mod/b/deeds", "xboard.example", 403),
        ("POST", "/post", "board.example", 200),
        ("POST", "/post", "", 200),
        ("GET", "/mod/", "evil.example", 200),
        ("GET", "/b/", "evil.example", 200),
    ],
)
def test_worker_of_another_zone_can_read_and_not_write(
    behind_cloudflare: Front, method: str, address: str, worker: str, status: int
) -> None:
    answer = behind_cloudflare.ask(
        method,
        address,
        {"CF-Worker": worker, "Accept": "text/html"} if worker else {},
        b"" if method == "POST" else None,
    )
    assert answer.status == status
    if status in (400, 403):
        assert SENTENCES[403] in answer.body.decode()


SECRET = "a-secret-of-at-least-32-characters"


@pytest.fixture(scope="module")
def behind_a_secret(make_front: MakeFront) -> Iterator[Front]:
    """This machine is nobody to it, as the world is."""
    made = make_front(health_networks=("192.0.2.1",), origin_secret=SECRET)
    with Writer(made.site.writer_upstreams[0]):
        yield made


@for_each(("method", "address"), [("GET", "/"), ("GET", "/b/res/123.json"), ("POST", "/post")])
@for_each(
    ("header", "is_let_in"),
    [({}, False), ({"X-Origin-Secret": "x" * 34}, False), ({"X-Origin-Secret": SECRET}, True)],
)
def test_who_comes_past_the_cdn_is_refused(
    behind_a_secret: Front, method: str, address: str, header: dict[str, str], is_let_in: bool
) -> None:
    answer = behind_a_secret.ask(method, address, header, b"" if method == "POST" else None)
    assert answer.status == (200 if is_let_in else 403)
    if not is_let_in:
        assert SENTENCES[403] in answer.body.decode()
    elif method == "POST":
        assert SECRET not in str(headers_at_writer(answer))


def test_this_machine_needs_no_secret(make_front: MakeFront) -> None:
    """`up` looks whether its own front page is there."""
    assert make_front(origin_secret=SECRET).get("/").status == 200
