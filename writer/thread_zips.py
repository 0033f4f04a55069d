"""A thread with all that it shows as one ZIP, `/b/res/123.zip`: to read offline, without scripts.

Made when it is asked for, of the files that readers are served. Kept, it would take the room of
those files once more, and a removal would have one more copy to reach. nginx takes it from here at
the pace of a disk and gives it on at its reader's.
"""

from __future__ import annotations

import tempfile
import threading
import zipfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import IO, BinaryIO

import falcon

from imageboard import public_site
from imageboard.boards import Board, read_board_name
from imageboard.errors import NoSuchBoard, NoSuchThread, ZipsBusy, ZipTooLarge
from imageboard.settings import Settings
from imageboard.store.room import MB, Room
from writer.board_list import BoardList

ADDRESS = "/{board}/res/{no}.zip"

#: What is in it. nginx keeps as many bytes of an answer on its disk, for those who read slowly.
BYTES_MAX = 256 * MB
AT_ONCE_MAX = 2
_PIECE_BYTES = 256 * 1024
_TURN_WAIT_S = 5
_RETRY_AFTER_S = 10


@dataclass(frozen=True, slots=True)
class ThreadZips:
    """Threads to take along."""

    settings: Settings
    boards: BoardList
    room: Room
    bytes_max: int = BYTES_MAX
    _turns: threading.BoundedSemaphore = field(
        default_factory=lambda: threading.BoundedSemaphore(AT_ONCE_MAX)
    )

    def on_get(self, _req: falcon.Request, resp: falcon.Response, board: str, no: str) -> None:
        found = self.boards.get(read_board_name(board))
        if found is None:
            raise NoSuchBoard(board=board)
        if not (no.isascii() and no.isdigit() and len(no) <= 15):
            raise NoSuchThread(board=found.name, thread=no)
        self.room.require_for_files()
        with self._turn():
            packed = self._packed(found, int(no))
        resp.content_type = "application/zip"
        resp.downloadable_as = f"{found.name}-{int(no)}.zip"
        resp.cache_control = ["no-cache"]
        resp.set_header("CDN-Cache-Control", "no-store")
        resp.content_length = packed.seek(0, 2)
        resp.stream = _pieces(packed)

    def _packed(self, board: Board, no: int) -> IO[bytes]:
        """A file without a name, which is gone when it is closed, or its process ends.

        Raises NoSuchThread, ZipTooLarge.
        """
        with ExitStack() as unless_whole:
            out = unless_whole.enter_context(
                tempfile.TemporaryFile(dir=self.settings.data / "scratch")
            )
            with zipfile.ZipFile(out, "w") as packed:
                sink = self._within_bounds(public_site.into_zip(packed, f"{board.name}-{no}"))
                try:
                    public_site.write_thread(
                        self.settings.web_root, self.settings.site_url, board.name, no, sink
                    )
                except FileNotFoundError:
                    raise NoSuchThread(board=board.name, thread=no) from None
            unless_whole.pop_all()
            return out

    def _within_bounds(self, sink: public_site.Sink) -> public_site.Sink:
        taken = 0

        def put(name: str, content: BinaryIO) -> None:
            nonlocal taken
            taken += content.seek(0, 2)
            content.seek(0)
            if taken > self.bytes_max:
                raise ZipTooLarge(bytes_max_mb=self.bytes_max // MB)
            sink(name, content)

        return put

    @contextmanager
    def _turn(self) -> Iterator[None]:
        """Raises ZipsBusy: posting needs the processor too."""
        if not self._turns.acquire(timeout=_TURN_WAIT_S):
            raise ZipsBusy(retry_after_s=_RETRY_AFTER_S)
        try:
            yield
        finally:
            self._turns.release()


def _pieces(packed: IO[bytes]) -> Iterator[bytes]:
    """Not as a file: gunicorn would hand that to the socket past what puts an answer together."""
    with packed:
        packed.seek(0)
        while piece := packed.read(_PIECE_BYTES):
            yield piece
