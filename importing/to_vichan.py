"""A board as vichan 5.2 keeps it: a dump for its database, and the folders of its files.

For whoever goes back; vichan's "Rebuild" draws its pages. What it can't take along:
addresses and deletion passwords, which are hashes here, and what hangs on them (bans, reports); the
archive; how files look when they are played. docs/export-format.md says so.
"""

from __future__ import annotations

import hashlib
import html
import json
import re
from base64 import b64decode
from collections.abc import Callable, Iterator, Mapping
from typing import Any, BinaryIO

from imageboard import addresses, countries
from imageboard.boards import Board
from imageboard.parts import Part
from imageboard.store import boards, threads
from imageboard.store.database import Connection
from imageboard.store.uploads import UploadStore
from imageboard.threads import Post, PostFile, Thread, body_html

#: vichan's own table of posts, of version 5.2 (inc/…/posts.sql), with {} for the board.
_TABLE = """\
CREATE TABLE IF NOT EXISTS `posts_{}` (
  `id` int(11) unsigned NOT NULL AUTO_INCREMENT,
  `thread` int(11) DEFAULT NULL,
  `subject` varchar(100) DEFAULT NULL,
  `email` varchar(30) DEFAULT NULL,
  `name` varchar(35) DEFAULT NULL,
  `trip` varchar(15) DEFAULT NULL,
  `capcode` varchar(50) DEFAULT NULL,
  `body` text NOT NULL,
  `body_nomarkup` text,
  `time` int(11) NOT NULL,
  `bump` int(11) DEFAULT NULL,
  `files` text DEFAULT NULL,
  `num_files` int(11) DEFAULT 0,
  `filehash` text CHARACTER SET ascii,
  `password` varchar(64) DEFAULT NULL,
  `ip` varchar(39) CHARACTER SET ascii NOT NULL,
  `sticky` int(1) NOT NULL,
  `locked` int(1) NOT NULL,
  `cycle` int(1) NOT NULL,
  `sage` int(1) NOT NULL,
  `embed` text,
  `slug` varchar(256) DEFAULT NULL,
  UNIQUE KEY `id` (`id`),
  KEY `thread_id` (`thread`,`id`),
  KEY `filehash` (`filehash`(40)),
  KEY `time` (`time`),
  KEY `ip` (`ip`),
  KEY `list_threads` (`thread`,`sticky`,`bump`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 AUTO_INCREMENT={};
"""
#: Longer ones are refused by a server in strict mode.
_CHARS_MAX = {"subject": 100, "email": 30, "name": 35, "trip": 15, "capcode": 50}
#: Nobody's: vichan wants one (RFC 1122, 3.2.1.3).
_NO_ADDRESS = "0.0.0.0"  # noqa: S104 -- nothing is bound to it
#: What a text must not bring along as if vichan had written it.
_MODIFIER = re.compile(r"<(tinyboard) ([\w\s]+)>", re.IGNORECASE)
_ESCAPED = {0: r"\0", 10: r"\n", 13: r"\r", 26: r"\Z", 34: r"\"", 39: r"\'", 92: r"\\"}
_THREADS_AT_ONCE = 50

#: Takes a path ('b/src/1795500950388.png') and what stands there.
Sink = Callable[[str, BinaryIO], None]


def dump(db: Connection, name: str) -> Iterator[str]:
    """The dump, in parts. In a snapshot. Raises NoSuchBoard."""
    board = boards.get(db, name)
    names = frozenset(each.name for each in boards.list_all(db))
    yield "SET NAMES utf8mb4;\n"
    yield _TABLE.format(name, board.last_no + 1)
    said = {"uri": name, "title": board.settings.title, "subtitle": board.settings.subtitle}
    yield _insert("boards", said)
    standing = threads.numbers(db, name)
    for first in range(0, len(standing), _THREADS_AT_ONCE):
        some = standing[first : first + _THREADS_AT_ONCE]
        known = threads.get_some(db, name, some)
        for post in threads.posts(db, name, some):
            text = body_html(board, post, names)
            yield _insert(f"posts_{name}", _row(board, known[post.thread], post, text))


def files(db: Connection, name: str, uploads: UploadStore, sink: Sink) -> int:
    """Hand over the board's files and thumbnails under vichan's names; how many there were."""
    count = 0
    for stored in threads.media(db, name).values():
        for part, file_name in stored.names.items():
            if part is Part.DENSE:
                continue  # vichan has one thumbnail
            path = uploads.path_of(stored.stored_as, part)
            try:
                with path.open("rb") as content:
                    sink(addresses.media_path(name, file_name), content)
            except FileNotFoundError:
                # Removed since the snapshot was made.
                continue
            count += 1
    return count


def _row(board: Board, thread: Thread, post: Post, text: str) -> dict[str, Any]:
    is_op = post.is_op
    listed = [_file(board.name, file) for file in post.files]
    sums = [b64decode(file.md5).hex() for file in post.files if file.md5]
    row: dict[str, Any] = {
        "id": post.no,
        "thread": None if is_op else post.thread,
        "subject": post.subject,
        "email": None if post.email is None else html.escape(post.email),
        "name": post.name or board.settings.anonymous_name,
        "trip": post.tripcode,
        "capcode": post.capcode,
        "body": text,
        "body_nomarkup": _typed(post),
        "time": post.created_s,
        "bump": thread.bumped_s if is_op else post.created_s,
        "files": json.dumps(listed) if listed else None,
        "num_files": len(listed),
        "filehash": _sum_of(sums),
        "password": None,
        "ip": _NO_ADDRESS,
        "sticky": int(is_op and thread.is_sticky),
        "locked": int(is_op and thread.is_locked),
        "cycle": int(is_op and thread.is_cyclical),
        "sage": int(is_op and thread.is_bump_locked),
        "embed": None,
        "slug": None,
    }
    for column, longest in _CHARS_MAX.items():
        if row[column] is not None:
            row[column] = row[column][:longest]
    return row


def _typed(post: Post) -> str:
    """The text as it was typed, with what vichan notes below it."""
    text = _MODIFIER.sub(r"<\1 escape \2>", post.body).replace("\n", "\r\n")
    if post.country is not None:
        text += _modifier("flag", post.country.lower())
        text += _modifier("flag alt", countries.name(post.country))
    elif post.flag is not None:
        text += _modifier("flag", post.flag)
        text += _modifier("flag alt", post.flag_name or post.flag)
    if post.ban_message:
        text += _modifier("ban message", html.escape(post.ban_message))
    return text


def _modifier(name: str, value: str) -> str:
    return f"\n<tinyboard {name}>{value}</tinyboard>"


def _file(board: str, file: PostFile) -> dict[str, Any]:
    """As vichan's column has it."""
    if not file.is_there:
        return {"file": "deleted", "name": file.original_name + file.extension}
    source = file.tim + file.extension
    whole = file.original_name + file.extension
    told: dict[str, Any] = {
        "name": whole,
        "filename": whole,
        "extension": file.extension.lstrip("."),
        "size": file.bytes,
        "file_id": file.tim,
        "file": source,
        "file_path": addresses.media_path(board, addresses.media_name(file.tim, file.extension)),
        "is_an_image": file.thumb_extension is not None,
        "hash": b64decode(file.md5).hex(),
    }
    if file.width is not None:
        told |= {"width": file.width, "height": file.height}
    if file.is_spoiler:
        return told | {"thumb": "spoiler", "thumbwidth": 128, "thumbheight": 128}
    if file.thumb_extension is None:
        return told | {"thumb": "file"}
    return told | {
        "thumb": file.tim + file.thumb_extension,
        "thumbwidth": file.thumb_width,
        "thumbheight": file.thumb_height,
        "thumb_path": addresses.media_path(
            board, addresses.thumb_name(file.tim, file.thumb_extension)
        ),
    }


def _sum_of(sums: list[str]) -> str | None:
    """Of one file its own, of several that of all of theirs."""
    if len(sums) < 2:
        return sums[0] if sums else None
    return hashlib.md5("".join(sums).encode(), usedforsecurity=False).hexdigest()


def _insert(table: str, values: Mapping[str, Any]) -> str:
    columns = ", ".join(f"`{name}`" for name in values)
    literals = ", ".join(map(_literal, values.values()))
    # It is written into a file; what stands in it is quoted.
    return f"INSERT INTO `{table}` ({columns}) VALUES ({literals});\n"  # noqa: S608


def _literal(value: str | int | None) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, int):
        return str(value)
    return f"'{value.translate(_ESCAPED)}'"
