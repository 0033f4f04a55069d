"""The overboard: the threads of all boards that were bumped last, and of those safe for work.

PERF: a post to any board makes all of it stale. So it has a pace: one drawing shows all that
happened meanwhile, and the posts are those that the worker keeps drawn for their boards.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

import orjson

from imageboard import addresses
from imageboard.boards import Board
from renderer.pages import feeds as board_feeds
from renderer.pages.board_pages import page_json
from renderer.pages.catalog import catalog_json, last_replies
from renderer.pages.kind import Drawn, SiteKind
from renderer.pages.threads import thread_title
from renderer.pages.view import ShownThread, SiteView
from renderer.web_root import WebRoot
from templates import feeds, pages
from templates.feeds import Feed
from templates.pages import Overboard
from templates.post_json import dump

#: Fewer than a full board has, so that what falls off one is seldom among them.
THREADS = 50
PER_PAGE = 10
PAGES = THREADS // PER_PAGE

_ALL = Overboard(addresses.OVERBOARD, is_safe=False)
_SAFE = Overboard(addresses.OVERBOARD_SAFE, is_safe=True)

Shown = Sequence[tuple[Board, ShownThread]]


class Overboards(SiteKind):
    name = "overboard"
    order = 4
    #: With a second of catch-up's and one of the call's pace a post is seen after four at most.
    pace_s = 2.0

    def may_show(self, web_root: WebRoot, board: str, threads: Collection[int]) -> bool:
        """By its own list: a post is removed from most threads long after they left it."""
        listed = web_root.read(addresses.threads_json_path(_ALL.folder))
        if listed is None:
            return True
        return any(
            op["board"] == board and op["no"] in threads
            for page in orjson.loads(listed)
            for op in page["threads"]
        )

    def draw(self, view: SiteView) -> Iterator[Drawn]:
        boards = [board for board in view.site.boards if board.settings.in_overboard]
        yield from _drawn(view, _ALL, view.bumped_last(boards, THREADS))
        safe = [board for board in boards if board.settings.worksafe]
        yield from _drawn(view, _SAFE, view.bumped_last(safe, THREADS))


def _drawn(view: SiteView, which: Overboard, shown: Shown) -> Iterator[Drawn]:
    by_page = [shown[first : first + PER_PAGE] for first in range(0, len(shown), PER_PAGE)] or [()]
    for number in range(1, PAGES + 1):
        html_path = addresses.board_page_path(which.folder, number)
        json_path = addresses.board_page_json_path(which.folder, number)
        if number > len(by_page):
            yield Drawn(html_path, None)
            yield Drawn(json_path, None)
            continue
        threads = [(board, thread.for_page()) for board, thread in by_page[number - 1]]
        html = pages.overboard_page(view.site, which, threads, number, len(by_page))
        yield Drawn(html_path, html)
        yield Drawn(json_path, page_json([_told(*each) for each in by_page[number - 1]]))
    tiles = [(board, thread.for_catalog()) for board, thread in shown]
    yield Drawn(
        addresses.catalog_path(which.folder), pages.overboard_catalog(view.site, which, tiles)
    )
    told = [[_told(*each) for each in of_page] for of_page in by_page]
    ops = [[op | last_replies(replies) for op, replies in of_page] for of_page in told]
    yield Drawn(addresses.catalog_json_path(which.folder), catalog_json(ops))
    kept = ("board", "no", "last_modified", "replies", "change")
    listed = [[{name: op[name] for name in kept} for op, _ in of_page] for of_page in told]
    yield Drawn(addresses.threads_json_path(which.folder), catalog_json(listed))
    yield from _feeds(view, which, shown)


def _told(board: Board, thread: ShownThread) -> tuple[dict[str, object], list[bytes]]:
    """As the board's own JSON has it, each post with its board in front of its number."""
    op, replies = thread.for_json(board)
    of_board = b'{"board":%s,' % dump(board.name)
    return {"board": board.name} | op, [of_board + reply[1:] for reply in replies]


def _feeds(view: SiteView, which: Overboard, shown: Shown) -> Iterator[Drawn]:
    """Of the newest threads among them."""
    newest = sorted(
        ((board, thread.opening) for board, thread in shown),
        key=lambda each: (-each[1].post.created_s, each[0].name, -each[1].post.no),
    )[: board_feeds.ENTRIES]
    entries = [
        board_feeds.thread_entry(board.name, opening)._replace(
            title=f"/{board.name}/ - {thread_title(opening)}"
        )
        for board, opening in newest
    ]
    atom, rss, data = (
        Feed(path(which.folder), which.url(1), view.site.name, "", entries)
        for path in (
            addresses.board_atom_path,
            addresses.board_rss_path,
            addresses.board_json_feed_path,
        )
    )
    yield Drawn(atom.path, feeds.atom(view.site, atom))
    yield Drawn(rss.path, feeds.rss(view.site, rss))
    posts = [board_feeds.entry_numbers(board.name, opening) for board, opening in newest]
    yield Drawn(data.path, board_feeds.json_feed(view.site, data, posts))


KIND = Overboards()
