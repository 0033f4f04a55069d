"""Catalog page, catalog.json and threads.json: all threads of a board."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import orjson

from imageboard import addresses
from imageboard.facts import Fact
from renderer.pages.kind import Drawn, Key, SoleKind
from renderer.pages.view import BoardView
from templates import pages
from templates.post_json import dump

#: PERF: catalog.json is drawn for nearly every post; with all that board pages show it would be
#: five times as large.
LAST_REPLIES = 2


class Catalog(SoleKind):
    name = "catalog"
    order = 3

    def is_stale(self, fact: Fact) -> bool:
        return bool(fact.touched_pages)

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
        notices = view.notices_above(view.previews)
        yield Drawn(html_path, pages.catalog_page(view.site, view.board, tiles, notices))
        told = [preview.for_json(view.board) for preview in shown]
        fields = [op | last_replies(replies) for op, replies in told]
        per_page = view.board.settings.threads_per_page
        starts = range(0, max(1, len(fields)), per_page)
        by_page = [fields[first : first + per_page] for first in starts]
        yield Drawn(json_path, catalog_json(by_page))
        yield Drawn(threads_path, threads_json(by_page))


def last_replies(replies: Sequence[bytes]) -> dict[str, Any]:
    """4chan's `last_replies`, oldest first; absent without a reply."""
    last = [orjson.Fragment(reply) for reply in replies[-LAST_REPLIES:]]
    return {"last_replies": last} if last else {}


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
