"""TXT: words in UTF-8. Whatever they say to a browser, it is told to save them as plain text."""

from __future__ import annotations

import re

from imageboard.media import MediaLimits
from imageboard.words import N_
from writer.media.containers.container import Container, refused

#: What browsers take for a sign of no text (https://mimesniff.spec.whatwg.org, "binary data byte",
#: read 2026-11-30): not tabs, line ends, page breaks and what sets colours in a terminal.
_CONTROLS = re.compile(rb"[\x00-\x08\x0b\x0e-\x1a\x1c-\x1f]")
#: At most so many bytes of a character are missing where the first bytes end.
_CUT_BYTES_MAX = 3

_NO_UTF8 = N_("The text is not in UTF-8. Save it as UTF-8 and send the new file.")


def is_one(head: bytes) -> bool:
    """Whether they are words, as far as they go."""
    return bool(head.strip()) and not _CONTROLS.search(head) and _decodes(head)


def walk(data: bytes, limits: MediaLimits) -> Container:
    try:
        data.decode()
    except UnicodeDecodeError:
        raise refused(_NO_UTF8) from None
    if _CONTROLS.search(data):
        raise refused(_NO_UTF8)
    return Container("txt", width=0, height=0, kept=[data])


def _decodes(head: bytes) -> bool:
    try:
        head.decode()
    except UnicodeDecodeError as ex:
        return (
            ex.start > 0
            and ex.reason == "unexpected end of data"
            and len(head) - ex.start <= _CUT_BYTES_MAX
        )
    return True
