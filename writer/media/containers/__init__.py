"""Files of each kind as bytes: what one really is, how large, and what of it to keep.

`read(data, limits, kinds)` is all that others call. Nothing here decodes a pixel or allocates
more than a few copies of the file, so sizes are known, and refused, before a decoder starts.
One module for each kind, called by its name in imageboard/media_kinds.py (`Reader` says what it
holds); pure Python, no I/O, imports nothing but the board's limits and errors.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from importlib import import_module
from types import MappingProxyType
from typing import Protocol, cast

from imageboard import media_kinds
from imageboard.errors import FileRefused
from imageboard.media import MediaLimits
from imageboard.media_kinds import MediaKind
from imageboard.words import N_, Message
from writer.media.containers import flac, id3
from writer.media.containers.container import Bytes, Container, broken, refused

__all__ = ["Bytes", "Container", "Reader", "broken", "read", "sniff"]


class Reader(Protocol):
    """What the module of one kind holds."""

    def is_one(self, head: bytes, /) -> bool:
        """Whether the first HEAD_BYTES of a file are those of this kind."""

    def walk(self, data: bytes, limits: MediaLimits, /) -> Container:
        """Takes a file apart. Raises FileRefused for a damaged one, ImageTooLarge."""


READERS = MappingProxyType(
    {
        kind.name: cast("Reader", import_module(f"{__name__}.{kind.name}"))
        for kind in media_kinds.KINDS
    }
)
HEAD_BYTES = 1024

# Frames of AAC in no container (ADTS).
_BARE_AAC = re.compile(rb"\xff[\xf0\xf1\xf8\xf9]")
# Others that people send, so that the refusal can call them by name.
_FOREIGN = [
    (re.compile(rb"II\*\x00|MM\x00\*"), N_("a TIFF image")),
    (re.compile(rb"\x00\x00\x01\x00"), N_("an icon")),
    (re.compile(rb"\xff\x0a|\x00\x00\x00\x0cJXL "), N_("a JPEG XL image")),
    (re.compile(rb"8BPS"), N_("a Photoshop document")),
    (re.compile(rb"FORM....AIF[FC]", re.DOTALL), N_("an AIFF sound")),
    (re.compile(rb"caff\x00\x01"), N_("a Core Audio sound")),
    # WAV beyond 4 GB, as programs for music write it at any length.
    (re.compile(rb"(?:RF64|BW64)....WAVE", re.DOTALL), N_("an RF64 sound")),
    (_BARE_AAC, N_("a bare AAC sound")),
    (re.compile(rb"\s*(<\?xml[^>]*>\s*)?(<!--.*?-->\s*)?(<!doctype svg[^>]*>\s*)?<svg\b",
                re.DOTALL | re.IGNORECASE), N_("an SVG drawing")),
    (re.compile(rb"\s*<(!doctype html|html|head|body|script)\b", re.IGNORECASE),
     N_("an HTML page")),
]  # fmt: skip


_IS_ANOTHER = N_("The file is {what}. {kinds} are accepted: save it as one of them.")
_IS_NONE = N_(
    "The file is of no kind that can be shown here. {kinds} are accepted: save it as one of them."
)


def read(data: bytes, limits: MediaLimits, kinds: Collection[str]) -> Container:
    """Takes the file apart, whatever it was called; `kinds` are the names of those that are taken.

    Raises:
        FileRefused: not of a kind that is taken, or damaged.
        ImageTooLarge: more pixels or frames than `limits` allow, or than fit into memory.
    """
    found = READERS[sniff(data, kinds)].walk(data, limits)
    limits.check_memory(found.drawn_px, found.bytes_per_px)
    return found


def sniff(data: Bytes, kinds: Collection[str]) -> str:
    """The name of the true kind, from the first bytes. Raises FileRefused where none is taken."""
    head = _head(data)
    for name, reader in READERS.items():
        if name in kinds and reader.is_one(head):
            return name
    for pattern, what in _FOREIGN:
        if pattern.match(head):
            raise refused(_IS_ANOTHER.filled(what=what, kinds=_titles(kinds)))
    for name, reader in READERS.items():
        if reader.is_one(head):
            raise not_taken(media_kinds.BY_NAME[name], kinds)
    raise refused(_IS_NONE.filled(kinds=_titles(kinds)))


def _head(data: Bytes) -> bytes:
    """Its first bytes, or those behind a title as MP3s have it where another sound follows."""
    start = id3.ends_at(data)
    behind = bytes(data[start : start + HEAD_BYTES])
    is_other = flac.is_one(behind) or _BARE_AAC.match(behind)
    return behind if is_other else bytes(data[:HEAD_BYTES])


def not_taken(kind: MediaKind, kinds: Collection[str]) -> FileRefused:
    """The refusal of a file of a kind that the board does not take."""
    return refused(_IS_ANOTHER.filled(what=kind.title, kinds=_titles(kinds)))


def _titles(kinds: Collection[str]) -> Message:
    return media_kinds.titles(media_kinds.ALL_OF, media_kinds.taken(" ".join(kinds)))
