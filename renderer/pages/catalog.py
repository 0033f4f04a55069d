"""Catalog page, catalog.json and threads.json: all threads of a board."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from imageboard import addresses
from imageboard.facts import Fact
from renderer.pages.kind import BoardKind, Drawn, Key
from renderer.pages.post_json import dump
from renderer.pages.view import BoardView
from templates import pages

#: A board has one.
ONLY = 0


class Catalog(BoardKind):
    name = "catalog"
    order = 3

    def stale(self, fact: Fact) -> Iterable[Key]:
        return (ONLY,) if fact.touched_pages else ()

    def there(self, view: BoardView) -> Iterable[Key]:
        return (ONLY,)

    def paths(self, view: BoardView, key: Key) -> Sequence[str]:
        board = view.board.name
        return (
            addresses.catalog_path(board),
            addresses.catalog_json_path(board),
            addresses.threads_json_path(board),
        )

    def draw(self, view: BoardView, key: Key) -> Iterator[Drawn]:
        html_path, json_path, threads_path = self.paths(view, key)
        shown = view.shown(view.previews)
        tiles = [preview.for_catalog() for preview in shown]
        yield Drawn(html_path, pages.catalog_page(view.site, view.board, tiles))
        fields = [preview.for_json(view.board)[0] for preview in shown]
        per_page = view.board.settings.threads_per_page
        by_page = [fields[first : first + per_page] for first in range(0, len(fields), per_page)]
        yield Drawn(json_path, catalog_json(by_page))
        yield Drawn(threads_path, threads_json(by_page))


def catalog_json(by_page: Sequence[Sequence[Mapping[str, Any]]]) -> bytes:
    """[{"page": 0, "threads": [OP, …]}, …]"""
    return dump([{"page": page, "threads": list(ops)} for page, ops in enumerate(by_page)])


def threads_json(by_page: Sequence[Sequence[Mapping[str, Any]]]) -> bytes:
    """[{"page": 0, "threads": [{"no", "last_modified", "replies", "change", "id"}, …]}, …]"""
    kept = ("no", "last_modified", "replies", "change", "id")
    return dump(
        [
            {"page": page, "threads": [{k: op[k] for k in kept if k in op} for op in ops]}
            for page, ops in enumerate(by_page)
        ]
    )


KIND = Catalog()
