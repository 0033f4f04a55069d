"""What S3 does wrong, told apart; in each case the first try fails and the second works."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from cdn.cache_policy import headers_of
from cdn.object_store import (
    NotDeleted,
    ObjectStoreError,
    StoreRefused,
    StoreUnreachable,
    Superseded,
    TooFast,
    etag_of,
)
from cdn.s3_object_store import Bucket, S3ObjectStore
from tests.cdn.faulty_server import HANGS_UP, SAYS_NOTHING, FaultyServer, answer, error
from tests.deploy.stand_ins import WAIT_S, eventually
from tests.servers import nobody_listens
from tests.tables import for_each

KEY = "b/res/1+50.html"
BODY = b"<p>page"
STORED = answer("200 OK", f"ETag: {etag_of(BODY)}")
LISTED = answer(
    "200 OK",
    "Content-Type: application/xml",
    body=b"<?xml version='1.0'?><ListBucketResult><IsTruncated>false</IsTruncated>"
    b"</ListBucketResult>",
)


def a_store(url: str, *, read_timeout_s: float = WAIT_S) -> S3ObjectStore:
    return S3ObjectStore(
        Bucket(url, "board", "publisher", "a secret of the tests"), read_timeout_s=read_timeout_s
    )


def put(store: S3ObjectStore) -> str:
    return store.put(KEY, BODY, headers=headers_of(KEY), version=1, replaces=None)


def deletion(deleted: Iterable[str], codes: Mapping[str, str] | None = None) -> bytes:
    """What S3 answers to a batch: some are gone, others were kept, each with its reason."""
    rows = "".join(f"<Deleted><Key>{key}</Key></Deleted>" for key in deleted) + "".join(
        f"<Error><Key>{key}</Key><Code>{code}</Code></Error>" for key, code in (codes or {}).items()
    )
    body = f"<?xml version='1.0'?><DeleteResult>{rows}</DeleteResult>"
    return answer("200 OK", "Content-Type: application/xml", body=body.encode())


FAULTS: list[tuple[bytes, type[ObjectStoreError]]] = [
    (HANGS_UP, StoreUnreachable),
    (b"HTTP/1.1 200 OK\r\nContent-Le", StoreUnreachable),
    (b"SSH-2.0-OpenSSH_9.9\r\n", StoreUnreachable),
    (answer("200 OK", length=100), StoreUnreachable),
    (error("500 Internal Server Error", "InternalError"), StoreUnreachable),
    (answer("502 Bad Gateway", "Content-Type: text/html", body=b"<h1>Oops"), StoreUnreachable),
    (error("503 Service Unavailable", "ServiceUnavailable"), StoreUnreachable),
    (error("400 Bad Request", "IncompleteBody"), StoreUnreachable),
    (error("408 Request Timeout", "RequestTimeout"), StoreUnreachable),
    (error("429 Too Many Requests", "TooManyRequests"), TooFast),
    (error("503 Slow Down", "SlowDown"), TooFast),
    (error("503 Service Unavailable", "ServiceUnavailable", "Retry-After: 7"), TooFast),
    (error("412 Precondition Failed", "PreconditionFailed"), Superseded),
    (error("409 Conflict", "ConditionalRequestConflict"), Superseded),
    (error("404 Not Found", "NoSuchKey"), Superseded),
    (error("404 Not Found", "NoSuchBucket"), StoreRefused),
    (error("401 Unauthorized", "Unauthorized"), StoreRefused),
    (error("403 Forbidden", "SignatureDoesNotMatch"), StoreRefused),
    (error("403 Forbidden", "RequestTimeTooSkewed"), StoreRefused),
    (error("400 Bad Request", "InvalidArgument"), StoreRefused),
    (error("501 Not Implemented", "NotImplemented"), StoreRefused),
]


@pytest.mark.slow
@for_each(("fault", "expected"), FAULTS)
def test_a_put_that_fails_says_how_and_the_next_one_works(
    fault: bytes, expected: type[ObjectStoreError]
) -> None:
    """And boto3 has not tried again behind our back."""
    with FaultyServer(fault, STORED) as server:
        store = a_store(server.url)
        with pytest.raises(expected) as caught:
            put(store)
        assert type(caught.value) is expected
        assert put(store) == etag_of(BODY)
        assert len(server.requests) == 2


OTHER_CALLS: dict[str, tuple[Callable[[S3ObjectStore], object], bytes]] = {
    "head": (lambda store: store.head(KEY), answer("404 Not Found")),
    "get": (lambda store: store.get(KEY), error("404 Not Found", "NoSuchKey")),
    "list": (lambda store: list(store.list()), LISTED),
    "delete": (lambda store: store.delete([KEY]), deletion([KEY])),
}


@pytest.mark.slow
@for_each("call", OTHER_CALLS)
@for_each(
    ("fault", "expected"),
    [
        (error("500 Internal Server Error", "InternalError"), StoreUnreachable),
        (error("429 Too Many Requests", "TooManyRequests"), TooFast),
        (error("403 Forbidden", "AccessDenied"), StoreRefused),
        (answer("200 OK", "Content-Type: application/xml", body=b"<Li", length=50),
         StoreUnreachable),
    ],
)  # fmt: skip
def test_whatever_else_fails_says_how_and_the_next_try_works(
    call: str, fault: bytes, expected: type[ObjectStoreError]
) -> None:
    do, good = OTHER_CALLS[call]
    with FaultyServer(fault, good) as server:
        store = a_store(server.url)
        with pytest.raises(expected):
            do(store)
        do(store)
        assert len(server.requests) == 2


@pytest.mark.slow
@for_each("call", OTHER_CALLS)
@for_each("half", [b"HTTP/1.1 200 OK\r\nContent-Le", answer("200 OK", length=50)])
def test_half_an_answer_is_never_taken_for_a_whole_one(call: str, half: bytes) -> None:
    """Least of all for a page without bytes, an empty bucket, or a deletion that was done."""
    do, good = OTHER_CALLS[call]
    with FaultyServer(half, good) as server:
        store = a_store(server.url)
        with pytest.raises((StoreUnreachable, NotDeleted)):
            do(store)
        do(store)


@for_each(
    ("headers", "wait_s"),
    [
        ((), 1.0),
        (("Retry-After: 7",), 7.0),
        (("Retry-After: soon",), 1.0),
        (("Retry-After: -3",), 1.0),
        (("Retry-After: 999999999999",), 3600.0),
    ],
)
def test_a_store_that_is_asked_too_often_says_for_how_long(
    headers: tuple[str, ...], wait_s: float
) -> None:
    with FaultyServer(error("429 Too Many Requests", "TooManyRequests", *headers)) as server:
        with pytest.raises(TooFast) as caught:
            put(a_store(server.url))
        assert caught.value.retry_after_s == wait_s


def test_a_store_may_say_until_when() -> None:
    until = format_datetime(datetime.now(UTC) + timedelta(seconds=100), usegmt=True)
    fault = error("429 Too Many Requests", "TooManyRequests", f"Retry-After: {until}")
    with FaultyServer(fault) as server:
        with pytest.raises(TooFast) as caught:
            put(a_store(server.url))
        assert 0 < caught.value.retry_after_s <= 100


@pytest.mark.slow
def test_a_server_that_says_nothing_is_unreachable_after_the_timeout() -> None:
    with FaultyServer(SAYS_NOTHING, *[STORED] * 50) as server:
        store = a_store(server.url, read_timeout_s=0.5)
        with pytest.raises(StoreUnreachable, match="ReadTimeoutError"):
            put(store)

        def is_put() -> bool:
            # A busy machine may take longer than that for any answer.
            with suppress(StoreUnreachable):
                return put(store) == etag_of(BODY)
            return False

        assert eventually(is_put)


def test_a_server_that_is_down_is_unreachable() -> None:
    with (
        nobody_listens() as port,
        pytest.raises(StoreUnreachable, match="EndpointConnectionError"),
    ):
        put(a_store(f"http://127.0.0.1:{port}"))


def test_objects_that_could_not_be_deleted_are_named() -> None:
    codes = {"b/1.html": "InternalError", "b/2.html": "SlowDown"}
    with FaultyServer(deletion(["b/3.html"], codes), deletion(codes)) as server:
        store = a_store(server.url)
        with pytest.raises(NotDeleted, match="InternalError, SlowDown") as caught:
            store.delete([*codes, "b/3.html"])
        assert caught.value.keys == tuple(codes)
        store.delete(caught.value.keys)


def test_a_key_that_may_not_delete_is_refused() -> None:
    with (
        FaultyServer(deletion([], {"b/1.html": "AccessDenied"})) as server,
        pytest.raises(StoreRefused, match="AccessDenied"),
    ):
        a_store(server.url).delete(["b/1.html"])


def test_a_put_sends_what_r2_understands() -> None:
    """A condition and a signature that covers the body; no checksum trailer, no waiting."""
    with FaultyServer(STORED) as server:
        put(a_store(server.url))
        request = server.requests[0].decode()
    assert request.startswith("PUT /board/b/res/1%2B50.html HTTP/1.1")
    head = request.lower()
    assert "\r\nif-none-match: *\r\n" in head
    assert "x-amz-checksum" not in head
    assert "trailer" not in head
    assert "unsigned" not in head
    assert "\r\nexpect:" not in head
    assert "\r\ncontent-encoding:" not in head


# --- the real SeaweedFS ---


@pytest.mark.slow
@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"secret_key": "wrong"}, "403 SignatureDoesNotMatch"),
        ({"access_key": "nobody"}, "403 InvalidAccessKeyId"),
        ({"name": "other"}, "404 NoSuchBucket"),
    ],
)
def test_a_wrong_setting_is_refused_in_one_sentence_without_secrets(
    bucket: Bucket, s3: S3ObjectStore, changes: dict[str, str], reason: str
) -> None:
    with pytest.raises(StoreRefused) as caught:
        put(S3ObjectStore(replace(bucket, **changes)))
    sentence = str(caught.value)
    assert reason in sentence
    assert "R2_SECRET_KEY" in sentence
    assert bucket.secret_key not in sentence + repr(bucket)
    assert put(s3) == etag_of(BODY)
