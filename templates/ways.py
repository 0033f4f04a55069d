"""Where pages of a board lead: one list for all of them, and one for those of several boards."""

from __future__ import annotations

from typing import NamedTuple

from imageboard import addresses
from imageboard.boards import Board
from imageboard.words import N_, Message
from templates.engine import FRONT_PAGE_URL


class Way(NamedTuple):
    """A link; `page` is the name of the template that it leads to."""

    page: str
    label: Message
    url: str


_INDEX, _CATALOG, _ARCHIVE = N_("Index"), N_("Catalog"), N_("Archive")
_LOG = N_("Log")
_SEARCH, _FRONT_PAGE = N_("Search"), N_("Front page")


def of_board(board: Board) -> tuple[Way, ...]:
    name, settings = board.name, board.settings
    ways = [
        Way("board", _INDEX, addresses.board_url(name)),
        Way("catalog", _CATALOG, addresses.catalog_url(name)),
    ]
    if settings.archive_days:
        ways.append(Way("archive", _ARCHIVE, addresses.archive_url(name)))
    if settings.public_log != "none":
        ways.append(Way("log", _LOG, addresses.log_url(name)))
    if settings.search:
        ways.append(Way("search", _SEARCH, addresses.search_url(name)))
    return tuple(ways)


def of_overboard(url: str) -> tuple[Way, ...]:
    """`url` is that of its first page."""
    return (
        Way("front", _FRONT_PAGE, FRONT_PAGE_URL),
        Way("overboard", _INDEX, url),
        Way("overboard_catalog", _CATALOG, f"{url}catalog.html"),
    )
