"""A dump of an archive's tables as a whole: what is in it, and its records.

It is read three times: to see what there is, to bring the first posts of threads, and to bring the
rest; an archive stores a post when it sees it, which may be before the first of its thread. No more
of it is held than a row, and two moments a thread. Numbers may lie millions apart.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from imageboard.markup.marks import MARKS as OURS
from imageboard.old_boards import OldBoard as KeptBoard
from imageboard.settings.board import FOR_EVER_DAYS
from importing.asagi import posts
from importing.asagi.clock import moment
from importing.asagi.files import Stored, StoredFiles
from importing.asagi.posts import Fields, Standing
from importing.errors import UnknownColumns
from importing.fourchan.text import MARKS
from importing.records import OldBoard, OldPost, Other, Survey
from importing.report import Report
from importing.sql_dump import Backslashes, Dump, Row, opened

_IMAGES = "_images"
#: Tables of a board from which nothing is read: counts, and what its staff had removed.
_OTHERS = ("_threads", "_users", "_daily", "_deleted", "_search", "_extra")
_OF_POSTS = frozenset({"num", "subnum", "thread_num", "timestamp"})
_GHOST = "a ghost post, whose number (124,1) is none here"
_DELETED = "a post that was deleted there stays deleted"
_WITHOUT_OP = "a post of a thread of which the first post is not there"
_GUESSED = "of the hour that comes twice in autumn, and taken for the first"
_EXIF = "what cameras noted of pictures does not come"
_REMOVED = "posts that the archive's staff had removed do not come"


@dataclass(slots=True)
class _Thread:
    """As far as its posts tell."""

    last_s: int = 0
    bumped_s: int = 0
    expired_s: int = 0
    has_op: bool = False


@dataclass
class AsagiDump:
    """A dump, or several, a table each."""

    paths: Sequence[Path]
    stored: StoredFiles
    #: Called with the bytes that were read so far.
    on_read: Callable[[int], object] = lambda _bytes: None
    #: What the operator says of them; None: as the dump says.
    backslashes: Backslashes | None = None

    #: After `survey`.
    boards: dict[str, OldBoard] = field(default_factory=dict)
    surveys: dict[str, Survey] = field(default_factory=dict)
    is_cut_off: bool = False
    left_behind: dict[str, str] = field(default_factory=dict)
    _threads: dict[str, dict[int, _Thread]] = field(default_factory=dict)
    _has_ids: set[str] = field(default_factory=set)

    def survey(self) -> None:
        """Look through all of it.

        Raises:
            BadDump, UnknownColumns, NoTimeZones.
        """
        for table, row in self._rows(_is_read):
            if table.endswith(_IMAGES):
                self._see_image(table.removesuffix(_IMAGES), row)
            elif row.keys() >= _OF_POSTS:
                self._see_post(table, row)
        for name in self.surveys:
            self.boards[name] = self._board(name)

    def posts(self, report: Report) -> Iterator[OldPost]:
        """All posts, a thread's first before the others; those that don't come are reported."""
        yield from self._posts(report, is_op=True)
        yield from self._posts(report, is_op=False)

    def others(self, report: Report) -> Iterator[tuple[str, Other]]:
        """What an archive has of these is its own."""
        return iter(())

    def kept_of(self, board: str) -> KeptBoard:
        """Nothing of it goes on: its secrets stayed at 4chan."""
        return KeptBoard("asagi")

    def _posts(self, report: Report, *, is_op: bool) -> Iterator[OldPost]:
        for board, row in self._rows(self._threads.__contains__):
            if (row.get("thread_num") == row.get("num")) is not is_op:
                continue
            where = f"/{board}/{_spelled(row)}"
            try:
                if (why := self._why_not(board, row)) is not None:
                    report.trouble(why, where)
                    continue
                if posts.created(row).is_guessed:
                    report.trouble(_GUESSED, where)
                media_id = posts.whole(row, "media_id")
                stored = self.stored.get(board, media_id) if media_id else None
                standing = self._standing(board, row) if is_op else None
                yield posts.post(board, row, stored, standing)
            except ValueError as ex:
                report.trouble(f"it is no post: {ex}", where)

    def _why_not(self, board: str, row: Fields) -> str | None:
        """Raises ValueError."""
        if posts.is_on(row, "subnum"):
            return _GHOST
        if posts.is_on(row, "deleted"):
            return _DELETED
        thread = self._threads[board].get(posts.number(row, "thread_num"))
        return None if thread is not None and thread.has_op else _WITHOUT_OP

    def _standing(self, board: str, row: Fields) -> Standing:
        thread = self._threads[board][posts.number(row, "num")]
        return Standing(thread.bumped_s, thread.expired_s or thread.last_s)

    def _rows(self, wants: Callable[[str], bool]) -> Iterator[tuple[str, Fields]]:
        read_before = 0
        self.is_cut_off = False
        for path in self.paths:
            with opened(path) as (stream, position):
                dump = Dump(stream, wants=wants, backslashes=self.backslashes)
                for count, row in enumerate(dump.rows()):
                    if count % 500 == 0:
                        self.on_read(read_before + position())
                    yield row.table, _fields(row)
                self.is_cut_off |= dump.is_cut_off
                for table in dump.passed_over:
                    if table.endswith("_deleted"):
                        self.left_behind[_REMOVED] = table
            read_before += path.stat().st_size
            self.on_read(read_before)

    def _see_image(self, board: str, row: Fields) -> None:
        stored = Stored(
            posts.told(row, "media"),
            posts.told(row, "preview_op"),
            posts.told(row, "preview_reply"),
            posts.is_on(row, "banned"),
        )
        self.stored.add(board, posts.whole(row, "media_id"), stored)

    def _see_post(self, board: str, row: Fields) -> None:
        seen = self.surveys.setdefault(board, Survey())
        threads = self._threads.setdefault(board, {})
        seen.last_no = max(seen.last_no, posts.whole(row, "num"))
        try:
            no, thread_no = posts.number(row, "num"), posts.number(row, "thread_num")
            created_s = posts.created(row).unix_s
        except ValueError:
            # It is told of when posts are read.
            return
        if posts.is_on(row, "subnum") or posts.is_on(row, "deleted"):
            return
        seen.nos.append(no)
        thread = threads.setdefault(thread_no, _Thread())
        thread.last_s = max(thread.last_s, created_s)
        if no == thread_no:
            thread.has_op = True
            expired = posts.whole(row, "timestamp_expired")
            thread.expired_s = moment(expired, None).unix_s if expired else 0
        if no == thread_no or (posts.told(row, "email") or "").lower() != "sage":
            thread.bumped_s = max(thread.bumped_s, created_s)
        if row.get("poster_hash"):
            self._has_ids.add(board)
        if row.get("exif"):
            self.left_behind.setdefault(_EXIF, f"/{board}/{no}")
        tim = (posts.told(row, "media_orig") or "")[:13]
        if tim.isascii() and tim.isdigit():
            seen.last_tim = max(seen.last_tim, int(tim))

    def _board(self, name: str) -> OldBoard:
        marks = MARKS.split()
        settings = {
            "marks": " ".join(mark for mark in OURS if mark in marks),
            "poster_ids": "on" if name in self._has_ids else "off",
            "archive_days": str(FOR_EVER_DAYS),
        }
        return OldBoard(name=name, title=name, subtitle="", settings=settings)


def _is_read(table: str) -> bool:
    return not table.endswith(_OTHERS)


def _fields(row: Row) -> Fields:
    if len(row.columns) != len(row.values):
        raise UnknownColumns(table=row.table, count=len(row.values))
    return dict(zip(row.columns, row.values, strict=True))


def _spelled(row: Fields) -> str:
    subnum = posts.whole(row, "subnum")
    return f"{posts.whole(row, 'num')}" + (f",{subnum}" if subnum else "")
