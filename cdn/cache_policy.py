"""With which headers a public file is stored, so that a bucket answers as nginx does.

A file has the type and the age that nginx/templates/ gives it; a test asks a real nginx for
each kind and compares. Three things differ, and are the edge's to say (cdn/edge):

- How long the CDN keeps a page is no header of the object: a new number there would mean
  putting every object again. nginx says it with CDN-Cache-Control.
- That a file is to be saved and not shown (Content-Disposition).
- Objects are stored as they are, without Content-Encoding: a bucket does not negotiate, and
  the CDN compresses for those who can read it (docs/decisions/0008).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from imageboard.errors import ImageboardError
from imageboard.media_kinds import BY_ENDING, PICTURE_TYPES


@dataclass(frozen=True, slots=True)
class ObjectHeaders:
    """What a bucket says of an object when it is read."""

    content_type: str
    cache_control: str
    content_encoding: str | None = None


class NotServed(ImageboardError):
    """{path} is no file that the public may see."""


#: Browsers can't be purged, so they ask each time; mostly the answer is 304.
ASK_EACH_TIME = "public, max-age=0, must-revalidate"
#: For files whose name changes with their bytes.
KEEP_FOREVER = "public, max-age=31536000, immutable"

_PAGE_TYPES = {
    "html": "text/html; charset=utf-8",
    "json": "application/json",
    "rss": "application/rss+xml; charset=utf-8",
    "atom": "application/atom+xml; charset=utf-8",
    "xml": "application/xml; charset=utf-8",
    "txt": "text/plain; charset=utf-8",
}
_ASSET_TYPES = PICTURE_TYPES | {
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "svg": "image/svg+xml",
    "webmanifest": "application/manifest+json",
    "ico": "image/x-icon",
    "woff2": "font/woff2",
}

_MEDIA_FOLDER = re.compile(r"[^/]+/(src|thumb)/")
_MEDIA = re.compile(r"[0-9]+(?:-[0-9]+)?")
_HASHED = re.compile(r".+\.[0-9a-f]{8,64}")
#: Browsers ask for these two by name.
_ICONS = frozenset({"favicon.ico", "apple-touch-icon.png"})


def headers_of(path: str) -> ObjectHeaders:
    """'b/res/1.html' -> text/html, asked for each time; 'b/src/17.png' -> image/png, for ever.

    SECURITY: a kind of file is allowed by name, as in nginx. What a stranger sent is served as
    one of imageboard/media_kinds.py or not at all.

    Raises:
        NotServed: nginx would not serve it either: a dotfile, a compressed sibling, a stray.
    """
    if any(part.startswith(".") for part in path.split("/")):
        raise NotServed(path=path)
    name = path.rpartition("/")[2]
    stem, _, ending = name.rpartition(".")
    found = _kind(path, stem, ending)
    if found is None:
        raise NotServed(path=path)
    return ObjectHeaders(*found)


def _kind(path: str, stem: str, ending: str) -> tuple[str, str] | None:
    """(Content-Type, Cache-Control), by the first rule that knows the path."""
    if folder := _MEDIA_FOLDER.match(path):
        kind = BY_ENDING.get(ending)
        is_upload = path.count("/") == 2 and _MEDIA.fullmatch(stem)
        if kind is None or not is_upload or not (kind.is_picture or folder[1] == "src"):
            return None
        return kind.content_type, KEEP_FOREVER
    if ending in _PAGE_TYPES:
        return _PAGE_TYPES[ending], ASK_EACH_TIME
    if path in _ICONS:
        return _ASSET_TYPES[ending], ASK_EACH_TIME
    if path.startswith("assets/") and ending in _ASSET_TYPES and stem:
        kept = KEEP_FOREVER if _HASHED.fullmatch(stem) else ASK_EACH_TIME
        return _ASSET_TYPES[ending], kept
    return None
