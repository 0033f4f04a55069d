"""What pages are drawn from: one board, or the site, at one moment.

Everything is read from one snapshot, so what is drawn shows that moment.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import islice
from random import Random

from imageboard import addresses
from imageboard.boards import Board
from imageboard.store import archive, banners, moves, publications, site_moment, written
from imageboard.store import threads as stored_threads
from imageboard.store.archive import ArchivedThread, ArchivePage
from imageboard.store.banners import Banner
from imageboard.store.database import Connection
from imageboard.store.moves import MovedThread
from imageboard.store.site_moment import SiteMoment
from imageboard.store.threads import Removal, StoredMedia, ThreadPreview
from imageboard.threads import Thread
from renderer.fragments import Fragment, Opening
from renderer.kept_threads import KeptThread, KeptThreads
from renderer.pages import board_kinds, notices
from renderer.pages.kind import BoardKind, LinkedMedia, Page, ThreadKind
from templates import Site, pages
from templates.post_json import op_fields

#: Threads whose posts are read at once: a whole board's would not be kept anyway.
READ_AHEAD_MAX = 40
#: Threads of which it is read at once what was removed from them, a few numbers of each.
REMOVALS_AHEAD_MAX = 200
#: Archived threads whose media are looked up at once.
_THREADS_OF_MEDIA = 1_000


@dataclass
class BoardView:
    """One board in the snapshot on `db`."""

    db: Connection
    site: Site
    board: Board
    kept: KeptThreads
    kinds: Mapping[str, BoardKind] = field(default_factory=board_kinds)
    #: {number: thread} of those that were looked up; None: it is not there.
    _threads: dict[int, Thread | None] = field(default_factory=dict)
    #: {thread: what was removed from it last} of those that were read.
    _removals: dict[int, list[Removal]] = field(default_factory=dict)
    #: {tim: file} of those that were looked up; None: no post shows it.
    _media: dict[str, StoredMedia | None] = field(default_factory=dict)

    @cached_property
    def board_names(self) -> frozenset[str]:
        return frozenset(board.name for board in self.site.boards)

    @cached_property
    def previews(self) -> list[ThreadPreview]:
        """All threads on the board, in order."""
        return stored_threads.in_order(self.db, self.board.name, self.board.settings)

    def notices_above(self, previews: list[ThreadPreview]) -> pages.Notices:
        """What staff have to say above these threads, and one of the board's banners.

        Each post to one of them turns the banners by one: the page is drawn anyway then.
        """
        newest = max(
            (no for shown in previews for no in (shown.thread.no, *shown.last_replies)), default=0
        )
        return self._notices._replace(banner=notices.banner(self._banners, newest))

    @cached_property
    def _banners(self) -> list[Banner]:
        return banners.hanging(self.db, self.board.name)

    @cached_property
    def _notices(self) -> pages.Notices:
        """PERF: two queries, 0.2 ms, when what lists threads is drawn."""
        name = self.board.name
        news = written.headlines(self.db, name, notices.HEADLINES)
        return notices.of_board(name, written.titles(self.db, name), news)

    @property
    def numbers(self) -> list[int]:
        """Of all threads on the board, without a look at their posts."""
        return stored_threads.numbers(self.db, self.board.name)

    @property
    def archived_numbers(self) -> Iterator[int]:
        """Of all threads in the archive: there may be a million."""
        return archive.numbers(self.db, self.board.name)

    @cached_property
    def archive_pages(self) -> list[ArchivePage]:
        """The newest first, and those that are gone."""
        return archive.pages(self.db, self.board.name)

    @cached_property
    def changed_archive_pages(self) -> list[ArchivePage]:
        """Those that a change altered which some page does not show yet."""
        return archive.changed_pages(self.db, self.board.name)

    def waits_in_archive(self, page: Page) -> bool:
        """Whether it is of an archived thread that is not drawn with the board's settings yet."""
        if not isinstance(self.kinds[page.kind], ThreadKind):
            return False
        thread = self.thread(no := int(page.key))
        is_archived = thread is not None and thread.archived_s is not None
        return is_archived and not archive.is_drawn(self.db, self.board, no)

    def archived_on(self, page: str) -> list[ArchivedThread]:
        """Threads on a page of the archive, in the order in which they came."""
        return archive.threads_on(self.db, self.board.name, page)

    def archived_by_chance(self, threads: int, chance: Random) -> list[int]:
        """Numbers of so many archived threads, or fewer."""
        nos = [chance.randint(1, max(1, self.board.last_no)) for _ in range(threads)]
        return archive.numbers_by_chance(self.db, self.board.name, nos)

    def newest_archived(self, threads: int) -> list[int]:
        """Numbers of those that came into the archive last, the last first."""
        return archive.newest(self.db, self.board.name, threads)

    @property
    def pages(self) -> int:
        """Board pages; an empty board has one."""
        per_page = self.board.settings.threads_per_page
        return max(1, -(-len(self.previews) // per_page))

    def thread(self, no: int) -> Thread | None:
        """None: it is not there."""
        self._look_up([no])
        return self._threads[no]

    def _look_up(self, threads: Iterable[int]) -> None:
        """PERF: one that is gone has pages of four kinds, and each asked for it again."""
        if new := [no for no in threads if no not in self._threads]:
            found = stored_threads.get_some(self.db, self.board.name, new)
            self._threads |= {no: found.get(no) for no in new}

    def moved_to(self, no: int) -> MovedThread | None:
        """Where a thread that is not there is now; None: nowhere."""
        return moves.moved_to(self.db, self.board.name, no)

    @property
    def moved_numbers(self) -> list[int]:
        """Of all threads that are elsewhere now."""
        return moves.numbers(self.db, self.board.name)

    @property
    def has_cyclical(self) -> bool:
        """Whether a thread was looked at that has more replies than it keeps."""
        most = self.board.settings.cyclical_replies
        return any(
            thread.is_cyclical and thread.replies > most
            for thread in self._threads.values()
            if thread is not None
        )

    def posts_of(self, thread: Thread) -> KeptThread:
        """Every post of the thread, drawn."""
        return self.kept.of_thread(self.db, self.board, self.board_names, thread)

    def read_ahead(self, threads: list[int]) -> None:
        """Read what drawing these threads needs, with two queries for all of them.

        PERF: at a burst a step draws dozens; one by one their queries take half of its time.
        """
        self._look_up(threads)
        there = [thread for no in threads if (thread := self._threads[no]) is not None]
        self.kept.read_ahead(self.db, self.board, self.board_names, there[:READ_AHEAD_MAX])

    def removed_from(self, thread: Thread, limit: int) -> list[Removal]:
        """So many posts that were removed from it, the last first."""
        if not thread.removal_no:
            return []
        if thread.no not in self._removals:
            self._read_removals([thread.no], limit)
        return self._removals[thread.no]

    def read_removals_ahead(self, threads: list[int], limit: int) -> None:
        """Read so many of each of these threads, with one query.

        PERF: where one press removed posts of 50 threads, a query each was a third of the step's.
        """
        there = (thread for no in threads if (thread := self.thread(no)) is not None)
        few = [thread.no for thread in there if thread.removal_no][:REMOVALS_AHEAD_MAX]
        if few:
            self._read_removals(few, limit)

    def _read_removals(self, threads: list[int], limit: int) -> None:
        self._removals |= stored_threads.removed(self.db, self.board.name, threads, limit)

    def shown(self, previews: list[ThreadPreview]) -> list[ShownThread]:
        """These threads as board pages and catalog show them."""
        drawn = self.kept.of_previews(self.db, self.board, self.board_names, previews)
        return [
            ShownThread(preview.thread, *fragments)
            for preview, fragments in zip(previews, drawn, strict=True)
        ]

    def media(self) -> Iterator[LinkedMedia]:
        """Files that posts on the board show, with their thumbnails."""
        return self._linked(stored_threads.media(self.db, self.board.name))

    def media_named(self, tim: str) -> Iterator[LinkedMedia]:
        """One of them, and its thumbnail; nothing, if no post shows it."""
        if tim not in self._media:
            self.read_media_ahead([tim])
        file = self._media[tim]
        return self._linked({} if file is None else {tim: file})

    def read_media_ahead(self, tims: list[str]) -> None:
        """Read these with one query.

        PERF: where one press removed 200 posts with pictures, a query each for picture and
        thumbnail was 400 of the 469 of the step, and two fifths of its time.
        """
        self._media |= dict.fromkeys(tims)
        self._media |= stored_threads.media(self.db, self.board.name, tims)

    def archived_media(self, threads: list[int] | None = None) -> Iterator[LinkedMedia]:
        """Those of archived threads, of these or (None) of all, read bit by bit."""
        numbers = self.archived_numbers if threads is None else iter(threads)
        while some := list(islice(numbers, _THREADS_OF_MEDIA)):
            yield from self._linked(stored_threads.media_archived(self.db, self.board.name, some))

    def media_from(self, nos: list[int]) -> Iterator[LinkedMedia]:
        """The same of the first file at or after each of these numbers of posts."""
        return self._linked(stored_threads.media_from(self.db, self.board.name, nos))

    def _linked(self, files: Mapping[str, StoredMedia]) -> Iterator[LinkedMedia]:
        for file in files.values():
            for part, name in file.names.items():
                path = addresses.media_path(self.board.name, name)
                yield LinkedMedia(path, file.stored_as, part, file.sha256, file.bytes)

    def paths_there(self) -> set[str]:
        """Where something of this board must stand, the archived threads apart, undrawn."""
        return {path for kind in self.kinds.values() for path in kind.paths_there(self)}

    def published_lists(self) -> set[str]:
        """Where something of this board stands, as the ledger says, that is of no single thread."""
        return publications.lists_of_board(self.db, self.board.name)


class ShownThread:
    """A thread on a board page: OP, last replies and what lies between."""

    def __init__(self, thread: Thread, op: Fragment, *replies: Fragment) -> None:
        self._thread, self._op, self._replies = thread, op, replies
        self._omitted_posts = thread.replies - len(replies)
        self._omitted_images = thread.images - sum(reply.images for reply in replies)

    @property
    def opening(self) -> Opening:
        return self._op.as_op

    def for_page(self) -> pages.PreviewedThread:
        return pages.PreviewedThread(
            thread=self._thread,
            subject=self._op.as_op.post.subject,
            op_html=self._op.html,
            replies_html=tuple(reply.html for reply in self._replies),
            omitted_posts=self._omitted_posts,
            omitted_images=self._omitted_images,
        )

    def for_catalog(self) -> pages.Tile:
        return pages.Tile(self._thread, self._op.as_op.post, self._op.as_op.excerpt_html)

    def for_json(self, board: Board) -> tuple[dict[str, object], list[bytes]]:
        fields = op_fields(
            board,
            self._thread,
            self._op.as_op.fields,
            omitted_posts=self._omitted_posts,
            omitted_images=self._omitted_images,
        )
        return fields, [reply.json for reply in self._replies]


@dataclass
class SiteView:
    """The site in the snapshot on `db`."""

    db: Connection
    site: Site
    kept: KeptThreads
    #: What the log's head is signed with; none: nobody signs it.
    log_key: bytes = field(default=b"", repr=False)

    def bumped_last(self, boards: list[Board], limit: int) -> list[tuple[Board, ShownThread]]:
        """The threads of these boards together that were bumped last, as board pages show them."""
        by_name = {board.name: board for board in boards}
        found = stored_threads.bumped_last(self.db, boards, limit)
        names = frozenset(board.name for board in self.site.boards)
        shown: dict[tuple[str, int], ShownThread] = {}
        for board in boards:
            previews = [preview for name, preview in found if name == board.name]
            drawn = self.kept.of_previews(self.db, board, names, previews) if previews else []
            for preview, fragments in zip(previews, drawn, strict=True):
                shown[board.name, preview.thread.no] = ShownThread(preview.thread, *fragments)
        return [(by_name[name], shown[name, preview.thread.no]) for name, preview in found]

    @cached_property
    def moment(self) -> SiteMoment:
        return site_moment.now(self.db)

    def published_paths(self) -> set[str]:
        """Where something of the whole site stands, as the ledger says."""
        return set(publications.of_board(self.db, None))
