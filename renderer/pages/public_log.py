"""The public log: what staff did, day by day, of each board that wishes it and of the whole site.

The JSON of a day has all that is needed to prove its entries; the site's has every entry, those
that are not told by their hashes alone, so that the whole chain can be followed (docs/audit.md).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from imageboard import addresses
from imageboard.boards import Board
from imageboard.log_chain import ENTRIES_OF_PAGE_MAX, NAMES, ChainedEntry, page_of
from imageboard.store import log_chain
from imageboard.store.log_words import DETAILS, WITHHELD, WORDS
from imageboard.store.site_moment import SiteMoment
from imageboard.words import Message
from renderer.pages.kind import Drawn, SiteKind
from renderer.pages.view import SiteView
from templates import pages
from templates.pages import LogLine
from templates.post_json import dump

#: By which the desk undoes something: nothing to readers.
_OF_THE_DESK = "removal"
#: How what was done on no board, or on one that is gone, is told.
_OF_SITE = "without_names"
_PATH = re.compile(r"(?:[^/]+/)?log/(?:index|[0-9]{4}-[0-9-]+)\.(?:html|json)")


class PublicLog(SiteKind):
    """Of boards too: what is done on one is told on the site's pages as well, in the same step."""

    name = "public_log"
    order = 4
    shows_posts = False
    #: While somebody clears up a flood, a page is drawn for many deeds.
    pace_s = 2.0

    def is_stale(self, shown: SiteMoment, now: SiteMoment) -> bool:
        return shown.log_no != now.log_no or _shows_otherwise(shown, now)

    def draw(self, view: SiteView) -> Iterator[Drawn]:
        drawn = {file.path: file for file in self._draw_days(view, log_chain.days(view.db))}
        yield from drawn.values()
        yield _head(view)
        for path in view.published_paths() - drawn.keys():
            if _PATH.fullmatch(path):
                yield Drawn(path, None)

    def draw_since(self, view: SiteView, shown: SiteMoment) -> Iterator[Drawn]:
        """The days of entries that came since then."""
        if shown.log_no <= 0 or _shows_otherwise(shown, view.moment):
            yield from self.draw(view)
        else:
            yield from self._draw_days(view, log_chain.days(view.db, shown.log_no))
            yield _head(view)

    def _draw_days(self, view: SiteView, days: Sequence[log_chain.Day]) -> Iterator[Drawn]:
        """These days and what leads to them, of each log in which they stand."""
        boards = {board.name: board for board in view.site.boards}
        every = log_chain.days(view.db)
        if addresses.LOG not in boards:
            yield from _draw_log(view, None, {each.day for each in days}, every)
        for board in boards.values():
            if board.settings.public_log != "none":
                here = {each.day for each in days if each.board == board.name}
                of_board = [each for each in every if each.board == board.name]
                yield from _draw_log(view, board, here, of_board)


def _shows_otherwise(shown: SiteMoment, now: SiteMoment) -> bool:
    """Whether entries of before may look different: settings changed, or names were forgotten."""
    return (shown.settings_change_no, shown.written_no) != (now.settings_change_no, now.written_no)


def _draw_log(
    view: SiteView, board: Board | None, days: Iterable[str], every: Sequence[log_chain.Day]
) -> Iterator[Drawn]:
    """The log of a board, or (None) of all; `every`: its days, whether or not they are drawn."""
    name = board.name if board else None
    entries: dict[str, int] = {}
    for each in every:
        entries[each.day] = entries.get(each.day, 0) + each.entries
    names = [
        page_of(day, before)
        for day, count in entries.items()
        for before in reversed(range(0, count, ENTRIES_OF_PAGE_MAX))
    ]
    yield Drawn(addresses.log_path(name), pages.log(view.site, board, names))
    for day in sorted(days):
        of_day = log_chain.of_day(view.db, day, name)
        for before in range(0, len(of_day), ENTRIES_OF_PAGE_MAX):
            part = of_day[before : before + ENTRIES_OF_PAGE_MAX]
            yield from _draw_page(view, board, page_of(day, before), part)


def _draw_page(
    view: SiteView, board: Board | None, page: str, entries: Sequence[ChainedEntry]
) -> Iterator[Drawn]:
    name = board.name if board else None
    wishes = {each.name: each.settings.public_log for each in view.site.boards}
    told = [(entry, _wish(entry, wishes)) for entry in entries]
    lines = [_line(entry, wish) for entry, wish in told if wish != "none"]
    yield Drawn(addresses.log_path(name, page), pages.log_page(view.site, board, page, lines))
    shown = [as_told(entry, wish) for entry, wish in told if wish != "none" or board is None]
    data = {"board": name, "page": page, "entries": shown}
    yield Drawn(addresses.log_json_path(name, page), dump(data))


def _wish(entry: ChainedEntry, wishes: dict[str, str]) -> str:
    """How it is told: as its board wishes."""
    if entry.action in WITHHELD or entry.action not in WORDS:
        return "none"
    return _OF_SITE if entry.board is None else wishes.get(entry.board, "none")


def as_told(entry: ChainedEntry, wish: str) -> dict[str, Any]:
    """What is told of an entry in JSON: all that its hash is of, or its hash alone."""
    link = {"place": entry.place, "before": entry.before.hex(), "hash": entry.hash.hex()}
    if wish == "none":
        return link
    told = link | {
        "at": entry.at,
        "by": "poster" if entry.staff is None else "staff",
        "action": entry.action,
        "board": entry.board,
        "post": entry.post_no,
        "details": entry.told,
        "names": entry.names_hash.hex(),
    }
    if wish == "with_names" and entry.salt is not None:
        told |= {"salt": entry.salt.hex(), "staff": entry.staff}
        told |= {name: entry.detail[name] for name in NAMES if name in entry.detail}
    return told


def _line(entry: ChainedEntry, wish: str) -> LogLine:
    details = entry.detail if wish == "with_names" else entry.told
    return LogLine(
        place=entry.place,
        at=entry.at,
        staff=entry.staff if wish == "with_names" or entry.staff is None else "",
        words=WORDS[entry.action],
        board=entry.board,
        post_no=entry.post_no,
        details=[_detail(name, details[name]) for name in details if name != _OF_THE_DESK],
    )


def _detail(name: str, value: object) -> Message:
    words = DETAILS.get(name, Message("{name}: {value}"))
    return words.filled(name=name, value=value)


def _head(view: SiteView) -> Drawn:
    """The last place of the chain, signed if there is a key; nothing before the first entry."""
    head = log_chain.head(view.db)
    if head is None:
        return Drawn(addresses.LOG_HEAD_PATH, None)
    told: dict[str, Any] = {"place": head.place, "hash": head.hash.hex(), "at": head.at}
    if view.log_key:
        # Imported here: loading it takes 8 MB of each worker, and most never draw this.
        from imageboard.log_signing import LogSigner

        signer = LogSigner(view.log_key)
        told |= {
            "signature": signer.sign(head).hex(),
            "public_key": signer.public_key.hex(),
        }
    return Drawn(addresses.LOG_HEAD_PATH, dump(told))


KIND = PublicLog()
