"""What nginx says of failures is counted and logged, without who asked; and nobody waits for it."""

from __future__ import annotations

import re
import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog
from prometheus_client import REGISTRY

from monitoring.nginx_log import (
    LINES_A_MINUTE_MAX,
    Failure,
    NginxLog,
    Said,
    heard,
    without_addresses,
)
from tests.deploy.stand_ins import eventually
from tests.nginx.conftest import MakeFront
from tests.nginx.front import Front, free_port
from tests.tables import for_each

READER = "192.0.2.77"


def failures(status: str, asked_for: str) -> float:
    labels = {"status": status, "asked_for": asked_for}
    return REGISTRY.get_sample_value("stillboard_nginx_failures_total", labels) or 0.0


@pytest.fixture
def logged() -> Iterator[list[dict[str, object]]]:
    with structlog.testing.capture_logs([structlog.contextvars.merge_contextvars]) as lines:
        yield lines  # type: ignore[misc]


@pytest.fixture
def folder() -> Iterator[Path]:
    """Short, since the path of a Unix socket may have 107 bytes."""
    path = Path(tempfile.mkdtemp(prefix="said"))
    yield path
    shutil.rmtree(path)


def a_front(make_front: MakeFront, listen: str) -> Front:
    """Without a writer; it believes us who the reader is."""
    return make_front(log_to=listen, limits=True, trusted_proxies=("127.0.0.1/32",))


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["unix", "udp"])
def test_failures_are_counted_by_what_was_asked_for(
    make_front: MakeFront, folder: Path, kind: str, logged: list[dict[str, object]]
) -> None:
    listen = f"unix:{folder}/nginx.sock" if kind == "unix" else f"127.0.0.1:{free_port()}"
    listener = NginxLog(listen)
    listener.start()
    front = a_front(make_front, listen)
    asked = {
        ("404", "page"): ("GET", "/b/res/999.html"),
        ("404", "media"): ("GET", "/b/src/1700000000099.jpg"),
        ("404", "other"): ("GET", f"/.env?{READER}"),
        ("503", "writer"): ("POST", "/post"),
    }
    before = {labels: failures(*labels) for labels in asked}
    try:
        assert is_heard(front)
        for labels, (method, path) in asked.items():
            answer = front.ask(method, path, {"X-Forwarded-For": READER}, b"")
            # One by one: nginx drops what a socket has no room for.
            assert eventually(lambda of=labels: failures(*of) > before[of])
        assert front.ask("GET", "/b/", {"X-Forwarded-For": READER}).status == 200
        events = {"nginx_said", "request_not_served"}
        assert eventually(lambda: events <= {str(line["event"]) for line in logged})
    finally:
        listener.stop()
    assert {of: failures(*of) for of in asked} == {of: before[of] + 1 for of in asked}
    assert READER not in str(logged)
    said = next(line for line in logged if line["event"] == "nginx_said")
    assert str(said["said"]).endswith("while connecting to upstream")
    told = next(line for line in logged if line["event"] == "request_not_served")
    assert (told["status"], told["asked_for"]) == (503, "writer")
    assert "502" in str(told["writer_status"])
    assert str(told["request_id"]).encode() in answer.body, "the page names it too"


@pytest.mark.slow
def test_what_the_writer_answers_on_a_board_is_counted_as_its_own(
    make_front: MakeFront, folder: Path
) -> None:
    asked = (
        "/b/post/1.json",
        "/b/res/1.zip",
        "/b/banner",
        "/b/flags/lake.png",
        "/b/search?q=cat",
        "/search.json",
    )
    listener = NginxLog(f"unix:{folder}/nginx.sock")
    listener.start()
    front = a_front(make_front, f"unix:{folder}/nginx.sock")
    try:
        assert is_heard(front)
        before = failures("503", "writer")
        for path in asked:
            assert front.ask("GET", path, {"X-Forwarded-For": READER}).status == 503
            # One by one: nginx drops what a socket has no room for.
            before += 1
            assert eventually(lambda due=before: failures("503", "writer") == due)
    finally:
        listener.stop()


def test_client_that_speaks_another_http_is_counted_and_no_fault_of_ours(
    make_front: MakeFront, folder: Path, logged: list[dict[str, object]]
) -> None:
    """It is sent by whoever likes to, and must ring nobody."""
    listener = NginxLog(f"unix:{folder}/nginx.sock")
    listener.start()
    front = a_front(make_front, f"unix:{folder}/nginx.sock")
    try:
        assert is_heard(front)
        for labels, said in (
            (("501", "page"), b"GET /b/ HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip\r\n\r\n"),
            (("505", "other"), b"GET / HTTP/9.9\r\nHost: x\r\n\r\n"),
        ):
            due = failures(*labels) + 1
            front.say(said)
            assert eventually(lambda of=labels, due=due: failures(*of) == due)
    finally:
        listener.stop()
    assert "request_not_served" not in str(logged)


def is_heard(front: Front) -> bool:
    """Whether a failure of its is counted: what came before anybody listened is lost.

    Each second one alone, so that there is room for those that the test is about.
    """
    before, asked_s = failures("405", "other"), float("-inf")

    def is_counted() -> bool:
        nonlocal asked_s
        if time.monotonic() > asked_s + 1:
            front.ask("PUT", "/robots.txt")
            asked_s = time.monotonic()
        return failures("405", "other") > before

    return eventually(is_counted)


@pytest.mark.slow
def test_readers_are_served_while_nobody_listens_and_heard_of_again_afterwards(
    make_front: MakeFront, folder: Path
) -> None:
    """Catch-up is started anew, or was never there."""
    listen = f"unix:{folder}/nginx.sock"
    front = a_front(make_front, listen)
    for _ in range(2):
        assert front.get("/b/res/999.html").status == 404
        assert front.get("/b/").status == 200
        listener = NginxLog(listen)
        listener.start()
        try:
            assert is_heard(front)
        finally:
            listener.stop()


@for_each(
    ("datagram", "told"),
    [
        (
            b"<190>Nov  9 03:02:26 nginx_failed: 404 page " + b"0a" * 16 + b" -",
            Failure("404", "page", "0a" * 16, "-"),
        ),
        (
            b"<190>Nov 29 03:02:26 nginx_failed: 502 writer " + b"0a" * 16 + b" 502, 504 : 200",
            Failure("502", "writer", "0a" * 16, "502, 504 : 200"),
        ),
        (b"<190>Nov 29 03:02:26 nginx_failed: 200 page " + b"0a" * 16 + b" -", None),
        (b"<190>Nov 29 03:02:26 nginx_failed: 404 page forged", None),
        (
            b"<187>Nov 29 03:02:26 nginx_said: 2026/11/29 03:02:26 [error] 1#1: *5 x, client: ::1",
            Said("error", "x"),
        ),
        (b"<1>Nov 29 03:02:26 nginx_said: hello", None),
        (b"", None),
        (b"\xff\xfe", None),
    ],
)
def test_what_a_datagram_says(datagram: bytes, told: object) -> None:
    assert heard(datagram) == told


@for_each(
    ("line", "kept"),
    [
        ("timed out while reading, client: ::1, server: _", "timed out while reading"),
        ("x, client: 192.0.2.7", "x"),
        ("client 192.0.2.7 closed it", "client (address) closed it"),
        (
            "connect() to [2001:db8::7]:8000 failed (111: no)",
            "connect() to [(address)]:8000 failed (111: no)",
        ),
        ("from ::ffff:192.0.2.7 came", "from (address) came"),
        ("a" * 900, "a" * 500),
    ],
)
def test_no_address_is_left_of_a_line(line: str, kept: str) -> None:
    kept_of_it = without_addresses(line)
    assert not re.search(r"192\.0\.2|db8", kept_of_it)
    assert kept_of_it.replace("(address)(address)", "(address)") == kept


def test_flood_of_errors_is_counted_and_its_lines_are_bounded(
    logged: list[dict[str, object]],
) -> None:
    now = [0.0]
    listener = NginxLog("unix:/nowhere/x", clock=lambda: now[0])
    line = b"<187>Nov 29 03:02:26 nginx_said: [error] 1#1: x"
    before = REGISTRY.get_sample_value("stillboard_nginx_errors_total", {"level": "error"}) or 0
    for _ in range(3 * LINES_A_MINUTE_MAX):
        listener.take(line)
    assert len(logged) == LINES_A_MINUTE_MAX + 1
    assert logged[-1]["event"] == "nginx_says_more"
    now[0] = 60.0
    listener.take(line)
    assert logged[-1]["event"] == "nginx_said"
    after = REGISTRY.get_sample_value("stillboard_nginx_errors_total", {"level": "error"})
    assert after == before + 3 * LINES_A_MINUTE_MAX + 1
