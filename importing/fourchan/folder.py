"""A folder of threads as JSON, with their files: what archives of 4chan keep, and `living` reads.

    FOLDER/b/thread/100.json, FOLDER/b/100/100.json, FOLDER/b/res/100.json, or FOLDER/b/100.json
    FOLDER/boards.json, if it is there

It is read twice, as dumps are: once to see what there is, and once to bring it.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from imageboard.markup.marks import MARKS as OURS
from imageboard.markup.marks import VICHANS
from imageboard.old_boards import OldBoard as KeptBoard
from imageboard.settings.board import FOR_EVER_DAYS
from imageboard.words import Message
from importing.errors import ImportFailed
from importing.fourchan import boards, pages, text, threads
from importing.fourchan.boards import Told
from importing.fourchan.media import MediaFolders
from importing.fourchan.posts import ThreadReader, left_behind
from importing.fourchan.threads import Thread
from importing.records import OldBoard, OldFile, OldPost, Other, Survey
from importing.report import Report

#: Folders that a board has, and no board is called after.
_OF_A_BOARD = frozenset({"thread", "res", "src", "thumb", "thumbs", "images", "media"})
#: As a board of vichan shows a spoiler.
_HIDDEN = (128, 128)
_FILES_MAX = 5


class NoThreads(ImportFailed):
    code = "no_threads"
    message = Message(
        "{folder} has no threads: name the folder in which boards have a folder each, with"
        " b/thread/100.json or b/res/100.json."
    )
    folder: str


@dataclass
class _Seen:
    """Of a board, besides what numbers it has."""

    is_of_vichan: bool = False
    has_ids: bool = False
    has_archive: bool = False
    files: int = 1


@dataclass
class ThreadFolder:
    """Boards as folders of threads: a Source of importing.moving."""

    folder: Path
    #: Boards that are looked at, and only these; empty: all.
    only: frozenset[str] = frozenset()
    #: Some of it may be missing, as whoever filled the folder knows.
    is_cut_off: bool = False
    #: Called with the number of threads that were read so far.
    on_read: Callable[[int], object] = lambda _threads: None

    #: After `survey`.
    boards: dict[str, OldBoard] = field(default_factory=dict)
    surveys: dict[str, Survey] = field(default_factory=dict)
    left_behind: dict[str, str] = field(default_factory=dict)
    #: {board: {thread: where its JSON is below its board}}; as text, since there may be a million.
    _places: dict[str, dict[int, str]] = field(default_factory=dict)
    _told: dict[str, Told] = field(default_factory=dict)

    def survey(self) -> None:
        """Look through all of it. Raises NoThreads."""
        self._told = boards.read(self.folder / "boards.json")
        for entry in sorted(self.folder.iterdir()):
            if entry.is_dir() and self._is_board(entry.name):
                found = dict(sorted(_threads_below(entry).items()))
                if found:
                    self._places[entry.name] = found
        if not self._places:
            raise NoThreads(folder=str(self.folder))
        read = 0
        for name, places in self._places.items():
            survey, seen = Survey(), _Seen()
            for place in places.values():
                self._see(name, self.folder / name / place, survey, seen)
                read += 1
                self.on_read(read)
            if len(survey.nos):
                self.surveys[name] = survey
                self.boards[name] = self._board(name, seen)

    def posts(self, report: Report) -> Iterator[OldPost]:
        """All posts, thread by thread; what can't be read is reported."""
        for name, places in self._places.items():
            folders = MediaFolders(self.folder / name)
            for place in places.values():
                where, path = f"/{name}/{place}", folders.board / place
                try:
                    thread = threads.read(path)
                    if thread is None:
                        continue
                    reader = self._reader(name, path, thread)
                except ValueError as ex:
                    report.trouble(str(ex), where)
                    continue
                for fault in thread.faults:
                    report.trouble(fault, where)
                for fields in (thread.op, *thread.replies):
                    yield self._placed(reader.post(fields), path.parent, folders, reader)

    def others(self, report: Report) -> Iterator[tuple[str, Other]]:
        """Nobody but a site's staff knows them."""
        return iter(())

    def kept_of(self, board: str) -> KeptBoard:
        """Nothing of it goes on: its secrets stayed there."""
        return KeptBoard("4chan")

    def _is_board(self, name: str) -> bool:
        if self.only:
            return name in self.only
        return name not in _OF_A_BOARD and not name.startswith(".")

    def _see(self, board: str, path: Path, survey: Survey, seen: _Seen) -> None:
        try:
            thread = threads.read(path)
        except ValueError as ex:
            # Nobody knows what has become of its posts.
            self.is_cut_off = True
            self.left_behind[str(ex)] = f"/{board}/{path.name}"
            return
        if thread is None:
            return
        op, is_archived = thread.op, thread.op.get("archived") in (1, True)
        survey.threads += not is_archived
        seen.has_archive |= is_archived
        seen.is_of_vichan |= "locked" in op
        for fields in (op, *thread.replies):
            no = int(fields["no"])
            survey.nos.append(no)
            survey.last_no = max(survey.last_no, no)
            tim = str(fields.get("tim", ""))[:16].partition("-")[0]
            if tim.isascii() and tim.isdigit():
                survey.last_tim = max(survey.last_tim, _milliseconds(tim))
            seen.has_ids |= bool(fields.get("id"))
            extra = fields.get("extra_files")
            seen.files = max(seen.files, 1 + len(extra)) if isinstance(extra, list) else seen.files
            for why in left_behind(fields):
                self.left_behind.setdefault(why, f"/{board}/{no}")

    def _board(self, name: str, seen: _Seen) -> OldBoard:
        told = self._told.get(name, Told())
        marks = VICHANS if seen.is_of_vichan else text.MARKS.split()
        settings = {
            "marks": " ".join(mark for mark in OURS if mark in marks),
            "poster_ids": "on" if seen.has_ids else "off",
            "files_max": str(min(seen.files, _FILES_MAX)),
        }
        if seen.has_archive:
            settings["archive_days"] = str(FOR_EVER_DAYS)
        return OldBoard(
            name=name,
            title=told.title or name,
            subtitle=told.subtitle,
            settings=settings | dict(told.settings),
        )

    def _reader(self, board: str, path: Path, thread: Thread) -> ThreadReader:
        told = self._told.get(board, Told())
        bumped_s = thread.bumped_s(int(told.settings.get("bump_limit", 0)))
        page = path.with_suffix(".html")
        shown = pages.pictures(page.read_text(errors="replace")) if page.is_file() else {}
        return ThreadReader(board, thread.op, bumped_s, shown)

    def _placed(
        self, post: OldPost, beside: Path, folders: MediaFolders, reader: ThreadReader
    ) -> OldPost:
        """With its files where they are."""
        placed = tuple(_file(file, beside, folders, reader) for file in post.files)
        return replace(post, files=placed) if placed else post


def _file(file: OldFile, beside: Path, folders: MediaFolders, reader: ThreadReader) -> OldFile:
    if file.path is None:
        return file
    path = folders.file(beside, file.path) or file.path
    thumb = folders.thumb(beside, file.thumb_path) if file.thumb_path is not None else None
    if thumb is not None:
        return replace(file, path=path, thumb_path=thumb)
    # Where no page is there to say it, a placeholder is known by its size.
    hides = reader.is_of_vichan and (file.thumb_width, file.thumb_height) == _HIDDEN
    return replace(
        file,
        path=path,
        thumb_path=None,
        thumb_width=None,
        thumb_height=None,
        is_spoiler=file.is_spoiler or hides,
    )


def _threads_below(board: Path) -> dict[int, str]:
    """{thread: its JSON}, the newest where there are several.

    No deeper: whoever names the folder above would have one board of all.
    """
    found: dict[int, str] = {}
    for folder, folders, names in os.walk(board):
        at = Path(folder)
        if at != board:
            folders.clear()
        for name in names:
            stem, dot, ending = name.rpartition(".")
            if dot and ending == "json" and stem.isascii() and stem.isdigit() and len(stem) < 16:
                no, place = int(stem), str((at / name).relative_to(board))
                if no not in found or _newness(board, found[no]) < _newness(board, place):
                    found[no] = place
    return found


def _newness(board: Path, place: str) -> tuple[bool, float]:
    """Beside threads of low numbers a board has pages of the same names: 1.json."""
    path = board / place
    return path.parent != board, path.stat().st_mtime


def _milliseconds(tim: str) -> int:
    """4chan's tims have been of seconds, milliseconds and microseconds: ours are milliseconds."""
    return int(tim[:13])
