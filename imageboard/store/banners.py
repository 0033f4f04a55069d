"""Banners: pictures above the lists of a board, one at a time."""

from __future__ import annotations

from typing import NamedTuple

from imageboard import addresses
from imageboard.errors import BadBanner
from imageboard.facts import BannersChanged
from imageboard.store import boards, queries, threads
from imageboard.store.database import Connection
from imageboard.words import N_

_SQL = queries.beside(__file__)

#: Of one board.
BANNERS_MAX = 100


class NewBanner(NamedTuple):
    """A picture that lies in the upload store."""

    extension: str
    stored_as: str
    sha256: bytes
    bytes: int
    width: int
    height: int


class Banner(NamedTuple):
    board: str
    tim: str
    extension: str
    bytes: int
    width: int
    height: int

    @property
    def name(self) -> str:
        """'1795500950388.png'"""
        return f"{self.tim}{self.extension}"

    @property
    def url(self) -> str:
        return addresses.media_url(self.board, addresses.media_name(self.tim, self.extension))


def hanging(db: Connection, board: str) -> list[Banner]:
    """The first that was hung first."""
    return list(queries.by_name(Banner, db.execute(_SQL.hanging, {"board": board})))


def add(db: Connection, board: str, new: NewBanner) -> Banner:
    """Raises NoSuchBoard, BadBanner: it hangs there already, or too many do."""
    boards.lock(db, board)
    if len(hanging(db, board)) >= BANNERS_MAX:
        raise BadBanner(N_("There are {count} banners already."), count=BANNERS_MAX)
    row = db.execute(_SQL.name, {"board": board}).fetchone()
    assert row is not None, "it is locked"
    added = db.execute(_SQL.add, {"board": board, "tim": row[0]} | new._asdict())
    if added.rowcount == 0:
        raise BadBanner(N_("The same picture hangs there already."))
    banner = Banner(board, row[0], new.extension, new.bytes, new.width, new.height)
    _tell(db, banner)
    return banner


def remove(db: Connection, board: str, name: str) -> None:
    """By its name, '1795500950388.png'. Raises NoSuchBoard, BadBanner: it does not hang there."""
    boards.lock(db, board)
    for banner in hanging(db, board):
        if banner.name == name:
            db.execute(_SQL.remove, {"board": board, "tim": banner.tim})
            _tell(db, banner)
            return
    raise BadBanner(N_("There is no banner {name} on /{board}/."), name=name, board=board)


def _tell(db: Connection, banner: Banner) -> None:
    pages = threads.board_pages(db, boards.get(db, banner.board))
    media = (addresses.media_name(banner.tim, banner.extension),)
    boards.ask_again(db, banner.board, BannersChanged(pages, media))
