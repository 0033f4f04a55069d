"""Stale file -> what stands at which path: the pages themselves.

Everything is read from one snapshot, so what is drawn shows one moment of the board.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property, singledispatchmethod
from html import escape
from typing import NamedTuple

from imageboard import addresses, markup, staleness
from imageboard.boards import Board
from imageboard.staleness import StaleFile
from imageboard.store import boards as stored_boards
from imageboard.store import threads as stored_threads
from imageboard.store.database import Connection
from imageboard.store.threads import ThreadPreview
from imageboard.threads import Thread
from renderer import json_pages
from renderer.bodies import Body, Piece, body_of
from renderer.fragments import Fragment, Opening
from renderer.kept_threads import KeptThread, KeptThreads
from templates import Site, assets, pages

#: Replies on the page of a long thread's last ones (vichan: noko50_count).
TAIL_REPLIES = 50

#: Threads whose posts are read at once: a whole board's would not be kept anyway.
READ_AHEAD_MAX = 40

_TITLE_CHARS_MAX = 60
_RECENT_POSTS = 20
_RECENT_CHARS_MAX = 120


class Drawn(NamedTuple):
    """What is to stand at a path; None: nothing."""

    path: str
    body: Body | None


class LinkedMedia(NamedTuple):
    """A file of the upload store that is to stand at a path."""

    path: str
    stored_as: str
    is_thumbnail: bool
    sha256: bytes


@dataclass
class BoardDrawing:
    """Draws the files of one board from the snapshot on `db`."""

    db: Connection
    site: Site
    board: Board
    kept: KeptThreads
    _threads: dict[int, Thread] = field(default_factory=dict)

    @cached_property
    def board_names(self) -> frozenset[str]:
        return frozenset(board.name for board in self.site.boards)

    @cached_property
    def previews(self) -> list[ThreadPreview]:
        return stored_threads.in_order(self.db, self.board.name, self.board.settings)

    @property
    def pages(self) -> int:
        """Board pages; an empty board has one."""
        per_page = self.board.settings.threads_per_page
        return max(1, -(-len(self.previews) // per_page))

    def read_ahead(self, threads: list[int]) -> None:
        """Read what drawing these threads needs, with two queries for all of them.

        PERF: at a burst a step draws dozens; one by one their queries take half of its time.
        """
        found = stored_threads.get_some(self.db, self.board.name, threads)
        self._threads.update(found)
        few = list(found.values())[:READ_AHEAD_MAX]
        self.kept.read_ahead(self.db, self.board, self.board_names, few)

    def _thread(self, no: int) -> Thread | None:
        if no not in self._threads:
            self._threads.update(stored_threads.get_some(self.db, self.board.name, [no]))
        return self._threads.get(no)

    @singledispatchmethod
    def draw(self, file: StaleFile) -> Iterator[Drawn]:
        """Every path that `file` stands for."""
        raise NotImplementedError(type(file).__name__)

    @draw.register
    def _(self, file: staleness.ThreadFiles) -> Iterator[Drawn]:
        name = self.board.name
        thread = self._thread(file.thread)
        if thread is None:
            yield Drawn(addresses.thread_path(name, file.thread), None)
            yield Drawn(addresses.thread_tail_path(name, file.thread), None)
            yield Drawn(addresses.thread_json_path(name, file.thread), None)
            return
        kept = self.kept.of_thread(self.db, self.board, self.board_names, thread)
        thread = thread._replace(posters=kept.posters)
        title = thread_title(kept.op.as_op)
        frame = pages.thread_frame(self.site, self.board, thread, title)
        yield Drawn(
            addresses.thread_path(name, thread.no), _framed(frame, kept.op.html, kept.html())
        )
        op_fields = json_pages.op_fields(self.board, thread, kept.op.as_op.fields)
        yield Drawn(
            addresses.thread_json_path(name, thread.no),
            json_pages.thread_json(op_fields, kept.json()),
        )
        yield Drawn(addresses.thread_tail_path(name, thread.no), self._tail(thread, title, kept))

    def _tail(self, thread: Thread, title: str, kept: KeptThread) -> Body | None:
        if kept.replies < pages.TAIL_MIN_REPLIES:
            return None
        omitted = kept.replies - TAIL_REPLIES
        frame = pages.thread_tail_frame(self.site, self.board, thread, title, omitted)
        return _framed(frame, kept.op.html, kept.last_html(TAIL_REPLIES))

    @draw.register
    def _(self, file: staleness.BoardPage) -> Iterator[Drawn]:
        name, page = self.board.name, file.page
        html_path = addresses.board_page_path(name, page)
        json_path = addresses.board_page_json_path(name, page)
        if page > self.pages:
            yield Drawn(html_path, None)
            yield Drawn(json_path, None)
            return
        per_page = self.board.settings.threads_per_page
        previews = self.previews[(page - 1) * per_page : page * per_page]
        shown = [
            _Preview(preview.thread, *fragments)
            for preview, fragments in zip(previews, self._previewed(previews), strict=True)
        ]
        threads = [preview.for_page() for preview in shown]
        html = pages.board_page(self.site, self.board, threads, page, self.pages)
        yield Drawn(html_path, html)
        yield Drawn(
            json_path, json_pages.page_json([preview.for_json(self.board) for preview in shown])
        )

    def _previewed(self, previews: list[ThreadPreview]) -> list[list[Fragment]]:
        return self.kept.of_previews(self.db, self.board, self.board_names, previews)

    @draw.register
    def _(self, _file: staleness.Catalog) -> Iterator[Drawn]:
        name = self.board.name
        shown = [
            _Preview(preview.thread, *fragments)
            for preview, fragments in zip(
                self.previews, self._previewed(self.previews), strict=True
            )
        ]
        tiles = [preview.for_catalog() for preview in shown]
        html = pages.catalog_page(self.site, self.board, tiles)
        yield Drawn(addresses.catalog_path(name), html)

        fields = [preview.for_json(self.board)[0] for preview in shown]
        per_page = self.board.settings.threads_per_page
        by_page = [fields[first : first + per_page] for first in range(0, len(fields), per_page)]
        yield Drawn(addresses.catalog_json_path(name), json_pages.catalog_json(by_page))
        yield Drawn(addresses.threads_json_path(name), json_pages.threads_json(by_page))

    def there(self) -> Iterator[StaleFile]:
        """Every page that the board has."""
        for preview in self.previews:
            yield staleness.ThreadFiles(preview.thread.no)
        for page in range(1, self.pages + 1):
            yield staleness.BoardPage(page)
        yield staleness.Catalog()

    def everything(self) -> Iterator[StaleFile]:
        """Every page that the board has, and those that it would have if it were full."""
        yield from self.there()
        for page in range(self.pages + 1, self.board.settings.pages_max + 1):
            yield staleness.BoardPage(page)

    def paths_of(self, file: StaleFile) -> tuple[str, ...]:
        """Every path that `draw` gives for `file`, whether or not something stands there."""
        name = self.board.name
        if isinstance(file, staleness.ThreadFiles):
            of_thread = (
                addresses.thread_path,
                addresses.thread_json_path,
                addresses.thread_tail_path,
            )
            return tuple(path(name, file.thread) for path in of_thread)
        if isinstance(file, staleness.BoardPage):
            of_page = (addresses.board_page_path, addresses.board_page_json_path)
            return tuple(path(name, file.page) for path in of_page)
        assert isinstance(file, staleness.Catalog), "what `draw` draws"
        of_board = (
            addresses.catalog_path,
            addresses.catalog_json_path,
            addresses.threads_json_path,
        )
        return tuple(path(name) for path in of_board)

    def paths(self) -> set[str]:
        """Where something stands, without drawing it."""
        paths = {path for file in self.there() for path in self.paths_of(file)}
        for thread, _ in self.previews:
            if thread.replies < pages.TAIL_MIN_REPLIES:
                paths.remove(addresses.thread_tail_path(self.board.name, thread.no))
        return paths | {link.path for link in self.media(None)}

    def media(self, names: Sequence[str] | None) -> Iterator[Drawn | LinkedMedia]:
        """What stands at these names below /<board>/; None: at all that there are."""
        tims = (
            None
            if names is None
            else sorted({addresses.tim_and_extension(name)[0] for name in names})
        )
        stored = stored_threads.media(self.db, self.board.name, tims)
        wanted = set(names or ())
        for file in stored.values():
            for name in addresses.media_names(file.tim, file.extension, file.thumb_extension):
                wanted.discard(name)
                path = addresses.media_path(self.board.name, name)
                is_thumbnail = addresses.is_thumb_name(name)
                yield LinkedMedia(path, file.stored_as, is_thumbnail, file.sha256)
        for name in sorted(wanted):
            yield Drawn(addresses.media_path(self.board.name, name), None)


class _Preview:
    """A thread on a board page: OP, last replies and what lies between."""

    def __init__(self, thread: Thread, op: Fragment, *replies: Fragment) -> None:
        self._thread, self._op, self._replies = thread, op, replies
        self._omitted_posts = thread.replies - len(replies)
        self._omitted_images = thread.images - sum(reply.images for reply in replies)

    def for_page(self) -> pages.PreviewedThread:
        return pages.PreviewedThread(
            thread=self._thread,
            op_html=self._op.html,
            replies_html=tuple(reply.html for reply in self._replies),
            omitted_posts=self._omitted_posts,
            omitted_images=self._omitted_images,
        )

    def for_catalog(self) -> pages.Tile:
        return pages.Tile(self._thread, self._op.as_op.post, escape(self._op.as_op.excerpt))

    def for_json(self, board: Board) -> tuple[dict[str, object], list[bytes]]:
        fields = json_pages.op_fields(
            board,
            self._thread,
            self._op.as_op.fields,
            omitted_posts=self._omitted_posts,
            omitted_images=self._omitted_images,
        )
        return fields, [reply.json for reply in self._replies]


def site_files(db: Connection, site: Site) -> Iterator[Drawn]:
    """Front page and boards.json."""
    counts = stored_boards.counts(db)
    boards = [pages.BoardCount(board, *counts.get(board.name, (0, 0))) for board in site.boards]
    recent = [
        pages.RecentLine(
            board=post.board,
            no=post.no,
            thread=post.thread,
            created_s=post.created_s,
            subject=post.subject,
            excerpt=markup.excerpt(markup.parse(post.body), _RECENT_CHARS_MAX),
        )
        for post in stored_threads.recent(db, _RECENT_POSTS)
    ]
    yield Drawn(addresses.FRONT_PAGE_PATH, pages.front_page(site, boards, recent))
    yield Drawn(addresses.BOARDS_JSON_PATH, json_pages.boards_json(site.boards))


def site_frame(site: Site) -> Iterator[Drawn]:
    """What changes with the templates and the list of boards alone."""
    for asset in assets.assets().values():
        yield Drawn(asset.path, asset.body)
    yield Drawn(addresses.NOT_FOUND_PATH, pages.not_found_page(site))
    yield Drawn(addresses.ROBOTS_PATH, b"User-agent: *\nDisallow: /mod/\nDisallow: /post\n")


def thread_title(op: Opening) -> str:
    """Subject, or how the text begins, or the number."""
    if op.post.subject:
        return op.post.subject
    return markup.cut(op.excerpt, _TITLE_CHARS_MAX) or f"No. {op.post.no}"


def _framed(frame: tuple[bytes, bytes], op_html: bytes, replies: Iterable[Piece]) -> Body:
    before, after = frame
    return body_of((before, op_html, *replies, after))
