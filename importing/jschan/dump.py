"""jschan's dump as a whole: what is in it, and its records.

Posts of all boards are in one collection, replies among threads: it is gone through twice, for
threads first. No more of it is held than a few thousand posts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from imageboard.old_boards import OldBoard as KeptBoard
from importing.bson_dump import Collections, Document
from importing.documents import (
    appeals_of,
    boards_of,
    by_boards,
    left_behind_of,
    line,
    others_of,
    part,
    posts_of,
    whole,
)
from importing.jschan import filters, others, pictures, settings
from importing.jschan.posts import PostReader, address_of
from importing.records import OldBoard, OldGrant, OldPost, Other, Survey
from importing.report import Report

#: Collections of which nothing comes, and why that is told.
_LEFT_BEHIND = {
    "nftrules": "boards for holders of tokens do not come",
}


@dataclass
class JschanDump:
    """A dump with the secrets of its site."""

    collections: Collections
    #: static/file of it.
    media: Path
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)

    #: After `survey`.
    boards: dict[str, OldBoard] = field(default_factory=dict)
    surveys: dict[str, Survey] = field(default_factory=dict)
    is_cut_off: bool = False
    #: What does not come, and where it stands.
    left_behind: dict[str, str] = field(default_factory=dict)
    _readers: dict[str, PostReader] = field(default_factory=dict)
    _staff: dict[str, dict[str, OldGrant]] = field(default_factory=dict)
    #: {cloak of a ban that hides its address: that address} as far as posts know it.
    _addresses: dict[str, str] = field(default_factory=dict)

    def survey(self) -> None:
        """Look through all of it. Raises BadDump."""
        for document in self._board_documents():
            self._see_board(document)
        wanted = {
            cloak
            for document in self.collections.documents("bans")
            if (cloak := others.hidden_cloak(document)) is not None
        }
        for document in self.collections.documents("posts"):
            self._see_post(document)
            if wanted:
                self._see_address(document, wanted)
        if not self.secrets.get("postPasswordSecret"):
            why = "without its postPasswordSecret no password deletes an old post"
            self.left_behind[why] = "configs/secrets.js"
        for document in self.collections.documents("accounts"):
            if document.get("twofactor"):
                why = "second factors do not come: whoever had one sets it up again"
                self.left_behind[why] = f"accounts {document.get('_id')}"
        self.left_behind |= left_behind_of(self.collections, _LEFT_BEHIND)

    def posts(self, report: Report) -> Iterator[OldPost]:
        """All posts, threads first; those that are none are reported."""
        for of_threads in (True, False):
            yield from by_boards(self._posts(report, of_threads=of_threads))

    def others(self, report: Report) -> Iterator[tuple[str, Other]]:
        """All that is no post, each with what it is called there; appeals after their bans."""
        yield from self._of_boards()
        for document in self._filters():
            yield from filters.rules(document, report)
        readers: dict[str, Callable[[Document], Other]] = {
            "bans": lambda document: others.ban(document, self._addresses),
            "accounts": lambda document: others.account(document, self._staff),
            "modlog": others.log_entry,
            "news": others.news,
            "custompages": others.page,
        }
        yield from others_of(self.collections, readers, report)
        yield from appeals_of(self.collections, others.appeal)
        for document in self.collections.documents("posts"):
            yield from others.reports(document)

    def _of_boards(self) -> Iterator[tuple[str, Other]]:
        for document in self._board_documents():
            if (above := others.announcement(document)) is not None:
                yield f"announcement/{above.board}", above
            for flag in pictures.flags(document, self.media.parent):
                yield f"{flag.board}/{flag.name}", flag
            for banner in pictures.banners(document, self.media.parent):
                yield f"{banner.board}/{Path(banner.path).name}"[-200:], banner

    def _filters(self) -> Iterator[Document]:
        """Those of versions that kept them with a board's settings too."""
        yield from self.collections.documents("filters")
        for document in self._board_documents():
            if (own := filters.of_board(document)) is not None:
                yield own

    def kept_of(self, _board: str) -> KeptBoard:
        """What of it goes on working: passwords."""
        return KeptBoard("jschan", self.secrets)

    def _board_documents(self) -> Iterator[Document]:
        return boards_of(self.collections, "_id")

    def _see_board(self, document: Document) -> None:
        board = settings.board_of(document)
        self.boards[board.name] = board
        # The number of the next post, which may have been given to one that is gone.
        next_no = whole(document.get("sequence_value")) or 1
        self.surveys[board.name] = Survey(last_no=max(next_no - 1, 0))
        self._readers[board.name] = PostReader(settings.anonymous_of(document), self.media)
        self._staff[board.name] = others.staff_of(document)

    def _see_post(self, document: Document) -> None:
        seen = self.surveys.get(str(document.get("board")))
        no = whole(document.get("postId"))
        if seen is not None and no is not None and 0 < no < 2**63:
            seen.nos.append(no)
            seen.threads += document.get("thread") is None
            seen.last_no = max(seen.last_no, no)

    def _see_address(self, document: Document, wanted: set[str]) -> None:
        """Cloaks of ranges are the first parts of a whole one."""
        ip = document.get("ip")
        cloak, address = line(part(ip).get("cloak")), address_of(ip)
        if not cloak or not address or address == cloak:
            return
        known = cloak.split(".")
        for count in (1, 2, len(known)):
            if (begun := ".".join(known[:count])) in wanted:
                self._addresses.setdefault(begun, address)

    def _posts(self, report: Report, *, of_threads: bool) -> Iterator[OldPost]:
        wanted = (
            document
            for document in self.collections.documents("posts")
            if (document.get("thread") is None) is of_threads
        )
        return posts_of(wanted, "board", self._reader, _where, report)

    def _reader(self, board: str) -> Callable[[Document], OldPost] | None:
        reader = self._readers.get(board)
        return reader.post if reader is not None else None


def _where(document: Document) -> str:
    return f"/{document.get('board')}/{document.get('postId')}"
