"""Which kinds of files the public may read: their types, and how long a reader may keep them.

Told once, for all who answer readers: nginx (nginx/templates), the bucket (cdn/cache_policy.py)
and the Worker at the CDN's edge, which has a copy of this table (cdn/worker_tables.py). A new kind
is a row here.

SECURITY: kinds are allowed by name. What is in no row is not served, whatever put it there.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from imageboard.media_kinds import BY_ENDING, KEPT, PICTURE_TYPES, SERVED


class Sort(StrEnum):
    """What a reader does with a file; the headers of its answer follow from that."""

    PAGE = "page"
    """Shown to people, by this site alone."""
    DATA = "data"
    """Read by programs, those of other sites too: JSON and feeds."""
    ASSET = "asset"
    """What pages are made up with: styles, scripts, icons."""
    MEDIA = "media"
    """A file from a stranger, shown by pages of this and other sites."""
    DOWNLOAD = "download"
    """A file from a stranger that no page shows: browsers are told to save it."""


@dataclass(frozen=True, slots=True)
class FileKind:
    """One ending and all that follows from it."""

    ending: str
    content_type: str
    sort: Sort
    #: Whether .gz and .br stand beside each file.
    is_precompressed: bool = True


HTML = FileKind("html", "text/html; charset=utf-8", Sort.PAGE)
JSON = FileKind("json", "application/json", Sort.DATA)

#: What the renderer draws, in the order of how often it is asked for.
PUBLISHED = (
    HTML,
    JSON,
    FileKind("rss", "application/rss+xml; charset=utf-8", Sort.DATA),
    FileKind("atom", "application/atom+xml; charset=utf-8", Sort.DATA),
    FileKind("xml", "application/xml; charset=utf-8", Sort.PAGE),
    FileKind("txt", "text/plain; charset=utf-8", Sort.PAGE),
)

#: What may be below src/: ending -> Content-Type. Below thumb/ and assets/ are pictures alone.
MEDIA_TYPES = {ending: kind.content_type for ending, kind in BY_ENDING.items()} | dict.fromkeys(
    KEPT.endings, KEPT.content_type
)

#: Kinds of media that are no pictures.
OTHER_MEDIA = tuple(
    (kind, Sort.DOWNLOAD if kind.is_download else Sort.MEDIA)
    for kind in (*SERVED, KEPT)
    if not kind.is_picture
)

#: What a thumbnail may be, in the order of how often it is.
_MOST_THUMBNAILS = ("jpg", "png", "webp")
THUMBNAIL_ENDINGS = (
    *_MOST_THUMBNAILS,
    *(ending for ending in PICTURE_TYPES if ending not in _MOST_THUMBNAILS),
)

#: What may be below assets/.
ASSETS = (
    FileKind("css", "text/css; charset=utf-8", Sort.ASSET),
    FileKind("js", "text/javascript; charset=utf-8", Sort.ASSET),
    FileKind("svg", "image/svg+xml", Sort.ASSET),
    FileKind("webmanifest", "application/manifest+json", Sort.ASSET),
    FileKind("ico", "image/x-icon", Sort.ASSET, is_precompressed=False),
    FileKind("woff2", "font/woff2", Sort.ASSET, is_precompressed=False),
    *(
        FileKind(ending, content_type, Sort.ASSET, is_precompressed=False)
        for ending, content_type in PICTURE_TYPES.items()
    ),
)

PLAIN_ASSET_TYPES = {kind.ending: kind.content_type for kind in ASSETS if not kind.is_precompressed}
#: The paths of the two assets that browsers ask for by name, as a regular expression.
ICON = r"(?:favicon\.ico|apple-touch-icon\.png)"

FOREVER_S = 31_536_000
#: Browsers can't be purged, so they ask each time; mostly the answer is 304.
ASK_EACH_TIME = "public, max-age=0, must-revalidate"
#: For files whose name changes with their bytes.
KEEP_FOREVER = f"public, max-age={FOREVER_S}, immutable"
#: How long a CDN keeps a page unasked: what a lost purge costs. One request a minute takes nearly
#: all reads of a busy page off the board.
FRESH_AT_CDN_S = 60
#: A thread that was asked for a moment too early must not stay missing.
MISSING_AT_CDN_S = 5

#: A name of a file or folder; none begins with a dot, since dotfiles are ours.
NAME = "[A-Za-z0-9_+-][A-Za-z0-9._+-]*"
#: A folder's: a board may be called with letters of any script, and with `$`.
#: Told by what it may not have, as one set: [A-Za-z0-9_+$-] and all beyond ASCII, then dots too.
FOLDER = r"[^\x00-#%-*,./:-@\[-\^`{-\x7f][^\x00-#%-*,/:-@\[-\^`{-\x7f]*"
#: Folders above a file, or none; no file of ours is as deep. How often a group is repeated has to
#: be bounded, in each expression of nginx's: each time takes room, of which PCRE has 32 kB, and
#: whoever makes it ask for more is answered with 500.
FOLDERS = f"(?:{FOLDER}/){{0,8}}"
#: What a board may be called, as nginx compares it: the writer looks closer.
#: [0-9A-Za-z$_] and all beyond ASCII.
BOARD = r"[^\x00-#%-/:-@\[-\^`{-\x7f]+"
#: Before a board's name as it is sent, where it is read piece by piece: it ends somewhere. 58
#: letters of three bytes, each of them escaped, are 522.
SHORT = "(?![^/?&]{523})"
MEDIA_FOLDERS = "(?:src|thumb)"
#: 13 digits or more; imported files may end in -0, -1.
MEDIA_NUMBER = "[0-9]+(?:-[0-9]+)?"
#: At the end of an asset's name; only with it the asset is immutable.
HASH = r"\.[0-9a-f]{8,64}"


@dataclass(frozen=True, slots=True)
class Rule:
    """What the files are whose whole path `path` describes; `sort` None: never served.

    `path` is a regular expression that Python, JavaScript and nginx read alike.
    """

    path: str
    sort: Sort | None
    is_kept_forever: bool = False


def any_of(endings: Iterable[str]) -> str:
    r"""('css', 'js') -> '\\.(?:css|js)', for a regular expression."""
    return rf"\.(?:{'|'.join(endings)})"


def _published(sort: Sort) -> str:
    endings = (kind.ending for kind in PUBLISHED if kind.sort is sort)
    return f"{FOLDERS}{NAME}{any_of(endings)}"


_ASSET_ENDINGS = any_of(kind.ending for kind in ASSETS)
_ASSET = f"assets/(?:{NAME}/){{0,8}}{NAME}"

#: The first one that describes a path counts.
RULES = (
    Rule(
        f"{FOLDER}/{MEDIA_FOLDERS}/{MEDIA_NUMBER}{any_of(PICTURE_TYPES)}",
        Sort.MEDIA,
        is_kept_forever=True,
    ),
    *(
        Rule(f"{FOLDER}/src/{MEDIA_NUMBER}{any_of(kind.endings)}", sort, is_kept_forever=True)
        for kind, sort in OTHER_MEDIA
    ),
    # Uploads are media by their number, and nothing else whatever it is called.
    Rule(f"{FOLDER}/{MEDIA_FOLDERS}/.*", None),
    Rule(_published(Sort.PAGE), Sort.PAGE),
    Rule(_published(Sort.DATA), Sort.DATA),
    Rule(f"{_ASSET}{HASH}{_ASSET_ENDINGS}", Sort.ASSET, is_kept_forever=True),
    Rule(f"{_ASSET}{_ASSET_ENDINGS}", Sort.ASSET),
    Rule(ICON, Sort.ASSET),
)

_CONTENT_TYPES = {kind.ending: kind.content_type for kind in (*PUBLISHED, *ASSETS)} | MEDIA_TYPES


@dataclass(frozen=True, slots=True)
class Served:
    """How one file is served."""

    content_type: str
    sort: Sort
    is_kept_forever: bool


def served(path: str) -> Served | None:
    """'b/res/1.html' -> a page that is asked for each time; None: the public may not see it."""
    for rule in RULES:
        if re.fullmatch(rule.path, path):
            if rule.sort is None:
                return None
            content_type = _CONTENT_TYPES[path.rpartition(".")[2]]
            return Served(content_type, rule.sort, rule.is_kept_forever)
    return None
