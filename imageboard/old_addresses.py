"""Addresses that other engines had: whoever follows an old link comes to where it is now.

One table, from which nginx's configuration and the Worker at the CDN's edge are made. It is asked
only where nothing is: a board that is called `ukko` keeps its address. Each row is one 301, to an
address that is the last one.

A pattern describes the address as it was sent, its escapes with it, so that they reach the target
as they came. It is a regular expression that Python, JavaScript and nginx read alike but for the
names of its groups; each of them stands in the target in braces.

SECURITY: what a group takes goes into a Location. None takes a slash, a backslash or another host.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from imageboard import addresses
from imageboard.served_kinds import SHORT

#: A board of any engine, escaped.
BOARD = rf"(?<board>{SHORT}(?:[0-9A-Za-z$_-]|%[0-9A-Fa-f]{{2}})+)"
NO = r"(?<no>[0-9]{1,18})"
_TIM = r"(?<tim>[0-9]{10,20}(?:-[0-9]{1,3})?)"
_EXTENSION = r"(?<extension>\.[a-z0-9]{1,10})"
_TAIL = r"(?<tail>\+50|%2[Bb]50)?"
_SLASH = "(?:/|%2[Ff])"
#: Before a board, where none of them is one.
_FOLDERS = r"(?:[0-9A-Za-z_-]+/){1,3}"
#: Folders of a board of ours.
_NO_FOLDER_OF_OURS = "(?!(?:res|thread|src|thumb|archive|log|post|flags|sfw)/)"


@dataclass(frozen=True, slots=True)
class OldAddress:
    """One shape of an address."""

    engine: str
    pattern: str
    target: str
    #: Of a query, what the target takes from it; whatever else stands there is left.
    query: str = ""

    @property
    def whole(self) -> str:
        """Of the path and the query together, without the first slash."""
        if self.query:
            return rf"{self.pattern}\?(?:[^?]*&)?{self.query}"
        return rf"{self.pattern}(?:\?.*)?$"


_OVERBOARD = addresses.overboard_url()
_SEARCH = addresses.search_url()
_THREAD = "/{board}/res/{no}.html"

#: A file by its bytes, as LynxChan and jschan have it. Which one that is now only the database
#: knows: the writer answers. jschan keeps the ending as its poster's computer had it: '.JPG'.
OLD_FILE = (
    r"(?:\.media|file(?:/thumb)?)/(?:t_)?[0-9a-f]{32,64}(?:-[a-z0-9]{1,40})?"
    r"(?:\.[0-9A-Za-z]{1,10})?"
)

#: The first that describes an address counts.
OLD_ADDRESSES = (
    # Threads. Where a board of vichan's has another folder for them, it is mostly this one.
    OldAddress("vichan", rf"{BOARD}/res/{NO}-[^/?]*?{_TAIL}\.html", "/{board}/res/{no}{tail}.html"),
    OldAddress("vichan", rf"{BOARD}/archive/res/{NO}\.html", _THREAD),
    OldAddress(
        "vichan, jschan",
        rf"{BOARD}/thread/{NO}(?:-[^/?]*?)?{_TAIL}\.html",
        "/{board}/res/{no}{tail}.html",
    ),
    OldAddress("4chan, FoolFuuka", rf"{BOARD}/thread/{NO}(?:/[^?]*)?", _THREAD),
    OldAddress("LynxChan", rf"{BOARD}/last/{NO}\.html", _THREAD),
    # Lists.
    OldAddress("jschan, LynxChan", rf"{BOARD}/1\.html", "/{board}/"),
    OldAddress("4chan, FoolFuuka", rf"{BOARD}/(?:page/)?1/?", "/{board}/"),
    OldAddress(
        "4chan, FoolFuuka", rf"{BOARD}/(?:page/)?(?<page>[0-9]{{1,4}})/?", "/{board}/{page}.html"
    ),
    OldAddress("4chan", rf"{BOARD}/catalog/?", "/{board}/catalog.html"),
    OldAddress(
        "vichan", r"(?:\*|%2[Aa])/(?<page>[0-9a-z]+\.(?:html|json|rss))", "/overboard/{page}"
    ),
    OldAddress("vichan", r"(?:\*|%2[Aa])/?", _OVERBOARD),
    OldAddress("vichan", r"ukko(?:/|\.html)", _OVERBOARD),
    OldAddress("jschan", r"overboard\.html", _OVERBOARD),
    OldAddress("vichan, jschan", r"catalog\.html", addresses.catalog_url(addresses.OVERBOARD)),
    OldAddress(
        "vichan", r"(?:index|recent)\.(?:rss|xml)", addresses.board_rss_url(addresses.OVERBOARD)
    ),
    OldAddress("vichan", r"rss\.xml", addresses.board_rss_url(addresses.OVERBOARD)),
    OldAddress("vichan, jschan", r"(?:recent|boards|news|main|home)\.html", "/"),
    # Pages that staff wrote, and their log.
    OldAddress(
        "jschan",
        rf"{BOARD}/custompage/(?<page>[a-z][a-z0-9_-]{{0,31}})\.html",
        "/{board}/{page}.html",
    ),
    OldAddress("jschan", rf"{BOARD}/logs(?:/[0-9-]{{10}})?\.html", "/{board}/log/"),
    OldAddress("LynxChan", r"logs\.js", "/log/"),
    OldAddress("jschan", rf"{BOARD}/banners\.html", "/{board}/"),
    OldAddress("LynxChan", r"boards\.js", "/"),
    # Files.
    OldAddress("4chan", rf"{BOARD}/{_TIM}s(?<extension>\.jpg)", "/{board}/thumb/{tim}{extension}"),
    OldAddress("4chan", rf"{BOARD}/{_TIM}{_EXTENSION}", "/{board}/src/{tim}{extension}"),
    OldAddress(
        "FoolFuuka",
        rf"(?:data|foolfuuka/boards)/{BOARD}/thumb/[0-9]+/[0-9]+/{_TIM}s(?<extension>\.jpg)",
        "/{board}/thumb/{tim}{extension}",
    ),
    OldAddress(
        "FoolFuuka",
        rf"(?:data|foolfuuka/boards)/{BOARD}/image/[0-9]+/[0-9]+/{_TIM}{_EXTENSION}",
        "/{board}/src/{tim}{extension}",
    ),
    # A board below a folder of the site. The board itself only where such a folder mostly was: each
    # of two folders might be the board.
    OldAddress(
        "vichan",
        rf"{_FOLDERS}{BOARD}/(?:res|thread)/{NO}(?:-[^/?]*?)?{_TAIL}(?<extension>\.html|\.json)",
        "/{board}/res/{no}{tail}{extension}",
    ),
    OldAddress(
        "vichan",
        rf"{_FOLDERS}{BOARD}/(?<folder>src|thumb)/{_TIM}{_EXTENSION}",
        "/{board}/{folder}/{tim}{extension}",
    ),
    OldAddress(
        "vichan",
        rf"{_FOLDERS}{_NO_FOLDER_OF_OURS}{BOARD}"
        r"/(?<page>catalog\.html|[0-9a-z]+\.json|index\.rss|[2-9]\.html|[1-9][0-9]+\.html)",
        "/{board}/{page}",
    ),
    OldAddress("vichan", rf"(?:vichan|tinyboard|boards?|chan|imageboard|ib)/{BOARD}/", "/{board}/"),
    # Programs.
    OldAddress(
        "vichan",
        r"player\.php",
        "/{board}/src/{tim}{extension}",
        query=rf"v={_SLASH}{BOARD}{_SLASH}src{_SLASH}{_TIM}{_EXTENSION}(?:&|$)",
    ),
    OldAddress("vichan", r"player\.php", "/"),
    OldAddress(
        "vichan",
        r"search\.php",
        _SEARCH + "?q={words}&board={board}",
        query=rf"search=(?<words>[^&]+)&(?:[^?]*&)?board={BOARD}(?:&|$)",
    ),
    OldAddress("vichan", r"search\.php", _SEARCH + "?q={words}", query=r"search=(?<words>[^&]+)"),
    OldAddress("vichan", r"search\.php", _SEARCH),
    OldAddress("vichan", r"b\.php", "/{board}/banner", query=rf"board={BOARD}(?:&|$)"),
    OldAddress("vichan", r"log\.php", "/{board}/log/", query=rf"board={BOARD}(?:&|$)"),
    OldAddress("vichan", r"log\.php", "/log/"),
    OldAddress("vichan", r"(?:b|banned|report|inc|install)\.php", "/"),
    # What the pages of then were made up with. A picture is a picture; a reader who has such a page
    # open finds the way back.
    OldAddress("vichan", r"static/[^?]+\.(?:png|gif|jpg|svg|ico)", "/apple-touch-icon.png"),
    OldAddress("vichan", r"(?:static|stylesheets|js|templates)/[^?]*", "/"),
    OldAddress("vichan", r"main\.js", "/"),
)

#: Of a board that came here under another name, behind what stands above.
OF_A_RENAMED_BOARD = (
    OldAddress("any", rf"{BOARD}/?", "/{board}/"),
    # What a board here has at the same place. SECURITY: no step leads up, or to another host.
    OldAddress(
        "any",
        rf"{BOARD}/(?<rest>(?![^?]{{523}})[0-9A-Za-z_+%-](?:[0-9A-Za-z_+%-]|[./](?![./]))*)",
        "/{board}/{rest}",
    ),
)


def of_renamed(names: Sequence[tuple[str, str]]) -> tuple[OldAddress, ...]:
    """Addresses of boards by the names that they had: (('b', 'random'), …).

    They come first: each leads to where it is now by one step. The Worker makes the same rows of
    the same table (RENAMED in worker.mjs).
    """
    return tuple(
        _of(row, re.escape(_escaped(old)), _escaped(new))
        for old, new in names
        for row in (*OLD_ADDRESSES, *OF_A_RENAMED_BOARD)
        if BOARD in row.whole
    )


def _escaped(board: str) -> str:
    return addresses.url_of(board).removeprefix("/")


def _of(row: OldAddress, old: str, new: str) -> OldAddress:
    return replace(
        row,
        pattern=row.pattern.replace(BOARD, old),
        query=row.query.replace(BOARD, old),
        target=row.target.replace("{board}", new),
    )
