"""Records -> this board: posts in steps of a thousand, each of which is done or is not.

Whoever is killed calls again: what has come is passed over, and what has not comes. So does a later
dump of the same board, which brings what is new there, what looks different, and what is gone.
Nothing of a board is seen before all of it has come.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from copy import deepcopy
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from imageboard.cloaks import Cloak
from imageboard.errors import StatementFailed
from imageboard.old_boards import OldBoard as KeptBoard
from imageboard.settings import BoardSettings
from imageboard.store import boards, edits, imports, old_boards, posts
from imageboard.store.database import Connection, Database
from imageboard.store.uploads import new_names
from imageboard.words import Message
from importing.errors import ImportFailed
from importing.media import OldMedia, Placed, old_place
from importing.records import OldBoard, OldFile, OldPost, own_tim
from importing.report import Report, refused
from importing.rows import RowMaker, is_as_noted, standing

#: Posts of one step.
POSTS_AT_ONCE = 1_000
#: Posts that are removed in one step, since they are gone from a later dump.
REMOVED_AT_ONCE = 100
#: Links that are joined in one step. PERF: 50 microseconds each, and no statement may take 15 s.
LINKS_AT_ONCE = 20_000
#: Files that are read at the same time.
_READERS = 4
#: A later dump that lacks more than this part of what came is another one.
_GONE_MAX = 0.2


class BoardHasPosts(ImportFailed):
    code = "board_has_posts"
    message = Message(
        "/{board}/ has posts of its own: a board that comes needs its numbers. Remove them, or"
        " import into another site."
    )
    board: str


class AnotherBoard(ImportFailed):
    code = "another_board"
    message = Message(
        "/{board}/ came from another board than this: its No.{no} was written at another time."
        " Bring this one under a name of its own: --board OLD=NEW."
    )
    board: str
    no: int


class _Coming(NamedTuple):
    """New posts of one step, with the files that are in the upload store by now."""

    posts: list[OldPost]
    placed: Mapping[tuple[int, int], Placed]


@dataclass
class Arrival:
    """How far one board is."""

    board: OldBoard
    #: Numbers in the dump.
    nos: array[int]
    last_no: int
    last_tim: int
    #: None: nothing of it is new so far.
    change_base: int | None = None
    #: {thread: Unix seconds of its last bump} of the last threads.
    bumps: dict[int, int] = field(default_factory=dict)


@dataclass
class Loader:
    """Brings posts and files."""

    database: Database
    cloak: Cloak
    media: OldMedia
    rows: RowMaker
    report: Report
    #: What of the engine goes on working on a board that came.
    kept_of: Callable[[str], KeptBoard]
    #: Called with the number of posts that were dealt with.
    on_posts: Callable[[int], object] = lambda _count: None
    _arrivals: dict[str, Arrival] = field(default_factory=dict)

    def prepare(self, arrivals: Iterable[Arrival]) -> None:
        """Make the boards, or find them as an import has left them.

        Raises:
            BoardHasPosts, BadBoardName: nothing is changed.
        """
        with self.database.transaction() as db:
            come = imports.boards_come(db)
            there = {board.name for board in boards.list_all(db)}
            for arrival in arrivals:
                name = arrival.board.name
                if name not in come:
                    if name in there and imports.has_posts(db, name):
                        raise BoardHasPosts(board=name)
                    self._set_up(db, arrival.board, is_there=name in there)
                    old_boards.put(db, name, self.kept_of(name), self.cloak)
                self._arrivals[name] = arrival
                # Its numbers are its own from now on, or are since an import that was interrupted.
                if not come.get(name):
                    self._begin(db, arrival)

    def load(self, coming: Iterable[OldPost]) -> None:
        """Bring posts, in the order in which they come; they are read in another thread."""
        with (
            ThreadPoolExecutor(1, thread_name_prefix="old-posts") as ahead,
            ThreadPoolExecutor(_READERS, thread_name_prefix="old-files") as readers,
        ):
            for batch in _read_by(ahead, _by_board(coming, POSTS_AT_ONCE)):
                self._load(batch, readers)
                self.on_posts(len(batch))

    def remove_gone(self) -> None:
        """Remove what has come from an earlier dump and is not in this one, read to its end."""
        for arrival in self._arrivals.values():
            name, nos = arrival.board.name, array("q", sorted(arrival.nos))
            gone, count = [], 0
            with self.database.connection() as db:
                for no in _come(db, name):
                    count += 1
                    if not _has(nos, no):
                        gone.append(no)
            if len(gone) > max(100, _GONE_MAX * count):
                self.report.trouble(
                    "the dump lacks so many posts that it must be another: none was removed",
                    f"/{name}/: {len(gone)} of {count}",
                )
                continue
            for start in range(0, len(gone), REMOVED_AT_ONCE):
                some = gone[start : start + REMOVED_AT_ONCE]
                with self.database.transaction() as db:
                    removed = posts.remove_all(db, name, some)
                    imports.forget(db, name, some)
                self.report.count("posts removed", removed, board=name)

    def finish(self) -> list[str]:
        """Show all that came; the boards of which pages are to be drawn."""
        self._keep_secrets()
        shown = []
        with self.database.connection() as db:
            if any(arrival.change_base is not None for arrival in self._arrivals.values()):
                imports.know_sizes(db)
            quoting = set(imports.boards_with_quotes(db))
        for name in sorted(quoting | self._arrivals.keys()):
            arrival = self._arrivals.get(name)
            has_come = arrival is not None and arrival.change_base is not None
            if not has_come and name not in quoting:
                continue
            self._show(name, arrival if has_come else None)
            shown.append(name)
        self._tell_loose_quotes()
        return shown

    def _keep_secrets(self) -> None:
        """Of boards that had come, once it is known that they are these.

        A later call that was given none takes none away.
        """
        with self.database.transaction() as db:
            for name in self._arrivals:
                if (kept := self.kept_of(name)).secrets:
                    old_boards.put(db, name, kept, self.cloak)

    def _show(self, name: str, arrival: Arrival | None) -> None:
        """What came of a board, and links that lead to what came. None: only these are new."""
        after: int | None = 0
        while after is not None:
            with self.database.transaction() as db:
                after = imports.join_quotes(db, name, after=after, limit=LINKS_AT_ONCE)
                if after is None and arrival is not None:
                    imports.finish(db, name, last_tim=arrival.last_tim)
                else:
                    boards.redraw(db, name)

    def _set_up(self, db: Connection, board: OldBoard, *, is_there: bool) -> None:
        titles = {"title": board.title[:80] or board.name, "subtitle": board.subtitle[:200]}
        told = board.settings | {name: text for name, text in titles.items() if text}
        if is_there:
            boards.change_settings(db, board.name, told)
        else:
            boards.add(db, board.name, BoardSettings().changed(told))

    def _begin(self, db: Connection, arrival: Arrival) -> int:
        """Once a board, before the first of it that is new."""
        if arrival.change_base is None:
            name = arrival.board.name
            arrival.change_base = imports.begin(
                db, name, first_no=imports.newest(db, name) + 1, last_no=arrival.last_no
            )
        return arrival.change_base

    def _load(self, batch: list[OldPost], readers: ThreadPoolExecutor) -> None:
        """One step; if the database refuses it, each of its posts by itself."""
        arrival = self._arrivals[batch[0].board]
        base_before, troubles_before = arrival.change_base, deepcopy(self.report.troubles)
        try:
            self._load_together(batch, arrival, readers)
        except StatementFailed as ex:
            # Nothing of the step is stored, and nothing of it was told.
            arrival.change_base, self.report.troubles = base_before, troubles_before
            if len(batch) > 1:
                for post in batch:
                    self._load([post], readers)
                return
            (post,) = batch
            arrival.bumps.pop(post.no, None)
            self.report.trouble(refused(ex), f"/{post.board}/{post.no}")

    def _load_together(
        self, batch: list[OldPost], arrival: Arrival, readers: ThreadPoolExecutor
    ) -> None:
        name = arrival.board.name
        with self.database.connection() as db:
            known = imports.known(db, name, [post.no for post in batch])
            posts_there = [post for post in batch if post.no in known]
            changed = [post for post in posts_there if not is_as_noted(post, known[post.no])]
            _look_whether_it_is_another(db, name, changed)
            coming = self._coming(db, [post for post in batch if post.no not in known])
            coming = self._with_names_of_their_own(db, coming)
        step = _Coming(coming, self._place(coming, readers))
        with self.database.transaction() as db:
            if imports.note_threads(db, [standing(post) for post in posts_there if post.marks]):
                self._begin(db, arrival)
            for post in changed:
                self._begin(db, arrival)
                self._change(db, post)
            if coming:
                self._add(db, arrival, step)
        for file in step.placed.values():
            self.media.place_again(file)
        self._count(name, step, there=len(known), changed=len(changed))

    def _with_names_of_their_own(self, db: Connection, coming: list[OldPost]) -> list[OldPost]:
        """Two files of a board never share a name: the later one is called after its post."""
        tims = [file.tim for post in coming for file in post.files]
        taken = imports.taken_tims(db, coming[0].board, tims) if tims else set()
        named = []
        for post in coming:
            if not post.files:
                named.append(post)
                continue
            files = []
            for position, file in enumerate(post.files):
                if file.tim in taken:
                    where = f"/{post.board}/{post.no}: {file.tim}{file.extension}"
                    self.report.trouble("another file has its name, and it has a new one", where)
                    file = replace(file, tim=own_tim(post.created_s, post.no, position))
                taken.add(file.tim)
                files.append(file)
            named.append(replace(post, files=tuple(files)))
        return named

    def _count(self, board: str, step: _Coming, *, there: int, changed: int) -> None:
        """What of a step is stored by now."""
        files = sum(len(post.files) for post in step.posts)
        counted = {
            "threads": sum(post.marks is not None for post in step.posts),
            "posts": len(step.posts),
            "files": len(step.placed),
            "files that were deleted there": files - len(step.placed),
            "posts that had come": there,
            "posts that look different": changed,
        }
        for what, number in counted.items():
            self.report.count(what, number, board=board)

    def _coming(self, db: Connection, new: list[OldPost]) -> list[OldPost]:
        """Those of new posts that have a number and a thread here."""
        if not new:
            return []
        name = new[0].board
        arrival = self._arrivals[name]
        taken = imports.taken(db, name, [post.no for post in new])
        arrival.bumps |= {post.no: post.marks.bumped_s for post in new if post.marks is not None}
        wanted = {post.thread for post in new} - arrival.bumps.keys()
        if wanted:
            arrival.bumps |= imports.threads_there(db, name, sorted(wanted))
        coming = []
        for post in new:
            where = f"/{name}/{post.no}"
            if post.no in taken:
                arrival.bumps.pop(post.no, None)
                self.report.trouble("a post that was made here has its number", where)
            elif post.thread not in arrival.bumps:
                self.report.trouble("its thread is not there", where)
            else:
                coming.append(post)
        return coming

    def _place(
        self, coming: list[OldPost], readers: ThreadPoolExecutor
    ) -> dict[tuple[int, int], Placed]:
        """{(post, position): its file in the upload store}"""
        wanted = [
            (post, position, file)
            for post in coming
            for position, file in enumerate(post.files)
            if file.path is not None
        ]
        found = readers.map(
            lambda each, stored_as: self.media.place(each[0].board, each[2], stored_as),
            wanted,
            new_names(len(wanted)),
        )
        placed = {}
        for (post, position, file), each in zip(wanted, found, strict=True):
            if each is not None:
                placed[post.no, position] = each
            else:
                self.report.trouble(
                    "a file is not in the folder of its board", old_place(post.board, file.path)
                )
        self.media.uploads.flush(each.stored_as for each in placed.values())
        return placed

    def _add(self, db: Connection, arrival: Arrival, coming: _Coming) -> None:
        base = self._begin(db, arrival)
        name, rows = arrival.board.name, self.rows
        files = [
            (post, position, file, coming.placed.get((post.no, position)))
            for post in coming.posts
            for position, file in enumerate(post.files)
        ]
        imports.add(
            db,
            imports.Batch(
                name,
                threads=[
                    rows.thread(post, change_base=base)
                    for post in coming.posts
                    if post.marks is not None
                ],
                posts=[
                    rows.post(post, change_base=base, thread_bumped_s=arrival.bumps[post.thread])
                    for post in coming.posts
                ],
                files=[rows.file(*file) for file in files],
                addresses=[address for file in files for address in rows.addresses(*file)],
                quotes=[quote for post in coming.posts for quote in rows.quotes(post)],
                notes=[rows.note(post) for post in coming.posts],
            ),
        )

    def _change(self, db: Connection, post: OldPost) -> None:
        """A post looks different than in the dump before: its marks, files, words or links."""
        marks = post.marks
        if marks is not None:
            posts.mark_thread(
                db,
                post.board,
                post.no,
                is_sticky=marks.is_sticky,
                is_locked=marks.is_locked,
                is_bump_locked=marks.is_bump_locked,
                is_cyclical=marks.is_cyclical,
            )
        there = imports.files_there(db, post.board, post.no)
        for position in _gone(there, post.files):
            posts.remove_files(db, post.board, post.no, number=position + 1)
        for position, is_hidden in _hidden(there, post.files).items():
            edits.hide_files(db, post.board, post.no, is_hidden=is_hidden, number=position + 1)
        imports.change(db, self.rows.changed(post), self.rows.quotes(post))
        imports.note(db, [self.rows.note(post)])

    def _tell_loose_quotes(self) -> None:
        for name in self._arrivals:
            with self.database.connection() as db:
                count, some = imports.loose_quotes(db, name, 20)
            for quote in some[:-1]:
                self._tell_loose(name, quote, 1)
            if some:
                self._tell_loose(name, some[-1], count - len(some) + 1)

    def _tell_loose(self, board: str, quote: imports.LooseQuote, number: int) -> None:
        self.report.trouble(
            "a link leads to a post that is not there, and is plain text",
            f"/{board}/{quote.no} to /{quote.to_board}/{quote.to_no}",
            number=number,
        )


def _gone(there: Mapping[int, str | None], files: Sequence[OldFile]) -> list[int]:
    """Positions of files that the dump no longer has.

    Where files have addresses of their own, one that is gone leaves its place to the next.
    """
    left = {position for position, file in enumerate(files) if file.path is not None}
    addresses = {files[position].address for position in left}
    return [
        position
        for position, address in there.items()
        if (address not in addresses if address is not None else position not in left)
    ]


def _hidden(there: Mapping[int, str | None], files: Sequence[OldFile]) -> dict[int, bool]:
    """{position: whether it is hidden there} of files that are here, found as by `_gone`."""
    by_place = {(file.address or position): file for position, file in enumerate(files)}
    found = {position: by_place.get(address or position) for position, address in there.items()}
    return {position: file.is_spoiler for position, file in found.items() if file is not None}


def _look_whether_it_is_another(db: Connection, board: str, changed: list[OldPost]) -> None:
    """Whatever becomes of a post, it was written when it was. Raises AnotherBoard."""
    moments = imports.moments(db, board, [post.no for post in changed]) if changed else {}
    for post in changed:
        if moments.get(post.no, post.created_s) != post.created_s:
            raise AnotherBoard(board=board, no=post.no)


def _by_board(coming: Iterable[OldPost], size: int) -> Iterator[list[OldPost]]:
    """Posts of one board that follow one another, at most `size` at once, each number once.

    Of several dumps one after the other two may have the same post: the later one counts.
    """
    batch: dict[int, OldPost] = {}
    board = ""
    for post in coming:
        if batch and (len(batch) == size or board != post.board):
            yield list(batch.values())
            batch = {}
        board = post.board
        batch[post.no] = post
    if batch:
        yield list(batch.values())


def _read_by(
    ahead: ThreadPoolExecutor, batches: Iterator[list[OldPost]]
) -> Iterator[list[OldPost]]:
    """The same. PERF: while the database stores one, the next is read."""
    coming = ahead.submit(next, batches, None)
    while (batch := coming.result()) is not None:
        coming = ahead.submit(next, batches, None)
        yield batch


def _come(db: Connection, board: str) -> Iterator[int]:
    after = 0
    while some := imports.come(db, board, after=after, limit=10_000):
        yield from some
        after = some[-1]


def _has(nos: array[int], no: int) -> bool:
    at = bisect_left(nos, no)
    return at < len(nos) and nos[at] == no
