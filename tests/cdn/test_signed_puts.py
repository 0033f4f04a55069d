"""Puts find their way as boto3's would."""

from __future__ import annotations

import pytest

from cdn.signed_puts import SignedPuts
from tests.cdn.faulty_server import FaultyServer, answer
from tests.deploy.stand_ins import WAIT_S

BODY = b"<p>page"
STORED = answer("200 OK", 'ETag: "1"')


def puts_to(bucket_url: str) -> SignedPuts:
    return SignedPuts(bucket_url, "publisher", "a secret", (WAIT_S, WAIT_S), 1)


def test_a_put_goes_through_the_proxy_that_the_environment_names(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with FaultyServer(STORED) as proxy:
        monkeypatch.setenv("http_proxy", proxy.url)
        assert puts_to("http://s3.example/board").put("b/1.html", BODY, {}).status_code == 200
        assert proxy.requests[0].startswith(b"PUT http://s3.example/board/b/1.html HTTP/1.1\r\n")


def test_a_put_tells_the_proxy_the_password_that_the_environment_has(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with FaultyServer(STORED) as proxy:
        monkeypatch.setenv("http_proxy", proxy.url.replace("//", "//name:a%20word@"))
        puts_to("http://s3.example/board").put("b/1.html", BODY, {})
        assert b"\r\nProxy-Authorization: Basic bmFtZTphIHdvcmQ=\r\n" in proxy.requests[0]


def test_a_put_follows_no_redirect() -> None:
    """It would show the page, and who puts it, to wherever that points."""
    elsewhere = answer("307 Temporary Redirect", "Location: /elsewhere")
    with FaultyServer(elsewhere, STORED) as server:
        assert puts_to(f"{server.url}/board").put("b/1.html", BODY, {}).status_code == 307
        assert len(server.requests) == 1


def test_a_bucket_may_be_below_a_path() -> None:
    with FaultyServer(STORED) as server:
        puts_to(f"{server.url}/s3/board").put("b/1.html", BODY, {})
        assert server.requests[0].startswith(b"PUT /s3/board/b/1.html HTTP/1.1\r\n")


def test_a_key_is_sent_as_it_was_signed() -> None:
    """A server signs the line that it got; one letter written otherwise is a refused put."""
    with FaultyServer(STORED) as server:
        puts_to(f"{server.url}/board").put("b/~ü (1)+'2'.json", BODY, {})
        path = b"/board/b/~%C3%BC%20%281%29%2B%272%27.json"
        assert server.requests[0].startswith(b"PUT " + path + b" HTTP/1.1\r\n")


def test_a_put_says_whose_it_is_and_keeps_the_secret() -> None:
    with FaultyServer(STORED) as server:
        puts_to(f"{server.url}/board").put("b/1.html", BODY, {"Content-Type": "text/html"})
        (request,) = server.requests
        assert b"Credential=publisher/" in request
        assert b"content-type;host;" in request
        assert b"a secret" not in request
