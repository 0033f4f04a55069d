"""LynxChan's dump as a whole: what is in it, and its records.

Threads have a collection and replies have one, each of all boards. No more of them is held than a
few thousand posts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

from imageboard.old_boards import OldBoard as KeptBoard
from imageboard.settings.board import FOR_EVER_DAYS
from importing.bson_dump import Collections, Document
from importing.documents import (
    appeals_of,
    boards_of,
    by_boards,
    left_behind_of,
    others_of,
    parts,
    posts_of,
    whole,
)
from importing.lynxchan import others, settings
from importing.lynxchan.media import MediaOfSite
from importing.lynxchan.posts import PostReader
from importing.records import OldBanner, OldBoard, OldGrant, OldPost, Other, Survey
from importing.report import Report

#: Collections of which nothing comes, and why that is told.
_LEFT_BEHIND = {
    "offenseRecords": "what an address was banned for before does not come",
    "redirects": "redirects that were set by hand do not come",
    "secureTripcodes": "secure tripcodes were found by chance: who signs anew has another one",
}


@dataclass
class LynxChanDump:
    """A dump with the files of its site."""

    collections: Collections
    media: MediaOfSite
    #: How large its thumbnails are at most, which a dump does not tell.
    thumb_px: int = 128

    #: After `survey`.
    boards: dict[str, OldBoard] = field(default_factory=dict)
    surveys: dict[str, Survey] = field(default_factory=dict)
    is_cut_off: bool = False
    #: What does not come, and where it stands.
    left_behind: dict[str, str] = field(default_factory=dict)
    _readers: dict[str, PostReader] = field(default_factory=dict)
    _staff: dict[str, dict[str, OldGrant]] = field(default_factory=dict)
    _with_archive: set[str] = field(default_factory=set)

    def survey(self) -> None:
        """Look through all of it. Raises BadDump."""
        for document in self._board_documents():
            self._see_board(document)
        for name, number in (("threads", "threadId"), ("posts", "postId")):
            for document in self.collections.documents(name):
                self._see_post(document, number)
        for name in self._with_archive:
            board = self.boards[name]
            # It throws nothing out of it.
            kept = {"archive_days": str(FOR_EVER_DAYS)}
            self.boards[name] = replace(board, settings=board.settings | kept)
        self.media.survey()
        self.media.lay_out()
        self.left_behind |= left_behind_of(self.collections, _LEFT_BEHIND)

    def posts(self, report: Report) -> Iterator[OldPost]:
        """All posts, threads first; those that are none, or in the bin, are reported."""
        for name in ("threads", "posts"):
            yield from by_boards(self._posts(name, report))

    def others(self, report: Report) -> Iterator[tuple[str, Other]]:
        """All that is no post, each with what it is called there; appeals after their bans."""
        yield from self._of_boards(report)
        for document in self.collections.documents("filters"):
            yield from others.word_filter(document, None, report)
        readers: dict[str, Callable[[Document], Other]] = {
            "flags": lambda document: others.flag(document, self.media),
            "bans": others.ban,
            "hashBans": others.file_ban,
            "reports": others.report,
            "staffLogs": others.log_entry,
            "users": lambda document: others.account(document, self._staff),
        }
        yield from others_of(self.collections, readers, report, _known_as)
        yield from appeals_of(self.collections, others.appeal)

    def _of_boards(self, report: Report) -> Iterator[tuple[str, Other]]:
        for document in self._board_documents():
            for told in parts(document.get("filters")):
                yield from others.word_filter(told, str(document["boardUri"]), report)
            for page in others.pages(document):
                yield f"{page.name}/{page.board}", page
        for board in self.boards:
            for name in self.media.banners(board):
                if (kept := self.media.find(name)) is not None:
                    yield name, OldBanner(board=board, path=str(kept.path))

    def kept_of(self, _board: str) -> KeptBoard:
        """What of it goes on working: passwords, which it keeps as they were typed."""
        return KeptBoard("lynxchan", {})

    def _board_documents(self) -> Iterator[Document]:
        return boards_of(self.collections, "boardUri")

    def _see_board(self, document: Document) -> None:
        board = settings.board_of(document)
        self.boards[board.name] = board
        # The number of its last post, which may be gone.
        self.surveys[board.name] = Survey(last_no=whole(document.get("lastPostId")) or 0)
        self._readers[board.name] = PostReader(
            settings.anonymous_of(document), self.media, self.thumb_px
        )
        self._staff[board.name] = others.staff_of(document)

    def _see_post(self, document: Document, number: str) -> None:
        """Also one in the bin: its number was given, and is given to no other."""
        seen, no = self.surveys.get(str(document.get("boardUri"))), whole(document.get(number))
        if seen is None or no is None or not 0 < no < 2**63:
            return
        seen.last_no = max(seen.last_no, no)
        if not document.get("trash"):
            seen.nos.append(no)
            if document.get("archived"):
                self._with_archive.add(str(document.get("boardUri")))
            else:
                seen.threads += number == "threadId"

    def _posts(self, name: str, report: Report) -> Iterator[OldPost]:
        return posts_of(self._kept(name, report), "boardUri", self._reader, _where, report)

    def _kept(self, name: str, report: Report) -> Iterator[Document]:
        """What is not in the bin."""
        for document in self.collections.documents(name):
            if document.get("trash"):
                report.trouble("it was in the bin of its board", _where(document))
            else:
                yield document

    def _reader(self, board: str) -> Callable[[Document], OldPost] | None:
        reader = self._readers.get(board)
        return reader.post if reader is not None else None


def _where(document: Document) -> str:
    return f"/{document.get('boardUri')}/{document.get('postId') or document.get('threadId')}"


def _known_as(document: Document) -> object:
    return document.get("login") or document.get("_id")
