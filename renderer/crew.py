"""Several processes that draw one board's pages together, so that all cores take part.

One process, the foreman, holds the board and shares its snapshot; each of the others draws a part
of the pages from that same moment. So their pages are those that one renderer would have drawn.

They are forked, with all that is loaded by then. PERF: to start Python and load it took each of
them 0.6 s of a processor; the pages of 200 threads take 0.9 in all.

A foreman that is killed loses the board's lock in PostgreSQL, while the others may still be
writing. The lock on the web root goes by its open file: each of them is handed it along with the
work and closes it when the work is done, so a successor waits for the last of them.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, field
from itertools import chain, groupby
from multiprocessing.connection import Connection
from multiprocessing.context import ForkContext, SpawnContext
from multiprocessing.process import BaseProcess
from multiprocessing.reduction import recv_handle, send_handle
from typing import NamedTuple, Self

from imageboard.errors import ImageboardError, PartDied
from renderer.pages.kind import Key, Page
from renderer.redrawing import Redrawing, Share

#: They have one connection to PostgreSQL each.
MEMBERS_MAX = 32

_FORK = multiprocessing.get_context("fork")

#: Makes what a member redraws with; it is called in the member's process.
RedrawingMaker = Callable[[], Redrawing]


class _Failed(NamedTuple):
    """What a member tells of work that it could not do."""

    error: ImageboardError | OSError


@dataclass
class _Member:
    """One process, and the line to it."""

    process: BaseProcess
    line: Connection

    def ask(self, share: Share, lock_fd: int) -> None:
        assert self.process.pid is not None
        self.line.send(share)
        send_handle(self.line, lock_fd, self.process.pid)

    def answer(self) -> int:
        """Files that it has written. Raises what it failed with; PartDied when it is gone."""
        try:
            answer = self.line.recv()
        except (EOFError, ConnectionError) as ex:
            raise PartDied(part="rendering") from ex
        if isinstance(answer, _Failed):
            raise answer.error
        return int(answer)


@dataclass
class Crew:
    """A context: its members live as long as the block.

    It is entered before the foreman has threads or connections, which no fork survives well: a pool
    has both. Who has them already spawns its members.
    """

    make_own: RedrawingMaker
    size: int
    context: ForkContext | SpawnContext = _FORK
    _members: list[_Member] = field(default_factory=list)

    def __enter__(self) -> Self:
        for _ in range(min(self.size, MEMBERS_MAX)):
            ours, theirs = self.context.Pipe()
            # Forked, it has the foreman's ends of the lines before its own: when he is gone, the
            # last one hears of it first.
            process = self.context.Process(
                target=_work, args=(theirs, ours, self.make_own), daemon=True
            )
            process.start()
            theirs.close()
            self._members.append(_Member(process, ours))
        return self

    def __exit__(self, *_: object) -> None:
        for member in self._members:
            member.line.close()
        for member in self._members:
            member.process.join()
        self._members = []

    def redraw(self, redrawing: Redrawing, board: str, pages: Sequence[Page]) -> int:
        """Draw these pages anew under one lock, the foreman's; the number of files written.

        So few that each would get one at most the foreman draws alone.

        Raises:
            NoSuchBoard, DiskFull, StoreUnavailable: as the render loop does.
            PartDied: a member is gone. Who holds the board next finds it doubtful.
        """
        if len(pages) <= len(self._members):
            return redrawing.redraw(board, pages)
        return redrawing.redraw_shared(board, pages, self.spread)

    def spread(self, share: Share, lock_fd: int) -> int:
        """Give each member its part, and wait for all of them even when one has failed."""
        parts = parts_of(share.pages, len(self._members))
        asked = [member for member, part in zip(self._members, parts, strict=True) if part]
        for member, part in zip(asked, parts, strict=False):
            member.ask(share._replace(pages=part, has_one_core=len(asked) > 1), lock_fd)
        written, failures = 0, []
        for member in asked:
            try:
                written += member.answer()
            except (ImageboardError, OSError) as ex:
                failures.append(ex)
        if failures:
            raise failures[0]
        return written


def parts_of(pages: Sequence[Page], members: int) -> list[list[Page]]:
    """What each draws: about as many, and pages of one thread that follow each other together.

    PERF: whoever has drawn one of them has the thread's posts; for the others they would be read
    and drawn once more.
    """
    together = list(_together(pages))
    parts = [together[number::members] for number in range(members)]
    return [list(chain.from_iterable(part)) for part in parts]


def batches_of(pages: Iterable[Page], size: int) -> Iterator[list[Page]]:
    """Of that size or a little more: what is drawn together is not torn apart."""
    batch: list[Page] = []
    for together in _together(pages):
        batch += together
        if len(batch) >= size:
            yield batch
            batch = []
    if batch:
        yield batch


def _together(pages: Iterable[Page]) -> Iterator[list[Page]]:
    """Pages of one number that follow each other, such as all of a thread; any other by itself."""
    return (list(some) for _, some in groupby(pages, key=_number_or_page))


def _number_or_page(page: Page) -> Key | Page:
    return page.key if isinstance(page.key, int) else page


def _work(line: Connection, foremans: Connection, make_own: RedrawingMaker) -> None:
    """A member's life: until the foreman hangs up."""
    foremans.close()
    # Ctrl-C reaches them all at once. It is the foreman who ends then, and hangs up.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # A foreman who has hung up wants no answer either.
    with suppress(EOFError, ConnectionError):
        share = line.recv()
        # Only now: where every page stands, nobody is asked for anything.
        own = make_own()
        with closing(own.loop.database):
            while True:
                lock_fd = recv_handle(line)
                try:
                    answer: int | _Failed = own.redraw_share(share)
                except (ImageboardError, OSError) as ex:
                    answer = _Failed(ex)
                finally:
                    os.close(lock_fd)
                line.send(answer)
                share = line.recv()
