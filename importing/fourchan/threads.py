"""JSON of a thread, as a file has it: bytes that anybody may have written."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from importing.fourchan.posts import NUMBERS_END, Fields, number

#: A thread of thousands of long posts has fewer.
BYTES_MAX = 64 << 20


class Thread(NamedTuple):
    op: Fields
    #: In the order of their numbers.
    replies: Sequence[Fields]
    #: Why some of what is listed is no post of it.
    faults: Sequence[str]

    def bumped_s(self, bump_limit: int) -> int:
        """vichan tells; of others it is their last reply that could bump it.

        `bump_limit` 0: all can.
        """
        created_s = number(self.op, "time")
        told_s = self.op.get("last_modified") if self._is_vichans else None
        if isinstance(told_s, int) and created_s <= told_s < NUMBERS_END:
            return told_s
        bumping = self.replies[:bump_limit] if bump_limit else self.replies
        return max([created_s] + [int(each["time"]) for each in bumping if not _is_sage(each)])

    @property
    def _is_vichans(self) -> bool:
        """Ours has `last_modified` too, of whatever changes."""
        return "locked" in self.op and "now" not in self.op


def read(path: Path) -> Thread | None:
    """None: it is of something else than a thread, a page of a board.

    Raises ValueError: it can't be read; the sentence says why.
    """
    try:
        with path.open("rb") as file:
            raw = file.read(BYTES_MAX + 1)
    except OSError as ex:
        raise ValueError(f"it can't be read: {ex.strerror}") from ex
    thread = of_json(raw)
    if thread is not None and path.stem != str(number(thread.op, "no")):
        raise ValueError("its first post is not the one that the file is called after")
    return thread


def of_json(raw: bytes) -> Thread | None:
    """The same of what somebody sent."""
    if len(raw) > BYTES_MAX:
        raise ValueError("it is larger than any thread")
    try:
        told = json.loads(raw)
    except (ValueError, RecursionError):
        raise ValueError("it is no JSON") from None
    posts = told.get("posts") if isinstance(told, Mapping) else None
    if not isinstance(posts, list):
        return None
    if not posts or not isinstance(posts[0], Mapping) or posts[0].get("resto", 0) not in (0, "0"):
        raise ValueError("its first post is none")
    op = posts[0]
    no = number(op, "no")
    number(op, "time")
    replies, faults = {}, []
    for listed in posts[1:]:
        fields = listed if isinstance(listed, Mapping) else {}
        try:
            if number(fields, "resto") != no or number(fields, "no") == no:
                raise ValueError("it is of another thread")
            replies[number(fields, "no")] = {**fields, "time": number(fields, "time")}
        except ValueError as ex:
            faults.append(str(ex))
    return Thread(op, [replies[each] for each in sorted(replies)], faults)


def _is_sage(fields: Fields) -> bool:
    return str(fields.get("email", "")).lower() == "sage"
