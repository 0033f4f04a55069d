"""The proof that the public site shows what the database holds.

Every page is rendered from nothing and compared, byte for byte and in every encoding, with what
stands in the web root. The board goes on meanwhile: its files are compared under its lock, and
those that a waiting change has made stale are not counted as wrong.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import nullcontext
from dataclasses import dataclass, field
from functools import partial
from itertools import chain
from random import Random
from typing import Literal, NamedTuple

from imageboard import addresses
from imageboard.errors import NoSuchBoard, StoreDamaged
from imageboard.parts import Part
from imageboard.store import (
    archive,
    board_removals,
    boards,
    outbox,
    publications,
    site_moment,
)
from imageboard.store.database import Connection, snapshot, unless_damaged
from imageboard.store.publications import Publication, Published
from imageboard.store.site_moment import NEVER
from imageboard.store.uploads import UploadStore
from renderer import bodies
from renderer.agenda import stale_pages
from renderer.bodies import ENCODING_SUFFIXES, Body
from renderer.kept_threads import KeptThreads
from renderer.pages import board_kinds
from renderer.pages.kind import BoardKind, Drawn, LinkedMedia, Page, PageKind
from renderer.pages.view import BoardView
from renderer.painter import Painter
from renderer.redrawing import Redrawing
from renderer.render_loop import RenderLoop
from renderer.steps import CHANGES_PER_STEP_MAX
from renderer.web_root import WebRoot

#: Pages of each kind, if it has so many, among which those of a sample are picked.
OF_A_KIND_MIN = 20

Wrong = Literal["missing", "differing", "orphaned", "unrecorded", "lost", "unreadable"]


class Finding(NamedTuple):
    """One file that is not as it should be.

    missing: it is not there; differing: other bytes, in some encoding; orphaned: it should not
    be there; unrecorded: the ledger does not know it as it is; lost: the upload store has no
    original of it, or a damaged one, so nothing here can bring it back; unreadable: the database
    can't read what the page shows, so that it was not compared and stays as it stands.
    """

    wrong: Wrong
    path: str


@dataclass
class Verifier(Painter):
    """Compares; with `repair` it also mends, under the same lock."""

    repair: bool = False
    #: Called with each path that was looked at.
    on_file: Callable[[str], None] = lambda _path: None
    kinds: Mapping[str, BoardKind] = field(default_factory=board_kinds)

    def __post_init__(self) -> None:
        # Nothing is kept: what is kept by mistake is among what this is to find.
        self._loop = self.beside(RenderLoop, kept=KeptThreads(kept_bytes_max=0), kinds=self.kinds)

    def verify(self) -> Iterator[Finding]:
        """Everything that is wrong, on all boards and the site."""
        with self.database.connection() as db:
            names = [board.name for board in boards.list_all(db)]
            gone = board_removals.gone(db)
        for name in names:
            yield from _unless_unreadable(f"{name}/", partial(self.verify_board, name))
        for name, change_no in gone.items():
            yield from self.verify_gone(name, change_no)
        yield from _unless_unreadable("index.html", self.verify_site)

    def verify_gone(self, name: str, change_no: int) -> list[Finding]:
        """What still stands of a board that is gone since that change."""
        with self.database.connection() as db, self._loop.holding(db, name):
            if name not in board_removals.gone(db):
                return []  # one of that name was made just now
            check = self._check(publications.of_board(db, name))
            check.find_orphans(name, expected=set())
            check.record(db, name, change_no)
            if self.repair:
                self.web_root.remove_folder(name)
        return check.findings

    def verify_board(self, name: str) -> list[Finding]:
        """What is wrong with a board's files. Raises NoSuchBoard."""
        try:
            return self._verify_board(name, spares_damage=False)
        except StoreDamaged:
            return self._verify_board(name, spares_damage=True)

    def _verify_board(self, name: str, *, spares_damage: bool) -> list[Finding]:
        # What waits is rendered first, so that there is hardly anything to leave out.
        self._loop.render(name)
        redrawing = Redrawing(self._loop)
        while redrawing.redraw_archived(name):
            pass
        with self.database.connection() as db, self._loop.holding(db, name):
            with snapshot(db):
                view = self._loop.view(db, name)
                stale = self._stale(db, name)
                if stale is None or not archive.is_drawn(db, view.board):
                    return []  # its settings changed just now; the next proof will tell
                check = self._check(publications.of_board(db, name))
                check.compare_board(view, stale, spares_damage=spares_damage)
            check.record(db, name, view.board.change_no)
            if self.repair:
                self._loop.note_look(db, view.board)
        return check.findings

    def _stale(self, db: Connection, name: str) -> list[Page] | None:
        """The pages that changes which wait have made stale; None: all of them may be."""
        waiting = outbox.waiting(db, name, CHANGES_PER_STEP_MAX)
        is_whole = any(change.fact.touches_whole_board for change in waiting)
        if is_whole or len(waiting) == CHANGES_PER_STEP_MAX:
            return None
        return [page for change in waiting for page in stale_pages(self.kinds, change.fact)]

    def verify_sample(self, pages: int, chance: Random) -> Iterator[Finding]:
        """What is wrong with so many of the boards' pages, picked by chance, and with the site's.

        It takes as long as drawing these pages does, however many more there are. What lies in
        the web root and should not is looked for by `verify` alone.
        """
        for name, page in self.picked(pages, chance):
            yield from self.verify_page(name, page)
        yield from _unless_unreadable("index.html", self.verify_site)

    def picked(self, pages: int, chance: Random) -> list[tuple[str, Page]]:
        """So many of the boards' pages, or all: [('b', page), …].

        A board of many threads is picked more often, and so is a kind of many pages, up to
        `OF_A_KIND_MIN`: no catalog hides behind thousands of threads, or takes most of the time.
        """
        with self.database.connection() as db:
            names = [board.name for board in boards.list_all(db)]
            threads = boards.counts(db)
        if not names:
            return []
        weights = [1 + threads.get(name, (0, 0))[0] for name in names]
        shares = Counter(chance.choices(names, weights, k=pages))
        return [
            (name, page)
            for name, share in sorted(shares.items())
            for page in self._picked_of(name, share, chance)
        ]

    def _picked_of(self, name: str, pages: int, chance: Random) -> list[Page]:
        with self.database.connection() as db, snapshot(db):
            try:
                view = self._loop.view(db, name)
            except NoSuchBoard:
                return []  # it was removed just now
            some = [
                kind.page(key)
                for kind in view.kinds.values()
                for key in kind.there_by_chance(view, max(pages, OF_A_KIND_MIN), chance)
            ]
        return chance.sample(some, min(pages, len(some)))

    def verify_page(self, name: str, page: Page) -> list[Finding]:
        """What is wrong with one page of a board; nothing, when a change of it waits.

        The board is held for as long as it takes to draw this page.
        """
        return _unless_unreadable(f"{name}/", partial(self._verify_page, name, page))

    def _verify_page(self, name: str, page: Page) -> list[Finding]:
        with self.database.connection() as db, self._loop.holding(db, name):
            with snapshot(db):
                view = self._loop.view(db, name)
                stale = self._stale(db, name)
                if stale is None or view.waits_in_archive(page):
                    return []
                paths = view.kinds[page.kind].paths(view, page.key)
                check = self._check(publications.known(db, list(paths)))
                check.compare_pages(view, [page], stale, spares_damage=True)
            check.record(db, name, view.board.change_no)
            if self.repair:
                self._loop.note_look(db, view.board)
        return check.findings

    def verify_site(self) -> list[Finding]:
        """What is wrong with what the site has once: front page, boards.json, assets.

        What a change that came in this moment has made stale is left out.
        """
        site_pages = self._loop.site_pages
        site_pages.render()
        with self.database.connection() as db, site_pages.holding(db):
            with snapshot(db):
                view = site_pages.view(db)
                shown = site_moment.shown(db)
                check = self._check(publications.of_board(db, None))
                for kind in site_pages.kinds.values():
                    if not kind.is_stale(shown.get(kind.name, NEVER).moment, view.moment):
                        check.compare(kind, kind.draw(view))
            check.record(db, None, view.moment.number)
        return check.findings

    def _check(self, known: dict[str, Publication]) -> _Check:
        return _Check(self.web_root, self.uploads, known, self.repair, self.on_file)


@dataclass
class _Check:
    """One comparison of drawn files with those that stand there."""

    web_root: WebRoot
    uploads: UploadStore
    known: dict[str, Publication]
    repair: bool
    on_file: Callable[[str], None]
    findings: list[Finding] = field(default_factory=list)
    _kind: PageKind = field(init=False)
    _mended: list[Published] = field(default_factory=list)
    _removed: list[str] = field(default_factory=list)

    def compare_board(self, view: BoardView, stale: Iterable[Page], *, spares_damage: bool) -> None:
        """Everything that the board shows, and then what else lies in its folder.

        With `spares_damage` each page is read by itself: what can't be read is named.
        """
        pages = (
            kind.page(key)
            for kind in view.kinds.values()
            for key in (
                kind.there_despite_damage(view)
                if spares_damage
                else chain(kind.there(view), kind.might_be_there(view))
            )
        )
        expected = self.compare_pages(view, pages, stale, spares_damage=spares_damage)
        if not any(finding.wrong == "unreadable" for finding in self.findings):
            # Else what seems to be too much may be what nobody can read.
            self.find_orphans(view.board.name, expected)

    def compare_pages(
        self, view: BoardView, pages: Iterable[Page], stale: Iterable[Page], *, spares_damage: bool
    ) -> set[str]:
        """Each file of these pages, but for what is stale; where something stands, or may stand."""
        # Where something else may stand at this moment.
        expected = {path for kind, key in stale for path in view.kinds[kind].paths(view, key)}
        left_out = frozenset(expected)
        for name, key in pages:
            kind = view.kinds[name]
            try:
                with unless_damaged(view.db) if spares_damage else nullcontext():
                    drawn = [file for file in kind.draw(view, key) if file.path not in left_out]
            except StoreDamaged:
                paths = kind.paths(view, key)
                expected |= set(paths)
                self.findings += [Finding("unreadable", path) for path in paths]
                continue
            expected |= {file.path for file in drawn if not _is_nothing(file)}
            self.compare(kind, drawn)
        return expected

    def compare(self, kind: PageKind, drawn: Iterable[Drawn | LinkedMedia]) -> None:
        """Each file that pages of this kind draw."""
        self._kind = kind
        for file in drawn:
            self._look_at(file)

    def record(self, db: Connection, board: str | None, change_no: int) -> None:
        """Write down what was mended."""
        with db.transaction():
            publications.record(db, board, change_no, self._mended)
            publications.forget(db, self._removed, change_no)

    def _look_at(self, file: Drawn | LinkedMedia) -> None:
        self.on_file(file.path)
        if isinstance(file, LinkedMedia):
            self._look_at_media(file)
        elif file.body is None:
            if self.web_root.read(file.path) is not None:
                self._orphan(file.path)
        else:
            self._look_at_page(file.path, file.body)

    def _look_at_page(self, path: str, body: Body) -> None:
        sha256 = bodies.sha256(body)
        if self.web_root.read(path) is None:
            wrong: Wrong = "missing"
        elif not _stands_in_every_encoding(self.web_root, path, bytes(body)):
            wrong = "differing"
        elif not self._is_recorded(path, sha256):
            wrong = "unrecorded"
        else:
            return
        self.findings.append(Finding(wrong, path))
        if self.repair:
            if wrong != "unrecorded":
                self.web_root.replace(path, body)
            self._mend(path, sha256, len(body))

    def _look_at_media(self, file: LinkedMedia) -> None:
        original = self.uploads.path_of(file.stored_as, file.part)
        body = original.read_bytes() if original.exists() else b""
        sha256 = hashlib.sha256(body).digest()
        if not body or (file.part is Part.ORIGINAL and sha256 != file.sha256):
            self.findings.append(Finding("lost", file.path))
            return
        published = self.web_root.read(file.path)
        if published is None:
            wrong: Wrong = "missing"
        elif published != body:
            wrong = "differing"
        elif not self._is_recorded(file.path, sha256):
            wrong = "unrecorded"
        else:
            return
        self.findings.append(Finding(wrong, file.path))
        if self.repair:
            if wrong != "unrecorded":
                self.web_root.link(file.path, original)
            self._mend(file.path, sha256, len(body))

    def _mend(self, path: str, sha256: bytes, size: int) -> None:
        order = self._kind.order
        is_hasty = bodies.has_siblings(path)
        self._mended.append(
            Published(path, sha256, size, order, is_urgent=False, is_hasty=is_hasty)
        )

    def _is_recorded(self, path: str, sha256: bytes) -> bool:
        known = self.known.get(path)
        return known is not None and known.sha256 == sha256

    def find_orphans(self, board: str, expected: set[str]) -> None:
        for path in self.web_root.paths(board):
            # Its log is the site's, which proves it.
            if path not in expected and not addresses.is_of_board_log(path):
                self._orphan(path)
        for path in self.web_root.stray_siblings(board):
            self._orphan(path)
        for path in self.known.keys() - expected:
            if self.web_root.read(path) is None:
                self.findings.append(Finding("unrecorded", path))
                if self.repair:
                    self._removed.append(path)

    def _orphan(self, path: str) -> None:
        self.findings.append(Finding("orphaned", path))
        if self.repair:
            self.web_root.remove(path)
            self._removed.append(path)


def _unless_unreadable(path: str, verify: Callable[[], list[Finding]]) -> list[Finding]:
    """What it finds; one finding at `path`, when the database can't read what it needs at all.

    Nothing, when the board was removed meanwhile.
    """
    try:
        return verify()
    except NoSuchBoard:
        return []
    except StoreDamaged:
        return [Finding("unreadable", path)]


def _is_nothing(file: Drawn | LinkedMedia) -> bool:
    return isinstance(file, Drawn) and file.body is None


def _stands_in_every_encoding(web_root: WebRoot, path: str, body: bytes) -> bool:
    if web_root.read(path) != body:
        return False
    if not bodies.has_siblings(path):
        return True
    siblings = {path + suffix: web_root.read(path + suffix) for suffix in ENCODING_SUFFIXES}
    return all(
        stored is not None and bodies.unpacked(name, stored) == body
        for name, stored in siblings.items()
    )
