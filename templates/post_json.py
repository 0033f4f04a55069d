"""A post as the JSON shows it that clients of vichan and of 4chan's API read.

vichan's names and types (pages from 0, `locked`, `tim` as a string), with the fields of 4chan
that vichan lacks beside them (`closed`, `now`, `bumplimit`, `unique_ips`, `filedeleted` …).
Optional fields are absent, never null.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

import orjson

from imageboard import countries, stored_words
from imageboard.boards import Board
from imageboard.media_kinds import BY_ENDING
from imageboard.threads import Post, PostFile, Thread
from templates.languages import say

_WORDS = re.compile("[a-z0-9]+")
_WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def dump(value: object) -> bytes:
    return orjson.dumps(value)


def post_fields(board: Board, post: Post, body_html: str) -> dict[str, Any]:
    """A reply as it stands in a thread; an OP lacks what `op_fields` adds."""
    fields: dict[str, Any] = {"no": post.no, "resto": 0 if post.is_op else post.thread}
    if post.subject is not None:
        fields["sub"] = html.escape(post.subject)
    fields["com"] = body_html
    _add_ban_message(fields, board, post)
    if post.body:
        fields["raw"] = post.body
    fields["name"] = html.escape(post.name or board.settings.anonymous_name)
    for name, value in (("trip", post.tripcode), ("capcode", post.capcode), ("email", post.email)):
        if value is not None:
            fields[name] = html.escape(value)
    fields["time"] = post.created_s
    fields["now"] = _now(post.created_s)
    fields["sticky"] = fields["locked"] = fields["cyclical"] = 0
    fields["last_modified"] = post.created_s
    fields["change"] = post.changed_no
    if post.flag is not None:
        fields["board_flag"] = post.flag
        fields["flag_name"] = html.escape(post.flag_name or post.flag)
    if post.tag is not None:
        fields["tag"] = html.escape(post.tag)
    if post.country is not None:
        fields["country"] = post.country
        fields["country_name"] = countries.name(post.country)
    if post.dice is not None:
        fields["dice"] = [
            {"roll": throw.asked.text, "dice": list(throw.dice), "sum": throw.sum}
            for throw in post.throws
        ]
    if post.poster_id is not None:
        fields["id"] = post.poster_id
    _add_edit(fields, board, post)
    _add_files(fields, post.files)
    return fields


def op_fields(
    board: Board,
    thread: Thread,
    fields: Mapping[str, Any],
    *,
    omitted_posts: int = 0,
    omitted_images: int = 0,
) -> dict[str, Any]:
    """An OP's own fields and what its thread counts."""
    whole = dict(fields)
    whole |= {
        "replies": thread.replies,
        "images": thread.images,
        "omitted_posts": omitted_posts,
        "omitted_images": omitted_images,
        "sticky": int(thread.is_sticky),
        "locked": int(thread.is_closed),
        "closed": int(thread.is_closed),
        "cyclical": int(thread.is_cyclical),
        "bumplimit": int(_bumps_no_longer(board, thread)),
        "imagelimit": int(_is_full_of_files(board, thread)),
        "last_modified": thread.modified_s,
        "change": thread_change(board, thread),
        "semantic_url": _semantic_url(fields),
    }
    if thread.archived_s is not None:
        whole |= {"archived": 1, "archived_on": thread.archived_s}
    if thread.posters:
        whole["unique_ips"] = thread.posters
    return whole


def _bumps_no_longer(board: Board, thread: Thread) -> bool:
    """Whether the next reply would reach the limit; its age apart, which no page can know."""
    limit = 0 if thread.is_cyclical else board.settings.bump_limit
    return thread.is_bump_locked or 0 < limit <= thread.replies + 1


def _is_full_of_files(board: Board, thread: Thread) -> bool:
    limit = 0 if thread.is_cyclical else board.settings.image_limit
    return 0 < limit <= thread.images


def thread_change(board: Board, thread: Thread) -> int:
    """The change that a thread last had: its own, or one of what its board's posts look like."""
    return max(thread.changed_no, board.settings_change_no)


def _add_ban_message(fields: dict[str, Any], board: Board, post: Post) -> None:
    """Below the text too, as vichan and 4chan have it: their clients know no field for it."""
    if post.ban_message is None:
        return
    message = say(stored_words.shown(post.ban_message), board.language)
    fields["ban_message"] = html.escape(message)
    fields["com"] += f'<br/><br/><span class="public_ban">({fields["ban_message"]})</span>'


def _add_edit(fields: dict[str, Any], board: Board, post: Post) -> None:
    if post.edited_s is not None and board.settings.edited_mark:
        fields["edited"] = post.edited_s


def _add_files(fields: dict[str, Any], files: Sequence[PostFile]) -> None:
    if not files:
        return
    fields |= _file_fields(files[0])
    if len(files) > 1:
        fields["extra_files"] = [_file_fields(file) for file in files[1:]]


def _file_fields(file: PostFile) -> dict[str, Any]:
    """What can't be had must not look as if it could: no `filename`, no `tim`, no `ext`."""
    if file.is_removed:
        return {"filedeleted": 1}
    if file.is_pending:
        return {"filepending": 1}
    fields: dict[str, Any] = {
        "tim": file.tim,
        "filename": html.escape(file.original_name),
        "ext": file.extension,
        "fsize": file.bytes,
        "md5": file.md5,
        # Numbers wherever there is a file: clients reckon with them.
        "w": file.width or 0,
        "h": file.height or 0,
        "tn_w": file.thumb_width or 0,
        "tn_h": file.thumb_height or 0,
    }
    ending = file.extension.removeprefix(".")
    if ending in BY_ENDING:
        fields["mime"] = BY_ENDING[ending].content_type
    if file.thumb_extension is not None:
        # Below /<board>/thumb/: clients of vichan can't know how it ends.
        fields["thumb"] = f"{file.tim}{file.thumb_extension}"
    if file.duration_ms is not None:
        fields["duration"] = file.duration_ms / 1000
        fields["has_sound"] = int(bool(file.has_sound))
        fields["codecs"] = file.codecs
    if file.is_spoiler:
        fields["spoiler"] = 1
    if file.alt is not None:
        fields["alt"] = file.alt
    return fields


def _now(created_s: int) -> str:
    """4chan's clock face, in UTC: '11/24/26(Tue)07:16:02'."""
    day, second = divmod(created_s, 86_400)
    minute, second = divmod(second, 60)
    hour, minute = divmod(minute, 60)
    return f"{_date(day)}{hour:02}:{minute:02}:{second:02}"


# PERF: posts of one page fall on few days; to write the date of each would take 5 µs instead of 1.
@lru_cache(maxsize=1024)
def _date(day: int) -> str:
    """'11/24/26(Tue)'."""
    date = datetime.fromtimestamp(day * 86_400, tz=UTC)
    return f"{date:%m/%d/%y}({_WEEKDAYS[date.weekday()]})"


def _semantic_url(fields: Mapping[str, Any]) -> str:
    """'Why is my ripple a sawtooth?' -> 'why-is-my-ripple-a-sawtooth'; '' when nothing is left.

    Of the subject or, as on vichan and 4chan, of how the text begins.
    """
    text = html.unescape(fields.get("sub", "")) or fields.get("raw", "")
    plain = unicodedata.normalize("NFKD", text[:100]).encode("ascii", "ignore").decode()
    return "-".join(_WORDS.findall(plain.lower()))[:60].strip("-")
