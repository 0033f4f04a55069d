"""What a board's settings on jschan mean here.

Defaults are those of configs/template.js.example (read 2026-11-29).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from imageboard.markup.marks import MARKS
from importing.bson_dump import Document
from importing.documents import line, part, whole
from importing.records import OldBoard

#: Its own are all but pictures of formulas.
_MARKS = frozenset(MARKS) - {"math"}
_THREADS_PER_PAGE = 10


class _Same(NamedTuple):
    """A setting of ours that says the same as one of its."""

    ours: str
    default: Any
    #: Its value -> ours; '' leaves ours as it is.
    told: Callable[[Any], str]


def _whole(lowest: int, highest: int, *, more: int = 0) -> Callable[[Any], str]:
    def told(value: Any) -> str:
        found = whole(value)
        return "" if found is None else str(min(max(found + more, lowest), highest))

    return told


def _flag(value: Any) -> str:
    return "on" if value else "off"


def _pages(value: Any) -> str:
    found = whole(value)
    return str(min(max(-(-found // _THREADS_PER_PAGE), 1), 100)) if found else ""


#: (its: ours)
_SAME = (
    # The reply after so many is the first that no longer bumps.
    ("bumpLimit", _Same("bump_limit", 500, _whole(0, 100_000, more=1))),
    ("replyLimit", _Same("reply_limit", 1000, _whole(0, 100_000))),
    ("replyLimit", _Same("cyclical_replies", 1000, _whole(10, 5_000))),
    ("threadLimit", _Same("pages_max", 200, _pages)),
    ("maxFiles", _Same("files_max", 5, _whole(0, 5))),
    ("maxReplyMessageLength", _Same("body_chars_max", 20_000, _whole(1, 20_000))),
    ("ids", _Same("poster_ids", False, _flag)),
    ("sfw", _Same("worksafe", False, _flag)),
    ("forceAnon", _Same("forced_anonymous", False, _flag)),
    ("forceThreadFile", _Same("thread_needs_file", False, _flag)),
    ("forceThreadMessage", _Same("thread_needs_body", False, _flag)),
    ("forceThreadSubject", _Same("thread_needs_subject", False, _flag)),
    ("forceReplyFile", _Same("reply_needs_file", False, _flag)),
    ("forceReplyMessage", _Same("reply_needs_body", False, _flag)),
)


def board_of(document: Document) -> OldBoard:
    """Of a document of `boards`."""
    name, settings = str(document["_id"]), part(document.get("settings"))
    told = {same.ours: same.told(settings.get(theirs, same.default)) for theirs, same in _SAME}
    told["anonymous_name"] = (anonymous_of(document) or "")[:35]
    told["threads_per_page"] = str(_THREADS_PER_PAGE)
    # Old texts look as they did: what another mark would make of them nobody meant.
    told["marks"] = " ".join(mark for mark in MARKS if mark in _MARKS)
    return OldBoard(
        name=name,
        title=line(settings.get("name")) or name,
        subtitle=line(settings.get("description")) or "",
        settings={name: value for name, value in told.items() if value},
    )


def anonymous_of(document: Document) -> str | None:
    """Under which name posts of the board stand that have none."""
    return line(part(document.get("settings")).get("defaultName", "Anon"))
