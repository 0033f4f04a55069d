"""Board pages and their JSON: ten threads each, with their last replies."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from imageboard import addresses
from imageboard.facts import Fact
from renderer.pages.kind import BoardKind, Drawn, Key
from renderer.pages.threads import thread_json, with_commas
from renderer.pages.view import BoardView
from templates import pages


class BoardPages(BoardKind):
    """Its keys count from 1, as HTML pages do; JSON pages count from 0."""

    name = "board_page"
    order = 2

    def stale(self, fact: Fact) -> Iterable[Key]:
        touched = fact.touched_pages
        return range(touched.first, touched.last + 1) if touched else ()

    def there(self, view: BoardView) -> Iterable[Key]:
        return range(1, view.pages + 1)

    def there_despite_damage(self, view: BoardView) -> Iterable[Key]:
        per_page = view.board.settings.threads_per_page
        return range(1, max(1, -(-len(view.numbers) // per_page)) + 1)

    def might_be_there(self, view: BoardView) -> Iterable[Key]:
        """Those that the board would have if it were full."""
        return range(view.pages + 1, view.board.settings.pages_max + 1)

    def paths(self, view: BoardView, key: Key) -> Sequence[str]:
        board, page = view.board.name, int(key)
        return addresses.board_page_path(board, page), addresses.board_page_json_path(board, page)

    def draw(self, view: BoardView, key: Key) -> Iterator[Drawn]:
        page = int(key)
        html_path, json_path = self.paths(view, key)
        if page > view.pages:
            yield Drawn(html_path, None)
            yield Drawn(json_path, None)
            return
        per_page = view.board.settings.threads_per_page
        previews = view.previews[(page - 1) * per_page : page * per_page]
        shown = view.shown(previews)
        threads = [preview.for_page() for preview in shown]
        board_page = pages.board_page(
            view.site, view.board, threads, page, view.pages, view.notices_above(previews)
        )
        yield Drawn(html_path, board_page)
        yield Drawn(json_path, page_json([preview.for_json(view.board) for preview in shown]))


def page_json(threads: Sequence[tuple[Mapping[str, Any], Sequence[bytes]]]) -> bytes:
    """{"threads": [{"posts": [OP, last replies …]}, …]}"""
    bodies = (thread_json(op, with_commas(replies)) for op, replies in threads)
    return b'{"threads":[' + b",".join(map(bytes, bodies)) + b"]}"


KIND = BoardPages()
