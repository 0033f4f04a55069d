"""A move from its beginning to its end: what a dump has is looked at, and brought."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Protocol

from imageboard.boards import read_old_name
from imageboard.cloaks import Cloak
from imageboard.errors import (
    BadBanner,
    BadBoardSetting,
    BadPage,
    LastAdmin,
    NoSuchBoard,
    NoSuchFileBan,
    NoSuchRule,
    StoreUnavailable,
)
from imageboard.old_boards import OldBoard as KeptBoard
from imageboard.settings import BoardSettings, Settings
from imageboard.store import (
    banners,
    boards,
    file_bans,
    flags,
    imports,
    old_log,
    spam_rules,
    staff,
    written,
)
from imageboard.store import posts as stored_posts
from imageboard.store.database import Connection, Database
from imageboard.store.uploads import UploadStore
from importing.belonging import of_boards
from importing.errors import ImportRuns
from importing.loading import REMOVED_AT_ONCE, Arrival, BoardHasPosts, Loader
from importing.media import OldMedia, old_place
from importing.others import NO_PICTURE, OthersLoader, TakeBanner
from importing.records import OldBoard, OldFlag, OldPost, Other, Survey
from importing.report import Report
from importing.rows import RowMaker

_DAY_S = 86_400
#: A board has no more (imageboard.settings.board).
_PAGES_MAX = 100


class Source(Protocol):
    """What an engine left behind, and what is known of it once it was surveyed."""

    boards: dict[str, OldBoard]
    surveys: dict[str, Survey]
    #: What does not come, and where it stands.
    left_behind: dict[str, str]

    @property
    def is_cut_off(self) -> bool:
        """Some of it may be missing."""

    def survey(self) -> None:
        """Look through all of it. Raises ImportFailed."""

    def posts(self, report: Report) -> Iterator[OldPost]:
        """All posts, a thread's first before the others."""

    def others(self, report: Report) -> Iterator[tuple[str, Other]]:
        """All that is no post, each with what it is called there; an appeal after its ban."""

    def kept_of(self, board: str) -> KeptBoard:
        """What of the engine goes on working on this board."""


@dataclass
class Move:
    """Of boards of another engine to this site."""

    dump: Source
    database: Database
    settings: Settings
    #: Where old boards have a folder each.
    folder: Path
    #: Boards that are to come, and only these; empty: all.
    only: frozenset[str] = frozenset()
    #: {board: the number of its next post}, where the dump can't know.
    next_numbers: Mapping[str, int] = field(default_factory=dict)
    on_posts: Callable[[int], object] = lambda _count: None
    #: None: banners stay behind.
    take_banner: TakeBanner | None = None
    report: Report = field(default_factory=Report)

    def look(self) -> int:
        """Survey the dump; how many posts there are.

        Raises:
            BadDump, UnknownColumns.
        """
        self.dump.survey()
        if not self.dump.boards:
            self.report.trouble("there is no board in it", "dump")
        for name in sorted(self.only - self.dump.boards.keys()):
            self.report.trouble("no board of this name is in it", f"/{name}/")
        for name in list(self.dump.boards):
            if self.only and name not in self.only:
                del self.dump.boards[name]
            elif (why := self._why_not(name)) is not None:
                self.report.trouble(why, f"/{name}/")
                del self.dump.boards[name]
        for why, table in self.dump.left_behind.items():
            self.report.trouble(why, table)
        return sum(len(self.dump.surveys[name].nos) for name in self.dump.boards)

    def rehearse(self) -> None:
        """Read all that would come, and change nothing."""
        there = self._look_here()
        for post in self._posts(self.report):
            self._rehearse_links(post, there)
            self.on_posts(1)
            self.report.count("posts", board=post.board)
            self.report.count("threads", int(post.marks is not None), board=post.board)
            for file in post.files:
                if file.path is None:
                    self.report.count("files that were deleted there", board=post.board)
                elif self._media.find(post.board, file.path):
                    self.report.count("files", board=post.board)
                else:
                    where = old_place(post.board, file.path)
                    self.report.trouble("a file is not in the folder of its board", where)
        for _name, other in self._others():
            if isinstance(other, OldFlag) and not (self.folder / other.path).is_file():
                self.report.trouble(NO_PICTURE, f"/{other.board}/ {other.path}")
            else:
                self.report.count(type(other).__name__.removeprefix("Old").lower())

    def _look_here(self) -> frozenset[str]:
        """Boards that will be here; of those that come it is said if they can't."""
        with self.database.connection() as db:
            come = imports.boards_come(db)
            here = {board.name for board in boards.list_all(db)}
            for name in self.dump.boards:
                if name in here and name not in come and imports.has_posts(db, name):
                    self.report.trouble(BoardHasPosts(board=name).sentence, f"/{name}/")
        return frozenset((come.keys() if self.only else here) | self.dump.boards.keys())

    def _rehearse_links(self, post: OldPost, there: frozenset[str]) -> None:
        for board, no in post.quotes:
            if board not in there:
                where = f"/{post.board}/{post.no} to /{board}/{no}"
                self.report.trouble("a link leads to a board that is not here", where)

    def bring(self) -> list[str]:
        """Bring all of it; the boards of which pages are to be drawn.

        Raises:
            BoardHasPosts, AnotherBoard, BadDump: what came until then has come, and is not shown.
        """
        loader = self._loader()
        loader.prepare(self._arrivals())
        reading = Report()
        try:
            loader.load(self._posts(reading))
        finally:
            self.report.add(reading)
        if self.dump.is_cut_off:
            self.report.trouble("its program was not done with it: nothing was removed", "dump")
        else:
            loader.remove_gone()
        shown = loader.finish()
        others = OthersLoader(
            self.database,
            self._rows,
            self.report,
            time.time(),
            frozenset(self.dump.boards),
            self.folder,
            self.take_banner,
        )
        others.load(self._others())
        return sorted({*shown, *others.stale})

    def _why_not(self, name: str) -> str | None:
        if not self.dump.surveys[name].nos:
            return "the dump has no post of it"
        try:
            read_old_name(name)
        except BadBoardSetting as ex:
            return ex.sentence
        return None

    def _posts(self, report: Report) -> Iterator[OldPost]:
        for post in self.dump.posts(report):
            if post.board in self.dump.boards:
                if post.html is not None:
                    report.keep_html(f"/{post.board}/{post.no}", post.html)
                yield post

    def _others(self) -> Iterator[tuple[str, Other]]:
        """All that is no post, of boards that come and of the site."""
        names = {name: name for name in self.dump.boards}
        for name, other in self.dump.others(self.report):
            if (kept := of_boards(name, other, names, self.report)) is not None:
                yield name, kept

    def _arrivals(self) -> list[Arrival]:
        return [
            Arrival(
                self._with_room(board, seen.threads),
                seen.nos,
                max(seen.last_no, self.next_numbers.get(board.name, 1) - 1),
                seen.last_tim,
            )
            for board in self.dump.boards.values()
            for seen in [self.dump.surveys[board.name]]
        ]

    def _with_room(self, board: OldBoard, threads: int) -> OldBoard:
        """A board with room for all of its threads, whatever its settings say (or nobody gave)."""
        wanted = BoardSettings().changed(board.settings)
        pages = -(-threads // wanted.threads_per_page)
        if pages > _PAGES_MAX:
            self.report.trouble("its last threads have no room, and fall off", f"/{board.name}/")
        pages_max = min(max(pages, wanted.pages_max), _PAGES_MAX)
        return replace(board, settings=board.settings | {"pages_max": str(pages_max)})

    def _loader(self) -> Loader:
        return Loader(
            self.database,
            self._rows.cloak,
            self._media,
            self._rows,
            self.report,
            kept_of=self.dump.kept_of,
            on_posts=self.on_posts,
        )

    @property
    def _media(self) -> OldMedia:
        return OldMedia(self.folder, UploadStore(self.settings.data / "uploads"))

    @property
    def _rows(self) -> RowMaker:
        now_s = time.time()
        return RowMaker(
            Cloak(self.settings.address_key),
            self.report,
            sealed_since_s=now_s - _DAY_S * self.settings.address_kept_days,
            hashed_since_s=now_s - _DAY_S * self.settings.address_hash_kept_days,
            only=self.only,
        )


@contextmanager
def alone(database: Database) -> Iterator[None]:
    """Nobody else brings boards meanwhile, or takes them back.

    Two would store the same posts, and lay out the same files and clear them away.

    Raises ImportRuns.
    """
    with database.connection() as db:
        if not imports.claim(db):
            raise ImportRuns
        try:
            yield
        finally:
            with suppress(StoreUnavailable):
                imports.give_up(db)


def undo(database: Database, on_posts: Callable[[int], object] = lambda _count: None) -> list[str]:
    """Take back all that ever came: the boards of which pages are to be drawn; they stay, empty.

    What was made here since goes with the threads in which it stands.
    """
    with database.connection() as db:
        come = list(imports.boards_come(db))
    for board in come:
        while nos := _some(database, board):
            with database.transaction() as db:
                imports.drop_unseen(db, board)
                stored_posts.remove_all(db, board, nos)
                imports.forget(db, board, nos)
            on_posts(len(nos))
        with database.transaction() as db:
            imports.drop_unseen(db, board)
            imports.forget_board(db, board)
    with database.transaction() as db:
        for kind, take_back in _TAKEN_BACK.items():
            for ours in imports.others(db, kind):
                take_back(db, ours)
        imports.forget_others(db)
        old_log.drop_all(db)
    return come


def _some(database: Database, board: str) -> list[int]:
    with database.connection() as db:
        return imports.come(db, board, after=0, limit=REMOVED_AT_ONCE)


def _lift(db: Connection, ours: str) -> None:
    imports.drop_ban(db, int(ours))


def _lift_of_file(db: Connection, ours: str) -> None:
    with suppress(NoSuchFileBan):
        file_bans.lift(db, int(ours))


def _disable(db: Connection, ours: str) -> None:
    """It is not dropped: its name stands in what it did since. The only admin stays one."""
    with suppress(LastAdmin):
        staff.set_enabled(db, ours, is_enabled=False)


def _take_page(db: Connection, ours: str) -> None:
    board, _, name = ours.rpartition("/")
    if written.page(db, board or None, name) is not None:
        written.remove_page(db, board or None, name)


def _take_flag(db: Connection, ours: str) -> None:
    board, _, name = ours.rpartition("/")
    with suppress(BadBoardSetting, NoSuchBoard):
        flags.remove(db, board, name)


def _take_down(db: Connection, ours: str) -> None:
    board, _, name = ours.rpartition("/")
    with suppress(BadBanner, NoSuchBoard):
        banners.remove(db, board, name)


def _take_rule(db: Connection, ours: str) -> None:
    with suppress(NoSuchRule):
        spam_rules.remove(db, int(ours))


def _take_news(db: Connection, ours: str) -> None:
    with suppress(BadPage):
        written.remove_news(db, int(ours))


_TAKEN_BACK: Mapping[str, Callable[[Connection, str], object]] = {
    "ban": _lift,
    "fileban": _lift_of_file,
    "page": _take_page,
    "news": _take_news,
    "note": lambda db, ours: imports.drop_note(db, int(ours)),
    "rule": _take_rule,
    "flag": _take_flag,
    "banner": _take_down,
    "account": _disable,
}
