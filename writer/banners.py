"""Banners: how a picture becomes one, and `/b/banner`, which leads to one of the board's.

Pages of the board's own name one themselves. The address is for pages and programs elsewhere.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import falcon

from imageboard.boards import Board, read_board_name
from imageboard.errors import BadBanner, NoSuchBanner, NoSuchBoard
from imageboard.store import banners
from imageboard.store.banners import NewBanner
from imageboard.store.database import Database
from imageboard.store.uploads import UploadStore
from imageboard.words import N_
from writer.board_list import BoardList
from writer.media.darkroom import Darkroom, DevelopedImage
from writer.uploading import parted

ADDRESS = "/{board}/banner"
BYTES_MAX = 1024 * 1024
#: As it stands on the page.
WIDTH_PX_MAX = 1000
HEIGHT_PX_MAX = 300
#: How the name of a picture for dense screens ends, as everywhere: it is shown at half its size.
DENSE = "@2x"


@dataclass(frozen=True, slots=True)
class Banners:
    """Leads to one of a board's banners, another one each second."""

    database: Database
    boards: BoardList
    clock: Callable[[], float] = time.time

    def on_get(self, _req: falcon.Request, resp: falcon.Response, board: str) -> None:
        found = self.boards.get(read_board_name(board))
        if found is None:
            raise NoSuchBoard(board=board)
        with self.database.connection() as db:
            hanging = banners.hanging(db, found.name)
        if not hanging:
            raise NoSuchBanner(board=found.name)
        resp.status = falcon.HTTP_302
        resp.location = hanging[int(self.clock()) % len(hanging)].url
        resp.cache_control = ["no-cache"]
        resp.set_header("CDN-Cache-Control", "no-store")


def take(
    darkroom: Darkroom, uploads: UploadStore, board: Board, picture: Path, *, name: str = ""
) -> NewBanner:
    """Look at a picture and put it into the upload store.

    `name` is what its owner calls it, where the path doesn't say.

    Raises BadBanner: it is too large for a banner; and what Darkroom.develop raises.
    """
    if picture.stat().st_size > BYTES_MAX:
        raise BadBanner(N_("A banner has {bytes_max} bytes at most."), bytes_max=BYTES_MAX)
    stem, extension = parted(name or picture.name)
    seen = darkroom.develop(picture, settings=board.settings)
    try:
        width, height = _size_on_page(seen, 2 if stem.endswith(DENSE) else 1)
        for thumbnail in filter(None, (seen.thumbnail, seen.dense)):
            thumbnail.unlink(missing_ok=True)
        return NewBanner(
            extension=seen.kind.extension(extension),
            stored_as=uploads.take(seen.original, None),
            bytes=seen.bytes,
            width=width,
            height=height,
            sha256=seen.sha256,
        )
    finally:
        seen.discard()


def _size_on_page(seen: DevelopedImage, density: int) -> tuple[int, int]:
    """Width and height in CSS pixels. Raises BadBanner."""
    if not seen.kind.is_picture:
        raise BadBanner(N_("A banner is a picture."))
    width, height = max(1, seen.width // density), max(1, seen.height // density)
    if width > WIDTH_PX_MAX or height > HEIGHT_PX_MAX:
        raise BadBanner(
            N_("A banner has {width} × {height} pixels at most; this one has {seen}."),
            width=WIDTH_PX_MAX * density,
            height=HEIGHT_PX_MAX * density,
            seen=f"{seen.width} × {seen.height}",
        )
    return width, height
