"""Word filters -> rules against spam of ours.

lib/post/checkfilters.js, getfilterstrings.js and filteractions.js (read 2026-11-29). It looks at
names of files too: a rule looks at what was typed, or at these, and what was typed counts.
"""

from __future__ import annotations

from collections.abc import Iterator

from imageboard import bans
from imageboard.spam.rules import SENTENCE_CHARS_MAX
from importing import word_filters
from importing.bson_dump import Document
from importing.documents import line, part, said, whole, words
from importing.records import Other
from importing.report import Report

_REFUSES, _BANS = 1, 2
#: What its banned read.
_REASON = "word filter auto ban"


def rules(document: Document, report: Report) -> Iterator[tuple[str, Other]]:
    """A rule a word, of a document of `filters`; those that do nothing are left."""
    mode, board = whole(document.get("filterMode")), line(document.get("board"))
    if mode not in (_REFUSES, _BANS):
        return
    boards = (board,) if board else None
    shared = {"place": "text"} | _action(document, mode)
    for number, word in enumerate(words(document.get("filters"))):
        if not (what := said(word)):
            continue
        if document.get("strictFiltering"):
            looked_for = {"way": "looks_like", "what": what}
        else:
            looked_for = word_filters.containing(what)
        called = f"filters {document.get('_id')} {number}"
        yield from word_filters.told(called, shared | looked_for, boards, report)


def _action(document: Document, mode: int) -> dict[str, str]:
    sentence = (line(document.get("filterMessage")) or "")[:SENTENCE_CHARS_MAX]
    if mode == _REFUSES:
        return {"action": "refuse", "sentence": sentence}
    seconds = (whole(document.get("filterBanDuration")) or 0) // 1_000
    return {
        "action": "ban",
        "sentence": sentence or _REASON,
        "duration": f"{seconds}s" if seconds > 0 else bans.FOR_GOOD,
    }


def of_board(board: Document) -> Document | None:
    """Of versions that kept a board's with its settings: as later ones have them."""
    settings, name = part(board.get("settings")), str(board["_id"])
    if not words(settings.get("filters")):
        return None
    named = ("filters", "strictFiltering", "filterMode", "filterBanDuration")
    return {"_id": name, "board": name} | {each: settings.get(each) for each in named}
