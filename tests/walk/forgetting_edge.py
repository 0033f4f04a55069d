"""A CDN that does as it is told: it forgets a page, and fetches it when a reader asks for it.

It costs next to nothing, since it is none of ours and has our processors: what is asked for
together is fetched together, and answered together. What it fetches while it is told to forget it
keeps, as a CDN may: that is why it is told twice.
"""

from __future__ import annotations

import json
import re
import socketserver
import threading
import time
from collections.abc import Collection, Mapping, Sequence
from contextlib import closing
from http import HTTPStatus
from typing import NamedTuple, Self
from urllib.parse import unquote, urlsplit

from tests.cdn.purge_api import DONE, ZONE
from tests.walk.keeping_edge import key_of
from tests.walk.pipelined import Answer, Pipelined, get

_CHUNK_BYTES = 2**16
_END_OF_HEAD = b"\r\n\r\n"
_LENGTH = re.compile(rb"(?i)\r\ncontent-length: *([0-9]+)")
_KNOWN = re.compile(rb"(?i)\r\nif-none-match: *([^\r]+)")


class ForgettingEdge(socketserver.ThreadingTCPServer):
    """A context. Serves the bucket at `origin_url` from the copies that it keeps."""

    daemon_threads = True
    #: Connections that are not taken yet.
    request_queue_size = 128

    def __init__(self, origin_url: str) -> None:
        self.origin = urlsplit(origin_url)
        #: {path: the bucket's answer}
        self.kept: dict[str, Answer] = {}
        #: How many addresses it was told to forget, and by how many calls.
        self.purged_urls = 0
        self.purge_calls = 0
        #: {path: when it was told to forget it for the first time}
        self.told_at_s: dict[str, float] = {}
        super().__init__(("127.0.0.1", 0), _Reader)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def copies(self, paths: Collection[str]) -> dict[str, Answer]:
        """Those that are kept, and new ones of the others."""
        kept = {path: copy for path in paths if (copy := self.kept.get(path)) is not None}
        if not (missing := sorted(set(paths) - kept.keys())):
            return kept
        fetched = self._fetched(missing)
        self.kept |= fetched
        return kept | fetched

    def _fetched(self, paths: Sequence[str]) -> dict[str, Answer]:
        place = self.origin
        assert place.hostname, place
        assert place.port, place
        with closing(Pipelined(place.hostname, place.port)) as bucket:
            bucket.send(get(place.path + key_of(path), place.netloc) for path in paths)
            return {path: bucket.answer() for path in paths}

    def forget(self, urls: Sequence[str]) -> None:
        """One call's."""
        self.purge_calls += 1
        self.purged_urls += len(urls)
        for path in map(_path, urls):
            self.kept.pop(path, None)
            self.told_at_s.setdefault(path, time.monotonic())

    def __enter__(self) -> Self:
        threading.Thread(target=self.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.shutdown()
        self.server_close()


def _path(url: str) -> str:
    """Of an address, or of what a request names."""
    return unquote(urlsplit(url).path)


class _Request(NamedTuple):
    is_get: bool
    target: str
    #: The version that whoever asks has read.
    version: bytes
    body: bytes


class _Reader(socketserver.BaseRequestHandler):
    """A connection of somebody who asks."""

    server: ForgettingEdge

    def handle(self) -> None:
        unread = b""
        while came := self.request.recv(_CHUNK_BYTES):
            asked, unread = _whole(unread + came)
            copies = self.server.copies({_path(one.target) for one in asked if one.is_get})
            self.request.sendall(b"".join(_written(self._answer(one, copies)) for one in asked))

    def _answer(self, request: _Request, copies: Mapping[str, Answer]) -> Answer:
        if request.is_get:
            copy = copies[_path(request.target)]
            is_known = copy.version and copy.version == request.version
            return Answer(HTTPStatus.NOT_MODIFIED, b"", b"") if is_known else copy
        if not request.target.endswith(f"/zones/{ZONE}/purge_cache"):
            return Answer(HTTPStatus.NOT_FOUND, b"", b"{}")
        self.server.forget(json.loads(request.body)["files"])
        return Answer(HTTPStatus.OK, b"", json.dumps(DONE).encode())


def _whole(came: bytes) -> tuple[list[_Request], bytes]:
    """The requests that came as a whole, and what came of the next."""
    requests = []
    while _END_OF_HEAD in came:
        head, _, rest = came.partition(_END_OF_HEAD)
        length = _LENGTH.search(head)
        body_bytes = int(length[1]) if length else 0
        if len(rest) < body_bytes:
            break
        method, target, _ = head.split(None, 2)
        known = _KNOWN.search(head)
        requests.append(
            _Request(
                method == b"GET", target.decode(), known[1] if known else b"", rest[:body_bytes]
            )
        )
        came = rest[body_bytes:]
    return requests, came


def _written(answer: Answer) -> bytes:
    etag = b"ETag: %b\r\n" % answer.version if answer.version else b""
    head = b"HTTP/1.1 %d %b\r\n" % (answer.status, HTTPStatus(answer.status).phrase.encode())
    length = b"Content-Length: %d\r\n\r\n" % len(answer.body)
    return b"".join((head, etag, length, answer.body))
