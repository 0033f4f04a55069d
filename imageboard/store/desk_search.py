"""What staff look for among posts that they can see: by text, name, file or looks."""

from __future__ import annotations

import base64
import re
from typing import NamedTuple

from imageboard import plain_text
from imageboard.addresses import BOARD_NAME
from imageboard.errors import BadField
from imageboard.likeness import BITS_APART_SEARCHED
from imageboard.store import likenesses, queries
from imageboard.store.database import Connection
from imageboard.words import N_

_SQL = queries.beside(__file__)

#: So many of the newest posts are gone through.
#: PERF: 100,000 take 0.6 s on a busy processor: text as it stands, which no index has.
POSTS_MAX = 100_000
ALIKE_MAX = 200
CHARS_MAX = 200

_HEX = re.compile(r"(?:[0-9a-fA-F]{32}){1,2}")
_BASE64 = re.compile(r"[A-Za-z0-9+/]{22}==|[A-Za-z0-9+/]{43}=")
_POST = re.compile(rf"/?(?P<board>{BOARD_NAME})/(?P<no>[0-9]{{1,15}})")


class Sought(NamedTuple):
    """All of it has to be so; None: it may be anything."""

    #: Somewhere in subject or text, whatever its case.
    text: str | None = None
    #: Somewhere in name or tripcode.
    name: str | None = None
    #: MD5 or SHA-256 of one of its files, as it was sent or is served.
    digest: bytes | None = None
    #: (board, number) of a post with a file that looks like one of its files.
    like: tuple[str, int] | None = None


def read_text(text: str, field: str) -> str | None:
    """Raises BadField."""
    typed = " ".join(plain_text.clean_line(text, field).split())
    if len(typed) > CHARS_MAX:
        too_long = N_("{chars_max} characters at most, please.")
        raise BadField(too_long, field=field, chars_max=CHARS_MAX)
    return typed or None


def read_digest(text: str) -> bytes | None:
    """MD5 or SHA-256, in hexadecimal digits or in base64, as 4chan has it. Raises BadField."""
    typed = text.strip()
    if not typed:
        return None
    if _HEX.fullmatch(typed):
        return bytes.fromhex(typed)
    if _BASE64.fullmatch(typed):
        return base64.b64decode(typed)
    raise BadField(N_("This is no MD5 or SHA-256 of a file."), field="hash")


def read_post(text: str) -> tuple[str, int] | None:
    """'b/12' -> ('b', 12). Raises BadField."""
    typed = text.strip()
    if not typed:
        return None
    named = _POST.fullmatch(typed)
    if named is None:
        raise BadField(N_("Name a post by its board and number: b/12."), field="like")
    return named["board"], int(named["no"])


def find(
    db: Connection, sought: Sought, *, on: list[str] | None, limit: int, after: int = 0
) -> list[tuple[str, int]]:
    """(board, number) of posts of these boards (None: of all), the newest first."""
    keys: list[tuple[str, int]] | None = None
    if sought.like is not None:
        looks = likenesses.of_post(db, *sought.like)
        found = likenesses.alike(db, looks, on=on, bits_max=BITS_APART_SEARCHED, limit=ALIKE_MAX)
        keys = [(each.board, each.no) for each in found]
    asked = {
        "text": sought.text and sought.text.lower(),
        "name": sought.name and sought.name.lower(),
        "digest": sought.digest,
        "boards": None if keys is None else [board for board, _ in keys],
        "nos": None if keys is None else [no for _, no in keys],
        "on": on,
        "posts_max": POSTS_MAX,
        "limit": limit,
        "after": after,
    }
    return [(board, no) for board, no in db.execute(_SQL.find, asked)]
