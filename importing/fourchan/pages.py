"""What pages of vichan tell and its JSON does not: how thumbnails end, and what is hidden."""

from __future__ import annotations

import re

#: A file, and the picture that stands for it.
_PICTURE = re.compile(
    r"<a [^>]*?href=[\"'][^\"'<>]*?/src/([0-9A-Za-z_.-]{1,90})[\"'][^>]*>\s*"
    r"<img [^>]*?src=[\"']([^\"'<>]+)[\"']"
)
#: Below the board's own folder; pictures that stand for a spoiler or for a kind are the site's.
_THUMB = re.compile(r"[^?]*/thumb/([0-9A-Za-z_-]{1,80}\.[0-9a-z]{1,10})(?:\?.*)?")
#: Longer pages are none of a thread.
CHARS_MAX = 64 << 20


def pictures(page: str) -> dict[str, str | None]:
    """{'1795500950388.jpg': '1795500950388.png'}, of a hidden one None; a symbol is not told."""
    found = {}
    for stored, shown in _PICTURE.findall(page[:CHARS_MAX]):
        thumb = _THUMB.fullmatch(shown)
        if thumb is not None:
            found[stored] = thumb[1]
        elif "spoiler" in shown:
            found[stored] = None
    return found
