"""Stands between a board and its bucket and notes each put: when it began, when it was answered,
and what.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit

from tests.in_between import InBetween

_PUT = re.compile(rb"PUT /[^/ ]+/([^ ?]+) HTTP/1\.1\r\n")
_STATUS = re.compile(rb"HTTP/1\.1 (\d{3})")
#: 100 Continue is no answer yet.
_CONTINUE = 100
_CHUNK_BYTES = 2**16


@dataclass
class Put:
    """One put. `status` is 0 until it is answered, and when it never is."""

    key: str
    began_s: float
    status: int = 0
    answered_s: float = float("inf")


@dataclass
class BucketTap(InBetween):
    """A context; give the board its `url` in the place of the bucket's.

    Bytes pass as they are. A connection carries one request after the other, so the bytes that
    follow an answer begin with a request, and those that follow a request with an answer.
    """

    bucket_url: str
    puts: list[Put] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def by_key(self) -> dict[str, list[Put]]:
        """In the order in which they began."""
        found: defaultdict[str, list[Put]] = defaultdict(list)
        for put in self.puts:
            found[put.key].append(put)
        return dict(found)

    async def serve(self, board: asyncio.StreamReader, to_board: asyncio.StreamWriter) -> None:
        place = urlsplit(self.bucket_url)
        bucket, to_bucket = await asyncio.open_connection(place.hostname, place.port)
        line = _Line(self.puts)
        try:
            await asyncio.gather(
                _pass_on(board, to_bucket, line.asked), _pass_on(bucket, to_board, line.answered)
            )
        except ConnectionError:
            pass
        finally:
            to_bucket.close()


class _Line:
    """What was last said on one connection, and by whom."""

    def __init__(self, puts: list[Put]) -> None:
        self._puts = puts
        self._open: Put | None = None
        self._begins = True

    def asked(self, said: bytes) -> None:
        if not self._begins:
            return
        self._begins, self._open = False, None
        if found := _PUT.match(said):
            self._open = Put(unquote(found[1].decode()), time.monotonic())
            self._puts.append(self._open)

    def answered(self, said: bytes) -> None:
        status = _STATUS.match(said)
        if self._begins or status is None or int(status[1]) == _CONTINUE:
            return
        self._begins = True
        if self._open is not None:
            self._open.status = int(status[1])
            self._open.answered_s = time.monotonic()


async def _pass_on(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, note: Callable[[bytes], None]
) -> None:
    while said := await reader.read(_CHUNK_BYTES):
        note(said)
        writer.write(said)
        await writer.drain()
    writer.close()
