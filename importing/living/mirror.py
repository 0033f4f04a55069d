"""Boards of a living site -> a folder of threads, as `importing.fourchan.folder` reads them.

    https://HOST/boards.json            boards.json
    /b/threads.json, /b/archive.json    which threads there are
    /b/res/100.json, /b/thread/100.json the same
    /b/res/100.html                     the same, of vichan: what its JSON does not tell
    /b/src/TIM.png, /b/TIM.png          b/src/TIM.png
    /b/thumb/TIM.png, /b/TIMs.jpg       b/thumb/…

Called again, it asks for the difference: of each thread by what the site said of it last time, of
files those that are not here.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

from imageboard.boards import read_old_name
from imageboard.errors import BadBoardSetting
from importing.fourchan import boards, pages, threads
from importing.fourchan.posts import NUMBERS_END, ThreadReader
from importing.fourchan.threads import Thread
from importing.living.errors import SiteGivenUp, SiteNotRead
from importing.living.kept import Kept
from importing.living.site import Answer, Site
from importing.report import Report

LIST_BYTES_MAX = 32 << 20
#: Of a file; none of a board is larger.
MEDIA_BYTES_MAX = 256 << 20
#: Addresses that fail one after the other.
_FAILED_MAX = 5
#: Where threads stand, below their board: vichan's, and 4chan's.
_LAYOUTS = ("res", "thread")


@dataclass
class Mirror:
    """Reads boards of `site` into `kept`."""

    site: Site
    kept: Kept
    report: Report
    #: Boards, and only these; empty: all that the site tells of.
    only: frozenset[str] = frozenset()
    #: Where files are, of sites that have them elsewhere.
    media: Site | None = None
    #: Called with how much of what was listed is done: threads, of how many.
    on_thread: Callable[[int, int], object] = lambda _done, _all: None
    #: Addresses that could not be read.
    failed: int = 0
    _failed_on_end: int = 0
    _layouts: dict[str, str] = field(default_factory=dict)

    def read(self) -> list[str]:
        """Read all of it; the boards that there are.

        Raises:
            SiteNotRead: nobody says which boards there are.
            SiteGivenUp: it is down, or wants no more.
        """
        names = self._boards()
        listed = [(name, no) for name in names for no in self._listed(name)]
        for done, (name, no) in enumerate(listed):
            self.on_thread(done, len(listed))
            self._thread(name, no)
        self.on_thread(len(listed), len(listed))
        return names

    def _boards(self) -> list[str]:
        try:
            self.kept.read(
                self.site, "/boards.json", "boards.json", bytes_max=LIST_BYTES_MAX, check=_boards_in
            )
        except SiteNotRead:
            if not self.only:
                raise
        told = boards.read(self.kept.folder / "boards.json")
        names = sorted(self.only or told)
        if not names:
            fault = "it tells of no board: name them with --board"
            raise SiteNotRead(address=f"{self.site.address}/boards.json", fault=fault)
        return [name for name in names if self._is_name(name)]

    def _is_name(self, name: str) -> bool:
        """SECURITY: what a site calls a board becomes a folder."""
        try:
            read_old_name(name)
        except BadBoardSetting as ex:
            self.report.trouble(ex.sentence, f"/{name[:60]}/")
            return False
        return "/" not in name and not name.startswith(".")

    def _listed(self, board: str) -> list[int]:
        """Threads of a board: those that it lists, and those that are here and may be gone."""
        of_board = quote(board)
        living = self._list(f"/{of_board}/threads.json", f"{board}/threads.json")
        if living is None:
            living = self._list(f"/{of_board}/catalog.json", f"{board}/catalog.json")
        if living is None:
            self._fails(f"/{of_board}/threads.json", "it lists no threads")
            return []
        archived = self._list(f"/{of_board}/archive.json", f"{board}/archive.json") or []
        layout = self._layout(board)
        here = self._here(board, layout) if layout is not None else []
        return list(dict.fromkeys([*living, *archived, *here]))

    def _list(self, address: str, path: str) -> list[int] | None:
        """None: there is none, or it can't be read."""
        answer = self._try(self.site, address, path, LIST_BYTES_MAX, check=_numbers_in)
        if answer is None or answer.is_gone:
            return None
        return _numbers_in((self.kept.folder / path).read_bytes())

    def _here(self, board: str, layout: str) -> list[int]:
        """Threads that were read before."""
        found = (self.kept.folder / board / layout).glob("*.json")
        return sorted(int(path.stem) for path in found if path.stem.isdigit())

    def _layout(self, board: str) -> str | None:
        """As the site has it; None: no thread was read yet."""
        if board not in self._layouts:
            known = (layout for layout in _LAYOUTS if self._here(board, layout))
            if (layout := next(known, None)) is not None:
                self._layouts[board] = layout
        return self._layouts.get(board)

    def _thread(self, board: str, no: int) -> None:
        known = self._layout(board)
        for layout in _LAYOUTS if known is None else (known,):
            answer = self._thread_in(board, no, layout)
            if answer is None:
                return
            if answer.is_gone:
                continue
            self._layouts[board] = layout
            thread = _read(self.kept.folder / board / layout / f"{no}.json")
            if thread is not None:
                self._page(board, no, thread, changed=answer.came)
                self._files(board, no, thread)
            return

    def _thread_in(self, board: str, no: int, layout: str) -> Answer | None:
        """None: it can't be read."""
        path = f"{board}/{layout}/{no}.json"
        before = _read(self.kept.folder / path)
        if before is not None and before.op.get("archived") in (1, True):
            # It stays as it is.
            return Answer(is_same=True)
        answer = self._try(
            self.site,
            f"/{quote(board)}/{layout}/{no}.json",
            path,
            threads.BYTES_MAX,
            check=lambda raw: _is_thread(raw, no),
        )
        if answer is not None and answer.is_gone:
            (self.kept.folder / path).with_suffix(".html").unlink(missing_ok=True)
        return answer

    def _page(self, board: str, no: int, thread: Thread, *, changed: bool) -> None:
        """Of vichan, whose JSON does not tell what its thumbnails are called."""
        is_silent = "locked" in thread.op and any(
            "filename" in fields and "thumb" not in fields for fields in _posts(thread)
        )
        path = f"{board}/{self._layouts[board]}/{no}.html"
        if is_silent and (changed or not self.kept.is_known(path)):
            address = f"/{quote(board)}/{self._layouts[board]}/{no}.html"
            self._try(self.site, address, path, pages.CHARS_MAX)

    def _files(self, board: str, no: int, thread: Thread) -> None:
        page = self.kept.folder / board / self._layouts[board] / f"{no}.html"
        shown = pages.pictures(page.read_text(errors="replace")) if page.is_file() else {}
        reader = ThreadReader(board, thread.op, 0, shown)
        of_board = quote(board)
        src, thumb = ("src/", "thumb/") if reader.is_of_vichan else ("", "")
        for file in (file for fields in _posts(thread) for file in reader.post(fields).files):
            for folder, there, name in (
                ("src", src, file.path),
                ("thumb", thumb, file.thumb_path),
            ):
                if name is None or "*" in name:
                    continue
                path = f"{board}/{folder}/{name}"
                if not self.kept.is_known(path):
                    address = f"/{of_board}/{there}{name}"
                    self._try(self.media or self.site, address, path, MEDIA_BYTES_MAX)

    def _try(
        self,
        site: Site,
        address: str,
        path: str,
        bytes_max: int,
        *,
        check: Callable[[bytes], object] | None = None,
    ) -> Answer | None:
        """None: it can't be read, which is noted."""
        try:
            answer = self.kept.read(site, address, path, bytes_max=bytes_max, check=check)
        except SiteNotRead as ex:
            self._fails(address, ex.fault)
            return None
        self._failed_on_end = 0
        return answer

    def _fails(self, address: str, fault: str) -> None:
        self.report.trouble(f"it can't be read: {fault}", address)
        self.failed += 1
        self._failed_on_end += 1
        if self._failed_on_end >= _FAILED_MAX:
            raise SiteGivenUp(count=self._failed_on_end, fault=fault)


def _posts(thread: Thread) -> Iterable[Any]:
    return (thread.op, *thread.replies)


def _read(path: Path) -> Thread | None:
    try:
        return threads.read(path)
    except ValueError:
        return None


def _is_thread(raw: bytes, no: int) -> None:
    """Raises ValueError: it is none, or another."""
    thread = threads.of_json(raw)
    if thread is None or str(thread.op["no"]) != str(no):
        raise ValueError("it is not the thread that was asked for")


def _json(raw: bytes) -> Any:
    try:
        return json.loads(raw)
    except (ValueError, RecursionError):
        raise ValueError("it is no JSON") from None


def _boards_in(raw: bytes) -> None:
    if not boards.boards(_json(raw)):
        raise ValueError("it is no list of boards")


def _numbers_in(raw: bytes) -> list[int]:
    """Of threads.json, catalog.json or archive.json. Raises ValueError: it is none of them."""
    told = _json(raw)
    numbers = list(dict.fromkeys(_numbers(told))) if isinstance(told, list) else None
    if numbers is None:
        raise ValueError("it is no list of threads")
    return numbers


def _numbers(told: list[Any]) -> Iterator[int]:
    for each in told:
        if isinstance(each, dict) and isinstance(each.get("threads"), list):
            yield from _numbers(each["threads"])
            continue
        no = each.get("no") if isinstance(each, dict) else each
        if not isinstance(no, int) or isinstance(no, bool) or not 0 < no < NUMBERS_END:
            raise ValueError("it lists what is no thread")
        yield no
