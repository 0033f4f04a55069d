"""The public log: what staff did, day by day, of each board that wishes it and of the whole site.

The JSON of a day has all that is needed to prove its entries; the site's has every entry, those
that are not told by their hashes alone, so that the whole chain can be followed (docs/audit.md).

What was done on a board before it came here stands on the same days, by itself: no chain proves it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from imageboard import addresses
from imageboard.boards import Board
from imageboard.log_chain import ENTRIES_OF_PAGE_MAX, NAMES, ChainedEntry, page_of
from imageboard.store import log_chain, old_log
from imageboard.store.log_chain import Day
from imageboard.store.log_words import DETAILS, WITHHELD, WORDS
from imageboard.store.old_log import TOLD_TO, OldEntry
from imageboard.store.site_moment import SiteMoment
from imageboard.words import Message
from renderer.pages.kind import Drawn, SiteKind
from renderer.pages.view import SiteView
from templates import pages
from templates.pages import LogLine
from templates.post_json import dump

#: By which the desk undoes something: nothing to readers.
_OF_THE_DESK = "removal"
#: How what was done on no board is told. Of one that is gone nothing is: its name is a board's no
#: more, and who may read of it no setting says. Its removal too stands there by its hash alone.
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
        drawn = {file.path: file for file in self._draw_days(view, _days(view))}
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
        every = _days(view)
        if addresses.LOG not in boards:
            yield from _draw_log(view, None, {each.day for each in days}, every)
        for board in boards.values():
            if board.settings.public_log != "none":
                here = {each.day for each in days if each.board == board.name}
                of_board = [each for each in every if each.board == board.name]
                yield from _draw_log(view, board, here, of_board)


def _days(view: SiteView) -> list[Day]:
    """With as many entries each as its pages need room for, the last day first."""
    entries: dict[tuple[str, str | None], int] = {}
    for each in (*log_chain.days(view.db), *old_log.days(view.db)):
        place = (each.day, each.board)
        entries[place] = max(entries.get(place, 0), each.entries)
    days = [Day(board, day, count) for (day, board), count in entries.items()]
    return sorted(days, key=lambda each: each.day, reverse=True)


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
        from_elsewhere = old_log.of_day(view.db, day, name)
        for before in range(0, max(len(of_day), len(from_elsewhere)), ENTRIES_OF_PAGE_MAX):
            part = slice(before, before + ENTRIES_OF_PAGE_MAX)
            page = page_of(day, before)
            yield from _draw_page(view, board, page, of_day[part], from_elsewhere[part])


def _draw_page(
    view: SiteView,
    board: Board | None,
    page: str,
    entries: Sequence[ChainedEntry],
    from_elsewhere: Sequence[OldEntry],
) -> Iterator[Drawn]:
    name = board.name if board else None
    wishes = {each.name: each.settings.public_log for each in view.site.boards}
    told = [(entry, _wish(entry, wishes)) for entry in entries]
    lines = [_line(entry, wish) for entry, wish in told if wish != "none"]
    old = [_as_told_there(entry, wishes) for entry in from_elsewhere]
    yield Drawn(addresses.log_path(name, page), pages.log_page(view.site, board, page, lines, old))
    shown = [as_told(entry, wish) for entry, wish in told if wish != "none" or board is None]
    data = {"board": name, "page": page, "entries": shown}
    if old:
        data["from_elsewhere"] = [_as_json(entry) for entry in old]
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


def _as_told_there(entry: OldEntry, wishes: dict[str, str]) -> OldEntry:
    """Without its name where the board, or its old engine, told none."""
    wish = _OF_SITE if entry.board is None else wishes.get(entry.board, "none")
    if min(wish, entry.was_told, key=TOLD_TO.index) != "with_names" and entry.staff is not None:
        return entry._replace(staff="")
    return entry


def _as_json(entry: OldEntry) -> dict[str, Any]:
    told = {
        "at": entry.at,
        "by": "staff" if entry.staff is not None else "poster",
        "board": entry.board,
        "told": entry.told,
    }
    return told | {"staff": entry.staff} if entry.staff else told


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
