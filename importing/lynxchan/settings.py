"""What a board's settings on LynxChan mean here.

Defaults are those of src/be/data/defaultSettings.json (read 2026-11-29), which an owner may have
changed for the whole site: a dump does not hold them.
"""

from __future__ import annotations

from imageboard.markup.marks import MARKS
from importing.bson_dump import Document
from importing.documents import line, whole, words
from importing.lynxchan.posts import unescaped
from importing.records import OldBoard

_MARKS = frozenset(
    {"bold", "italic", "underline", "strike", "spoiler", "heading", "greentext", "aa"}
)
_THREADS_PER_PAGE = 10
_THREADS = 50
_BUMPING = 500
_FILES = 3
#: {its: ours}, of those that a board has or has not.
_FLAGS = {
    "forceAnonymity": "forced_anonymous",
    "requireThreadFile": "thread_needs_file",
}


def board_of(document: Document) -> OldBoard:
    """Of a document of `boards`."""
    name, has = str(document["boardUri"]), frozenset(words(document.get("settings")))
    special = words(document.get("specialSettings"))
    marks = _MARKS | {"code"} if "allowCode" in has else _MARKS
    told = {ours: _flag(theirs in has) for theirs, ours in _FLAGS.items()} | {
        "poster_ids": _flag("disableIds" not in has),
        "worksafe": _flag("sfw" in special),
        "marks": " ".join(mark for mark in MARKS if mark in marks),
        "threads_per_page": str(_THREADS_PER_PAGE),
        "anonymous_name": (anonymous_of(document) or "")[:35],
    }
    # None or 0 is as the site has it. The reply after so many is the first that no longer bumps.
    bumping = whole(document.get("autoSageLimit")) or _BUMPING
    told["bump_limit"] = str(min(max(bumping + 1, 0), 100_000))
    told["cyclical_replies"] = str(min(max(bumping, 10), 5_000))
    pages = -(-(whole(document.get("maxThreadCount")) or _THREADS) // _THREADS_PER_PAGE)
    told["pages_max"] = str(min(max(pages, 1), 100))
    files = 0 if "textBoard" in has else whole(document.get("maxFiles")) or _FILES
    told["files_max"] = str(min(max(files, 0), 5))
    return OldBoard(
        name=name,
        title=unescaped(line(document.get("boardName"))) or name,
        subtitle=unescaped(line(document.get("boardDescription"))) or "",
        settings={name: value for name, value in told.items() if value},
    )


def anonymous_of(document: Document) -> str | None:
    """Under which name posts of the board stand that have none."""
    return unescaped(line(document.get("anonymousName"))) or "Anonymous"


def _flag(is_on: bool) -> str:
    return "on" if is_on else "off"
