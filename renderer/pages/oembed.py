"""What a thread says of itself to whoever shows a link to it: oEmbed, as https://oembed.com has it.

Read 2026-11-30. A thread's page names its file, so no program takes addresses. It is a `link`:
what the kind `rich` would put into others' pages, most of them refuse from strangers.

PERF: it tells of the OP alone, so a reply changes none of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from imageboard import addresses
from imageboard.facts import Fact
from imageboard.threads import Thread
from renderer.pages.kind import Drawn, Key, ThreadKind
from renderer.pages.threads import picture, picture_url, thread_title
from renderer.pages.view import BoardView
from templates.post_json import dump

#: How long others should keep it: what is removed here is gone there a day later.
_CACHE_AGE_S = 24 * 60 * 60


class OEmbed(ThreadKind):
    name = "oembed"
    order = 3

    def stale(self, fact: Fact) -> Iterable[Key]:
        return fact.touched_threads if fact.touches_openings else ()

    def paths(self, view: BoardView, key: Key) -> Sequence[str]:
        return (addresses.thread_oembed_path(view.board.name, int(key)),)

    def paths_there(self, view: BoardView) -> Iterator[str]:
        return super().paths_there(view) if view.site.url else iter(())

    def draw(self, view: BoardView, key: Key) -> Iterator[Drawn]:
        (path,) = self.paths(view, key)
        # Readers take whole addresses alone.
        thread = view.thread(int(key)) if view.site.url else None
        yield Drawn(path, None if thread is None else dump(_embed(view, thread)))


def _embed(view: BoardView, thread: Thread) -> dict[str, Any]:
    board, site, op = view.board, view.site, view.posts_of(thread).op.as_op
    embed: dict[str, Any] = {
        "version": "1.0",
        "type": "link",
        "title": thread_title(op),
        "author_name": f"/{board.name}/ - {board.settings.title}",
        "author_url": f"{site.url}{addresses.board_url(board.name)}",
        "provider_name": site.name,
        "provider_url": f"{site.url}/",
        "cache_age": _CACHE_AGE_S,
    }
    post: dict[str, Any] = {"board": board.name, "no": op.post.no}
    if (file := picture(op)) is not None:
        embed |= {
            "thumbnail_url": f"{site.url}{picture_url(board.name, file)}",
            "thumbnail_width": file.thumb_width,
            "thumbnail_height": file.thumb_height,
        }
        post["tim"] = file.tim
    return embed | {"_post": post}


KIND = OEmbed()
