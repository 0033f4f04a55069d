"""A board's feeds, of its newest threads: Atom, RSS and JSON Feed.

PERF: they show how threads begin, so a reply changes none of them.
"""

from __future__ import annotations

import html
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from imageboard import addresses
from imageboard.facts import Fact
from renderer.fragments import Opening
from renderer.pages.kind import Drawn, Key, SoleKind
from renderer.pages.threads import thread_title
from renderer.pages.view import BoardView
from templates import Site, feeds
from templates.feeds import Enclosure, Entry, Feed
from templates.post_json import dump

#: More than come between two looks of a reader of feeds.
ENTRIES = 25


class Feeds(SoleKind):
    name = "feeds"
    order = 3

    def is_stale(self, fact: Fact) -> bool:
        return fact.touches_openings

    def paths(self, view: BoardView, key: Key) -> Sequence[str]:
        board = view.board.name
        return (
            addresses.board_atom_path(board),
            addresses.board_rss_path(board),
            addresses.board_json_feed_path(board),
        )

    def draw(self, view: BoardView, key: Key) -> Iterator[Drawn]:
        board = view.board
        newest = sorted(view.previews, key=lambda preview: preview.thread.no, reverse=True)
        openings = [thread.opening for thread in view.shown(newest[:ENTRIES])]
        entries = [thread_entry(board.name, opening) for opening in openings]
        title = f"/{board.name}/ - {board.settings.title}"
        atom, rss, data = (
            Feed(path, addresses.board_url(board.name), title, board.settings.subtitle, entries)
            for path in self.paths(view, key)
        )
        yield Drawn(atom.path, feeds.atom(view.site, atom))
        yield Drawn(rss.path, feeds.rss(view.site, rss))
        numbers = [entry_numbers(board.name, opening) for opening in openings]
        yield Drawn(data.path, json_feed(view.site, data, numbers))


def thread_entry(board: str, op: Opening) -> Entry:
    path = addresses.thread_path(board, op.post.no)
    return post_entry(board, op.fields, path)._replace(title=thread_title(op))


def post_entry(board: str, fields: Mapping[str, Any], path: str) -> Entry:
    """A post as its JSON has it; a reply is titled by its number."""
    file = None
    if "tim" in fields:
        url = addresses.media_url(board, addresses.media_name(fields["tim"], fields["ext"]))
        file = Enclosure(url, fields.get("mime", "application/octet-stream"), fields["fsize"])
    return Entry(
        path=path,
        title=html.unescape(fields.get("sub") or f"No. {fields['no']}"),
        author=html.unescape(fields["name"] + fields.get("trip", "")),
        created_s=fields["time"],
        html=fields["com"],
        file=file,
    )


def entry_numbers(board: str, op: Opening) -> dict[str, Any]:
    """Of the OP and its first file."""
    return {"board": board, "no": op.post.no} | _tim(op.fields)


def json_feed(site: Site, feed: Feed, posts: Sequence[Mapping[str, Any]]) -> bytes:
    """As https://www.jsonfeed.org/version/1.1/ has it (read 2026-11-29); `posts` in `_post`."""
    return dump(
        {
            "version": "https://jsonfeed.org/version/1.1",
            "title": feed.title,
            "description": feed.subtitle,
            "home_page_url": f"{site.url}{feed.url}",
            "feed_url": f"{site.url}{addresses.url_of(feed.path)}",
            "items": [
                _item(site, entry) | {"_post": post}
                for entry, post in zip(feed.entries, posts, strict=True)
            ],
        }
    )


def _item(site: Site, entry: Entry) -> dict[str, Any]:
    item: dict[str, Any] = {
        "id": feeds.entry_id(site, entry.path),
        "url": f"{site.url}{addresses.url_of(entry.path)}",
        "title": entry.title,
        "content_html": feeds.whole_html(site, entry),
        "date_published": feeds.iso(entry.created_s),
        "authors": [{"name": entry.author}],
    }
    if entry.file is not None:
        item["attachments"] = [
            {
                "url": f"{site.url}{entry.file.url}",
                "mime_type": entry.file.content_type,
                "size_in_bytes": entry.file.bytes,
            }
        ]
    return item


def _tim(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {"tim": fields["tim"]} if "tim" in fields else {}


KIND = Feeds()
