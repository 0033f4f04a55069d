"""A board's map for search engines: its pages and threads."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from imageboard import addresses
from imageboard.facts import Fact
from renderer.pages.kind import Drawn, Key, SoleKind
from renderer.pages.view import BoardView
from templates import feeds

#: As many as a map may hold (https://www.sitemaps.org/protocol.html, read 2026-11-29).
URLS_MAX = 50_000


class Sitemap(SoleKind):
    """PERF: it does not tell when a thread last changed, or each post would change it."""

    name = "sitemap"
    order = 3

    def is_stale(self, fact: Fact) -> bool:
        return fact.touches_openings

    def paths(self, view: BoardView, key: Key) -> Sequence[str]:
        return (addresses.board_sitemap_path(view.board.name),)

    def draw(self, view: BoardView, key: Key) -> Iterator[Drawn]:
        board = view.board.name
        threads = sorted(view.numbers, reverse=True)
        urls = [addresses.board_url(board), addresses.catalog_url(board)]
        urls += [addresses.thread_url(board, no) for no in threads]
        (path,) = self.paths(view, key)
        yield Drawn(path, feeds.board_sitemap(view.site, urls[:URLS_MAX]))


KIND = Sitemap()
