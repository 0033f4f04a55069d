"""What the pages of the desk work with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

import falcon

from imageboard.boards import Board
from imageboard.cloaks import Address, Cloak
from imageboard.errors import ImageboardError
from imageboard.queue.wake_up import WakeUp
from imageboard.settings import Settings
from imageboard.staff_roles import Power, Visitor
from imageboard.store import boards, deeds, second_acts
from imageboard.store.database import Connection, Database
from imageboard.store.deeds import Order
from imageboard.store.uploads import UploadStore
from templates.desk import urls
from templates.desk.forms import Refusal
from writer.desk.gate import deed_of, form_of, visitor_of
from writer.desk.sessions import Sessions
from writer.media.darkroom import Darkroom
from writer.statuses import status_of

#: More pages of a list nobody turns.
PAGES_MAX = 1_000
#: A form has at most 64 fields, and a box to tick beside each row is one.
ROWS_MAX = 50

Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class Desk:
    """The parts that the pages share."""

    settings: Settings
    database: Database
    cloak: Cloak
    wake_up: WakeUp
    sessions: Sessions
    darkroom: Darkroom
    uploads: UploadStore

    def carry_out(
        self,
        req: falcon.Request,
        *,
        board: str | None = None,
        no: int | None = None,
        asked: object = None,
    ) -> object:
        """The deed that the form asks for, to a post or to what the form names: what was asked.

        `asked`: what was read from the form already, where more had to be made of it.

        Raises BadField and NoSuchBoard, which the form can mend, DoneMeanwhile, and what the deed's
        work raises.
        """
        deed = deed_of(req)
        if asked is None:
            asked = deed.read(form_of(req).fields, self.cloak, board)
        order = Order(visitor_of(req), board, no, asked)
        seen = number(form_of(req).get("seen"))

        def carry_out(db: Connection) -> tuple[str, ...]:
            if board is not None and no is not None:
                second_acts.refuse(db, order.visitor.name, board, no, seen=seen)
            return deeds.carry_out(db, deed, order)

        stale = self.database.again_on_deadlock(carry_out)
        for name in stale:
            self.wake_up.ask_for_render(name)
        return asked

    def opened(self, sealed: bytes | None) -> Address | None:
        """A poster's address, while it is kept."""
        return None if sealed is None else self.cloak.open_address(sealed)


def boards_with(db: Connection, visitor: Visitor, power: Power) -> list[Board]:
    """Those on which the visitor may do it."""
    return [board for board in boards.list_all(db) if visitor.may(power, board.name)]


def places_with(db: Connection, visitor: Visitor, power: Power) -> list[str | None]:
    """The same by their names; None first, if the visitor may on all boards."""
    names = [None, *(board.name for board in boards.list_all(db))]
    return [name for name in names if visitor.may(power, name)]


def refused(req: falcon.Request, resp: falcon.Response, ex: ImageboardError) -> Refusal:
    """The form as it was sent, to be shown again with why it was refused; `resp` has the status."""
    resp.status = status_of(ex)
    return Refusal(deed_of(req), form_of(req).fields, ex.message)


def see(resp: falcon.Response, url: str) -> None:
    """Lead the browser on: reloading the page that it then shows does nothing a second time."""
    resp.status = falcon.HTTP_303
    resp.location = url


@dataclass(frozen=True, slots=True)
class ListPage:
    """One page of a list. It asks the store for a row more than it shows: is there another page?"""

    number: int = 1

    @property
    def limit(self) -> int:
        return ROWS_MAX + 1

    @property
    def after(self) -> int:
        return (self.number - 1) * ROWS_MAX

    def cut(self, found: Sequence[Row]) -> tuple[Sequence[Row], int | None]:
        """The rows that it shows, and the number of the next page."""
        rows, has_more = cut(found)
        return rows, self.number + 1 if has_more else None


def cut(found: Sequence[Row], rows_max: int = ROWS_MAX) -> tuple[Sequence[Row], bool]:
    """The rows that are shown of those found, and whether there are more."""
    return found[:rows_max], len(found) > rows_max


def list_page(req: falcon.Request) -> ListPage:
    return ListPage(page_number(req))


def is_whole(req: falcon.Request) -> bool:
    """Of ?ticked=all: every box of the page is ticked, for whoever runs no script."""
    return req.get_param("ticked") == urls.ALL


def page_number(req: falcon.Request) -> int:
    """Of ?page=2; what is no number is the first."""
    return max(1, min(number(req.get_param("page")) or 1, PAGES_MAX))


def number(text: str | None) -> int | None:
    """'17' -> 17; None for anything that can't be a number of ours."""
    is_number = text is not None and text.isascii() and text.isdigit() and len(text) <= 15
    return int(text) if text is not None and is_number else None
