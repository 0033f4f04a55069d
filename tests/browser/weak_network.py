"""A network as on a train, between browser and board: slow, and it cuts connections at random."""

from __future__ import annotations

import asyncio
import random
import re
import socket
import struct
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum

from tests.in_between import InBetween

_CHUNK_BYTES = 2**16
_LENGTH = re.compile(rb"\r\nContent-Length: (\d+)", re.IGNORECASE)
_POST = b"POST /post "
#: Closed with it, a socket tells its other end that nothing more is to be expected.
_RESET = struct.pack("ii", 1, 0)
#: Two that are due at the same moment would change places.
_TICK_S = 1e-6


class Fate(Enum):
    """What becomes of a request."""

    PASSES = "passes"
    LOST = "cut before all of it had arrived"
    UNANSWERED = "cut after it had arrived, before its answer"
    HALF_ANSWERED = "cut in the middle of its answer"


_CUTS = (Fate.LOST, Fate.UNANSWERED, Fate.HALF_ANSWERED)
#: A connection that is cut is so at one of so many requests.
_REQUESTS = 4


@dataclass
class WeakNetwork(InBetween):
    """A context; a browser that goes to its `url` is at the board's port.

    As long as it `is_weak`, each chunk comes `latency_s` later, either way. Of requests that post,
    and of connections that ask for anything else, the share `loss` is cut. The same for the same
    `seed`: the fates of posts in their order, and those of connections in theirs.
    """

    port_behind: int
    seed: int = 0
    latency_s: float = 3.0
    loss: float = 0.3
    is_weak: bool = False
    #: Of requests that posted while it was weak, in their order.
    posts: list[Fate] = field(default_factory=list)
    #: Of everything else.
    reads: Counter[Fate] = field(default_factory=Counter)
    _connections: int = 0
    _lines: set[_Line] = field(default_factory=set)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/"

    def weaken(self) -> None:
        """From now on; what was open is cut, as where a train leaves its station.

        A browser sends again by itself what it sent on a connection that had been used before.
        """
        self.is_weak = True
        self._loop.call_soon_threadsafe(self._cut_all)

    def _cut_all(self) -> None:
        for line in list(self._lines):
            line.cut()

    async def serve(self, browser: asyncio.StreamReader, to_browser: asyncio.StreamWriter) -> None:
        board, to_board = await asyncio.open_connection("127.0.0.1", self.port_behind)
        self._connections += 1
        chance = random.Random(f"{self.seed} connection {self._connections}")
        line = _Line(self, chance, _Way(self, to_board), _Way(self, to_browser))
        self._lines.add(line)
        try:
            await asyncio.gather(
                _hear(browser, line.asked, line.outward), _hear(board, line.answered, line.homeward)
            )
            # What was said last is still on its way.
            await asyncio.gather(to_board.wait_closed(), to_browser.wait_closed())
        except ConnectionError:
            pass
        finally:
            line.cut()
            self._lines.discard(line)

    def fate(self, request: bytes, *, is_due: bool, chance: random.Random) -> Fate:
        """Of a request that begins like this; `is_due`: its connection is cut here, by `chance`."""
        if not self.is_weak:
            return Fate.PASSES
        if request.startswith(_POST):
            chance = random.Random(f"{self.seed} post {len(self.posts)}")
            self.posts.append(chance.choice(_CUTS) if chance.random() < self.loss else Fate.PASSES)
            return self.posts[-1]
        fate = chance.choice(_CUTS) if is_due else Fate.PASSES
        self.reads[fate] += 1
        return fate


class _Way:
    """One direction of a connection: what goes in comes out later, in the same order."""

    def __init__(self, network: WeakNetwork, out: asyncio.StreamWriter) -> None:
        self._network = network
        self._out = out
        self._due_s = 0.0

    def later(self, what: Callable[[], object]) -> None:
        loop = asyncio.get_running_loop()
        wait_s = self._network.latency_s if self._network.is_weak else 0.0
        self._due_s = max(loop.time() + wait_s, self._due_s + _TICK_S)
        loop.call_at(self._due_s, what)

    def send(self, said: bytes) -> None:
        self.later(lambda: self._out.is_closing() or self._out.write(said))

    def close(self) -> None:
        self.later(self._out.close)

    def cut(self) -> None:
        """At once: the other end sees a connection that was reset."""
        if not self._out.transport.is_closing():
            closed = self._out.get_extra_info("socket")
            closed.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
        self._out.transport.abort()


class _Line:
    """A connection, request by request: a browser's next one begins once it was answered."""

    def __init__(
        self, network: WeakNetwork, chance: random.Random, outward: _Way, homeward: _Way
    ) -> None:
        self._network = network
        self._chance = chance
        self.outward = outward
        self.homeward = homeward
        self._begins = True
        self._requests = 0
        is_doomed = chance.random() < network.loss
        self._doomed_request = chance.randrange(_REQUESTS) if is_doomed else None
        self._fate = Fate.PASSES
        self._left_bytes = 0

    def asked(self, said: bytes) -> None:
        if self._begins:
            self._begins = False
            is_due = self._requests == self._doomed_request
            self._requests += 1
            self._fate = self._network.fate(said, is_due=is_due, chance=self._chance)
            head, _, _ = said.partition(b"\r\n\r\n")
            length = _LENGTH.search(head)
            whole = len(head) + 4 + int(length[1] if length else 0)
            # One byte short at most: so it never arrives.
            self._left_bytes = self._chance.randrange(whole)
        if self._fate is not Fate.LOST:
            self.outward.send(said)
            return
        self.outward.send(said[: self._left_bytes])
        self._left_bytes -= len(said)
        if self._left_bytes <= 0:
            self.outward.later(self.cut)

    def answered(self, said: bytes) -> None:
        self._begins = True
        if self._fate is Fate.PASSES:
            self.homeward.send(said)
            return
        if self._fate is Fate.HALF_ANSWERED:
            self.homeward.send(said[: len(said) // 2])
        self.homeward.later(self.cut)

    def cut(self) -> None:
        self.outward.cut()
        self.homeward.cut()


async def _hear(reader: asyncio.StreamReader, note: Callable[[bytes], None], onward: _Way) -> None:
    while said := await reader.read(_CHUNK_BYTES):
        note(said)
    onward.close()
